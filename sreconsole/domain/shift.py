"""When shifts begin and end: spans of the local day in a zone, daylight saving included.

A boundary is the first instant at which the clock on the wall has reached its time. So a time that exists twice is the
earlier one, one that is skipped is the instant of the change, and where one shift ends at the time at which the next
begins there is neither gap nor overlap; over a change a shift of 12 h is 11 h or 13 h long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sreconsole.domain.toil import Shift

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Start and end in minutes of the local day; an end that is not after the start is on the next day."""


def shift_at(spans: Sequence[Span], zone: str, at: float) -> Shift | None:
    """The shift that goes on at a moment (Unix seconds); None: nobody is on call then.

    Of several the one that began last, then the first of the config: who came last has taken over.
    """
    going = [shift for shift in _near(spans, zone, at) if shift.start <= at < shift.end]
    return max(going, key=lambda shift: shift.start, default=None)


def boundary_after(spans: Sequence[Span], zone: str, at: float) -> float | None:
    """The next moment at which a shift begins or ends; None: there are none."""
    ends = (moment for shift in _near(spans, zone, at) for moment in (shift.start, shift.end))
    return min((moment for moment in ends if moment > at), default=None)


def reached(wall: datetime, zone: ZoneInfo) -> float:
    """The first instant (Unix seconds) at which clocks in `zone` show `wall` (without a zone) or later."""
    first = wall.replace(tzinfo=zone, fold=0).timestamp()
    second = wall.replace(tzinfo=zone, fold=1).timestamp()
    if first <= second:
        return first
    # Skipped: read with the offset before the change it lies behind it, with the one after the change before it.
    before, behind = int(second), int(first)
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while behind - before > 1:
        middle = (before + behind) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            behind = middle
    return float(behind)


def _near(spans: Sequence[Span], zone: str, at: float) -> Iterator[Shift]:
    """Every shift that begins from two days before the moment to two days after it."""
    from zoneinfo import ZoneInfo  # not on the way to the first frame

    where = ZoneInfo(zone)
    today = datetime.fromtimestamp(at, UTC).astimezone(where).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = today.replace(tzinfo=None, fold=0)
    for first, last in spans:
        for days in range(-2, 3):
            day = midnight + timedelta(days=days)
            start = reached(day + timedelta(minutes=first), where)
            end = reached(day + timedelta(days=last <= first, minutes=last), where)
            if start < end:
                yield Shift(start, end, f"{_clock(first)}-{_clock(last)}")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
