"""A file of JSON lines that others append to, followed like `tail -F`: logs of toil, lists of deploys.

Only what was added is read. The file stays open, so that what was written before it was renamed away is read as well;
one that was replaced, cut or written anew is read from its beginning. A line that is still being written waits for its
end. Lines that are none of what they should be are counted and said, never fatal.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sreconsole.domain.cleaning import clean
from sreconsole.errors import BadAnswer, SourceError, Unreachable

LONGEST = 64 << 10
"""Bytes of a line; longer ones are none of ours."""
_CHUNK = 256 << 10
_SEEN = 64
"""Bytes before our place that must be as they were: a file that was cut and grew again is another one."""
_BOM = b"\xef\xbb\xbf"
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding a line may raise; a line may be nested thousands deep."""
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class JsonLines:
    """One file and how far it was read. Everything here blocks: call it in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.there = False
        """Whether there was a file when it was last read."""
        self.generation = 0
        """Raised whenever another file is at the path, or it was cut: what is read then stands in it from line 1."""
        self.bad_lines = 0
        self.first_bad = ""
        """Number and mistake of the first bad line of this generation."""
        self._number: int | None = None
        self._place: tuple[int, int] | None = None
        self._offset = 0
        self._line = 0
        self._before = b""
        self._skipping = False

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of every line that came since the last call, without its end; empty ones are left out.

        No file is no failure: nothing is read then. Raises Unreachable where it cannot be read, BadAnswer where it is
        no file.
        """
        try:
            if self._number is not None:
                yield from self._rest(self._number)
            if self._moved():
                self.close()
                self._open()
                if self._number is not None:
                    yield from self._rest(self._number)
        except OSError as error:
            self.close()
            raise self._failed(error) from None

    def bad(self, number: int, what: str) -> None:
        """Count a line that is not what it should be; `what` is cleaned here."""
        self.bad_lines += 1
        self.first_bad = self.first_bad or f"line {number}: {clean(what, 120)}"

    def note(self) -> str | None:
        """A sentence about bad lines, or None."""
        if not self.bad_lines:
            return None
        count = "1 bad line" if self.bad_lines == 1 else f"{self.bad_lines} bad lines"
        return f"{count} in {clean(str(self.path), 100)}, the first: {self.first_bad}"

    def close(self) -> None:
        """Close the file; the next `read` opens it and goes on where it was."""
        number, self._number = self._number, None
        if number is not None:
            os.close(number)

    def _failed(self, error: OSError) -> SourceError:
        why = error.strerror or type(error).__name__
        return Unreachable(f"{clean(str(self.path), 200)} cannot be read: {why}")

    def _moved(self) -> bool:
        """Whether the file at the path is not the one that is open."""
        try:
            state = os.stat(self.path)
        except FileNotFoundError:
            self.there = False
            return False  # between the two steps of a rotation: what is open may still be written to
        self.there = True
        return self._number is None or (state.st_dev, state.st_ino) != self._place

    def _open(self) -> None:
        number = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            os.close(number)
            raise BadAnswer(f"{clean(str(self.path), 200)} is not a file")
        place = (state.st_dev, state.st_ino)
        if self._place is not None and place != self._place:
            self._begin_anew()
        self._number, self._place = number, place

    def _begin_anew(self) -> None:
        self.generation += 1
        self._offset, self._line, self._before, self._skipping = 0, 0, b"", False
        self.bad_lines, self.first_bad = 0, ""

    def _rest(self, number: int) -> Iterator[tuple[int, bytes]]:
        """The lines behind our place in the open file."""
        if not self._as_it_was(number):
            self._begin_anew()
        while chunk := os.pread(number, _CHUNK, self._offset):
            end = chunk.rfind(b"\n") + 1
            if self._skipping:
                end = chunk.find(b"\n") + 1
                self._skipping = not end
                self._advance(chunk[: end or len(chunk)])
            elif end:
                self._advance(chunk[:end])
                yield from self._lines(chunk[:end])
            elif len(chunk) > LONGEST:
                self._line += 1
                self.bad(self._line, f"it is longer than {LONGEST >> 10} kB")
                self._skipping = True
                self._advance(chunk)
            elif _whole(chunk):  # nobody ended the last line
                self._advance(chunk)
                yield from self._lines(chunk + b"\n")
            else:
                return

    def _as_it_was(self, number: int) -> bool:
        return os.pread(number, len(self._before), self._offset - len(self._before)) == self._before

    def _advance(self, read: bytes) -> None:
        self._offset += len(read)
        self._before = (self._before + read[-_SEEN:])[-_SEEN:]

    def _lines(self, text: bytes) -> Iterator[tuple[int, bytes]]:
        for line in text.split(b"\n")[:-1]:
            self._line += 1
            if self._line == 1:
                line = line.removeprefix(_BOM)
            if len(line) > LONGEST:
                self.bad(self._line, f"it is longer than {LONGEST >> 10} kB")
            elif line.strip():
                yield self._line, line


def _whole(text: bytes) -> bool:
    """Whether a line without an end is a whole object all the same."""
    try:
        _object(text.removeprefix(_BOM))
    except UNREADABLE:
        return False
    return True
