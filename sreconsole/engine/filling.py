"""What a ledger needs of history, and the plan to fetch what it lacks: which grids, in which order, in which pieces.

Newest first: the fine buckets that make short windows and the trend, then the hours of the budget, then five-minute
buckets for the middle windows. Pieces are at most a day and small enough that an answer stays near 500 KB.
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
from sreconsole.sources.promql import Care

POINTS = 20_000
"""Values in one answer, about 500 KB of JSON."""
LEAST = 12
"""Buckets in one piece, however many SLOs share it: opening every series costs the server more than its samples."""
DAY = 86_400
EXACT, NEAR = DAY, 3 * DAY
"""Seconds of hours that are counted exactly, and by their ends; older ones are in long windows only, where the
difference is lost."""
NEW = 900
"""The same for minutes, which windows hold only at their edges."""
DRAWN = DAY + HOUR
"""Seconds of five-minute buckets that trends are drawn from; for longer ones hours are fine enough."""
SOON, BUDGET, LATER = 0, 1, 2
"""What comes first: what tells of the last hours, then the hours of the budget, then the middle windows."""


def pieces(width: int, end: int, seconds: float, series: int, cuts: Iterable[int] = ()) -> Iterator[Grid]:
    """Grids of `width` back from `end` over `seconds`, newest first, none across a cut."""
    most = max(1, DAY // width) if width >= FIVE else REACH[MINUTE] // MINUTE
    size = min(most, max(LEAST, POINTS // max(1, series)))
    oldest = end - -(-int(seconds) // width) * width
    bounds = sorted({oldest, *(cut for cut in cuts if oldest < cut < end)})
    while end > oldest:
        if bounds[-1] >= end:
            bounds.pop()
        start = max(bounds[-1], end - size * width)
        yield Grid(start, end, width)
        end = start


class Want(NamedTuple):
    """Buckets that a ledger needs."""

    rank: int
    """SOON, BUDGET or LATER."""
    grid: Grid
    exact: Runs = ()
    """Which of them are counted exactly."""
    near: Runs = ()
    """Which by the ends of their ranges; the others are plain increases, which cost the server a fifth."""

    @property
    def cuts(self) -> list[int]:
        """Moments that no piece crosses."""
        return [moment for span in (*self.exact, *self.near) for moment in span]

    def care(self, grid: Grid) -> Care:
        """How a piece is counted."""
        if any(low <= grid.start and grid.end <= high for low, high in self.exact):
            return "exact"
        return "near" if any(low <= grid.start and grid.end <= high for low, high in self.near) else "plain"


def wanted(now: float, longest: float, *, minutes: bool, trends: bool, windows: Iterable[int] = ()) -> list[Want]:
    """The buckets that a ledger needs at `now`; `minutes`: short windows are folded from them; `trends`: fine buckets
    are wanted for drawing at all.

    `windows`: seconds of the windows that are folded; without trends, five-minute buckets are needed only around
    their beginnings, so that what happened within that hour before a window is not smeared into it.

    Exact is what short windows hold and what stands at an edge of a longer one; between, a bucket's own edges cancel.
    """
    ends = {width: int(now // width) * width for width in (MINUTE, FIVE, HOUR)}
    hours = ends[HOUR] - -(-int(longest + HOUR) // HOUR) * HOUR
    day = ends[HOUR] - EXACT
    found = [Want(BUDGET, Grid(hours, ends[HOUR], HOUR), ((day, ends[HOUR]),), ((ends[HOUR] - NEAR, day),))]
    late = ends[FIVE]
    edges = [int((now - window) // HOUR) * HOUR for window in windows if REACH[MINUTE] < window <= REACH[FIVE]]
    exact = tuple((hour, min(hour + HOUR, late)) for hour in sorted(set(edges)))
    if minutes:
        end = ends[MINUTE]
        found.append(Want(SOON, Grid(end - REACH[MINUTE], end, MINUTE), ((end - NEW, end),)))
    else:  # shows which part of the short windows has data at all; the whole first hour, as older ones join there
        late -= REACH[MINUTE] + HOUR
        found.append(Want(SOON, Grid(late, ends[FIVE], FIVE), ((late, ends[FIVE]),)))
    if trends:
        recent = (ends[FIVE] - REACH[MINUTE] - FIVE, late)
        drawn = Grid(ends[FIVE] - DRAWN, late, FIVE)
        found.append(Want(LATER, drawn, (*exact, recent)))
        # An hour more than a window needs now: it moves on, and what is lacking is looked up hourly. Plain, as a part
        # of an hour is little of so long a window.
        older = [Grid(start, end + HOUR, FIVE) for start, end in exact if start < drawn.start]
        return [*found, *(Want(LATER, grid) for grid in older)]
    found += [Want(LATER, Grid(start, min(end, late), FIVE), ((start, end),)) for start, end in exact]
    return [want for want in found if len(want.grid)]


class Piece(NamedTuple):
    """One request of history."""

    batch: Batch
    """The SLOs it is for: a batch, or the part of one that lacks these buckets."""
    grid: Grid
    rank: int = LATER
    """SOON, BUDGET or LATER."""
    care: Care = "exact"
    """How its buckets are counted."""


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
            Piece(batch, grid, want.rank, want.care(grid))
            for start, end in runs
            for grid in pieces(width, end, end - start, batch.series, want.cuts)
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
