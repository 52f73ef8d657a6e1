"""The windows of an SLO and its alert window pairs."""

from __future__ import annotations

from typing import Final

from sreconsole.config.block import Block
from sreconsole.config.containers import ListOf, MapOf
from sreconsole.config.key import Fields, required
from sreconsole.config.kinds import Number, OneOf, Parsed, Schema, words
from sreconsole.config.reader import BAD, Bad, Place, Reader
from sreconsole.config.units import DURATION, DURATION_SCHEMA, bounded_duration, whole_duration
from sreconsole.config.yaml_tree import Node
from sreconsole.domain.burn import DAY, WindowPair
from sreconsole.domain.duration import format_duration
from sreconsole.domain.period import Calendar, Period, Rolling

LONGEST: Final = 366 * DAY
UNITS: Final = ("week", "month", "quarter")


def _rolling(text: str) -> Rolling:
    seconds = bounded_duration(text, DAY, LONGEST)
    if seconds % 3600:
        raise ValueError(f"{text} is not a whole number of hours")
    return Rolling(int(seconds))


_UNIT = required("calendar", words(*UNITS), "The current week (from Monday), month or quarter in the config's zone")


def _calendar(fields: Fields) -> Calendar:
    return Calendar(fields[_UNIT], fields.reader.zone)


_ROLLING: Parsed[Period] = Parsed("a window such as 30d (at least 1d)", _rolling, schema=DURATION_SCHEMA)
_CALENDAR: Block[Period] = Block("calendar_window", (_UNIT,), _calendar)
WINDOW: Final[OneOf[Period]] = OneOf(_ROLLING, _CALENDAR)

_LONG = required("long", whole_duration(120, LONGEST, 60), "The long window, as 1h")
_SHORT = required("short", whole_duration(60, LONGEST, 60), "The short window, as 5m")
_FACTOR = required(
    "factor", Number("a burn rate above 0", float, above=0, most=1_000_000), "Burn rate above which it fires"
)
_SEVERITY = required("severity", words("page", "warn"), "What it does")


def _pair(fields: Fields) -> WindowPair | Bad:
    long, short = fields[_LONG], fields[_SHORT]
    if short >= long:
        return fields.problem(_SHORT, f"{format_duration(short)} is not shorter than long ({format_duration(long)})")
    return WindowPair(long, short, fields[_FACTOR], fields[_SEVERITY])


PAIRS: Final = ListOf(Block("alert_window", (_LONG, _SHORT, _FACTOR, _SEVERITY), _pair), least=1)


def _window_name(text: str) -> str:
    return text if text in UNITS else str(_rolling(text))


class AlertWindows:
    """Pairs by window (`30d`, `month`), for every SLO of that window; kept by the reader for them."""

    map: Final = MapOf(
        PAIRS,
        Parsed("a window such as 30d, week, month or quarter", _window_name, rf"week|month|quarter|{DURATION}"),
    )

    def read(self, node: Node, place: Place, reader: Reader) -> dict[str, tuple[WindowPair, ...]] | Bad:
        """Pairs by the window's shortest spelling."""
        value = self.map.read(node, place, reader)
        if value is not BAD:
            reader.alert_windows = value
        return value

    def schema(self, defs: dict[str, Schema]) -> Schema:
        """A map by window."""
        return self.map.schema(defs)
