"""The plan of a bootstrap: which grids of history to ask for, in which order, in which pieces.

Newest first: the fine buckets that make short windows and the trend, then the hours of the budget, then five-minute
buckets for the middle windows. Pieces are at most a day and small enough that an answer stays near 250 KB.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH
from sreconsole.sources.base import Grid

POINTS = 10_000
"""Values in one answer, about 250 KB of JSON."""
LEAST = 12
"""Buckets in one piece, however many SLOs share it: opening every series costs the server more than its samples."""
DAY = 86_400


def pieces(width: int, end: int, seconds: float, series: int) -> Iterator[Grid]:
    """Grids of `width` back from `end` over `seconds`, newest first."""
    most = max(1, DAY // width) if width >= FIVE else REACH[MINUTE] // MINUTE
    size = min(most, max(LEAST, POINTS // max(1, series)))
    oldest = end - -(-int(seconds) // width) * width
    while end > oldest:
        start = max(oldest, end - size * width)
        yield Grid(start, end, width)
        end = start


@dataclass(slots=True)
class Plan:
    """What is left to fetch for one batch."""

    left: deque[Grid] = field(default_factory=deque)
    hours: int = 0
    """1 h pieces at the beginning."""
    whole: int = 0
    """All pieces at the beginning."""

    @classmethod
    def make(
        cls, now: float, longest: float, series: int, *, fine: bool, trends: bool, windows: Iterable[int] = ()
    ) -> Plan:
        """The plan at `now`: `fine` buckets fold into windows; `trends`: fine buckets are wanted for drawing at all.

        `windows`: seconds of the windows that are folded; without trends, five-minute buckets are fetched only around
        their beginnings, so that what happened within that hour before a window is not smeared into it.
        """
        plan = cls()
        ends = {width: int(now // width) * width for width in (MINUTE, FIVE, HOUR)}
        if fine and trends:
            plan.left.extend(pieces(MINUTE, ends[MINUTE], REACH[MINUTE], series))
        else:  # shows which part of the short windows has data at all; the whole first hour, as older ones join there
            plan.left.extend(pieces(FIVE, ends[FIVE], REACH[MINUTE] + HOUR, series))
        hours = list(pieces(HOUR, ends[HOUR], longest + HOUR, series))
        plan.left.extend(hours)
        if trends:
            plan.left.extend(pieces(FIVE, ends[FIVE], REACH[FIVE], series))
        else:
            for seconds in sorted({window for window in windows if REACH[MINUTE] < window <= REACH[FIVE]}):
                hour = int((now - seconds) // HOUR) * HOUR
                plan.left.extend(pieces(FIVE, hour + HOUR, HOUR, series))
        plan.hours, plan.whole = len(hours), len(plan.left)
        return plan

    def hours_left(self) -> int:
        """1 h pieces not fetched yet."""
        return sum(1 for grid in self.left if grid.width == HOUR)

    def share(self) -> float | None:
        """Filled share of the hours, or None when they are all there."""
        left = self.hours_left()
        return None if not left else 1 - left / max(1, self.hours)
