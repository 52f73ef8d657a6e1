"""Fine buckets that are kept for long: an hour of minutes or two hours of five minutes in a row, compressed.

The total says what is known of a bucket, as in the cache (`ledger.chunks`): NaN: not known, -1: asked for and empty,
anything else: a final value.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sreconsole.domain.vicinity import Spans
from sreconsole.ledger.chunks import EMPTY, Held

SPAN = {60: 60, 300: 24}
"""Buckets in a row, by width in seconds."""
_NAN = float("nan")
_INF = float("inf")
_HEAD = struct.Struct("<qq16sd")


class Fine(NamedTuple):
    """Final buckets of one series."""

    identity: bytes
    """Sixteen bytes for what is measured (`domain.identity.measure`, `scrape_identity`): no version of a query and no
    interval is in it, as in a month nobody can ask for it anew."""
    interval: float
    """Seconds between its samples; 0: not known, or of several kinds."""
    helds: Sequence[Held]


class Part(NamedTuple):
    """What there is for one row."""

    start: int
    width: int
    identity: bytes
    interval: float
    bad: array[float]
    total: array[float]


class Chunk(NamedTuple):
    """One row of the file."""

    start: int
    """Unix seconds, a multiple of the seconds of all its buckets."""
    width: int
    identity: bytes
    interval: float
    blob: bytes
    """Its bads, then its totals, as doubles, compressed."""
    checksum: int


def checksum(start: object, width: object, identity: object, interval: object, blob: object) -> int:
    """Over everything a row says; -1: it holds what no row can."""
    if type(identity) is not bytes or type(blob) is not bytes or len(identity) != 16:
        return -1
    try:
        return zlib.crc32(blob, zlib.crc32(_HEAD.pack(start, width, identity, interval)))
    except struct.error:
        return -1


def cut(fine: Fine, spans: Spans, until: int) -> Iterator[Part]:
    """The buckets within these spans that end by `until`, by row."""
    for held in fine.helds:
        width = held.width
        if width not in SPAN:
            continue
        length = SPAN[width] * width
        end = min(held.start + len(held.total) * width, until)
        start = held.start // length * length
        while start < end:
            low, high = max(start, held.start), min(start + length, end)
            if high > low and any(first <= start and start + length <= last for first, last in spans):
                bad, total = array("d", [_NAN]) * SPAN[width], array("d", [_NAN]) * SPAN[width]
                there = slice((low - start) // width, (high - start) // width)
                here = slice((low - held.start) // width, (high - held.start) // width)
                bad[there], total[there] = held.bad[here], held.total[here]
                if any(value == value for value in total):
                    yield Part(start, width, fine.identity, fine.interval, bad, total)
            start += length


def add(old: Chunk | None, parts: Iterable[Part]) -> Chunk | None:
    """A row with these parts in it, of which there is one at least; None: it would not change.

    A value replaces what was there; empty replaces only what was not known.
    """
    values = None if old is None else unpacked(old)
    before = None if values is None else values[:]
    made: Part | None = None
    for made in parts:
        if values is None:
            values = array("d", [_NAN]) * (2 * len(made.total))
        _merge(values, made)
    if made is None or values is None or (before is not None and before.tobytes() == values.tobytes()):
        return None
    blob = zlib.compress(values.tobytes(), 6)
    row = (made.start, made.width, made.identity, float(made.interval), blob)
    return Chunk(*row, checksum(*row))


def _merge(values: array[float], part: Part) -> None:
    span = len(part.total)
    if sum(part.bad) + sum(part.total) < _INF and min(part.bad) >= 0 and min(part.total) >= 0:
        values[:span], values[span:] = part.bad, part.total  # all are known, as most are; told at the speed of C
        return
    for index, (bad, total) in enumerate(zip(part.bad, part.total, strict=True)):
        before = values[span + index]
        if (total == EMPTY and before != before) or (0 <= total < _INF and 0 <= bad < _INF):
            values[index], values[span + index] = (0.0 if total == EMPTY else bad), total


def unpacked(row: Chunk) -> array[float] | None:
    """The bads and totals of a row; None: it is not what was written."""
    if row.width not in SPAN or row.checksum != checksum(*row[:5]):
        return None
    values = array("d")
    try:
        values.frombytes(zlib.decompressobj().decompress(row.blob, 16 * SPAN[row.width] + 1))
    except (zlib.error, ValueError):
        return None
    return values if len(values) == 2 * SPAN[row.width] else None


def known(row: Chunk) -> int:
    """How many buckets of a row are known; -1: it is not what was written."""
    values = unpacked(row)
    return -1 if values is None else sum(total == total for total in values[len(values) // 2 :])
