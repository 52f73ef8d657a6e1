"""Counts of one measure in time buckets of 60, 300 and 3600 seconds, filled by increments over spans of time.

All widths are filled from the increments themselves, so each preserves their sum. A span longer than two scrape
intervals goes into 1 h buckets only. `seen` says how much of a bucket was watched, so that what was not seen is
never taken for idle.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sreconsole.domain.increments import COARSEST, WIDTHS, spread

_TOLERANCE = 1e-3


class Count(NamedTuple):
    """What one bucket holds so far."""

    width: int
    start: int
    bad: float
    """Not clamped: below 0 while `good` is ahead of `total`."""
    total: float
    seen: float
    """Seconds of the bucket that were watched."""

    @property
    def known(self) -> bool:
        """Whether the bucket may be used: only when watched from end to end, but 1 h buckets also when events were
        counted in a part of it, which must not be lost. No events are believed only of a whole bucket."""
        return self.whole or (self.width == COARSEST and self.total > 0)

    @property
    def whole(self) -> bool:
        """Whether the bucket was watched from end to end."""
        return self.seen >= self.width - _TOLERANCE


class Tally:
    """The buckets of one measure and which of them changed since they were last taken."""

    __slots__ = ("_cells", "_changed", "_until")

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[float]] = {}
        self._changed: set[tuple[int, int]] = set()
        self._until: dict[int, float] = {}

    def add(self, start: float, end: float, bad: float, total: float, *, gap: bool) -> None:
        """Spread an increment over [start, end); after a gap into 1 h buckets only."""
        length = end - start
        for width in (COARSEST,) if gap else WIDTHS:
            for bucket, inside in spread(start, end, width):
                share = inside / length if length > 0 else 1.0
                self._bump(width, bucket, bad * share, total * share, 0.0)

    def cover(self, start: float, end: float, *, gap: bool) -> None:
        """[start, end) was watched: for all widths, or for 1 h only after a gap. Time is never counted twice."""
        for width in (COARSEST,) if gap else WIDTHS:
            begin = max(start, self._until.get(width, start))
            if end > begin:
                for bucket, inside in spread(begin, end, width):
                    self._bump(width, bucket, 0.0, 0.0, inside)
                self._until[width] = end

    def _bump(self, width: int, bucket: int, bad: float, total: float, seen: float) -> None:
        key = (width, bucket)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = [0.0, 0.0, 0.0]
        cell[0] += bad
        cell[1] += total
        cell[2] = min(float(width), cell[2] + seen)
        self._changed.add(key)

    def changed(self) -> list[Count]:
        """The buckets that changed since the last call, oldest first."""
        counts = [self._count(key) for key in sorted(self._changed)]
        self._changed.clear()
        return counts

    def restore(self, counts: Iterable[Count], until: float) -> None:
        """Go on from buckets that were kept; they do not count as changed.

        `until`: when they were kept; what was watched before is in them.
        """
        for count in counts:
            self._cells[count.width, count.start] = [count.bad, count.total, count.seen]
            self._until[count.width] = until

    def forget(self, before: float, coarse_before: float) -> None:
        """Drop buckets that ended before a moment; 1 h buckets have one of their own, as late gaps reach back."""
        for key in [k for k in self._cells if k[0] + k[1] <= (coarse_before if k[0] == COARSEST else before)]:
            if key not in self._changed:
                del self._cells[key]

    def _count(self, key: tuple[int, int]) -> Count:
        bad, total, seen = self._cells[key]
        return Count(key[0], key[1], bad, total, seen)
