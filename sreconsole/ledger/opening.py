"""Opening a SQLite file with care: is it there, is it ours, is it whole; repairing it when it is not."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sreconsole import glance
from sreconsole.ledger.gate import Gate
from sreconsole.ledger.layout import Damaged, Layout, Refused, settle
from sreconsole.ledger.repair import finish, once_ours, page_size, replace, sibling
from sreconsole.ledger.wal import survey
from sreconsole.mounts import MOUNTS, on_network

_MAGIC = b"SQLite format 3\x00"
_BUSY_MS = 5000


class Opened(NamedTuple):
    """A file that can be used."""

    connection: sqlite3.Connection
    which: glance.Key
    """The file it is: when another stands at its path, this one was moved away."""
    gate: Gate
    notice: str | None
    """What was found and done, in a sentence."""


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file is damaged; a lock, a full disk or a failing one do not."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_busy(error: Exception) -> bool:
    """Whether somebody else held the file for too long."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_file(path: Path, layout: Layout, mounts: Path = MOUNTS, *, damaged: glance.Key | None = None) -> Opened:
    """Open a file, made when it is not there, repaired when it is damaged.

    `damaged`: the file that was found to be damaged in use, to be replaced if it is still there. Raises Refused,
    OSError or sqlite3.Error.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _look(path)
    gate = Gate(path)
    try:
        with gate.alone():
            finish(path, layout)
            notice = None
            if damaged is not None and glance.key(path) == damaged:
                notice = replace(path, layout, True)
            elif _emptied(path, gate):
                notice = f"{path.name} was emptied by somebody: nothing could be carried over"
            try:
                connection, which = _connect(path, layout, gate, mounts)
            except Damaged as damage:
                try:
                    if notice is not None:
                        raise Refused("is damaged and cannot be repaired") from None
                    notice = replace(path, layout, gate.version is not None or once_ours(path, layout))
                finally:
                    if damage.close is not None:
                        damage.close()
                connection, which = _connect(path, layout, gate, mounts)
            gate.remember(layout.version)
            return Opened(connection, which, gate, notice)
    except BaseException:
        gate.close()
        raise


def _look(path: Path) -> None:
    """Refuse what we should not touch."""
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            raise Refused("is a symbolic link")
        if not stat.S_ISREG(found.st_mode):
            raise Refused("is not a file")
        if found.st_uid != os.geteuid():
            raise Refused("belongs to somebody else")
    if not os.access(path.parent, os.W_OK):
        raise Refused("stands in a directory that cannot be written")


def _emptied(path: Path, gate: Gate) -> bool:
    return gate.version is not None and path.exists() and not _size(path) and not _size(sibling(path, "-wal"))


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _check_head(path: Path, layout: Layout, gate: Gate) -> int:
    """The size of a page. Raises Refused or Damaged."""
    with glance.opened(path) as number:
        head = os.pread(number, 100, 0)
    if not head:
        if _size(sibling(path, "-wal")):
            raise Damaged
        return 4096
    mine = int.from_bytes(head[68:72], "big") == layout.application
    if not head.startswith(_MAGIC) or not mine or len(head) < 100:
        if layout.rescue is None and gate.version is None:
            raise Refused("is no database of ours, or damaged")
        raise Damaged
    if int.from_bytes(head[60:64], "big") > layout.version:
        raise Refused("was written by a newer sreconsole")
    plain = head[20:24] == b"\x00\x40\x20\x20" and head[52:56] == head[64:68] == bytes(4) and head[72:92] == bytes(20)
    formats = head[18] in (1, 2) and head[19] in (1, 2) and int.from_bytes(head[44:48], "big") <= 4
    sizes = page_size(head) == int.from_bytes(head[16:18], "big")
    if not (plain and formats and sizes and int.from_bytes(head[56:60], "big") == 1):
        raise Damaged
    return page_size(head)


def _connect(path: Path, layout: Layout, gate: Gate, mounts: Path) -> tuple[sqlite3.Connection, glance.Key]:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    size = _check_head(path, layout, gate)
    which = glance.key(path)
    if which is None:
        raise FileNotFoundError(path)
    glance.connected(which)
    connection: sqlite3.Connection | None = None

    def close() -> None:
        if connection is not None:
            connection.close()  # rolls back
        glance.disconnected(which)

    try:
        connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
        _settle(connection, path, layout, size, gate, mounts)
    except BaseException as error:
        if isinstance(error, Damaged) or (isinstance(error, sqlite3.DatabaseError) and is_damage(error)):
            damage = Damaged()
            damage.close = close
            raise damage from None
        close()
        raise
    return connection, which


def _settle(connection: sqlite3.Connection, path: Path, layout: Layout, size: int, gate: Gate, mounts: Path) -> None:
    connection.text_factory = _text
    connection.execute(f"PRAGMA synchronous = {layout.synchronous}")
    connection.execute("PRAGMA cell_size_check = ON")
    if layout.rescue is not None:
        _check_log(connection, path, size, gate)
    connection.execute("BEGIN IMMEDIATE")
    settle(connection, layout)
    connection.execute("COMMIT")
    # Only now, so that the file itself (not a log beside it) always says whose it is. Needs to be alone for a moment;
    # another console that is busy sets it just as well.
    with suppress(sqlite3.OperationalError):
        connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if on_network(path, mounts) else 'WAL'}")


def _check_log(connection: sqlite3.Connection, path: Path, size: int, gate: Gate) -> None:
    """Raises Damaged when SQLite does not find everything that was committed to the log.

    Looked at twice: a console too old to know the gate may write meanwhile.
    """
    for _ in range(2):
        try:
            data = sibling(path, "-wal").read_bytes()
        except FileNotFoundError:
            return
        log = survey(data, size)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        found = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        if not log.broken and (not 0 <= found < log.committed or gate.excuses(data)):
            return
    raise Damaged


def _text(data: bytes) -> str:
    """Text that is damaged must not raise: its row's checksum tells."""
    return data.decode("utf-8", "replace")
