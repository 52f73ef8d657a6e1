"""Durations in Prometheus syntax (`1h30m`, `300ms`): parse and write.

Source: Prometheus' documented duration grammar: units y w d h m s ms, largest first, each at most once; a bare
number is not a duration (except `0`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from sreconsole.patterns import pattern

_UNITS = (
    ("y", 31_536_000.0),
    ("w", 604_800.0),
    ("d", 86_400.0),
    ("h", 3_600.0),
    ("m", 60.0),
    ("s", 1.0),
    ("ms", 0.001),
)
_PATTERN = pattern("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit, _ in _UNITS))


def parse_duration(text: str) -> float:
    """Seconds of a duration in Prometheus syntax.

    Raises ValueError with a sentence when the text is not one, has no unit, or passes 1000 years.
    """
    text = text.strip()
    if text == "0":
        return 0.0
    match = _PATTERN.fullmatch(text)
    if not text or match is None:
        hint = f", for example {text}s" if re.fullmatch(r"[0-9]{1,9}", text) else ", for example 1h30m or 300ms"
        raise ValueError(f"{text[:40]!r} is not a duration{hint}")
    total = 0.0
    for unit, seconds in _UNITS:
        digits = match[unit]
        if digits and len(digits) > 15:
            raise ValueError("the duration is far too long")
        total += int(digits or 0) * seconds
    if total > 1000 * 31_536_000:
        raise ValueError("the duration is far too long")
    return round(total, 3)


@lru_cache(maxsize=1024)
def format_duration(seconds: float) -> str:
    """The shortest exact Prometheus spelling with at most the units w d h m s ms: 86400 -> `1d`, 5400 -> `1h30m`.

    Weeks are written as days (`30d`, `7d`), as the window names of SLOs are.
    """
    millis = round(seconds * 1000)
    if millis <= 0:
        return "0s"
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, millis = divmod(millis, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
