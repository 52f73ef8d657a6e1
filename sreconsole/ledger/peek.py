"""A look at what `ledger.db` remembers, before anything waits for it: never longer than a read, never a change.

The first frame wants the names of a fleet. What would take a moment (another program writes, a repair is due, the file
is not what we know) is left to whoever opens the file properly later; nothing is known then.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from zlib import crc32

VERSION = 1
"""Of the cache's layout."""


def peek(path: Path, names: Iterable[bytes]) -> Mapping[bytes, bytes]:
    """The facts of these names in the cache at a path, as far as they are whole and can be had at once."""
    if not os.path.isfile(path) or os.path.islink(path):
        return {}
    import sqlite3

    found: dict[bytes, bytes] = {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=0, uri=True)) as connection:
            if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return {}
            for name in names:
                row = connection.execute("SELECT value, at, checksum FROM facts WHERE name = ?", (name,)).fetchone()
                if row is not None and whole(name, row):
                    found[name] = row[0]
    except (sqlite3.Error, OSError):
        return {}
    return found


def whole(name: bytes, row: tuple[object, object, object]) -> bool:
    """Whether a fact (value, time, checksum) is what was written; it may hold anything."""
    value, at, check = row
    return type(value) is bytes and type(at) is float and check == seal(name, value, at)


def seal(name: bytes, value: bytes, at: float) -> int:
    """The checksum of a fact."""
    return crc32(value, crc32(b"%r" % at, crc32(name)))
