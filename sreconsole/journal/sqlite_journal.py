"""Rows in a SQLite file: one person's `journal.db`, one that a team shares on a host, or what waits to be delivered."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sreconsole import glance
from sreconsole.domain.cleaning import clean
from sreconsole.journal.body import OUTCOME, Columns
from sreconsole.journal.row import Row
from sreconsole.journal.sqlite_file import Damaged, Opened, Refused, is_busy, is_damage, open_damaged, open_file
from sreconsole.journal.store import Away
from sreconsole.mounts import MOUNTS

T = TypeVar("T")
_SELECT = "SELECT writer, seq, entry, kind, began, ended, body, hash, place FROM record"
_AT_ONCE = 500
"""Values in one statement."""


class SqliteStore:
    """One file, opened when it is first used, and again after it failed or another took its place.

    A damaged one is read row by row, as far as that goes, and not written to.
    """

    def __init__(self, path: Path, mode: int | None = None, mounts: Path = MOUNTS) -> None:
        """`mode`: permissions of a file that several people share."""
        self.path = path
        self._mode, self._mounts = mode, mounts
        self._opened: Opened | None = None
        self._rescued: tuple[glance.Key, list[Row], str] | None = None
        """What could be read of which damaged file, and what is wrong with it."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return clean(self.path.name, 80)

    @property
    def damage(self) -> str | None:
        """What is wrong with the file, where it can only be read."""
        return None if self._rescued is None else f"is damaged ({self._rescued[2]})"

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows, all or none of them, durably. Raises Away."""
        with self.writing() as connection:
            for row in rows:
                there = connection.execute(
                    "SELECT 1 FROM record WHERE writer = ? AND seq = ?", (row.writer, row.seq)
                ).fetchone()
                if there is None:
                    connection.execute(
                        "INSERT INTO record (writer, seq, entry, kind, began, ended, body, hash)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (row.writer, row.seq, *row.columns, row.body, row.hash),
                    )

    def entries(self, since: float, until: float | None, kinds: Collection[str] | None) -> list[Row]:
        """The intents that speak of a time from `since` to before `until`. Raises Away."""
        where, values = " WHERE kind <> 'outcome' AND ended >= ?", [since]
        if until is not None:
            where, values = where + " AND began < ?", [*values, until]

        def wanted(row: Row) -> bool:
            found = row.columns
            inside = found.ended >= since and (until is None or found.began < until)
            return inside and found.kind != OUTCOME and (kinds is None or found.kind in kinds)

        rows = self._rows(f"{_SELECT}{where} ORDER BY ended, place", values, wanted)
        return rows if kinds is None else [row for row in rows if row.columns.kind in kinds]

    def about(self, entries: Collection[str]) -> list[Row]:
        """Every row of these entries, in the order of their places. Raises Away."""
        ids, found = sorted(entries), []
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            query = f"{_SELECT} WHERE entry IN ({', '.join('?' * len(some))})"
            found += self._rows(query, some, lambda row, some=frozenset(some): row.columns.entry in some)  # type: ignore[misc]
        return sorted(found, key=lambda row: row.place)

    def after(self, place: int, limit: int) -> list[Row]:
        """The rows behind a place, in order. Raises Away."""
        query = f"{_SELECT} WHERE place > ? ORDER BY place LIMIT ?"
        return self._rows(query, [place, limit], lambda row: row.place > place)[:limit]

    def end(self) -> int:
        """The newest place. Raises Away."""
        if self._absent():
            return 0
        with suppress(_Rescue), self.using() as connection:
            return int(connection.execute("SELECT coalesce(max(place), 0) FROM record").fetchone()[0])
        return max((row.place for row in self._saved()), default=0)

    def reached(self) -> int:
        """The newest place there ever was. Raises Away."""
        if self._absent():
            return 0
        with suppress(_Rescue), self.using() as connection:
            found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'").fetchone()
            return int(found[0]) if found else 0
        return self.end()

    def close(self) -> None:
        """Let go of the file."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction that is committed at the end, and durable then. Raises Away."""
        try:
            with self.using() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
                self._commit(connection)
        except _Rescue as damage:
            raise Away(f"is damaged ({damage})") from None

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self.close()
            raise Away(_why(error), maybe=True) from None

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """The connection. Raises Away, or _Rescue where the file is damaged."""
        try:
            if self._opened is not None and glance.key(self.path) != self._opened.which:
                self.close()
            if self._opened is None:
                self._begin()
            assert self._opened is not None
            yield self._opened.connection
        except Damaged as damage:
            self._condemn(clean(str(damage), 120))
        except sqlite3.Error as error:
            if is_damage(error):
                self._condemn(clean(str(error), 120))
            if not is_busy(error):
                self.close()
            raise Away(_why(error)) from None
        except (Refused, OSError) as error:
            self.close()
            raise Away(_why(error)) from None

    def _absent(self) -> bool:
        """Whether there is no file: reading does not make one."""
        return not os.path.lexists(self.path)

    def _begin(self) -> None:
        if self._rescued is not None:
            which, _, why = self._rescued
            if glance.key(self.path) == which:
                raise _Rescue(why)
            self._rescued = None
        self._opened = open_file(self.path, self._mode, self._mounts)

    def _condemn(self, why: str) -> None:
        """Take note of the damage, and of what can be read nevertheless. Raises _Rescue."""
        self.close()
        which = glance.key(self.path)
        if which is None:
            raise Away("is gone")
        self._rescued = which, _rescue(self.path), why
        raise _Rescue(why) from None

    def _saved(self) -> list[Row]:
        return [] if self._rescued is None else self._rescued[1]

    def _rows(self, query: str, values: Sequence[Any], wanted: Callable[[Row], bool]) -> list[Row]:
        """The rows of a query; of a damaged file those of the readable ones that are wanted."""
        if self._absent():
            return []
        with suppress(_Rescue), self.using() as connection:
            return [_row(found) for found in connection.execute(query, values)]
        return [row for row in self._saved() if wanted(row)]


class _Rescue(Exception):
    """The file is damaged; says how."""


def _rescue(path: Path) -> list[Row]:
    """Every row that can be read of a damaged file, each looked for by itself."""
    rows: list[Row] = []
    try:
        opened = open_damaged(path)
    except (OSError, sqlite3.Error):
        return rows
    try:
        place, missed = 0, 0
        while missed < 2000:  # a page holds a few rows, and a branch of the tree a hundred pages
            place += 1
            try:
                found = opened.connection.execute(f"{_SELECT} NOT INDEXED WHERE place = ?", (place,)).fetchone()
                if found is not None:
                    rows.append(_row(found))
                    missed = -1
            except (sqlite3.Error, TypeError, ValueError):
                pass
            missed += 1
    finally:
        opened.close()
    return rows


def _row(found: Sequence[Any]) -> Row:
    writer, seq, entry, kind, began, ended, body, sealed, place = found
    columns = Columns(str(entry), str(kind), _number(began), _number(ended))
    sealed = sealed if isinstance(sealed, bytes) else b""
    return Row(str(writer), int(_number(seq)), columns, str(body), sealed, int(place))


def _number(value: object) -> float:
    """A number as it was written; 0 where somebody put something else, which the hash of the row tells."""
    return value if isinstance(value, int | float) else 0.0


def _why(error: Exception) -> str:
    if isinstance(error, Refused):
        return clean(str(error), 200)
    if isinstance(error, OSError):
        return f"cannot be written ({clean(error.strerror or type(error).__name__, 100)})"
    if isinstance(error, sqlite3.Error) and is_busy(error):
        return "is held by somebody else"
    return f"cannot be used ({clean(str(error), 160)})"
