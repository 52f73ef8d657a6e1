"""The time around status changes of which fine buckets are kept: a day before each to a day after it."""

from __future__ import annotations

from collections.abc import Iterable

DAY = 86_400
STEP = 7200
"""Seconds at whose multiples the spans begin and end, so that they hold whole chunks of buckets."""

Spans = tuple[tuple[int, int], ...]
"""Start and end (Unix seconds) of pieces of time that do not touch, the oldest first."""


def vicinity(moments: Iterable[float]) -> Spans:
    """The time from a day before to a day after each of these moments (Unix seconds), outwards to whole steps.

    Spans that meet are one, so that however often a status changes no bucket is kept twice.
    """
    found: list[tuple[int, int]] = []
    for moment in sorted(moments):
        start, end = int((moment - DAY) // STEP) * STEP, -int(-(moment + DAY) // STEP) * STEP
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)
