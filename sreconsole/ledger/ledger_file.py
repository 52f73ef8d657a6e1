"""`ledger.db`: buckets and small facts that can be asked for again, so that a second start need not.

It may be deleted at any time and costs nothing but time when it is: what cannot be read is left out, and where the
disk cannot be used memory serves. A series is named by the hash of what it measures (`domain.identity`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from sreconsole.ledger.chunks import SPAN, Chunk, Held, join, merge, pack, sound, split
from sreconsole.ledger.layout import Damaged, Layout
from sreconsole.ledger.peek import VERSION, seal, whole
from sreconsole.ledger.store import Store, StoreFailed

LAYOUT = Layout(
    application=0x5352454C,
    version=VERSION,
    # By time first: a refresh writes the newest chunks of all series, and so they share pages.
    schema="""
CREATE TABLE chunks (width INTEGER NOT NULL, start INTEGER NOT NULL, identity BLOB NOT NULL, blob BLOB NOT NULL,
    asked REAL NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (width, start, identity)) WITHOUT ROWID;
CREATE TABLE facts (name BLOB PRIMARY KEY, value BLOB NOT NULL, at REAL NOT NULL, checksum INTEGER NOT NULL)
    WITHOUT ROWID
""",
    keeps="fetched buckets",
    probe=(
        "SELECT width, start, identity, blob, asked, checksum FROM chunks LIMIT 0",
        "SELECT name, value, at, checksum FROM facts LIMIT 0",
    ),
    synchronous="NORMAL",
)
DAY = 86_400
REACH = {60: DAY, 300: 4 * DAY, 3600: 100 * DAY}
"""Seconds for which buckets are kept, by width."""
EXPIRES = 40 * DAY
"""Seconds after which facts and series go that nobody touched."""
_COLUMNS = "width, start, identity, blob, asked, checksum"


class LedgerFile:
    """The cache on disk. Calls block: make them off the event loop. Raises StoreFailed only."""

    def __init__(self, store: Store, reach: Mapping[int, int]) -> None:
        self.store = store
        self.reach = {**REACH, **reach}
        self.damaged = 0
        """Rows whose checksum was wrong; they are deleted."""

    @classmethod
    def open(cls, path: Path | None, *, reach: Mapping[int, int] | None = None) -> LedgerFile:
        """The cache at a path (None: in memory); in memory, with a `notice`, where that cannot be used. Never raises.

        `reach`: seconds for which buckets are kept, by width, where that differs from REACH.
        """
        return cls(Store.open(path, LAYOUT), reach or {})

    @property
    def notice(self) -> str | None:
        """What people should know of the file, in a sentence; None when all is well."""
        return self.store.notice

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def load(self, identities: Sequence[bytes], since: Mapping[int, int]) -> list[Held]:
        """Buckets of these series that start at or after `since[width]`, for every width in `since`."""
        runs, damaged = self.store.read(lambda connection: _load(connection, frozenset(identities), since))
        if damaged:
            self.damaged += len(damaged)
            with suppress(StoreFailed):  # they are left out as well while they are there
                self.store.write(lambda connection: _drop(connection, damaged))
        return runs

    def save(self, helds: Sequence[Held]) -> None:
        """Merge buckets into what is there, as one: a value replaces empty, never asked and an older value; empty
        replaces never asked; never asked replaces nothing. Rows that would not change are not written."""
        parts = sorted(
            (
                Part(held.width, start, held.identity, number, offset, low, high)
                for number, held in enumerate(helds)
                for start, offset, low, high in split(held)
            ),
        )
        if parts:
            self.store.write(lambda connection: _save(connection, helds, parts))

    def fact(self, name: bytes) -> bytes | None:
        """A small thing that was learnt; None: not known, or expired."""
        row = self.store.read(lambda connection: _fact(connection, name))
        if row is None:
            return None
        if not whole(name, row):
            self.damaged += 1
            return None
        return bytes(row[0])

    def put_facts(self, facts: Mapping[bytes, bytes], at: float) -> None:
        """Keep small things that were learnt at a time (Unix seconds); the same again is written once a day at most."""
        news = self.store.read(
            lambda connection: [name for name in facts if _is_news(connection, name, facts[name], at)]
        )
        if news:
            rows = [(name, facts[name], float(at), seal(name, facts[name], float(at))) for name in news]
            self.store.write(
                lambda connection: connection.executemany(
                    "INSERT OR REPLACE INTO facts (name, value, at, checksum) VALUES (?, ?, ?, ?)", rows
                )
            )

    def prune(self, now: float) -> None:
        """Drop what no window can ask for any more, and what nobody touched for 40 days."""
        self.store.write(lambda connection: _prune(connection, self.reach, now))


class Part(NamedTuple):
    """The part [low, high) of held buckets that falls into one chunk, from `offset` on."""

    width: int
    start: int
    identity: bytes
    number: int
    offset: int
    low: int
    high: int


def _load(
    connection: sqlite3.Connection, wanted: frozenset[bytes], since: Mapping[int, int]
) -> tuple[list[Held], list[Chunk]]:
    runs: list[Held] = []
    damaged: list[Chunk] = []
    for width, start in since.items():
        found: dict[bytes, list[Held]] = {}
        last = (-1, b"")
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM chunks WHERE width = ? AND start >= ? ORDER BY start, identity",
            (width, start - start % (width * SPAN[width])),
        )
        for row in map(Chunk._make, rows):
            if not sound(row):
                damaged.append(row)
                continue
            if (row.start, row.identity) <= last:
                raise Damaged  # rows were written where they did not belong: there may be older ones of the same name
            last = row.start, row.identity
            if row.identity in wanted:
                join(found.setdefault(row.identity, []), row, start)
        for mine in found.values():
            runs += mine
    return runs, damaged


def _save(connection: sqlite3.Connection, helds: Sequence[Held], parts: Iterable[Part]) -> None:
    changed = []
    for (width, start, identity), group in groupby(parts, key=itemgetter(0, 1, 2)):
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM chunks WHERE width = ? AND start = ? AND identity = ?", (width, start, identity)
        ).fetchone()
        old = new = Chunk._make(row) if row is not None and sound(Chunk._make(row)) else None
        for part in group:
            values, asked = merge(new, part.offset, helds[part.number], part.low, part.high)
            new = pack(width, start, identity, values, asked)
        if new is not None and (old is None or new.blob != old.blob or new.asked != old.asked):
            changed.append(new)
    connection.executemany(f"INSERT OR REPLACE INTO chunks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", changed)


def _drop(connection: sqlite3.Connection, rows: Iterable[Chunk]) -> None:
    """Delete damaged rows, so that they are fetched and written anew."""
    connection.executemany(
        "DELETE FROM chunks WHERE width = ? AND start = ? AND identity = ? AND checksum = ?",
        [(row.width, row.start, row.identity, row.checksum) for row in rows],
    )


def _prune(connection: sqlite3.Connection, reach: Mapping[int, int], now: float) -> None:
    for width, seconds in reach.items():
        start = int(now) - seconds - width * SPAN[width]
        connection.execute("DELETE FROM chunks WHERE width = ? AND start < ?", (width, start))
    connection.execute(
        "DELETE FROM chunks WHERE identity IN (SELECT identity FROM chunks GROUP BY identity HAVING max(start) < ?)",
        (int(now) - EXPIRES,),
    )
    connection.execute("DELETE FROM facts WHERE at < ?", (now - EXPIRES,))


def _fact(connection: sqlite3.Connection, name: bytes) -> tuple[bytes, float, int] | None:
    row: tuple[bytes, float, int] | None = connection.execute(
        "SELECT value, at, checksum FROM facts WHERE name = ?", (name,)
    ).fetchone()
    return row


def _is_news(connection: sqlite3.Connection, name: bytes, value: bytes, at: float) -> bool:
    row = _fact(connection, name)
    return row is None or row[0] != value or not whole(name, row) or abs(at - row[1]) >= DAY
