"""Bad and total events in consecutive buckets: what the arithmetic of the service view starts from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one SLO, a bucket after the other."""

    start: int
    """Unix seconds of the first bucket's start; a multiple of `width`."""
    width: int
    """Seconds of one bucket."""
    bad: Sequence[float]
    total: Sequence[float | None]
    """None: not known; its `bad` means nothing then."""

    @property
    def end(self) -> int:
        """Unix seconds of the last bucket's end."""
        return self.start + self.width * len(self.total)

    def known(self) -> Iterator[tuple[float, float, float, float]]:
        """Start, end, bad and total of every bucket that is known."""
        for place, (bad, total) in enumerate(zip(self.bad, self.total, strict=True)):
            if total is not None:
                start = self.start + place * self.width
                yield start, start + self.width, bad, total


class Past:
    """Running totals of buckets that join without overlap, wide ones before narrow ones. Between two edges events are
    taken to have come evenly; where nothing is known none came."""

    __slots__ = ("_bad", "_known", "_total", "edges")

    def __init__(self, spans: Iterable[tuple[float, float, float, float]]) -> None:
        """`spans`: start, end, bad and total, oldest first."""
        edges: list[float] = []
        bads: list[float] = []
        totals: list[float] = []
        lengths: list[float] = []
        for start, end, bad, total in spans:
            if edges and start < edges[-1]:
                continue
            if not edges or start > edges[-1]:
                edges.append(start)
                bads.append(0.0)
                totals.append(0.0)
                lengths.append(0.0)
            edges.append(end)
            bads.append(bad)
            totals.append(total)
            lengths.append(end - start)
        self.edges = edges
        """Where a bucket begins or ends, in order."""
        self._bad = list(accumulate(bads))
        self._total = list(accumulate(totals))
        self._known = list(accumulate(lengths))

    @classmethod
    def of(cls, *levels: Counts | None) -> Past:
        """Of several widths, wide ones first: each bucket by the narrower ones where they know all of it."""
        spans: list[tuple[float, float, float, float]] = []
        for level in levels:
            if level is not None:
                spans = _refined(spans, {span[0]: span for span in level.known()}, level.width)
        return cls(spans)

    def before(self, moment: float) -> tuple[float, float, float]:
        """Bad and total events, and seconds that are known, before a moment."""
        edges = self.edges
        place = bisect_right(edges, moment)
        if not place:
            return 0.0, 0.0, 0.0
        bad, total, known = self._bad, self._total, self._known
        low = place - 1
        if place == len(edges):
            return bad[low], total[low], known[low]
        share = (moment - edges[low]) / (edges[place] - edges[low])
        return (
            bad[low] + share * (bad[place] - bad[low]),
            total[low] + share * (total[place] - total[low]),
            known[low] + share * (known[place] - known[low]),
        )

    def from_edge(self, moment: float) -> Iterator[tuple[float, float, float]]:
        """The edges after a moment, each with the bad and total events before it."""
        first = bisect_right(self.edges, moment)
        return zip(self.edges[first:], self._bad[first:], self._total[first:], strict=True)

    def within(self, start: float, end: float) -> tuple[float, float, float]:
        """Bad and total events, and seconds that are known, in [start, end)."""
        (bad, total, known), (bad_before, total_before, known_before) = self.before(end), self.before(start)
        return max(0.0, bad - bad_before), max(0.0, total - total_before), known - known_before


def _refined(
    spans: list[tuple[float, float, float, float]], finer: dict[float, tuple[float, float, float, float]], width: int
) -> list[tuple[float, float, float, float]]:
    out: list[tuple[float, float, float, float]] = []
    for span in spans:
        places = range(int(span[0]), int(span[1]), width)
        inside = [found for place in places if (found := finer.pop(place, None)) is not None]
        out.extend(inside if len(inside) == len(places) else [span])
    out.extend(finer.values())
    return sorted(out)
