"""Rows out of a damaged SQLite file, page by page, without following its trees.

A row that was found proves nothing: whoever takes it checks its checksum. So pages are read generously: by their cell
pointers, and once more for whatever looks like the beginning of a row of ours. Source of the format:
sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sreconsole.ledger.wal import frames

Value = int | float | str | bytes | None
_LEAF_INDEX, _INNER_INDEX, _LEAF_TABLE = 10, 2, 13
# A record begins with the length of its header and the types of its columns: a hash of 16 bytes (44) stands first in
# every row of ours, after the empty place of a row number (0) where there is one, or after the start (4 to 8 bytes) and
# the width (1 or 2) of fine buckets.
_BEGINNING = re.compile(rb"[\x05-\x14](?:\x00?|[\x04-\x06][\x01\x02])\x2c", re.DOTALL)
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Found(NamedTuple):
    """Something that may be a row."""

    values: tuple[Value, ...]
    live: bool
    """Found where the newest version of a row stands; not so: it may be an older version, or one that was deleted."""


class Pages:
    """The pages of a file with those of its log in their places."""

    def __init__(self, read: Callable[[int, int], bytes], length: int, size: int, log: bytes) -> None:
        """`read(offset, count)`: bytes of the file of this `length`; `size`: bytes of a page; `log`: the WAL."""
        self.size = size
        self.count = -(-length // size)
        self._read = read
        found = frames(log, size)
        self.newer = {frame.page: frame.data for frame in found if frame.sound}
        self.damaged = [frame.data for frame in found if not frame.sound]
        bad = [index for index, frame in enumerate(found) if not frame.sound]
        # After the last damaged frame every page is known to be the newest; before it, any may have been written again.
        self._doubt = bad[-1] if bad else -1
        self._older = [frame.data for frame in found if frame.sound and frame.data is not self.newer[frame.page]]
        self._last = {frame.page: index for index, frame in enumerate(found) if frame.sound}

    def older(self) -> Iterator[bytes]:
        """Pages as they were before they were written again, when some of what was written is damaged: a row may since
        have moved from there to the page that is."""
        if self.damaged:
            yield from self._older
            for number in self.newer:
                yield self._read((number - 1) * self.size, self.size)

    def page(self, number: int) -> bytes:
        """A page (from 1 on) as it was committed last; short or empty where there is none."""
        newer = self.newer.get(number)
        return newer if newer is not None else self._read((number - 1) * self.size, self.size)

    def sure(self, number: int) -> bool:
        """Whether no newer version of a page can have been lost."""
        return self._last.get(number, -1) >= self._doubt

    def free(self) -> set[int]:
        """Pages that are in no tree any more, as far as the list of them can be read and is the newest."""
        free: set[int] = set()
        trunk = int.from_bytes(self.page(1)[32:36], "big") if self.sure(1) else 0
        while trunk > 1 and trunk not in free and self.sure(trunk):
            page = self.page(trunk)
            free.add(trunk)
            if len(page) < self.size:
                break
            count = min(int.from_bytes(page[4:8], "big"), self.size // 4 - 2)
            free.update(struct.unpack_from(f">{count}I", page, 8))
            trunk = int.from_bytes(page[:4], "big")
        return free


def salvage(pages: Pages) -> Iterator[Found]:
    """Everything that may be a row, in no order, some of it twice."""
    free = pages.free()
    for number in range(1, max(pages.count, *pages.newer, 1) + 1):
        if number not in free:
            yield from _rows(pages, pages.page(number), 100 if number == 1 else 0, pages.sure(number))
    for page in (*pages.damaged, *pages.older()):
        yield from _rows(pages, page, 0, False)


def _rows(pages: Pages, page: bytes, head: int, sure: bool) -> Iterator[Found]:
    seen: set[int] = set()
    for begin, payload in _cells(pages, page, head):
        values = decode(payload, 0)
        if values is not None:
            seen.add(begin)
            yield Found(values, sure)
    for match in _BEGINNING.finditer(page):
        if match.start() not in seen:
            values = decode(page, match.start())
            if values is not None:
                yield Found(values, False)


def _cells(pages: Pages, page: bytes, head: int) -> Iterator[tuple[int, bytes]]:
    """Where the payload of each cell of a leaf (or inner page of an index) begins, and the payload."""
    if len(page) < pages.size or page[head] not in (_LEAF_INDEX, _INNER_INDEX, _LEAF_TABLE):
        return
    kind = page[head]
    inner = kind == _INNER_INDEX
    array = head + (12 if inner else 8)
    count = min(int.from_bytes(page[head + 3 : head + 5], "big"), (pages.size - array) // 2)
    for at in struct.unpack_from(f">{count}H", page, array):
        length, begin = _varint(page, at + (4 if inner else 0))
        if kind == _LEAF_TABLE:
            _, begin = _varint(page, begin)
        if begin < len(page):
            yield begin, _payload(pages, page, begin, length, kind == _LEAF_TABLE)


def _payload(pages: Pages, page: bytes, begin: int, length: int, table: bool) -> bytes:
    """The payload of a cell, with what of it stands on other pages."""
    usable = pages.size
    most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return page[begin : begin + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts = [page[begin : begin + local]]
    following, left = int.from_bytes(page[begin + local : begin + local + 4], "big"), length - local
    visited: set[int] = set()
    while left > 0 and following and following not in visited:
        visited.add(following)
        more = pages.page(following)
        if len(more) < usable:
            break
        parts.append(more[4 : 4 + min(left, usable - 4)])
        following, left = int.from_bytes(more[:4], "big"), left - (usable - 4)
    return b"".join(parts)


def decode(data: bytes, start: int) -> tuple[Value, ...] | None:
    """The values of the record that begins at `start`; None when there is none."""
    length, at = _varint(data, start)
    begin = head = start + length
    if not 2 <= length <= 40 or begin > len(data):
        return None
    values: list[Value] = []
    while at < head:
        kind, at = _varint(data, at)
        size = _size(kind)
        if begin + size > len(data):
            return None
        values.append(_value(kind, data[begin : begin + size]))
        begin += size
    return tuple(values) if at == head else None


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return 8 if kind == 7 else _INTEGERS.get(kind, 0)


def _value(kind: int, data: bytes) -> Value:
    if kind >= 12:
        return data if kind % 2 == 0 else data.decode("utf-8", "replace")
    if kind in _INTEGERS:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    return {8: 0, 9: 1}.get(kind)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes and where it ends; beyond the data: 0."""
    value = 0
    for index in range(at, min(at + 8, len(data))):
        value = value << 7 | data[index] & 0x7F
        if data[index] < 0x80:
            return value, index + 1
    if at + 8 < len(data):
        return value << 8 | data[at + 8], at + 9
    return 0, len(data)
