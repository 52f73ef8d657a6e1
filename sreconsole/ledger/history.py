"""Scrape counts that no source can give again, in `history.db`: buckets by what they measure, and where to go on from.

A bucket is named by the hash of its measurement (`domain.identity`), never by the name of an SLO. Counts are stored as
whole values with a checksum each, together with the last samples they include, in one transaction: after a crash the
next start goes on from exactly there. 1 h buckets are kept for good, finer ones as long as a window can ask for them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from sreconsole.domain.tally import Count
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.store import Layout, Store, StoreFailed

_CHANGES = """
CREATE TABLE changes (number INTEGER PRIMARY KEY, scope BLOB NOT NULL, at REAL NOT NULL, service TEXT NOT NULL,
    slo TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_key ON changes (scope, service, slo)
"""
LAYOUT = Layout(
    application=0x53524548,
    version=2,
    schema=f"""
CREATE TABLE counts (identity BLOB NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, bad REAL NOT NULL,
    total REAL NOT NULL, seen REAL NOT NULL, stamp INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (identity, width, start)) WITHOUT ROWID;
CREATE INDEX counts_stamp ON counts (stamp);
CREATE TABLE scrapes (scope BLOB PRIMARY KEY, at REAL NOT NULL, marks BLOB NOT NULL, members TEXT NOT NULL,
    checksum INTEGER) WITHOUT ROWID;
CREATE TABLE leases (scope BLOB PRIMARY KEY, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    started INTEGER NOT NULL, expires REAL NOT NULL, checksum INTEGER) WITHOUT ROWID;
{_CHANGES}""",
    keeps="counts and status changes",
    # A console of version 1 that runs beside goes on writing rows without a checksum into the widened tables.
    upgrades={
        1: "ALTER TABLE scrapes ADD COLUMN checksum INTEGER; ALTER TABLE leases ADD COLUMN checksum INTEGER;" + _CHANGES
    },
)
_KEEP = {60: 86_400, 300: 4 * 86_400}
_PACK = struct.Struct("<qqddd")
_COLUMNS = "identity, width, start, bad, total, seen, stamp, checksum"


class Row(NamedTuple):
    """One bucket of one measurement."""

    identity: bytes
    bucket: Count


@dataclass(frozen=True, slots=True)
class Scrape:
    """The last finished scrape of a source."""

    at: float
    """Unix seconds."""
    marks: bytes = b""
    """Last samples, packed by `domain.marks`."""
    members: str = "[]"
    """JSON: what was seen of fleets."""


class LeaseLost(StoreFailed):
    """Somebody else scrapes this source now; nothing was written."""


class History:
    """The counts of all scrape sources. Calls block on the disk: make them off the event loop."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.damaged = 0
        """Rows whose checksum was wrong; they are left where they are and not used."""
        self._pruned = float("-inf")

    @classmethod
    def open(cls, path: Path | None) -> History:
        """The history at a path; in memory, with a `notice`, where that cannot be used. Never raises."""
        return cls(Store.open(path, LAYOUT))

    @property
    def notice(self) -> str | None:
        """Why counts are in memory only; None when they are on disk."""
        return self.store.notice

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def rows(self, identities: Sequence[bytes], width: int, since: int, until: float) -> list[Row]:
        """Buckets of one width that start at or after `since` and end by `until`, oldest first for each identity."""
        found: list[Row] = []
        with self.store.reading() as connection:
            for identity in identities:
                cursor = connection.execute(
                    f"SELECT {_COLUMNS} FROM counts WHERE identity = ? AND width = ? AND start >= ? AND start <= ? "
                    "ORDER BY start",
                    (identity, width, since, int(until // 1) - width),
                )
                found += self._checked(cursor)
        return found

    def changes(self, after: int) -> tuple[int, list[Row]]:
        """Buckets written after a stamp (any source's), and the newest stamp."""
        with self.store.reading() as connection:
            cursor = connection.execute(f"SELECT {_COLUMNS} FROM counts WHERE stamp > ? ORDER BY stamp", (after,))
            rows = cursor.fetchall()
        return max((row[6] for row in rows), default=after), self._checked(rows)

    def stamp(self) -> int:
        """The stamp of the newest write; 0: there was none."""
        with self.store.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(stamp), 0) FROM counts").fetchone()[0])

    def scrape(self, scope: bytes) -> Scrape | None:
        """The last finished scrape of a source, whoever made it."""
        with self.store.reading() as connection:
            row = connection.execute("SELECT at, marks, members FROM scrapes WHERE scope = ?", (scope,)).fetchone()
        return Scrape(*row) if row else None

    def save(self, lease: Lease, scrape: Scrape, rows: Sequence[Row]) -> None:
        """Write buckets and the scrape they include as one.

        Raises LeaseLost when another process scrapes this source by now, StoreFailed when the disk says no; nothing
        is written then.
        """
        with self.store.writing() as connection:
            if not lease.mine(connection):
                raise LeaseLost("another console scrapes this source now")
            stamp = connection.execute("SELECT coalesce(max(stamp), 0) + 1 FROM counts").fetchone()[0]
            connection.executemany(
                f"INSERT INTO counts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET bad = excluded.bad, total = excluded.total, seen = excluded.seen, "
                # a console that could not read what was kept must not replace it with less
                "stamp = excluded.stamp, checksum = excluded.checksum WHERE excluded.seen >= counts.seen",
                [(row.identity, *row.bucket, stamp, _checksum(row)) for row in rows],
            )
            connection.execute(
                "INSERT OR REPLACE INTO scrapes (scope, at, marks, members) VALUES (?, ?, ?, ?)",
                (lease.scope, scrape.at, scrape.marks, scrape.members),
            )
            if scrape.at - self._pruned >= 3600:
                self._pruned = scrape.at
                old = [(width, int(scrape.at) - seconds) for width, seconds in _KEEP.items()]
                connection.executemany(
                    "DELETE FROM counts WHERE identity = ? AND width = ? AND start < ?",
                    [(identity, *limit) for identity in {row.identity for row in rows} for limit in old],
                )

    def _checked(self, rows: Iterable[tuple[bytes, int, int, float, float, float, int, int]]) -> list[Row]:
        good: list[Row] = []
        for identity, width, start, bad, total, seen, _, checksum in rows:
            row = Row(identity, Count(width, start, bad, total, seen))
            if _checksum(row) == checksum:
                good.append(row)
            else:
                self.damaged += 1
        return good


def _checksum(row: Row) -> int:
    try:
        return crc32(_PACK.pack(*row.bucket), crc32(row.identity))
    except (struct.error, TypeError):
        return -1  # a damaged row may hold anything
