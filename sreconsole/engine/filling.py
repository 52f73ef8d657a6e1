"""What a ledger needs of history, and the plan to fetch what it lacks: which grids, in which order, in which pieces.

Newest first: the fine buckets that make short windows and the trend, then the hours of the budget, then five-minute
buckets for the middle windows. Pieces are at most a day and small enough that an answer stays near 250 KB.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from sreconsole.domain.slo import SloKey
from sreconsole.engine.lacking import Runs
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH
from sreconsole.records import dataclass, field
from sreconsole.sources.base import Grid
from sreconsole.sources.batches import Batch

POINTS = 10_000
"""Values in one answer, about 250 KB of JSON."""
LEAST = 12
"""Buckets in one piece, however many SLOs share it: opening every series costs the server more than its samples."""
DAY = 86_400
SOON, BUDGET, LATER = 0, 1, 2
"""What comes first: what tells of the last hours, then the hours of the budget, then the middle windows."""


def pieces(width: int, end: int, seconds: float, series: int) -> Iterator[Grid]:
    """Grids of `width` back from `end` over `seconds`, newest first."""
    most = max(1, DAY // width) if width >= FIVE else REACH[MINUTE] // MINUTE
    size = min(most, max(LEAST, POINTS // max(1, series)))
    oldest = end - -(-int(seconds) // width) * width
    while end > oldest:
        start = max(oldest, end - size * width)
        yield Grid(start, end, width)
        end = start


class Want(NamedTuple):
    """Buckets that a ledger needs."""

    rank: int
    """SOON, BUDGET or LATER."""
    grid: Grid


def wanted(now: float, longest: float, *, minutes: bool, trends: bool, windows: Iterable[int] = ()) -> list[Want]:
    """The buckets that a ledger needs at `now`; `minutes`: short windows are folded from them; `trends`: fine buckets
    are wanted for drawing at all.

    `windows`: seconds of the windows that are folded; without trends, five-minute buckets are needed only around
    their beginnings, so that what happened within that hour before a window is not smeared into it.
    """
    ends = {width: int(now // width) * width for width in (MINUTE, FIVE, HOUR)}
    hours = ends[HOUR] - -(-int(longest + HOUR) // HOUR) * HOUR
    found = [Want(BUDGET, Grid(hours, ends[HOUR], HOUR))]
    late = ends[FIVE]
    if minutes:
        found.append(Want(SOON, Grid(ends[MINUTE] - REACH[MINUTE], ends[MINUTE], MINUTE)))
    else:  # shows which part of the short windows has data at all; the whole first hour, as older ones join there
        late -= REACH[MINUTE] + HOUR
        found.append(Want(SOON, Grid(late, ends[FIVE], FIVE)))
    if trends:
        return [*found, Want(LATER, Grid(ends[FIVE] - REACH[FIVE], late, FIVE))]
    for seconds in sorted({window for window in windows if REACH[MINUTE] < window <= REACH[FIVE]}):
        hour = int((now - seconds) // HOUR) * HOUR
        found.append(Want(LATER, Grid(hour, min(hour + HOUR, late), FIVE)))
    return [want for want in found if len(want.grid)]


class Piece(NamedTuple):
    """One request of history."""

    batch: Batch
    """The SLOs it is for: a batch, or the part of one that lacks these buckets."""
    grid: Grid
    rank: int = LATER
    """SOON, BUDGET or LATER."""


@dataclass(slots=True)
class Plan:
    """What is left to fetch for one batch."""

    left: deque[Piece] = field(default_factory=deque)
    hours: int = 0
    """1 h pieces at the beginning."""
    whole: int = 0
    """All pieces at the beginning."""

    def add(self, batch: Batch, want: Want, runs: Runs) -> None:
        """Plan to fetch runs of the buckets that are wanted for a batch."""
        width = want.grid.width
        made = [
            Piece(batch, grid, want.rank)
            for start, end in runs
            for grid in pieces(width, end, end - start, batch.series)
        ]
        self.hours += len(made) if width == HOUR else 0
        self.whole += len(made)
        self.left = deque(sorted((*self.left, *made), key=lambda piece: (piece.rank, -piece.grid.end)))

    def hours_left(self) -> int:
        """1 h pieces not fetched yet."""
        return sum(1 for piece in self.left if piece.grid.width == HOUR)

    def share(self) -> float | None:
        """Filled share of the hours, or None when they are all there."""
        left = self.hours_left()
        return None if not left else 1 - left / max(1, self.hours)

    def lacks(self, width: int, since: int) -> bool:
        """Whether buckets of this width that end after `since` are still to be fetched."""
        return any(piece.grid.width == width and piece.grid.end > since for piece in self.left)

    def complete(self, batch: Batch) -> Set[SloKey]:
        """The SLOs of a piece's batch when no hours are left to fetch for it."""
        if any(piece.batch is batch and piece.grid.width == HOUR for piece in self.left):
            return frozenset()
        return frozenset(batch.keys)
