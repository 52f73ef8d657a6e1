"""Scrape counts that no source can give again, in `history.db`: buckets by what they measure, and where to go on from.

A bucket is named by the hash of its measurement (`domain.identity`), never by the name of an SLO. Counts are stored as
whole values with a checksum each, together with the last samples they include, in one transaction: after a crash the
next start goes on from exactly there. 1 h buckets are kept for good, finer ones as long as a window can ask for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from sreconsole.domain.tally import Count
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.store import Store, StoreFailed
from sreconsole.ledger.tables import COUNTS, LAYOUT, SCRAPES, count_seal, seal
from sreconsole.records import dataclass

_KEEP = {60: 86_400, 300: 4 * 86_400}
Stored = tuple[bytes, int, int, float, float, float, int, int]


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
        """What people should know of the file, in a sentence; None when all is well."""
        return self.store.notice

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def rows(self, identities: Sequence[bytes], width: int, since: int, until: float) -> list[Row]:
        """Buckets of one width that start at or after `since` and end by `until`, oldest first for each identity."""

        def work(connection: sqlite3.Connection) -> list[Stored]:
            return [
                row
                for identity in identities
                for row in connection.execute(
                    f"SELECT {COUNTS} FROM counts WHERE identity = ? AND width = ? AND start >= ? AND start <= ? "
                    "ORDER BY start",
                    (identity, width, since, int(until // 1) - width),
                )
            ]

        return self._checked(self.store.read(work))

    def changes(self, after: int) -> tuple[int, list[Row]]:
        """Buckets written after a stamp (any source's), and the newest stamp."""
        rows = self.store.read(
            lambda connection: connection.execute(
                f"SELECT {COUNTS} FROM counts WHERE stamp > ? ORDER BY stamp", (after,)
            ).fetchall()
        )
        stamps = [row[6] for row in rows if type(row[6]) is int]
        return max(stamps, default=after), self._checked(rows)

    def stamp(self) -> int:
        """The stamp of the newest write; 0: there was none."""
        return self.store.read(_stamp)

    def scrape(self, scope: bytes) -> Scrape | None:
        """The last finished scrape of a source, whoever made it."""
        row = self.store.read(
            lambda connection: connection.execute(f"SELECT {SCRAPES} FROM scrapes WHERE scope = ?", (scope,)).fetchone()
        )
        if row is None:
            return None
        *values, checksum = row
        if checksum is not None and checksum != seal(*values):  # a console of version 1 writes none
            self.damaged += 1
            return None
        return Scrape(*values[1:])

    def save(self, lease: Lease, scrape: Scrape, rows: Sequence[Row]) -> None:
        """Write buckets and the scrape they include as one.

        Raises LeaseLost when another process scrapes this source by now, StoreFailed when the disk says no; nothing
        is written then.
        """
        self.store.write(lambda connection: self._save(connection, lease, scrape, rows))
        if scrape.at - self._pruned >= 3600:
            self._pruned = scrape.at
            self.store.write(lambda connection: _prune(connection, scrape.at, {row.identity for row in rows}))

    def _save(self, connection: sqlite3.Connection, lease: Lease, scrape: Scrape, rows: Sequence[Row]) -> None:
        if not lease.mine(connection):
            raise LeaseLost("another console scrapes this source now")
        stamp = _stamp(connection) + 1
        connection.executemany(
            f"INSERT INTO counts ({COUNTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET bad = excluded.bad, total = excluded.total, seen = excluded.seen, "
            # a console that could not read what was kept must not replace it with less
            "stamp = excluded.stamp, checksum = excluded.checksum WHERE excluded.seen >= counts.seen",
            [(row.identity, *row.bucket, stamp, count_seal(row.identity, *row.bucket)) for row in rows],
        )
        values = (lease.scope, float(scrape.at), scrape.marks, scrape.members)
        connection.execute(
            f"INSERT OR REPLACE INTO scrapes ({SCRAPES}) VALUES (?, ?, ?, ?, ?)", (*values, seal(*values))
        )

    def _checked(self, rows: Iterable[Stored]) -> list[Row]:
        good: list[Row] = []
        for identity, width, start, bad, total, seen, _, checksum in rows:
            if count_seal(identity, width, start, bad, total, seen) == checksum:
                good.append(Row(identity, Count(width, start, bad, total, seen)))
            else:
                self.damaged += 1
        return good


def _stamp(connection: sqlite3.Connection) -> int:
    newest = connection.execute("SELECT max(stamp) FROM counts").fetchone()[0]
    return newest if type(newest) is int else 0


def _prune(connection: sqlite3.Connection, now: float, identities: Iterable[bytes]) -> None:
    """Drop fine buckets that no window asks for any more."""
    connection.executemany(
        "DELETE FROM counts WHERE identity = ? AND width = ? AND start < ?",
        [(identity, width, int(now) - seconds) for identity in identities for width, seconds in _KEEP.items()],
    )
