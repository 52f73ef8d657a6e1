"""Where long windows begin and join the server's own answer between two buckets: the pieces of time to ask for.

A window that no buckets cover to its end is the answer over its last hours plus buckets. Both where those meet and
where it begins a bucket would count in proportion, and a burst inside that bucket would be smeared over the edge.
"""

from __future__ import annotations

from collections.abc import Iterable

from sreconsole.ledger.book import FIVE, HOUR, REACH


def joints(at: float, base: float, windows: Iterable[float]) -> list[tuple[float, float]]:
    """Pieces (start, end) between buckets for windows that end at `at` (Unix seconds); `base`: seconds of the longest
    answer, on which those longer than it build."""
    longer = sorted({window for window in windows if window > base})
    if not longer:
        return []
    join = at - base
    found = [(join // FIVE * FIVE, join)]
    for window in longer:
        start = at - window
        width = FIVE if window <= REACH[FIVE] else HOUR
        found.append((start, -(-start // width) * width))
    return [(start, end) for start, end in found if end - start >= 1]
