"""Kinds that measure: durations, sizes, shares, spans of the day, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sreconsole.config.kinds import Number, Parsed
from sreconsole.domain.duration import format_duration, parse_duration
from sreconsole.patterns import pattern

DURATION: Final = (
    r"(?=[0-9])(?:[0-9]{1,15}y)?(?:[0-9]{1,15}w)?(?:[0-9]{1,15}d)?(?:[0-9]{1,15}h)?"
    r"(?:[0-9]{1,15}m)?(?:[0-9]{1,15}s)?(?:[0-9]{1,15}ms)?"
)
DURATION_SCHEMA: Final = {"type": "string", "pattern": rf"^\s*{DURATION}\s*$"}
_CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_SIZE = pattern(r"([0-9]{1,6}) ?([KMG]i?)?B", re.IGNORECASE)
_SCALE = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def bounded_duration(text: str, least: float, most: float) -> float:
    """Seconds of a duration with a unit, within limits. Raises ValueError with a sentence."""
    seconds = parse_duration(text)
    if text.strip() == "0":
        raise ValueError(f"'0' has no unit, write for example {format_duration(least)}")
    if not least <= seconds <= most:
        raise ValueError(f"{text} is out of range: {format_duration(least)} to {format_duration(most)}")
    return seconds


def duration(least: float = 1.0, most: float = 31_536_000.0) -> Parsed[float]:
    """Seconds, written in Prometheus syntax with a unit."""
    return Parsed("a duration such as 15s", lambda text: bounded_duration(text, least, most), schema=DURATION_SCHEMA)


def whole_duration(least: int, most: int, step: int) -> Parsed[int]:
    """A duration that is a multiple of `step` seconds."""

    def parse(text: str) -> int:
        seconds = bounded_duration(text, least, most)
        if seconds % step:
            raise ValueError(f"{text} is not a multiple of {format_duration(step)}")
        return int(seconds)

    return Parsed("a duration such as 1h", parse, schema=DURATION_SCHEMA)


def _auto(text: str) -> float | None:
    return None if text == "auto" else bounded_duration(text, 1, 3600)


def auto_duration() -> Parsed[float | None]:
    """`auto` (None) or a duration of at most an hour."""
    return Parsed("auto or a duration such as 15s", _auto, rf"auto|{DURATION}")


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text)
    size = int(found[1]) * _SCALE[(found[2] or "").lower()[:1]] if found else 0
    if not 1 << 16 <= size <= 1 << 30:
        raise ValueError(f"{text} is out of range: 64KB to 1GB")
    return size


SIZE: Final = Parsed("a size such as 32MB", _size, r"[0-9]{1,6} ?(?:[kKmMgG]i?)?[bB]")
"""Bytes; K, M and G are powers of 1024."""

SHARE: Final = Parsed(
    "a share such as 50%",
    lambda text: float(Decimal(text.rstrip("% ")) / 100),
    r"(?=[^%]*[1-9])(?:[0-9]{1,2}(?:\.[0-9]{1,6})?|100(?:\.0{1,6})?) ?%",
)
"""A share of one, written in percent: above 0, at most 100 %."""


def _clock(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    first, last = _clock(start.strip()), _clock(end.strip())
    if first == last or first == 1440:
        raise ValueError(f"{text!r} is not a span of the day: it must end at another time than it starts")
    return first, last


SPAN: Final = Parsed("a span of the day such as 08:00-20:00", _span, rf"{_CLOCK} ?- ?{_CLOCK}")
"""Start and end in minutes of the local day; an end before the start is on the next day."""

MODE: Final = Parsed(
    'file permissions such as "0660"',
    lambda text: int(text, 8),
    "0?[0-7]{3}",
    schema={"anyOf": [{"type": "string", "pattern": r"^\s*0?[0-7]{3}\s*$"}, {"type": "integer", "minimum": 100}]},
)
"""Permission bits in octal. A schema cannot see the digits when they stand without quotes."""


def count(expects: str, least: int = 0, most: int = 1_000_000) -> Number[int]:
    """A whole number."""
    return Number(expects, int, least=least, most=most, whole=True)


def amount(expects: str, *, above: int | None = None, most: int = 1_000_000) -> Number[float]:
    """A number that is not negative (or above a limit)."""
    make: Callable[[Decimal], float] = float
    return Number(expects, make, above=above, least=None if above is not None else 0, most=most)
