"""`ledger.db`: buckets and small facts that can be asked for again, so that a second start need not.

It may be deleted at any time and costs nothing but time when it is: what cannot be read is left out, and where the
disk cannot be used memory serves. A series is named by the hash of what it measures (`domain.identity`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zlib import crc32

from sreconsole.ledger.chunks import SPAN, Chunk, Held, join, merge, pack, sound, split
from sreconsole.ledger.store import Layout, Store

LAYOUT = Layout(
    application=0x5352454C,
    version=1,
    # By time first: a refresh writes the newest chunks of all series, and so they share pages.
    schema="""
CREATE TABLE chunks (width INTEGER NOT NULL, start INTEGER NOT NULL, identity BLOB NOT NULL, blob BLOB NOT NULL,
    asked REAL NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (width, start, identity)) WITHOUT ROWID;
CREATE TABLE facts (name BLOB PRIMARY KEY, value BLOB NOT NULL, at REAL NOT NULL, checksum INTEGER NOT NULL)
    WITHOUT ROWID
""",
    keeps="fetched buckets",
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
        wanted = frozenset(identities)
        runs: list[Held] = []
        damaged: list[Chunk] = []
        with self.store.reading() as connection:
            for width, start in since.items():
                first = start - start % (width * SPAN[width])
                found: dict[bytes, list[Chunk]] = {}
                for row in map(
                    Chunk._make,
                    connection.execute(
                        f"SELECT {_COLUMNS} FROM chunks WHERE width = ? AND start >= ? ORDER BY start", (width, first)
                    ),
                ):
                    if not sound(row):
                        damaged.append(row)
                    elif row.identity in wanted:
                        found.setdefault(row.identity, []).append(row)
                for rows in found.values():
                    runs += join(rows, start)
        self._drop(damaged)
        return runs

    def save(self, helds: Sequence[Held]) -> None:
        """Merge buckets into what is there, as one: a value replaces empty, never asked and an older value; empty
        replaces never asked; never asked replaces nothing. Rows that would not change are not written."""
        parts = sorted(
            ((held.width, start, held.identity, offset, held, low, high))
            for held in helds
            for start, offset, low, high in split(held)
        )
        if not parts:
            return
        with self.store.writing() as connection:
            changed = []
            for key, group in groupby(parts, key=itemgetter(0, 1, 2)):
                row = connection.execute(
                    f"SELECT {_COLUMNS} FROM chunks WHERE width = ? AND start = ? AND identity = ?", key
                ).fetchone()
                old = new = Chunk._make(row) if row is not None and sound(Chunk._make(row)) else None
                for _, _, _, offset, held, low, high in group:
                    values, asked = merge(new, offset, held, low, high)
                    new = pack(key[0], key[1], key[2], values, asked)
                if new is not None and (old is None or new.blob != old.blob or new.asked != old.asked):
                    changed.append(new)
            _write(connection, changed)

    def fact(self, name: bytes) -> bytes | None:
        """A small thing that was learnt; None: not known, or expired."""
        with self.store.reading() as connection:
            row = connection.execute("SELECT value, at, checksum FROM facts WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        if row[2] != _fact_checksum(name, row[0], row[1]):
            self.damaged += 1
            return None
        return bytes(row[0])

    def put_facts(self, facts: Mapping[bytes, bytes], at: float) -> None:
        """Keep small things that were learnt at a time (Unix seconds); written again once a day at most."""
        with self.store.writing() as connection:
            for name, value in facts.items():
                row = connection.execute("SELECT value, at, checksum FROM facts WHERE name = ?", (name,)).fetchone()
                same = row is not None and row[0] == value and row[2] == _fact_checksum(name, row[0], row[1])
                if same and abs(at - row[1]) < DAY:
                    continue
                connection.execute(
                    "INSERT OR REPLACE INTO facts (name, value, at, checksum) VALUES (?, ?, ?, ?)",
                    (name, value, float(at), _fact_checksum(name, value, float(at))),
                )

    def prune(self, now: float) -> None:
        """Drop what no window can ask for any more, and what nobody touched for 40 days."""
        with self.store.writing() as connection:
            for width, seconds in self.reach.items():
                start = int(now) - seconds - width * SPAN[width]
                connection.execute("DELETE FROM chunks WHERE width = ? AND start < ?", (width, start))
            connection.execute(
                "DELETE FROM chunks WHERE identity IN "
                "(SELECT identity FROM chunks GROUP BY identity HAVING max(start) < ?)",
                (int(now) - EXPIRES,),
            )
            connection.execute("DELETE FROM facts WHERE at < ?", (now - EXPIRES,))

    def _drop(self, rows: Sequence[Chunk]) -> None:
        """Delete damaged rows, so that they are fetched and written anew."""
        if rows:
            self.damaged += len(rows)
            with self.store.writing() as connection:
                connection.executemany(
                    "DELETE FROM chunks WHERE width = ? AND start = ? AND identity = ? AND checksum = ?",
                    [(row.width, row.start, row.identity, row.checksum) for row in rows],
                )


def _write(connection: sqlite3.Connection, rows: Iterable[Chunk]) -> None:
    connection.executemany(f"INSERT OR REPLACE INTO chunks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)


def _fact_checksum(name: bytes, value: object, at: object) -> int:
    if type(value) is not bytes or type(at) is not float:
        return -1  # a damaged row may hold anything
    return crc32(value, crc32(b"%r" % at, crc32(name)))
