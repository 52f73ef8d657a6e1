"""SQLite's write-ahead log, read without SQLite: which pages it holds, and whether they are as they were written.

SQLite itself takes the first frame that does not fit for the end of the log, and says nothing; what was committed
after it would be gone without a word. Source of the format: sqlite.org/fileformat2.html section 4.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import NamedTuple

_HEADER, _FRAME = 32, 24
_BIG = 0x377F0683
_MAGIC = (0x377F0682, _BIG)


class Frame(NamedTuple):
    """One page as a transaction left it."""

    page: int
    commit: bool
    """Whether it ends a transaction."""
    data: bytes
    sound: bool
    """Whether it is what was written; only told by `frames`."""


class Log(NamedTuple):
    """What a look at the frames' headers tells."""

    committed: int
    """Frames up to the last that ends a transaction: as many as SQLite must find. Behind them there may be some of a
    transaction that was not committed, and of earlier generations of the log."""
    broken: bool
    """The log's own header is damaged, or the mark by which a frame is known to be of this generation."""


def survey(data: bytes, size: int) -> Log:
    """Look at a log of pages of `size` bytes; cheap."""
    if len(data) < _HEADER + _FRAME + size:
        return Log(0, False)
    salts = _salts(data, size)
    starts = _starts(data, size)
    mine = [index for index, start in enumerate(starts) if data[start + 8 : start + 16] == salts]
    broken = bool(mine) and not _header_fits(data)
    following = mine[-1] + 1 if mine else 0
    while following < len(starts) and _fits(data, size, following):  # its sum, which leaves the mark out, says it is
        mine.append(following)
        following += 1
        broken = True
    commits = [index for index in mine if data[starts[index] + 4 : starts[index] + 8] != b"\0\0\0\0"]
    return Log(commits[-1] + 1 if commits else 0, broken)


def frames(data: bytes, size: int) -> list[Frame]:
    """Every page that was committed, oldest first, with those between that are damaged."""
    found = []
    for index in range(survey(data, size).committed):
        start = _HEADER + index * (_FRAME + size)
        page, commit = struct.unpack_from(">II", data, start)
        content = data[start + _FRAME : start + _FRAME + size]
        found.append(Frame(page, commit != 0, content, _fits(data, size, index)))
    return found


def _starts(data: bytes, size: int) -> range:
    step = _FRAME + size
    return range(_HEADER, _HEADER + (len(data) - _HEADER) // step * step, step)


def _salts(data: bytes, size: int) -> bytes:
    """What the frames of this generation carry: as the header says, or, where that is damaged, the first frames."""
    if _header_fits(data):
        return data[16:24]
    seen = Counter(data[start + 8 : start + 16] for start in _starts(data, size)[:3])
    return seen.most_common(1)[0][0] if seen else b""


def _header_fits(data: bytes) -> bool:
    magic = int.from_bytes(data[:4], "big")
    return magic in _MAGIC and _sums(data[:24], (0, 0), magic == _BIG) == struct.unpack_from(">II", data, 24)


def _fits(data: bytes, size: int, index: int) -> bool:
    """Whether a frame is what was written after the one before it, taking that one's own word for its sum."""
    start = _HEADER + index * (_FRAME + size)
    before = struct.unpack_from(">II", data, start - size - _FRAME + 16 if index else 24)
    big = int.from_bytes(data[:4], "big") == _BIG
    sums = _sums(data[start : start + 8], before, big)
    sums = _sums(data[start + _FRAME : start + _FRAME + size], sums, big)
    return sums == struct.unpack_from(">II", data, start + 16)


def _sums(data: bytes, sums: tuple[int, int], big: bool) -> tuple[int, int]:
    words = struct.unpack(f"{'>' if big else '<'}{len(data) // 4}I", data)
    low, high = sums
    for first, second in zip(words[::2], words[1::2], strict=True):
        low = (low + first + high) & 0xFFFFFFFF
        high = (high + second + low) & 0xFFFFFFFF
    return low, high
