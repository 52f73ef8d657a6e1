"""The window of an SLO: rolling (the last W seconds) or calendar (the current week, month or quarter in a zone).

Calendar boundaries are local midnights found with zoneinfo, so a period's length in seconds follows daylight saving.
Weeks are ISO weeks (Monday). Source: docs/words.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sreconsole.domain.duration import format_duration
from sreconsole.records import dataclass

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

CalendarUnit = Literal["week", "month", "quarter"]


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last `seconds` seconds (at least a day)."""

    seconds: int

    def bounds(self, at: float) -> tuple[float, float]:
        """Start and end (Unix seconds) of the window in force at `at`; the end is `at` itself."""
        return at - self.seconds, at

    def length(self, at: float) -> int:
        """W in seconds."""
        return self.seconds

    def __str__(self) -> str:
        return format_duration(self.seconds)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar period that contains the moment, in `zone`."""

    unit: CalendarUnit
    zone: str

    def bounds(self, at: float) -> tuple[float, float]:
        """Start and end (Unix seconds) of the whole current period; the end lies in the future."""
        from zoneinfo import ZoneInfo  # few windows are calendar periods

        zone = ZoneInfo(self.zone)
        day = datetime.fromtimestamp(at, zone).date()
        if self.unit == "week":
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        else:
            months = 1 if self.unit == "month" else 3
            first = date(day.year, day.month - (day.month - 1) % months, 1)
            index = first.month - 1 + months
            after = date(first.year + index // 12, index % 12 + 1, 1)
        return _midnight(first, zone), _midnight(after, zone)

    def length(self, at: float) -> int:
        """W: the true length of the current period in seconds."""
        start, end = self.bounds(at)
        return round(end - start)

    def __str__(self) -> str:
        return self.unit


Period = Rolling | Calendar


def _midnight(day: date, zone: ZoneInfo) -> float:
    """Unix seconds of the first instant of a local day.

    Where DST skips midnight, the time that does not exist is reckoned with the offset before the change, which is the
    instant of the change itself; where midnight comes twice, the first counts.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
