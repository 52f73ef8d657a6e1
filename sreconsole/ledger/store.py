"""A SQLite file opened with care, or replaced by memory, which is then said: `history.db` and `ledger.db`.

Nothing here ever deletes or overwrites a file it does not understand. SQLite in WAL mode; on network file systems,
where WAL's shared memory does not work, a rollback journal.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sreconsole.domain.cleaning import clean
from sreconsole.errors import SreconsoleError

_MAGIC = b"SQLite format 3\x00"
_BUSY_MS = 2000
_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs"),
        *("ncpfs", "coda", "beegfs", "ocfs2", "vboxsf", "virtiofs"),
    )
)
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Layout:
    """What kind of file it is and what stands in it."""

    application: int
    """The file's `application_id`: whose it is."""
    version: int
    """Its `user_version`; a file with a greater one is left alone."""
    schema: str
    """The statements that make an empty file one of this version, each ended by `;`."""
    keeps: str
    """What is in it, in the plural, for sentences."""
    upgrades: Mapping[int, str] = field(default_factory=dict)
    """By older version: the statements that lead to the next. An older version without any is dropped and rebuilt."""
    synchronous: str = "FULL"
    """FULL: what was committed survives a power cut. NORMAL: the newest rows may be lost by one, nothing is damaged."""


class StoreFailed(SreconsoleError):
    """The file could not be read or written just now; `str()` says why."""


class Store:
    """One connection, used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, notice: str | None) -> None:
        self.path = path
        """None: in memory."""
        self.notice = notice
        """Why it is in memory, in a sentence; None when it is on disk."""
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path | None, layout: Layout, mounts: Path = _MOUNTS) -> Store:
        """The store at a path, made when it is not there. Never raises: what cannot be used is left alone, and a
        store in memory takes its place."""
        if path is None:
            return cls.in_memory(layout, None)
        shown, end = clean(str(path), 200), f"{layout.keeps} are kept in memory only"
        try:
            _prepare(path, layout)
            connection = _connect(path, layout, mounts)
        except _Refused as error:
            return cls.in_memory(layout, f"{shown} {error}: {end}")
        except OSError as error:
            why = error.strerror or type(error).__name__
            return cls.in_memory(layout, f"{shown} cannot be written ({why}): {end}")
        except sqlite3.Error as error:
            return cls.in_memory(layout, f"{shown} cannot be used ({clean(str(error), 100)}): {end}")
        return cls(connection, path, None)

    @classmethod
    def in_memory(cls, layout: Layout, notice: str | None) -> Store:
        """A store that lasts as long as the process."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _make(connection, layout)
        return cls(connection, None, notice)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading. Raises StoreFailed."""
        with self._lock, _told():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a write transaction: committed at the end, rolled back when anything is raised."""
        with self._lock, _told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; committed rows stay."""
        with self._lock, _told():
            self._connection.close()


class _Refused(Exception):
    """The file is not ours to touch."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreFailed(f"the history cannot be kept just now: {clean(str(error), 160)}") from None


def _prepare(path: Path, layout: Layout) -> None:
    """Make the directory (0700) and the file (0600), or look at the one that is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise _Refused("is not a file")
        head = os.read(number, 100)
    finally:
        os.close(number)
    if head and not head.startswith(_MAGIC):
        raise _Refused("is no database of ours, or damaged")
    if head and int.from_bytes(head[68:72], "big") != layout.application:
        raise _Refused("is no database of ours")
    if int.from_bytes(head[60:64], "big") > layout.version:
        raise _Refused("was written by a newer sreconsole")
    if not os.access(path.parent, os.W_OK):
        raise _Refused("stands in a directory that cannot be written")


def _connect(path: Path, layout: Layout, mounts: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA synchronous = {layout.synchronous}")
        connection.execute("BEGIN IMMEDIATE")
        _settle(connection, layout)
        connection.execute("COMMIT")
        # Only now, so that the file itself (not a log beside it) always says whose it is. Needs to be alone for a
        # moment; another console that is busy sets it just as well.
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if on_network(path, mounts) else 'WAL'}")
    except BaseException:
        connection.close()  # rolls back
        raise
    return connection


def _settle(connection: sqlite3.Connection, layout: Layout) -> None:
    """Bring the file to this version of its layout, within a transaction."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        _make(connection, layout)
        return
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > layout.version:
        raise _Refused("was written by a newer sreconsole")
    while version < layout.version:
        steps = layout.upgrades.get(version)
        if steps is None:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f'DROP TABLE "{name}"')
            _make(connection, layout)
            return
        _run(connection, steps)
        version += 1
        connection.execute(f"PRAGMA user_version = {version}")


def _make(connection: sqlite3.Connection, layout: Layout) -> None:
    _run(connection, layout.schema)
    connection.execute(f"PRAGMA application_id = {layout.application}")
    connection.execute(f"PRAGMA user_version = {layout.version}")


def _run(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        connection.execute(statement)


def on_network(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a path lies on a network file system, by the mount table; unknown tables count as local."""
    try:
        where = str(path.parent.resolve())
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    best, kind = "", ""
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point == "/" or where == point or where.startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ", 1)[0]
    return kind in _NETWORK or kind.startswith("fuse.")
