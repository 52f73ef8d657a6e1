"""Opening the journal's SQLite file with care: is it there, is it ours, may others have it, is it whole.

What is not ours, or damaged, is never touched: people who look at it later must find it as it was.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sreconsole import glance
from sreconsole.mounts import MOUNTS, on_network

APPLICATION = 0x5352454A
"""`SREJ`."""
VERSION = 1
"""Layout of the file. What rows say may grow without another layout."""
PRIVATE = 0o600
LARGE = 16 << 20
"""Bytes up to which every page is checked before the file is used."""
_MAGIC = b"SQLite format 3\x00"
_BUSY_MS = 3000
_BESIDE = ("", "-wal", "-shm", "-journal")
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END"
_SCHEMA = (
    "CREATE TABLE record (place INTEGER PRIMARY KEY AUTOINCREMENT, writer TEXT NOT NULL, seq INTEGER NOT NULL,"
    " entry TEXT NOT NULL, kind TEXT NOT NULL, began REAL NOT NULL, ended REAL NOT NULL,"
    " body TEXT NOT NULL, hash BLOB NOT NULL, UNIQUE (writer, seq))",
    "CREATE INDEX record_time ON record (ended) WHERE kind <> 'outcome'",
    "CREATE INDEX record_entry ON record (entry)",
    # How far a spool was delivered; empty in a journal.
    "CREATE TABLE delivered (place INTEGER PRIMARY KEY)",
    f"CREATE TRIGGER record_update BEFORE UPDATE ON record {_REFUSE}",
    f"CREATE TRIGGER record_delete BEFORE DELETE ON record {_REFUSE}",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER record_replace BEFORE INSERT ON record WHEN EXISTS (SELECT 1 FROM record WHERE"
    f" place = NEW.place OR (writer = NEW.writer AND seq = NEW.seq)) {_REFUSE}",
)


class Refused(Exception):
    """The file is not ours to touch; says why, to follow its name."""


class Damaged(Exception):
    """The file is ours, and not as we left it; says what is wrong."""


class Opened(NamedTuple):
    """A file that can be used."""

    connection: sqlite3.Connection
    which: glance.Key

    def close(self) -> None:
        """Let go of it."""
        with suppress(sqlite3.Error):
            self.connection.close()
        glance.disconnected(self.which)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is damaged; a lock, a full disk or a failing one do not."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else held the file for too long."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_file(path: Path, mode: int | None, mounts: Path = MOUNTS) -> Opened:
    """The file at a path, made when it is not there.

    `mode`: its permissions where several people share it; None: it is one person's. Raises Refused, Damaged, OSError
    or sqlite3.Error.
    """
    if mode is None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not path.parent.is_dir():
        raise Refused(f"cannot be made: there is no directory {path.parent}")
    wanted = PRIVATE if mode is None else mode & 0o666 | PRIVATE
    _look(path, shared=mode is not None)
    _make(path, wanted)
    _check_head(path)
    return _connect(path, mounts)


def open_damaged(path: Path) -> Opened:
    """A file that is damaged, only to be read. Raises OSError or sqlite3.Error."""
    which = glance.key(path)
    if which is None:
        raise FileNotFoundError(path)
    glance.connected(which)
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
    except BaseException:
        glance.disconnected(which)
        raise
    connection.text_factory = _text
    return Opened(connection, which)


def _look(path: Path, *, shared: bool) -> None:
    """Refuse what we should not touch."""
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            raise Refused("is a symbolic link")
        if not stat.S_ISREG(found.st_mode):
            raise Refused("is not a file")
        if not shared and found.st_uid != os.geteuid():
            raise Refused("belongs to somebody else")
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
            raise Refused(f"cannot be written by this account (its mode is {stat.S_IMODE(found.st_mode):04o})")
    if not os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True):
        raise Refused("stands in a directory that this account cannot write to")


def _make(path: Path, wanted: int) -> None:
    """Make the file if it is not there, with its permissions from the first moment that it holds anything.

    SQLite gives the files beside it the same. A umask has no say, and what was loosened is tightened again by whoever
    owns it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, wanted))
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            _permit(path.with_name(path.name + end), wanted)


def _permit(path: Path, wanted: int) -> None:
    """Give a file of ours its permissions.

    By a descriptor, as whoever may write to the directory could put a link in its place at this moment; by one that
    only names it, as closing any other would drop SQLite's locks.
    """
    number = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(number)
        mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if mine and stat.S_IMODE(found.st_mode) != wanted:
            os.chmod(f"/proc/self/fd/{number}", wanted)
    finally:
        os.close(number)


def _check_head(path: Path) -> None:
    with glance.opened(path) as number:
        head = os.pread(number, 100, 0)
    if not head or path.with_name(path.name + "-journal").exists():
        return  # made a moment ago, or its making was cut short: SQLite goes back to before
    if not head.startswith(_MAGIC):
        raise Refused("is no journal of ours, or damaged")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise Refused("is no journal of ours")
    if int.from_bytes(head[60:64], "big") > VERSION:
        raise Refused("was written by a newer sreconsole")


def _connect(path: Path, mounts: Path) -> Opened:
    which = glance.key(path)
    if which is None:
        raise FileNotFoundError(path)
    glance.connected(which)
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    except BaseException:
        glance.disconnected(which)
        raise
    opened = Opened(connection, which)
    try:
        _settle(connection, path, mounts)
    except sqlite3.Error as error:
        opened.close()
        if is_damage(error):
            raise Damaged(str(error)) from None
        raise
    except BaseException:
        opened.close()
        raise
    return opened


def _settle(connection: sqlite3.Connection, path: Path, mounts: Path) -> None:
    connection.text_factory = _text
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cell_size_check = ON")
    if not _made(connection):
        connection.execute("BEGIN IMMEDIATE")
        if not _made(connection):
            for statement in (*_SCHEMA, f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {VERSION}"):
                connection.execute(statement)
        connection.execute("COMMIT")
    _check_layout(connection)
    if path.stat().st_size <= LARGE:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise Damaged(said)
    # Only now, so that the file itself (not a log beside it) always says whose it is. Needs to be alone for a moment;
    # another program that is busy sets it just as well.
    with suppress(sqlite3.OperationalError):
        connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if on_network(path, mounts) else 'WAL'}")


def _made(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _check_layout(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise Refused("is no journal of ours")
    if version > VERSION:
        raise Refused("was written by a newer sreconsole")
    try:
        connection.execute("SELECT place, writer, seq, entry, kind, began, ended, body, hash FROM record LIMIT 1")
        connection.execute("SELECT place FROM delivered LIMIT 1")
    except sqlite3.OperationalError as error:
        if _code(error) == sqlite3.SQLITE_ERROR:
            raise Damaged("a table is missing") from None
        raise


def _code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _text(data: bytes) -> str:
    """Text that is damaged must not raise: the hash of its row tells."""
    return data.decode("utf-8", "replace")
