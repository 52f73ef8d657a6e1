"""The ledger in memory: for every SLO three rings (1 m, 5 m, 1 h), and the newest answers about short windows.

Everything a report needs is arithmetic over it. A window is cut into a few pieces: coarse buckets for its bulk, finer
ones at its edges, so that no sample is counted twice and none between is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sreconsole.domain.burns import Burns
from sreconsole.domain.counts import Counts
from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.report import Trend
from sreconsole.domain.slo import SloKey
from sreconsole.ledger.ring import Ring
from sreconsole.records import dataclass, field

MINUTE, FIVE, HOUR = 60, 300, 3600
WIDTHS = (MINUTE, FIVE, HOUR)
REACH = {MINUTE: 6 * 3600, FIVE: 3 * 86_400}
"""Seconds a ring of a width reaches back; 1 h reaches as far as the longest window."""
_SAME = 1e-3
"""Seconds by which moments may differ and still be the same."""
_SLACK = 12
"""Buckets more than the reach, so that a window that does not end on a boundary still fits."""


@dataclass(slots=True)
class Entry:
    """What is held for one SLO."""

    rings: dict[int, Ring]
    instants: dict[int, tuple[float, WindowReading]] = field(default_factory=dict)
    """By window length: when the server answered (the window's end) and what."""
    edges: dict[int, tuple[int, float, float]] = field(default_factory=dict)
    """By start of a calendar period that begins within an hour: the end of that hour, bad and total until then."""
    bits: tuple[tuple[float, float, float, float], ...] = ()
    """Start, end, bad and total of the pieces of time between buckets where long windows of the newest answer begin
    and join it."""
    coarse: bool = False
    """It has no minutes (mixed or long scrape intervals); short windows come from the server's own answers."""
    filled: bool = False
    """History is there as far as the source has it: what the buckets do not know, nobody does."""
    version: int = 0
    """Grows with every change."""


class Book:
    """All entries by SLO."""

    def __init__(self, longest: float = 30 * 86_400) -> None:
        """`longest`: seconds of the longest SLO window."""
        self.longest = longest
        self._entries: dict[SloKey, Entry] = {}

    def entry(self, key: SloKey) -> Entry:
        """The entry of an SLO, made when new."""
        found = self._entries.get(key)
        if found is None:
            reach = {**REACH, HOUR: max(self.longest, 86_400)}
            rings = {width: Ring(width, int(reach[width] // width) + _SLACK) for width in WIDTHS}
            found = self._entries[key] = Entry(rings)
        return found

    def reserve(self, key: SloKey, widths: Iterable[int]) -> None:
        """Take the room for all buckets of these widths, before much is held that is then let go: rings made in
        between would stand here and there in what was its room, and keep the system from having it back."""
        rings = self.entry(key).rings
        for width in widths:
            rings[width].reserve()

    def version(self, key: SloKey) -> int:
        """Grows with every change of what is held for an SLO; -1: nothing is."""
        entry = self._entries.get(key)
        return -1 if entry is None else entry.version

    def __contains__(self, key: SloKey) -> bool:
        return key in self._entries

    def keys(self) -> Iterable[SloKey]:
        """Every SLO with an entry."""
        return self._entries.keys()

    def drop(self, key: SloKey) -> None:
        """Forget an SLO."""
        self._entries.pop(key, None)

    def put(self, key: SloKey, width: int, start: int, bad: Sequence[float], total: Sequence[float]) -> bool:
        """Write consecutive buckets (NaN total: not known, keeps what was there). Returns whether anything changed."""
        entry = self.entry(key)
        changed = entry.rings[width].put(start, bad, total)
        entry.version += changed
        return changed

    def answer(self, key: SloKey, at: float, readings: Mapping[int, WindowReading]) -> None:
        """Keep the server's own answers for windows that end at `at`."""
        entry = self.entry(key)
        for seconds, reading in readings.items():
            entry.instants[seconds] = (at, reading)
        entry.version += 1

    def put_edge(self, key: SloKey, start: int, end: int, bad: float, total: float) -> None:
        """Keep the exact part of an hour with which a calendar period begins (NaN total: not known)."""
        if total == total:
            entry = self.entry(key)
            entry.edges[start] = (end, bad, total)
            entry.version += 1

    def put_bits(self, key: SloKey, bits: Iterable[tuple[float, float, float, float]]) -> None:
        """Keep the exact pieces of time (start, end, bad, total) that came with the newest answer, for those before."""
        entry = self.entry(key)
        entry.bits = tuple(bit for bit in bits if bit[3] == bit[3])
        entry.version += 1

    def set_coarse(self, key: SloKey, coarse: bool) -> None:
        """Say whether fine buckets of this SLO may be folded into windows."""
        entry = self.entry(key)
        entry.version += entry.coarse != coarse
        entry.coarse = coarse

    def set_filled(self, key: SloKey) -> None:
        """Say that history was fetched: from now on the buckets tell which part of a window has data."""
        entry = self.entry(key)
        entry.version += not entry.filled
        entry.filled = True

    def newest(self, key: SloKey) -> float | None:
        """The later of the end of the newest bucket with a value and the newest short-window answer with a value."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        moments: list[float] = [moment for ring in entry.rings.values() if (moment := ring.newest()) is not None]
        moments += [at for seconds, (at, r) in entry.instants.items() if seconds <= 300 and isinstance(r, Reading)]
        return float(max(moments)) if moments else None

    def reading(self, key: SloKey, start: float, end: float) -> WindowReading:
        """Counts within [start, end) from the buckets alone."""
        entry = self._entries.get(key)
        if entry is None:
            return Missing("no data")
        whole = end - start
        bad = total = known = 0.0
        edge = entry.edges.get(round(start)) if abs(start - round(start)) < 1e-3 else None
        if edge is not None and edge[0] <= end:
            bad, total, known, start = edge[1], edge[2], edge[0] - start, float(edge[0])
        for low, high, count, events in entry.bits:
            if low < high and start <= low + _SAME and high - _SAME <= end and min(low - start, end - high) < _SAME:
                bad, total, known = bad + count, total + events, known + high - low
                start, end = (high, end) if low - start < _SAME else (start, low)
        for low, high, width in _pieces(entry, start, end):
            piece = _best(entry, low, high, width, whole)
            bad, total, known = bad + piece[0], total + piece[1], known + piece[2]
        if known <= 0:
            return Missing("no data")
        return Reading(max(0.0, bad), max(0.0, total), min(known, whole))

    def window(self, key: SloKey, seconds: float, end: float, fresh: float) -> WindowReading:
        """The last `seconds` before `end`, from buckets where they cover it, else from the server's newest answer.

        An answer counts as long as it is not older than `fresh` seconds. A window longer than every answer is the
        longest answer plus the buckets before it.
        """
        folded = self.reading(key, end - seconds, end)
        entry = self._entries.get(key)
        if entry is None or not entry.instants:
            return folded
        covered = folded.known if isinstance(folded, Reading) else 0.0
        near_at = entry.instants.get(REACH[MINUTE], (0.0, folded))[0]
        exact = entry.coarse or (entry.bits and abs(near_at - end) < _SAME)  # answers to the moment, not to the minute
        if covered >= seconds - min(MINUTE, seconds / 5) and not exact:
            return folded
        found = entry.instants.get(round(seconds))
        if found and end - found[0] <= fresh:
            own = _with_presence(entry, found[1], found[0] - seconds, found[0])
            return own if isinstance(own, Reading) or covered <= 0 else folded
        base = max((w for w, (at, _) in entry.instants.items() if w < seconds and end - at <= fresh), default=0)
        if not base:
            return folded
        at, near = entry.instants[base]
        near = _with_presence(entry, near, at - base, at)
        if isinstance(near, Missing):
            return folded
        far = self.reading(key, at - seconds, at - base)
        if isinstance(far, Reading):
            near = Reading(near.bad + far.bad, near.total + far.total, min(seconds, near.known + far.known))
        # The hour in which a series began counts as known in the buckets and in part in the answer.
        return near if near.known >= covered - HOUR else folded

    def trend(self, key: SloKey, end: float, seconds: int, width: int, budget: float) -> Trend | None:
        """Burn in buckets of `width` seconds (a multiple of 60) over the last `seconds`; None: nothing is held.

        An SLO without minutes has five-minute buckets at the least.
        """
        entry = self._entries.get(key)
        if entry is None:
            return None
        width = max(width, FIVE) if entry.coarse else width
        last = int(end // width) * width
        count = max(1, seconds // width)
        start = last - count * width
        best: list[float | None] = [None] * count
        for ring_width in sorted(WIDTHS, reverse=True):
            if width % ring_width:
                continue
            bad, total, seen = entry.rings[ring_width].columns(start, count, width // ring_width)
            for index, events in enumerate(total):
                if best[index] is None and seen[index] and events > 0:
                    best[index] = max(0.0, bad[index]) / events / budget
        return Trend(start, width, Burns(best))

    def counts(self, key: SloKey, end: float, seconds: int, width: int) -> Counts | None:
        """Counts in buckets as those of `trend`; None: nothing is held."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        width = max(width, FIVE) if entry.coarse else width
        count = max(1, seconds // width)
        start = (int(end // width) - count) * width
        bads = [0.0] * count
        totals: list[float | None] = [None] * count
        for ring_width in sorted(WIDTHS, reverse=True):
            if width % ring_width:
                continue
            bad, total, seen = entry.rings[ring_width].columns(start, count, width // ring_width)
            for index, known in enumerate(seen):
                if known and totals[index] is None:
                    bads[index], totals[index] = max(0.0, bad[index]), max(0.0, total[index])
        return Counts(start, width, bads, totals)


def _with_presence(entry: Entry, reading: WindowReading, start: float, end: float) -> WindowReading:
    """A server's answer with the part of its window that has data at all, as far as the buckets tell that."""
    if isinstance(reading, Missing) or not entry.filled:
        return reading
    recent = max(start, end - REACH[MINUTE])
    last = end // FIVE * FIVE
    present = (
        entry.rings[HOUR].sums(start, recent)[2] + entry.rings[FIVE].sums(recent, last)[2] + end - max(last, start)
    )
    return Reading(reading.bad, reading.total, min(reading.known, max(1.0, present)))


def _pieces(entry: Entry, start: float, end: float) -> Iterator[tuple[float, float, int]]:
    """Cut [start, end) into (low, high, width of the buckets to prefer)."""
    finest = FIVE if entry.coarse else MINUTE
    left = {width: -(-start // width) * width for width in (FIVE, HOUR)}
    right = {width: end // width * width for width in (FIVE, HOUR)}
    if left[FIVE] >= right[FIVE]:
        yield start, end, finest
        return
    if start < left[FIVE]:
        yield start, left[FIVE], finest
    if end - start > 6 * HOUR and left[HOUR] < right[HOUR]:
        if left[FIVE] < left[HOUR]:
            yield left[FIVE], left[HOUR], FIVE
        yield left[HOUR], right[HOUR], HOUR
        if right[HOUR] < right[FIVE]:
            yield right[HOUR], right[FIVE], FIVE
    else:
        yield left[FIVE], right[FIVE], FIVE
    if right[FIVE] < end:
        yield right[FIVE], end, finest


def _best(entry: Entry, low: float, high: float, width: int, whole: float) -> tuple[float, float, float]:
    """The piece from the preferred ring when that covers it, else hour by hour from the ring that covers most of that.

    Hour by hour, because a coarse bucket counts as known when a part of it is: over a longer piece the coarse ring
    would seem to know more of a young series, and its newest hour, which has not closed yet, would be lost.
    """
    found = entry.rings[width].sums(low, high)
    if found[2] >= high - low - 1e-6:
        return found
    if width == HOUR:
        return _fullest(entry, low, high, width, whole)
    bad = total = known = 0.0
    while low < high:
        end = min(high, (low // HOUR + 1) * HOUR)
        piece = _fullest(entry, low, end, width, whole)
        bad, total, known, low = bad + piece[0], total + piece[1], known + piece[2], end
    return bad, total, known


def _fullest(entry: Entry, low: float, high: float, width: int, whole: float) -> tuple[float, float, float]:
    """A piece from the preferred ring, or from another that covers more of it.

    Buckets longer than a sixth of the `whole` window are not asked: a burst anywhere in an hour must not be smeared
    over a window of half an hour and page.
    """
    found = entry.rings[width].sums(low, high)
    need = high - low - 1e-6
    if found[2] >= need:
        return found
    for other in sorted((w for w in WIDTHS if w != width and 6 * w <= whole), key=lambda w: w > width):
        candidate = entry.rings[other].sums(low, high)
        if candidate[2] > found[2] + 1e-6:
            found = candidate
            if found[2] >= need:
                break
    return found
