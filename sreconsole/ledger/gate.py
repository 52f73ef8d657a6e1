"""The gate of a file: who writes holds it shared for the time of a transaction, who opens, repairs or replaces the file
holds it alone.

SQLite's own locks cannot serve for that: they are on the very file that is damaged and goes away. The gate is a file
of its own beside it, which also remembers that there was a whole file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait; a repair of a large file takes some."""
_PAUSE = 0.01
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
        text = os.pread(self._number, 20, 0).strip()
        return int(text) if text.isdigit() else None

    def remember(self, version: int) -> None:
        """Say that there is a whole file of this version."""
        if self.version != version:
            os.pwrite(self._number, b"%d\n" % version, 0)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with other writers."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it alone."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        for _ in range(int(PATIENCE / _PAUSE)):
            try:
                fcntl.flock(self._number, how | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_PAUSE)
            except OSError as error:
                if error.errno not in _WITHOUT:
                    raise
                break  # a file system without such locks: SQLite's own must do
        else:
            raise Shut(errno.EAGAIN, "another console is repairing it")
        try:
            yield
        finally:
            fcntl.flock(self._number, fcntl.LOCK_UN)
