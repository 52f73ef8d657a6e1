"""Consecutive buckets of one width for one SLO, kept as running totals: any window is two look-ups.

Three arrays hold, for each bucket edge, everything counted before it: bad events, all events, buckets with a known
total. Filling works in both directions (history comes newest first), so totals are relative to an arbitrary origin and
may be negative; only differences mean something.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise


class Ring:
    """The newest `capacity` buckets of `width` seconds."""

    __slots__ = ("bad", "capacity", "first", "seen", "total", "width")

    def __init__(self, width: int, capacity: int) -> None:
        self.width = width
        self.capacity = capacity
        self.first = 0
        """Number of the oldest bucket held: its start divided by the width."""
        self.bad = array("d")
        self.total = array("d")
        self.seen = array("f")
        """Counts of buckets: single precision holds them exactly and halves their memory."""

    def put(self, start: int, bad: Sequence[float], total: Sequence[float]) -> bool:
        """Write consecutive buckets from `start` (Unix seconds, a multiple of the width). Returns whether one changed.

        A NaN total means not known and leaves what was there. Buckets older than the ring are ignored; newer ones move
        it forward.
        """
        number = start // self.width
        count = len(total)
        if count == 0:
            return False
        self._reach(number + count)
        skip = max(0, self.first - number)
        if skip >= count:
            return False
        low = number + skip - self.first
        high = low + count - skip
        bads, totals, seens = self._slots(low, high)
        changed = False
        for index in range(count - skip):
            value = total[index + skip]
            if value != value:  # NaN: not known
                continue
            amount = bad[index + skip]
            if seens[index] == 0 or totals[index] != value or bads[index] != amount:
                bads[index], totals[index], seens[index] = amount, value, 1
                changed = True
        if changed:
            _splice(self.bad, low, high, bads)
            _splice(self.total, low, high, totals)
            _splice(self.seen, low, high, seens)
        return changed

    def sums(self, start: float, end: float) -> tuple[float, float, float]:
        """Bad, total and known seconds within [start, end); a bucket partly inside counts in proportion."""
        if not self.seen or end <= start:
            return 0.0, 0.0, 0.0
        low, low_part = self._place(start)
        high, high_part = self._place(end)
        return (
            _at(self.bad, high, high_part) - _at(self.bad, low, low_part),
            _at(self.total, high, high_part) - _at(self.total, low, low_part),
            (_at(self.seen, high, high_part) - _at(self.seen, low, low_part)) * self.width,
        )

    def columns(self, start: int, count: int, stride: int) -> tuple[list[float], list[float], list[float]]:
        """Bad, total and seen buckets of `count` groups of `stride` consecutive buckets; the first starts at `start`."""
        if not self.seen:
            return [0.0] * count, [0.0] * count, [0.0] * count
        edges = [
            min(self.capacity, max(0, start // self.width - self.first + stride * index)) for index in range(count + 1)
        ]
        return _steps(self.bad, edges), _steps(self.total, edges), _steps(self.seen, edges)

    def newest(self) -> int | None:
        """End (Unix seconds) of the newest bucket with a known total, or None."""
        seen = self.seen
        if not seen or seen[self.capacity] == seen[0]:
            return None
        low, high = 0, self.capacity
        last = seen[self.capacity]
        while low < high:  # the first edge by which everything was seen
            middle = (low + high) // 2
            if seen[middle] == last:
                high = middle
            else:
                low = middle + 1
        return (self.first + low) * self.width

    def _reach(self, end: int) -> None:
        """Make the ring hold buckets up to number `end` (exclusive)."""
        if not self.seen:
            self.first = end - self.capacity
            self.bad = array("d", bytes(8 * (self.capacity + 1)))
            self.total = array("d", bytes(8 * (self.capacity + 1)))
            self.seen = array("f", bytes(4 * (self.capacity + 1)))
            return
        ahead = end - (self.first + self.capacity)
        if ahead <= 0:
            return
        self.first += ahead
        move = min(ahead, self.capacity + 1)
        for column in (self.bad, self.total, self.seen):
            last = column[self.capacity]
            del column[:move]
            column.extend([last] * move)

    def _slots(self, low: int, high: int) -> tuple[list[float], list[float], list[float]]:
        edges = range(low, high + 1)
        return _steps(self.bad, edges), _steps(self.total, edges), _steps(self.seen, edges)

    def _place(self, moment: float) -> tuple[int, float]:
        position = min(float(self.capacity), max(0.0, moment / self.width - self.first))
        index = int(position)
        return index, position - index


def _at(column: array[float], index: int, part: float) -> float:
    value = column[index]
    return value + part * (column[index + 1] - value) if part else value


def _steps(column: array[float], edges: Sequence[int]) -> list[float]:
    values = [column[edge] for edge in edges]
    return [after - before for before, after in pairwise(values)]


def _splice(column: array[float], low: int, high: int, values: Sequence[float]) -> None:
    """Write the buckets [low, high) and carry the difference to the shorter side."""
    code = column.typecode
    running = array(code, accumulate(values, initial=column[low]))
    shift = running[-1] - column[high]
    column[low : high + 1] = running
    if not shift:
        return
    if len(column) - high <= low:
        column[high + 1 :] = array(code, [value + shift for value in column[high + 1 :]])
    else:
        column[: high + 1] = array(code, [value - shift for value in column[: high + 1]])
