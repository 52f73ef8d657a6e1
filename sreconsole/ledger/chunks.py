"""How the cache packs buckets: chunks of consecutive ones, bad and total side by side as doubles.

A chunk is what is written and checked as one. The total says what is known of a bucket: NaN: never asked for, -1:
asked for and empty, anything else: a final value.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

SPAN = {60: 15, 300: 24, 3600: 48}
"""Buckets in a chunk, by width in seconds. A refresh writes one chunk of every SLO, a start reads all of them."""
EMPTY = -1.0
"""The total of a bucket that the server was asked for and has nothing for."""
_NAN = float("nan")
_INF = float("inf")
_TYPES = [int, int, bytes, bytes, float, int]


class Held(NamedTuple):
    """Consecutive buckets of one cached series."""

    identity: bytes
    width: int
    """Seconds of a bucket."""
    start: int
    """Unix seconds, a multiple of the width."""
    bad: array[float]
    total: array[float]
    """NaN: never asked for, EMPTY: asked for and empty, else a final value."""
    asked: float
    """Server time at which the empty buckets among them were last asked for; 0: not known."""


class Chunk(NamedTuple):
    """One row of the file: `SPAN[width]` buckets from `start` on."""

    width: int
    start: int
    identity: bytes
    blob: bytes
    asked: float
    checksum: int


def checksum(width: int, start: int, identity: bytes, blob: bytes, asked: float) -> int:
    """Over everything a row says."""
    return crc32(blob, crc32(b"%b %d %d %r" % (identity, width, start, asked)))


def sound(row: Chunk) -> bool:
    """Whether a row is what was written; it may hold anything."""
    return (
        [type(value) for value in row] == _TYPES
        and row.width in SPAN
        and len(row.blob) == 16 * SPAN[row.width]
        and row.checksum == checksum(*row[:5])
    )


def pack(width: int, start: int, identity: bytes, values: array[float], asked: float) -> Chunk:
    """The row of a chunk; `values` are its bads, then its totals."""
    blob = values.tobytes()
    return Chunk(width, start, identity, blob, asked, checksum(width, start, identity, blob, asked))


def split(held: Held) -> Iterator[tuple[int, int, int, int]]:
    """The chunks it touches: start of the chunk, first bucket within it, and the part [low, high) of the held ones."""
    span = SPAN[held.width]
    first, count = held.start // held.width, len(held.total)
    low = 0
    while low < count:
        number = (first + low) // span
        offset = first + low - number * span
        high = min(count, low + span - offset)
        yield number * span * held.width, offset, low, high
        low = high


def merge(old: Chunk | None, offset: int, held: Held, low: int, high: int) -> tuple[array[float], float]:
    """What a chunk holds after [low, high) of the held buckets came into it from `offset` on, and its `asked`.

    A value replaces what was there; empty replaces only what was never asked for; never asked replaces nothing.
    """
    span = SPAN[held.width]
    bads, totals = held.bad[low:high], held.total[low:high]
    if old is None:
        values = array("d", [_NAN]) * (2 * span)
    else:
        values = array("d")
        values.frombytes(old.blob)
    if _final(bads, totals):
        values[offset : offset + high - low] = bads
        values[span + offset : span + offset + high - low] = totals
    else:
        for index, (bad, total) in enumerate(zip(bads, totals, strict=True), offset):
            before = values[span + index]
            if (total == EMPTY and before != before) or (0 <= total < _INF and 0 <= bad < _INF):
                values[index], values[span + index] = (0.0 if total == EMPTY else bad), total
    return values, _asked(old, values, offset, high - low, float(held.asked))


def _final(bads: array[float], totals: array[float]) -> bool:
    """Whether all are final values: found at the speed of C, as a cold start brings millions."""
    return sum(bads) + sum(totals) < _INF and min(bads) >= 0 and min(totals) >= 0


def _asked(old: Chunk | None, values: array[float], offset: int, count: int, asked: float) -> float:
    """The oldest time at which an empty bucket of the chunk was asked for."""
    span = len(values) // 2
    if EMPTY not in values[span:]:
        return 0.0
    before = old.asked if old is not None else 0.0
    others = values[span : span + offset] + values[span + offset + count :]
    return min(before, asked) if before and EMPTY in others else max(before, asked)


def join(runs: list[Held], row: Chunk, since: int) -> None:
    """Add a row to the runs of consecutive buckets of its series and width; rows come in the order of their start.

    Row by row, so that no more than one is held beside the runs. Chunks whose empty buckets were asked for at different
    times stay apart.
    """
    span = SPAN[row.width]
    values = array("d")
    values.frombytes(row.blob)
    bad, total = values[:span], values[span:]
    last = runs[-1] if runs else None
    end = last.start + len(last.total) * last.width if last is not None else None
    if last is not None and end == row.start and (last.asked == row.asked or not last.asked or not row.asked):
        last.bad.extend(bad)
        last.total.extend(total)
        if not last.asked and row.asked:
            runs[-1] = last._replace(asked=row.asked)
        return
    skip = max(0, -(-(since - row.start) // row.width))
    if skip < span:
        runs.append(Held(row.identity, row.width, row.start + skip * row.width, bad[skip:], total[skip:], row.asked))
