"""The gate of a file: one at a time opens it, writes to it, or repairs and replaces it.

SQLite's own locks cannot serve for that: they are on the very file that is damaged and goes away. The gate is a file
of its own beside it. It also remembers that there was a whole file, and whether a writer died in the middle of a
transaction: what such a one leaves in the log looks like damage, and is none.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sreconsole.ledger.layout import StoreFailed

PATIENCE = 10.0
"""Seconds to wait; a repair of a large file takes some."""
_PAUSE = 0.002
_BUSY, _TORN = 16, 24
_SALTS = 8
_WITHOUT = (errno.ENOTSUP, errno.ENOLCK, errno.EINVAL, errno.ENOSYS)


class Shut(OSError):
    """Somebody else holds it for too long."""


class Gate:
    """One holder's view of it: a Store has one of its own."""

    def __init__(self, path: Path) -> None:
        """`path`: of the file it guards. Raises OSError where nothing can be written."""
        self._number = os.open(
            path.with_name(path.name + "-lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )

    def close(self) -> None:
        """Let go of it."""
        os.close(self._number)

    @property
    def version(self) -> int | None:
        """The version of the file's layout; None: there never was a whole file."""
        text = os.pread(self._number, _BUSY, 0).strip(b"\n\0")
        return int(text) if text.isdigit() else None

    def remember(self, version: int) -> None:
        """Say that there is a whole file of this version."""
        if self.version != version:
            os.pwrite(self._number, b"%d\n" % version, 0)

    def excuses(self, log: bytes) -> bool:
        """Whether a log may end in what a dying writer left: the log itself then does not tell what was committed."""
        torn = os.pread(self._number, _SALTS, _TORN)
        return self._busy() or (len(torn) == _SALTS and torn == log[16:24])

    @contextmanager
    def writing(self, log: Path) -> Iterator[None]:
        """Hold it for a transaction; `log`: where the WAL is."""
        with self.alone():
            if self._busy():  # the last writer did not come to its end
                os.pwrite(self._number, _salts(log), _TORN)
            os.pwrite(self._number, b"1", _BUSY)
            try:
                yield
            except StoreFailed:
                os.pwrite(self._number, b"0", _BUSY)  # given up on purpose, before anything came into the log
                raise
            os.pwrite(self._number, b"0", _BUSY)

    def _busy(self) -> bool:
        return os.pread(self._number, 1, _BUSY) == b"1"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it. Raises Shut."""
        for _ in range(int(PATIENCE / _PAUSE)):
            try:
                fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_PAUSE)
            except OSError as error:
                if error.errno not in _WITHOUT:
                    raise
                break  # a file system without such locks: SQLite's own must do
        else:
            raise Shut(errno.EAGAIN, "another console is busy with it")
        try:
            yield
        finally:
            fcntl.flock(self._number, fcntl.LOCK_UN)


def _salts(log: Path) -> bytes:
    """What tells a log from its earlier generations."""
    try:
        with log.open("rb") as file:
            return file.read(24)[16:].ljust(_SALTS, b"\0")
    except FileNotFoundError:
        return bytes(_SALTS)
