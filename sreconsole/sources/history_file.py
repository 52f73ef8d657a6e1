"""The `history` file of a scrape source: buckets to start from, one JSON object a line, followed as it grows.

    {"service": "checkout", "slo": "availability", "start": 1763856000, "width": 3600, "bad": 3, "total": 4100}

`start` is Unix seconds or RFC 3339, a multiple of `width`; `width` 60, 300 or 3600; a null `total` is not known. Lines
that are none of that are counted and said, never fatal. Only whole lines are read; a file that was replaced or cut
is read again from its beginning.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from math import nan
from pathlib import Path
from typing import BinaryIO

import msgspec

from sreconsole.domain.cleaning import clean
from sreconsole.domain.increments import WIDTHS
from sreconsole.domain.slo import SloKey
from sreconsole.errors import BadAnswer, SourceError, Unreachable
from sreconsole.records import dataclass, field
from sreconsole.sources.json_lines import UNREADABLE

_CHUNK = 256 << 10
_LATEST = 253_402_300_800
"""Unix seconds of the year 10000."""


class _Line(msgspec.Struct):
    service: str
    slo: str
    start: int | float | str
    width: int
    bad: float | None
    total: float | None


@dataclass(slots=True)
class Rows:
    """Buckets of one chunk of the file."""

    buckets: dict[tuple[SloKey, int], list[tuple[int, float, float]]] = field(default_factory=dict)
    """By SLO and width: start, bad, total (NaN: not known), in file order."""
    read: int = 0
    """Lines understood, also those of SLOs nobody asked for."""


class HistoryFile:
    """One file and how far it was read."""

    def __init__(self, path: Path, wanted: Callable[[SloKey], bool]) -> None:
        """`wanted` says which SLOs are known; lines of others are skipped."""
        self.path = path
        self.bad_lines = 0
        self.first_bad = ""
        """Number and mistake of the first bad line since the file was opened."""
        self._wanted = wanted
        self._decoder = msgspec.json.Decoder(_Line)
        self._place: tuple[int, int] | None = None
        self._offset = 0
        self._lines = 0
        self._skipping = False

    def read(self) -> Iterator[Rows]:
        """What was added since the last call, in chunks of a few milliseconds' work.

        Raises Unreachable when the file is missing or cannot be read, BadAnswer when it is no file.
        """
        try:
            number = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise self._failed(error) from None
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            os.close(number)
            raise BadAnswer(f"the history {clean(str(self.path), 200)} is not a file")
        with open(number, "rb") as file:
            self._find_place((state.st_dev, state.st_ino), state.st_size)
            try:
                while (rows := self._next(file)) is not None:
                    yield rows
            except OSError as error:
                raise self._failed(error) from None

    def note(self) -> str | None:
        """A sentence about bad lines, or None."""
        if not self.bad_lines:
            return None
        count = "1 bad line" if self.bad_lines == 1 else f"{self.bad_lines} bad lines"
        return f"{count} in the history {clean(str(self.path), 100)}, the first: {self.first_bad}"

    def _failed(self, error: OSError) -> SourceError:
        why = error.strerror or type(error).__name__
        return Unreachable(f"the history {clean(str(self.path), 200)} cannot be read: {why}")

    def _find_place(self, place: tuple[int, int], size: int) -> None:
        if place != self._place or size < self._offset:
            self._place, self._offset, self._lines, self._skipping = place, 0, 0, False
            self.bad_lines, self.first_bad = 0, ""

    def _next(self, file: BinaryIO) -> Rows | None:
        """The rows of the next chunk of whole lines; None: nothing more for now."""
        file.seek(self._offset)
        chunk = file.read(_CHUNK)
        if self._skipping:
            return self._skip(chunk)
        end = chunk.rfind(b"\n") + 1
        if end:
            self._offset += end
            return self._rows(chunk[:end])
        if len(chunk) < _CHUNK:
            return None  # the last line is still being written
        self._skipping = True
        self._lines += 1
        self._bad(self._lines, "it is far too long")
        return self._skip(chunk)

    def _skip(self, chunk: bytes) -> Rows | None:
        """Leave out the rest of a line that is too long to be one of ours."""
        end = chunk.find(b"\n") + 1
        self._skipping = not end
        self._offset += end or len(chunk)
        return Rows() if chunk else None

    def _rows(self, lines: bytes) -> Rows:
        rows = Rows()
        try:
            decoded = self._decoder.decode_lines(lines)
        except UNREADABLE:
            self._one_by_one(lines, rows)
            return rows
        count = lines.count(b"\n")
        if len(decoded) != count:  # empty lines between: count them for the numbers of bad ones
            self._one_by_one(lines, rows)
            return rows
        for number, line in enumerate(decoded, self._lines + 1):
            self._keep(line, number, rows)
        self._lines += count
        return rows

    def _one_by_one(self, lines: bytes, rows: Rows) -> None:
        for text in lines.split(b"\n")[:-1]:
            self._lines += 1
            if not text.strip():
                continue
            try:
                line = self._decoder.decode(text)
            except UNREADABLE as error:
                self._bad(self._lines, str(error))
                continue
            self._keep(line, self._lines, rows)

    def _keep(self, line: _Line, number: int, rows: Rows) -> None:
        width, start, bad, total = line.width, line.start, line.bad, line.total
        if not isinstance(start, int):
            start = _seconds(start)
        if width not in WIDTHS:
            self._bad(number, f"width {width} is none of 60, 300, 3600")
        elif start < 0 or start % width or start > _LATEST:
            self._bad(number, f"start is no time that is a multiple of {width} seconds")
        elif total is not None and (bad is None or not 0 <= bad <= total):
            self._bad(number, "bad must lie between 0 and total")
        else:
            rows.read += 1
            key = SloKey(line.service, line.slo)
            place = rows.buckets.get((key, width))
            if place is None:
                if not self._wanted(key):
                    return
                place = rows.buckets[key, width] = []
            place.append((start, 0.0, nan) if total is None else (start, bad or 0.0, total))

    def _bad(self, number: int, what: str) -> None:
        self.bad_lines += 1
        self.first_bad = self.first_bad or f"line {number}: {clean(what, 120)}"


def _seconds(start: float | str) -> int:
    """Whole Unix seconds of a time; -1 when it is none."""
    if isinstance(start, str):
        try:
            moment = datetime.fromisoformat(start)
        except ValueError:
            return -1
        if moment.tzinfo is None:
            return -1
        start = moment.timestamp()
    return int(start) if abs(start) < _LATEST and start == int(start) else -1
