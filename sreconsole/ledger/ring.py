"""Consecutive buckets of one width for one SLO, kept as running totals: any window is two look-ups.

Three arrays hold, for each bucket edge, everything counted before it: bad events, all events, buckets with a known
total. Filling works in both directions (history comes newest first), so totals are relative to an arbitrary origin and
may be negative; only differences mean something.

Counts are kept as whole multiples of a small power of two, in integers: in floats every write would leave crumbs in the
buckets after it, an idle hour would have a billionth of an event and any failure ratio, and the same answer written
twice would look like a change.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise, repeat
from operator import mul

_BULK = 24
"""Buckets from which on it is worth a look whether all are new and counts: kept history comes by the thousand."""


class Ring:
    """The newest `capacity` buckets of `width` seconds."""

    __slots__ = ("bad", "capacity", "first", "most", "scale", "seen", "total", "width")

    def __init__(self, width: int, capacity: int) -> None:
        self.width = width
        self.capacity = capacity
        self.first = 0
        """Number of the oldest bucket held: its start divided by the width."""
        self.scale = 1 << max(0, 27 - (width - 1).bit_length())
        """Units in one event: about 2**27 / width, so that the share of bad seconds in a bucket keeps eight digits."""
        self.most = (1 << 61) // self.scale // (capacity + 1)
        """Events a bucket can hold (over 10**9 for every ring of the ledger); more is no count."""
        self.bad = array("q")
        self.total = array("q")
        self.seen = array("i")

    def put(self, start: int, bad: Sequence[float], total: Sequence[float]) -> bool:
        """Write consecutive buckets from `start` (Unix seconds, a multiple of the width). Returns whether one changed.

        A NaN total means not known and leaves what was there, and so does an impossible one. Buckets older than the
        ring are ignored; newer ones move it forward.
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
        if count - skip >= _BULK and self.seen[low] == self.seen[high]:
            fresh = self._counts(bad, skip), self._counts(total, skip)
            if fresh[0] and fresh[1]:
                _splice(self.bad, low, high, fresh[0])
                _splice(self.total, low, high, fresh[1])
                _splice(self.seen, low, high, [1] * (high - low))
                return True
        bads, totals, seens = self._slots(low, high)
        changed = False
        for index in range(count - skip):
            value, amount = self._units(total[index + skip]), self._units(bad[index + skip])
            if value is None or amount is None:
                continue
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
        bads, totals, seens = self.bad, self.total, self.seen
        bad: float = bads[high] - bads[low]
        total: float = totals[high] - totals[low]
        seen: float = seens[high] - seens[low]
        if high_part:
            bad += high_part * (bads[high + 1] - bads[high])
            total += high_part * (totals[high + 1] - totals[high])
            seen += high_part * (seens[high + 1] - seens[high])
        if low_part:
            bad -= low_part * (bads[low + 1] - bads[low])
            total -= low_part * (totals[low + 1] - totals[low])
            seen -= low_part * (seens[low + 1] - seens[low])
        return bad / self.scale, total / self.scale, seen * self.width

    def columns(self, start: int, count: int, stride: int) -> tuple[list[float], list[float], list[float]]:
        """Bad, total and seen buckets of `count` groups of `stride` buckets; the first starts at `start`."""
        if not self.seen:
            return [0.0] * count, [0.0] * count, [0.0] * count
        edges = [
            min(self.capacity, max(0, start // self.width - self.first + stride * index)) for index in range(count + 1)
        ]
        bad, total = ([units / self.scale for units in _steps(column, edges)] for column in (self.bad, self.total))
        return bad, total, [float(count) for count in _steps(self.seen, edges)]

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
            self.bad = array("q", bytes(8 * (self.capacity + 1)))
            self.total = array("q", bytes(8 * (self.capacity + 1)))
            self.seen = array("i", bytes(4 * (self.capacity + 1)))
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

    def _units(self, count: float) -> int | None:
        """A count in whole units, at least 0; None when it is no count: NaN, infinite, more than can be."""
        if not abs(count) <= self.most:
            return None
        return round(count * self.scale) if count > 0 else 0

    def _counts(self, counts: Sequence[float], skip: int) -> list[int] | None:
        """All counts from `skip` on in whole units; None unless each of them is a count. Found at the speed of C."""
        some = counts[skip:] if skip else counts
        if not (sum(some) <= self.most * len(some) and min(some) >= 0 and max(some) <= self.most):
            return None
        return list(map(round, map(mul, some, repeat(float(self.scale)))))

    def _slots(self, low: int, high: int) -> tuple[list[int], list[int], list[int]]:
        edges = range(low, high + 1)
        return _steps(self.bad, edges), _steps(self.total, edges), _steps(self.seen, edges)

    def _place(self, moment: float) -> tuple[int, float]:
        position = min(float(self.capacity), max(0.0, moment / self.width - self.first))
        index = int(position)
        return index, position - index


def _steps(column: array[int], edges: Sequence[int]) -> list[int]:
    values = [column[edge] for edge in edges]
    return [after - before for before, after in pairwise(values)]


def _splice(column: array[int], low: int, high: int, values: Sequence[int]) -> None:
    """Write the buckets [low, high) and carry the difference to the shorter side."""
    code = column.typecode
    running = list(accumulate(values, initial=column[low]))
    shift = running[-1] - column[high]
    if max(abs(running[-1]), abs(column[0] - shift)) >> 62:
        _from_zero(column)
        _splice(column, low, high, values)
        return
    column[low : high + 1] = array(code, running)
    if not shift:
        return
    if len(column) - high <= low:
        column[high + 1 :] = array(code, [value + shift for value in column[high + 1 :]])
    else:
        column[: high + 1] = array(code, [value - shift for value in column[: high + 1]])


def _from_zero(column: array[int]) -> None:
    """Put the origin before the oldest bucket, so that years of events never pass 64 bits."""
    origin = column[0]
    column[:] = array(column.typecode, [value - origin for value in column])
