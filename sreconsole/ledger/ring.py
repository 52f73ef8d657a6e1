"""Consecutive buckets of one width for one SLO, kept as running totals: any window is two look-ups.

Two arrays hold, for each bucket edge, everything counted before it: bad events and all events; one bit a bucket says
whether its total is known. Filling works in both directions (history comes newest first), so totals are relative to an
arbitrary origin and may be negative; only differences mean something.

Counts are kept as whole multiples of a small power of two, in integers: in floats every write would leave crumbs in the
buckets after it, an idle hour would have a billionth of an event and any failure ratio, and the same answer written
twice would look like a change. Bad events are mostly so few that 32 bits hold them, and a column that does not gets 64;
all events have 64 from the start, as an event every half a minute needs them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise, repeat
from operator import mul

_BULK = 24
"""Buckets from which on it is worth a look whether all are new and counts: kept history comes by the thousand."""
_BITS = {"i": 31, "q": 62}
"""By type of array: what stays below so many bits fits, and in `q` the difference of any two as well."""

_NOWHERE = -(1 << 62)
"""The number of no bucket."""


class Ring:
    """The newest `capacity` buckets of `width` seconds."""

    __slots__ = ("bad", "capacity", "first", "most", "scale", "seen", "total", "width")

    def __init__(self, width: int, capacity: int) -> None:
        self.width = width
        self.capacity = capacity
        self.first = _NOWHERE
        """Number of the oldest bucket held: its start divided by the width."""
        self.scale = 1 << max(0, 27 - (width - 1).bit_length())
        """Units in one event: about 2**27 / width, so that the share of bad seconds in a bucket keeps eight digits."""
        self.most = (1 << 61) // self.scale // (capacity + 1)
        """Events a bucket can hold (over 10**9 for every ring of the ledger); more is no count."""
        self.bad = array("i")
        self.total = array("q")
        self.seen = 0
        """Bit n: the total of the bucket `first + n` is known."""

    def reserve(self) -> None:
        """Take the room for all buckets now."""
        if not self.bad:
            # Not from bytes: such an array takes a sixteenth more than it needs.
            self.bad = array("i", [0]) * (self.capacity + 1)
            self.total = array("q", [0]) * (self.capacity + 1)

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
        fresh = self._unknown_from(low, high) if count - skip >= _BULK else 0
        if fresh >= _BULK:
            end = skip + fresh
            bads, totals = self._counts(bad, skip, end), self._counts(total, skip, end)
            if bads and totals:
                self._write(low, low + fresh, bads, totals, (1 << fresh) - 1)
                self.put((number + end) * self.width, bad[end:], total[end:])
                return True
        edges = range(low, high + 1)
        bads, totals, seen = _steps(self.bad, edges), _steps(self.total, edges), self.seen >> low
        known, changed = 0, False
        for index in range(count - skip):
            value, amount = self._units(total[index + skip]), self._units(bad[index + skip])
            if value is None or amount is None:
                continue
            if not seen >> index & 1 or totals[index] != value or bads[index] != amount:
                bads[index], totals[index] = amount, value
                known |= 1 << index
                changed = True
        if changed:
            self._write(low, high, bads, totals, known)
        return changed

    def sums(self, start: float, end: float) -> tuple[float, float, float]:
        """Bad, total and known seconds within [start, end); a bucket partly inside counts in proportion."""
        if not self.seen or end <= start:
            return 0.0, 0.0, 0.0
        low, low_part = self._place(start)
        high, high_part = self._place(end)
        bads, totals, bits = self.bad, self.total, self.seen
        bad: float = bads[high] - bads[low]
        total: float = totals[high] - totals[low]
        seen: float = (bits >> low & (1 << (high - low)) - 1).bit_count()
        if high_part:
            bad += high_part * (bads[high + 1] - bads[high])
            total += high_part * (totals[high + 1] - totals[high])
            seen += high_part * (bits >> high & 1)
        if low_part:
            bad -= low_part * (bads[low + 1] - bads[low])
            total -= low_part * (totals[low + 1] - totals[low])
            seen -= low_part * (bits >> low & 1)
        return bad / self.scale, total / self.scale, seen * self.width

    def columns(self, start: int, count: int, stride: int) -> tuple[list[float], list[float], list[float]]:
        """Bad, total and seen buckets of `count` groups of `stride` buckets; the first starts at `start`."""
        if not self.seen:
            return [0.0] * count, [0.0] * count, [0.0] * count
        edges = [
            min(self.capacity, max(0, start // self.width - self.first + stride * index)) for index in range(count + 1)
        ]
        bad, total = ([units / self.scale for units in _steps(column, edges)] for column in (self.bad, self.total))
        return bad, total, [float(self._known(low, high)) for low, high in pairwise(edges)]

    def newest(self) -> int | None:
        """End (Unix seconds) of the newest bucket with a known total, or None."""
        return (self.first + self.seen.bit_length()) * self.width if self.seen else None

    def _known(self, low: int, high: int) -> int:
        """How many of the buckets [low, high) have a known total."""
        return (self.seen >> low & (1 << (high - low)) - 1).bit_count()

    def _unknown_from(self, low: int, high: int) -> int:
        """How many of the buckets [low, high) stand before the first that is known: of kept history all but the last
        few, which came with what was newest."""
        known = self.seen >> low & (1 << (high - low)) - 1
        return (known & -known).bit_length() - 1 if known else high - low

    def _write(self, low: int, high: int, bads: Sequence[int], totals: Sequence[int], known: int) -> None:
        """Write the buckets [low, high); `known`: a bit for each of them whose total is known from now on."""
        self.bad = _splice(self.bad, low, high, bads)
        self.total = _splice(self.total, low, high, totals)
        self.seen |= known << low

    def _reach(self, end: int) -> None:
        """Make the ring hold buckets up to number `end` (exclusive)."""
        if self.first == _NOWHERE:
            self.reserve()
            self.first = end - self.capacity
            return
        ahead = end - (self.first + self.capacity)
        if ahead <= 0:
            return
        self.first += ahead
        self.seen >>= ahead
        move = min(ahead, self.capacity + 1)
        for column in (self.bad, self.total):
            last = column[self.capacity]
            del column[:move]
            column.extend([last] * move)

    def _units(self, count: float) -> int | None:
        """A count in whole units, at least 0; None when it is no count: NaN, infinite, more than can be."""
        if not abs(count) <= self.most:
            return None
        return round(count * self.scale) if count > 0 else 0

    def _counts(self, counts: Sequence[float], start: int, end: int) -> list[int] | None:
        """These counts in whole units; None unless each of them is a count. Found at the speed of C."""
        some = counts[start:end]
        if not (sum(some) <= self.most * len(some) and min(some) >= 0 and max(some) <= self.most):
            return None
        return list(map(round, map(mul, some, repeat(float(self.scale)))))

    def _place(self, moment: float) -> tuple[int, float]:
        position = min(float(self.capacity), max(0.0, moment / self.width - self.first))
        index = int(position)
        return index, position - index


def _steps(column: array[int], edges: Sequence[int]) -> list[int]:
    values = [column[edge] for edge in edges]
    return [after - before for before, after in pairwise(values)]


def _splice(column: array[int], low: int, high: int, values: Sequence[int]) -> array[int]:
    """Write the buckets [low, high) and carry the difference to the shorter side; returns the column, or a new one
    with more bits where the counts need them."""
    running = list(accumulate(values, initial=column[low]))
    shift = running[-1] - column[high]
    behind = len(column) - high <= low
    first, last = (column[0], column[-1] + shift) if behind else (column[0] - shift, column[-1])
    if max(abs(first), abs(last)) >> _BITS[column.typecode]:
        return _splice(_from_zero(column, max(last - first, column[-1] - column[0])), low, high, values)
    code = column.typecode
    if behind:
        column[low : high + 1] = array(code, running)
        if shift:
            column[high + 1 :] = array(code, [value + shift for value in column[high + 1 :]])
        return column
    column[low : high + 1] = array(code, [value - shift for value in running] if shift else running)
    if shift:
        column[:low] = array(code, [value - shift for value in column[:low]])
    return column


def _from_zero(column: array[int], whole: int) -> array[int]:
    """Put the origin before the oldest bucket, so that years of events never pass the bits; `whole`: the most that is
    to be held, which may take more of them."""
    code = "i" if not whole >> (_BITS["i"] - 1) else "q"
    origin = column[0]
    return array(code, [value - origin for value in column])
