"""A SQLite file in use, or memory in its place, which is then said: `history.db` and `ledger.db`.

Nothing here ever deletes or overwrites a file it does not understand. SQLite in WAL mode; on network file systems,
where WAL's shared memory does not work, a rollback journal. When the file is found to be damaged it is replaced by a
whole one, also under those who have it open: they see that theirs was moved away, and open the one that took its place.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from sreconsole import glance
from sreconsole.domain.cleaning import clean
from sreconsole.ledger.gate import Gate, Shut
from sreconsole.ledger.layout import Damaged, Layout, Refused, StoreFailed, make
from sreconsole.ledger.opening import Opened, is_busy, is_damage, open_file
from sreconsole.ledger.repair import pending, sibling
from sreconsole.mounts import MOUNTS

__all__ = ["Layout", "Store", "StoreFailed", "StoreRepaired"]

T = TypeVar("T")
LARGE = 16 << 20
"""Bytes up to which a file is checked whole before it is first used; a larger one is checked beside its use, as that
takes seconds."""


class StoreRepaired(StoreFailed):
    """The file was found to be damaged and has been replaced: the same once more will do."""


class Store:
    """One connection, used by one thread at a time."""

    def __init__(self, layout: Layout, path: Path | None, mounts: Path) -> None:
        """For `open`."""
        self.path = path
        """None: in memory."""
        self._layout = layout
        self._mounts = mounts
        self._lock = threading.Lock()
        self._notice: str | None = None
        self._opened = False
        self._closed = False
        self._connection: sqlite3.Connection
        self._gate: Gate | None = None
        self._which: glance.Key | None = None
        self._unchecked = False
        self._suspect: glance.Key | None = None
        """The file that a check found to be damaged."""

    @classmethod
    def open(cls, path: Path | None, layout: Layout, mounts: Path = MOUNTS) -> Store:
        """The store at a path, made when it is not there. Never raises: what cannot be used is left alone, and a
        store in memory takes its place.

        The file itself is opened when it is first used: that can take a while, when others repair it or we have to.
        """
        return cls(layout, path, mounts)

    @property
    def notice(self) -> str | None:
        """What people should know of the file, in a sentence; None when all is well, or while that is found out."""
        if not self._opened and self._lock.acquire(blocking=False):
            try:
                with suppress(StoreFailed), self._told():
                    self._begin()
            finally:
                self._lock.release()
        return self._notice

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading. Raises StoreFailed."""
        with self._lock, self._told():
            self._begin()
            self._follow()
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a write transaction: committed at the end, rolled back when anything is raised.

        Raises StoreFailed.
        """
        with self._lock, self._told():
            self._begin()
            self._follow()
            with self._turn():
                if self._moved():  # replaced in the moment before we held the gate; nobody can do it now
                    raise StoreRepaired("the file was replaced just now")
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        with suppress(sqlite3.Error):  # it was rolled back by what went wrong
                            self._connection.execute("ROLLBACK")

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads; once more when the file was replaced meanwhile. Raises StoreFailed."""
        return self._again(self.reading, work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Let `work` write, as one; once more when the file was replaced meanwhile. Raises StoreFailed."""
        return self._again(self.writing, work)

    def close(self) -> None:
        """Close the file; committed rows stay."""
        with self._lock, self._told():
            if self._opened:
                self._leave()
            self._opened = self._closed = True

    def _again(self, way: Callable[[], AbstractContextManager[sqlite3.Connection]], work: Callable[..., T]) -> T:
        for _ in range(2):
            try:
                with way() as connection:
                    return work(connection)
            except StoreRepaired:
                continue
        with way() as connection:
            return work(connection)

    def _begin(self) -> None:
        """Open the file, or memory in its place, unless that is done."""
        if self._opened:
            return
        if self.path is not None:
            try:
                self._use(open_file(self.path, self._layout, self._mounts))
            except (Refused, Damaged, OSError, sqlite3.Error) as error:
                if isinstance(error, Shut) or is_busy(error):
                    raise  # the next use tries again
                shown, self.path = clean(str(self.path), 200), None
                self._notice = f"{shown} {_why(error)}: {self._layout.keeps} are kept in memory only"
        if self.path is None:
            self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            make(self._connection, self._layout)
        self._opened = True

    def _use(self, opened: Opened) -> None:
        self._connection, self._which, self._gate = opened.connection, opened.which, opened.gate
        self._notice = opened.notice or self._notice
        self._unchecked = self._layout.audit is not None

    def _leave(self) -> None:
        """Close what is open."""
        try:
            self._connection.close()
        finally:
            which, self._which = self._which, None
            if which is not None:
                glance.disconnected(which)
            gate, self._gate = self._gate, None
            if gate is not None:
                gate.close()

    def _turn(self) -> AbstractContextManager[None]:
        if self._gate is None or self.path is None:
            return nullcontext()
        return self._gate.writing(sibling(self.path, "-wal"))

    def _moved(self) -> bool:
        return self.path is not None and (glance.key(self.path) != self._which or pending(self.path))

    def _follow(self) -> None:
        """Be sure to use the file that stands at the path, and that it is whole."""
        if self._closed:
            raise sqlite3.ProgrammingError("it is closed")
        if self.path is None:
            return
        if self._which is None or self._moved():
            self._reopen(None)
            self._notice = self._notice or f"{self.path.name} was replaced while it was open; see the files beside it"
        if self._unchecked:
            self._unchecked = False
            self._check()
        if self._suspect is not None and self._suspect == self._which:
            self._reopen(self._which)
            self._unchecked = False

    def _check(self) -> None:
        """Look at every page and row once: damage may hide rows without any error."""
        assert self.path is not None
        if os.stat(self.path).st_size > LARGE:
            threading.Thread(target=self._check_beside, name=f"check {self.path.name}", daemon=True).start()
        elif not self._whole(self._connection):
            self._suspect = self._which

    def _check_beside(self) -> None:
        path, which = self.path, self._which
        if path is None or which is None:
            return
        glance.connected(which)
        try:
            connection = sqlite3.connect(path, check_same_thread=False)
            try:
                if not self._whole(connection):
                    self._suspect = which
            finally:
                connection.close()
        except sqlite3.Error:
            pass  # it cannot be looked at just now; whoever uses it finds out why
        finally:
            glance.disconnected(which)

    def _whole(self, connection: sqlite3.Connection) -> bool:
        audit = self._layout.audit
        try:
            sound = connection.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]
            return sound and (audit is None or not audit(connection))
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise

    def _reopen(self, damaged: glance.Key | None) -> None:
        """Open what stands at the path now, after replacing it if it is the `damaged` file."""
        assert self.path is not None
        opened = open_file(self.path, self._layout, self._mounts, damaged=damaged)
        # Only now: SQLite leaves the log of a file alone that was moved, and so it can be salvaged until then.
        with suppress(sqlite3.Error):
            self._leave()
        self._use(opened)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn errors into ours; replace a file that proves to be damaged."""
        try:
            yield
        except (Refused, Damaged, OSError, sqlite3.Error) as error:
            if self.path is not None and self._opened and (isinstance(error, Damaged) or is_damage(error)):
                self._mend()
            raise self._failed(error) from None

    def _mend(self) -> None:
        try:
            self._reopen(self._which)
        except (Refused, Damaged, OSError, sqlite3.Error) as error:
            raise self._failed(error) from None
        raise StoreRepaired("the file was damaged and has been replaced") from None

    def _failed(self, error: Exception) -> StoreFailed:
        name = self.path.name if self.path is not None else "memory"
        return StoreFailed(f"{self._layout.keeps} cannot be kept just now: {name} {_why(error)}")


def _why(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, Damaged):
        return "is damaged"
    if isinstance(error, OSError):
        return f"cannot be written ({clean(error.strerror or type(error).__name__, 100)})"
    return f"cannot be used ({clean(str(error), 160)})"
