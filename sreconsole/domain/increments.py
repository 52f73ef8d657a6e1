"""Increments of counters between two samples, and spreading them over time buckets.

A counter only ever says how far it has come. What happened between two samples is their difference; a value that
dropped means the process began again from zero, so the increase is the new value (Prometheus' reset rule). When it
happened inside the interval is not known, so it is spread evenly.
"""

from __future__ import annotations

from collections.abc import Iterator

WIDTHS = (60, 300, 3600)
"""Bucket widths in seconds, finest first."""
COARSEST = 3600
JITTER = 1.1
"""Scrapes do not come on the second: two intervals may take a tenth longer before they are a gap."""
LONGEST_GAP = 7 * 86_400.0
"""Seconds after which an old sample is no longer a baseline: spreading its increase would say nothing of any hour."""


def increase(before: float, after: float) -> float:
    """Events counted between two samples of one counter; a dropped value is a reset, and `after` came since then."""
    return after - before if after >= before else after


def is_gap(start: float, end: float, interval: float) -> bool:
    """Whether two samples lie further apart than two scrape intervals, so that short windows between are unknown."""
    return end - start > 2 * interval * JITTER


def spread(start: float, end: float, width: int) -> Iterator[tuple[int, float]]:
    """The buckets of `width` seconds that [start, end) touches: bucket start and seconds inside, oldest first.

    No time at all (or a clock that went back) is the one bucket of `end`, with 0 seconds.
    """
    bucket = int(start // width) * width
    if not end > start:
        yield int(end // width) * width, 0.0
        return
    while bucket < end:
        after = bucket + width
        inside = (end if end < after else after) - (start if start > bucket else bucket)
        if inside > 0:
            yield bucket, inside
        bucket = after
