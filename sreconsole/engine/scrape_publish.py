"""From counts of measures and lines of the history file to buckets in the book: only closed ones that are known.

A bucket is closed when a scrape at or after its end arrived. Runs with holes are written with NaN, which leaves what
the book knows already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from math import nan

from sreconsole.domain.increments import WIDTHS
from sreconsole.domain.routing import Router
from sreconsole.domain.slo import SloKey
from sreconsole.domain.tally import Count
from sreconsole.ledger.book import Book
from sreconsole.sources.history_file import Rows

Bucket = tuple[int, float, float]
"""Start, bad, total (NaN: not known)."""
_ODD = 1e-6
_SLICE = 50


class Publisher:
    """Writes the buckets of one source into the book."""

    def __init__(self, router: Router, book: Book, identify: Callable[[str], bytes]) -> None:
        """`identify`: the identity of a measure from its expression."""
        self.horizon: float | None = None
        """End of the newest closed 1 m bucket the book may answer for, Unix seconds."""
        self.good_ahead: dict[int, int] = {}
        """By measure: buckets in which good exceeded total, by more than a scrape's jitter."""
        self._router, self._book, self._identify = router, book, identify
        self._identities: list[bytes] = []
        self._numbers: dict[bytes, int] = {}
        self._open: dict[tuple[int, int, int], Count] = {}
        self._early: dict[tuple[SloKey, int], list[Bucket]] = {}
        self._own: dict[tuple[SloKey, int], tuple[int, int]] = {}
        self._file_until: dict[tuple[SloKey, int], int] = {}

    def identities(self) -> Sequence[bytes]:
        """The identity of every measure, by its number."""
        for measure in self._router.measures[len(self._identities) :]:
            identity = self._identify(measure.expression)
            self._numbers[identity] = len(self._identities)
            self._identities.append(identity)
        return self._identities

    def number(self, identity: bytes) -> int | None:
        """The measure with an identity, None when it is not ours."""
        return self._numbers.get(identity)

    def advance(self, at: float) -> None:
        """Everything that ends by `at` is closed."""
        end = float(at // 60 * 60)
        self.horizon = end if self.horizon is None else max(self.horizon, end)

    def stage(self, number: int, count: Count) -> None:
        """A bucket changed; `close` publishes it when its time has come."""
        self._open[number, count.width, count.start] = count

    async def close(self, at: float) -> set[SloKey]:
        """Publish staged buckets that ended by `at`, with turns for the event loop; returns the SLOs that changed."""
        runs: dict[tuple[int, int], list[Count]] = {}
        for key in [key for key, count in self._open.items() if count.start + count.width <= at]:
            runs.setdefault(key[:2], []).append(self._open.pop(key))
        changed: set[SloKey] = set()
        for done, ((number, width), counts) in enumerate(runs.items()):
            changed |= self.publish(number, width, counts)
            if done % _SLICE == 0:
                await asyncio.sleep(0)
        return changed

    def forget(self) -> None:
        """Drop what is staged: somebody else counts now."""
        self._open.clear()

    def publish(self, number: int, width: int, counts: Iterable[Count]) -> set[SloKey]:
        """Write closed buckets of one measure and width."""
        known = [count for count in counts if count.known]
        if not known:
            return set()
        ahead = sum(count.bad < -_ODD - 0.001 * count.total for count in known if width == WIDTHS[0])
        if ahead:
            self.good_ahead[number] = self.good_ahead.get(number, 0) + ahead
        changed: set[SloKey] = set()
        for slo in self._router.measures[number].slos:
            until = self._file_until.get((slo.key, width), 0)
            mine = [(c.start, max(0.0, c.bad), c.total) for c in known if c.whole or c.start >= until]
            self._remember((slo.key, width), known)
            if self._put(slo.key, width, mine):
                changed.add(slo.key)
        return changed

    def _remember(self, place: tuple[SloKey, int], counts: Iterable[Count]) -> None:
        """Keep the newest run of buckets that we watched from end to end: the file may not replace those."""
        for count in counts:
            if count.whole:
                first, end = self._own.get(place, (count.start, count.start))
                joins = first <= count.start <= end
                self._own[place] = (first if joins else count.start, max(end, count.start + count.width))

    def take_file(self, rows: Rows, now: float) -> set[SloKey]:
        """Write buckets of the history file that ended by `now`; later ones wait.

        They replace what we saw a part of, not what we watched from end to end.
        """
        for place, found in rows.buckets.items():
            self._early.setdefault(place, []).extend(found)
        changed: set[SloKey] = set()
        for (key, width), waiting in list(self._early.items()):
            buckets = [bucket for bucket in waiting if bucket[0] + width <= now]
            if len(buckets) == len(waiting):
                del self._early[key, width]
            elif buckets:
                self._early[key, width] = [bucket for bucket in waiting if bucket[0] + width > now]
            if buckets and self._take(key, width, buckets):
                changed.add(key)
        return changed

    def _take(self, key: SloKey, width: int, buckets: list[Bucket]) -> bool:
        end = max(start for start, _, _ in buckets) + width
        self._file_until[key, width] = max(end, self._file_until.get((key, width), 0))
        if width == WIDTHS[0]:
            self.advance(end)
        for members in self._router.members:
            member = members.get(key.service)
            if member is not None:
                member.seen = max(member.seen, float(end))
        first, last = self._own.get((key, width), (0, 0))
        return self._put(key, width, [bucket for bucket in buckets if not first <= bucket[0] < last])

    def _put(self, key: SloKey, width: int, buckets: list[Bucket]) -> bool:
        changed = False
        for start, bad, total in _runs(buckets, width):
            changed |= self._book.put(key, width, start, bad, total)
        return changed


def _runs(buckets: list[Bucket], width: int) -> Iterable[tuple[int, list[float], list[float]]]:
    """Buckets in any order as runs of consecutive ones; the last of equal starts counts, small holes become NaN."""
    by_start = {start: (bad, total) for start, bad, total in buckets}
    first, previous = 0, None
    bads: list[float] = []
    totals: list[float] = []
    for start in sorted(by_start):
        missing = 0 if previous is None else (start - previous) // width - 1
        if previous is None or missing > 100:
            if totals:
                yield first, bads, totals
            first, bads, totals, missing = start, [], [], 0
        bads += [0.0] * missing
        totals += [nan] * missing
        bad, total = by_start[start]
        bads.append(bad)
        totals.append(total)
        previous = start
    if totals:
        yield first, bads, totals
