"""When an alert window pair fires, or clears, if errors go on as in the newest minutes.

Both windows slide over what is known of the past, and take in what comes: b bad of t events a second. After s seconds
the window of L seconds holds, with D(x) = bad(before x) - factor x B x total(before x), the excess

    E_L(s) = D(now) - D(now + s - L) + (b - factor x B x t) x s    while s < L, then (b - factor x B x t) x L

and its burn is above the factor exactly while E_L(s) > 0. The pair fires while both excesses are above 0 (SRE Workbook
ch. 5). Between two bucket edges an excess is a straight line: where it crosses 0 is exact for events that came evenly
within their buckets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from heapq import merge
from itertools import pairwise

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.counts import Past
from sreconsole.records import dataclass

NEWEST = 300.0
"""Seconds of the newest minutes, whose errors and traffic are taken to go on."""
_NOISE = 1e-9
"""Of the events that a window holds: less is the noise of binary fractions."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Events a second."""

    bad: float
    total: float


def rate(past: Past, now: float, seconds: float = NEWEST) -> Rate | None:
    """What came in the newest minutes before `now`; None: nothing came, or nothing is known of them."""
    if not past.edges or past.edges[-1] <= now - seconds:
        return None
    end = min(now, past.edges[-1])
    begin = max(past.edges[0], end - seconds)
    bad, total, known = past.within(begin, end)
    return Rate(bad / known, total / known) if known > 0 and total > 0 else None


def crossing(pair: WindowPair, budget: float, past: Past, now: float, ahead: Rate, within: float) -> float | None:
    """Seconds after `now` until a pair that fires clears, or one that does not fires; None: not `within` seconds.

    `now` is the moment to which the past is known, `ahead` what comes from then on.
    """
    long = _Excess(pair.long, pair.factor * budget, past, now, ahead)
    short = _Excess(pair.short, pair.factor * budget, past, now, ahead)
    fire = long.above(0.0) and short.above(0.0)
    end = min(float(pair.long), within)
    if not fire and long.slope <= 0:  # less than the limit comes: once the short window holds nothing else, it is over
        end = min(end, float(pair.short))
    if fire and long.stays_above() and short.stays_above():
        return None
    at, before = 0.0, (long.at(0.0), short.at(0.0))
    for knot in _merged(long.knots(end), short.knots(end), end):
        after = long.at(knot), short.at(knot)
        if _signs(before) != _signs(after):
            for low, high in _parts(at, knot, before, after):
                middle = (low + high) / 2
                if (long.above(middle) and short.above(middle)) != fire:
                    return low
        at, before = knot, after
    return None


def fires(pair: WindowPair, budget: float, past: Past, now: float) -> bool:
    """Whether both windows of a pair are above its factor in what is known of the past."""
    nothing = Rate(0.0, 0.0)
    return all(
        _Excess(length, pair.factor * budget, past, now, nothing).above(0.0) for length in (pair.long, pair.short)
    )


class _Excess:
    """The excess of one window over the limit, as a function of the seconds from now."""

    __slots__ = ("_ahead", "_limit", "_now", "_past", "_until_now", "length", "slope")

    def __init__(self, length: float, limit: float, past: Past, now: float, ahead: Rate) -> None:
        self.length = float(length)
        self._limit, self._past, self._now, self._ahead = limit, past, now, ahead
        self._until_now = past.before(now)
        self.slope = ahead.bad - limit * ahead.total

    def _counts(self, s: float) -> tuple[float, float]:
        coming = min(s, self.length)
        bad, total = coming * self._ahead.bad, coming * self._ahead.total
        if s < self.length:
            gone = self._past.before(self._now + s - self.length)
            bad, total = bad + self._until_now[0] - gone[0], total + self._until_now[1] - gone[1]
        return bad, total

    def at(self, s: float) -> float:
        bad, total = self._counts(s)
        excess = bad - self._limit * total
        return 0.0 if abs(excess) <= _NOISE * self._limit * total else excess

    def above(self, s: float) -> bool:
        return self.at(s) > 0

    def stays_above(self) -> bool:
        """Whether it never comes down to 0: at no bend, and not where only what comes is left."""
        if self.slope <= 0 or not self.above(0.0):
            return False
        bad, total, _ = self._until_now
        base, limit, shift = bad - self._limit * total, self._limit, self._now - self.length
        gone = self._past.from_edge(shift)
        return all(base - (b - limit * t) + self.slope * (edge - shift) > 0 for edge, b, t in gone)

    def knots(self, end: float) -> Iterator[float]:
        """Where the line bends: a bucket's edge leaves the window, or the last one does."""
        edges, shift = self._past.edges, self._now - self.length
        for place in range(bisect_right(edges, shift), bisect_left(edges, shift + min(end, self.length))):
            yield edges[place] - shift
        if self.length < end:
            yield self.length


def _merged(one: Iterator[float], other: Iterator[float], end: float) -> Iterator[float]:
    last = 0.0
    for knot in merge(one, other):
        if last < knot < end:
            yield knot
            last = knot
    if end > last:
        yield end


def _signs(excesses: tuple[float, float]) -> tuple[bool, bool]:
    return excesses[0] > 0, excesses[1] > 0


def _parts(
    low: float, high: float, before: tuple[float, float], after: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Cut a stretch where one of the two lines over it crosses 0."""
    cuts = [low, high]
    for left, right in zip(before, after, strict=True):
        if (left > 0) != (right > 0) and left != right:
            cuts.append(low + (high - low) * left / (left - right))
    cuts.sort()
    for begin, end in pairwise(cuts):
        if end > begin:
            yield begin, end
