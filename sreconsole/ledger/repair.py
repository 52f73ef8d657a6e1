"""A damaged file makes room for a new one: what can be read is carried over, the damaged one is kept beside it.

Done by whoever holds the gate alone, in steps that the next one finishes when this one is killed: the new file is made
whole under another name, is given the name that says so, the old one is moved aside with its log, the new one takes its
place. Nothing is written to the old file, so whoever still has it open does no harm, and sees that it has moved.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sreconsole.glance import opened
from sreconsole.ledger.layout import Layout, Refused, make
from sreconsole.ledger.salvage import Pages, salvage

_BESIDE = ("-wal", "-shm", "-journal")


def sibling(path: Path, end: str) -> Path:
    """The file whose name is this one's with something behind it."""
    return path.with_name(path.name + end)


def replace(path: Path, layout: Layout, ours: bool) -> str:
    """Put a new file in the place of a damaged one; returns what to say of it.

    `ours`: it is known to be ours; else what is found in it must show that. Raises Refused when it does not, OSError
    and sqlite3.Error when the disk says no; the damaged file stands where it stood then.
    """
    part = sibling(path, ".part")
    for end in ("", *_BESIDE):
        with suppress(FileNotFoundError):
            sibling(part, end).unlink()
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        carried = _fill(path, part, layout)
        if not carried and not ours:
            raise Refused("is no database of ours, or damaged")
        while _aside(path, part).exists():
            os.utime(part, (os.stat(part).st_mtime + 1,) * 2)
        aside = _aside(path, part)
        os.rename(part, sibling(path, ".repaired"))
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    finish(path, layout)
    if layout.rescue is None:
        return f"{path.name} was damaged and starts anew: history is fetched again"
    rows = "1 row was" if carried == 1 else f"{carried:,} rows were" if carried else "no rows were"
    return f"{path.name} was damaged: {rows} carried over, the rest may be lost; the damaged file is {aside}"


def finish(path: Path, layout: Layout) -> None:
    """Do what is left of a replacement; nothing when none was begun."""
    ready = sibling(path, ".repaired")
    if not ready.exists():
        return
    aside = _aside(path, ready)
    for end in (*_BESIDE, ""):
        with suppress(FileNotFoundError):
            os.rename(sibling(path, end), sibling(aside, end))
    os.rename(ready, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    if layout.rescue is None and once_ours(aside, layout):
        for end in (*_BESIDE, ""):
            with suppress(FileNotFoundError):
                sibling(aside, end).unlink()


def once_ours(path: Path, layout: Layout) -> bool:
    """Whether a damaged file still says that it is ours; what somebody else put in its place is not ours to delete."""
    with opened(path) as number:
        head = os.pread(number, 100, 0)
    return not head or head[68:72] == layout.application.to_bytes(4, "big")


def pending(path: Path) -> bool:
    """Whether a replacement was begun and not finished."""
    return sibling(path, ".repaired").exists()


def _aside(path: Path, new: Path) -> Path:
    """The name of the damaged file: by the time at which the new one was made."""
    at = datetime.fromtimestamp(os.stat(new).st_mtime, UTC)
    return sibling(path, f".damaged-{at:%Y%m%dT%H%M%SZ}")


def _fill(path: Path, part: Path, layout: Layout) -> int:
    """Make the new file from what can be read of the old; returns the rows carried over."""
    connection = sqlite3.connect(part, isolation_level=None)
    carried = 0
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN IMMEDIATE")
        make(connection, layout)
        if layout.rescue is not None:
            log = b""
            with suppress(FileNotFoundError):
                log = sibling(path, "-wal").read_bytes()
            with opened(path) as number:
                size = page_size(os.pread(number, 100, 0))
                pages = Pages(
                    lambda offset, count: os.pread(number, count, offset), os.fstat(number).st_size, size, log
                )
                carried = layout.rescue(salvage(pages), connection)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return carried


def page_size(head: bytes) -> int:
    """Bytes of a page, by the head of the file; SQLite's own choice where that is damaged."""
    size = int.from_bytes(head[16:18], "big")
    return 65536 if size == 1 else size if size >= 512 and size & (size - 1) == 0 else 4096
