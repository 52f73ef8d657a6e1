"""Reading the bytes of a database file that SQLite may have open in this process.

Closing any descriptor of a file drops all POSIX locks this process has on it, SQLite's too (section 2.2 of
sqlite.org/howtocorrupt.html). So a descriptor that was used for reading stays open for as long as a connection does.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Key = tuple[int, int]
_lock = threading.Lock()
_connections: Counter[Key] = Counter()
_parked: dict[Key, list[int]] = {}


def key(path: Path) -> Key | None:
    """Which file stands at a path: device and number; None: there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def connected(which: Key) -> None:
    """Say that a connection to this file is about to be opened."""
    with _lock:
        _connections[which] += 1


def disconnected(which: Key) -> None:
    """Say that a connection to this file is closed."""
    with _lock:
        _connections[which] -= 1
        if _connections[which] <= 0:
            del _connections[which]
            for number in _parked.pop(which, ()):
                os.close(number)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor to read from. Raises OSError."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        yield number
    finally:
        found = os.fstat(number)
        which = found.st_dev, found.st_ino
        with _lock:
            if _connections[which]:
                _parked.setdefault(which, []).append(number)
            else:
                os.close(number)
