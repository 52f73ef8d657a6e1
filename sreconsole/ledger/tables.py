"""The tables of `history.db`, what makes a row of them whole, and what becomes of rows found in a damaged file.

Every row carries a checksum over all it says, so that a row is either what was written or is not used.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from zlib import crc32

from sreconsole.ledger import fine
from sreconsole.ledger.layout import Layout, run
from sreconsole.ledger.salvage import Found, Value

COUNTS = "identity, width, start, bad, total, seen, stamp, checksum"
SCRAPES = "scope, at, marks, members, checksum"
LEASES = "scope, token, host, pid, started, expires, checksum"
CHANGES = "scope, at, service, slo, before, after, reason, checksum"
DEPLOYS = "scope, id, at, seen, status, service, environment, version, sha, body, checksum"
FINE = "start, width, identity, interval, blob, checksum"
_PACK = struct.Struct("<qqddd")
_MOST = 1 << 62


def count_seal(identity: Value, width: Value, start: Value, bad: Value, total: Value, seen: Value) -> int:
    """The checksum of a bucket; -1: it holds what no bucket can."""
    if type(identity) is not bytes:
        return -1
    try:
        return crc32(_PACK.pack(width, start, bad, total, seen), crc32(identity))
    except struct.error:
        return -1


def seal(*values: Value) -> int:
    """The checksum of any other row."""
    return crc32(ascii(values).encode())


def audit(connection: sqlite3.Connection) -> int:
    """How many rows are not what was written. Rows of a console of version 1 that runs beside have no checksum."""
    bad = 0
    for *row, _, check in connection.execute(f"SELECT {COUNTS} FROM counts"):
        bad += count_seal(*row) != check
    for table, columns in (("scrapes", SCRAPES), ("leases", LEASES), ("changes", CHANGES), ("deploys", DEPLOYS)):
        for *row, check in connection.execute(f"SELECT {columns} FROM {table}"):
            bad += check is not None and seal(*row) != check
    for *row, check in connection.execute(f"SELECT {FINE} FROM fine"):
        bad += fine.checksum(*row) != check
    return bad


def rescue(found: Iterable[Found], connection: sqlite3.Connection) -> int:
    """Write every whole row into a new file; returns how many rows that were.

    Of a bucket the version counts that stands where the newest does, then the one that saw most of it, then the newest
    by its stamp (which may be damaged itself). Where to go on scraping from is only taken where no newer version can
    have been lost: going on from an older one would count events twice.
    """
    connection.execute(
        "CREATE TEMP TABLE sighted (identity, width, start, bad REAL, total REAL, seen REAL, stamp, checksum, live, "
        "PRIMARY KEY (identity, width, start)) WITHOUT ROWID"
    )
    connection.execute(
        "CREATE TEMP TABLE sighted_fine (start, width, identity, interval REAL, blob, checksum, live, known, "
        "PRIMARY KEY (start, width, identity)) WITHOUT ROWID"
    )
    scrapes: dict[Value, tuple[Value, ...]] = {}
    leases: dict[Value, tuple[Value, ...]] = {}
    changes: set[tuple[Value, ...]] = set()
    deploys: dict[tuple[Value, ...], tuple[Value, ...]] = {}
    for values, live in found:
        if len(values) == 8:
            _sight(connection, values, live)
        elif len(values) == 6:
            _sight_fine(connection, values, live)
        elif len(values) == 9 and values[0] is None:
            row = (values[1], _real(values[2]), *values[3:])
            if seal(*row[:-1]) == row[-1]:
                changes.add(row)
        elif len(values) == 11:
            _told_last(deploys, (*values[:2], _real(values[2]), _real(values[3]), *values[4:]))
        elif len(values) == 5 and live:
            _newest(scrapes, (values[0], _real(values[1]), *values[2:]), 1)
        elif len(values) == 7 and live:
            _newest(leases, (*values[:5], _real(values[5]), values[6]), 5)
    connection.execute(f"INSERT INTO counts ({COUNTS}) SELECT {COUNTS} FROM sighted")
    connection.execute("DROP TABLE sighted")
    connection.execute(f"INSERT INTO fine ({FINE}) SELECT {FINE} FROM sighted_fine")
    connection.execute("DROP TABLE sighted_fine")
    # By time, as the numbers they had are not known of all; the order decides what counts as recorded last.
    ordered = sorted(changes, key=lambda row: (row[1], str(row)))
    _insert(connection, "scrapes", SCRAPES, scrapes.values())
    _insert(connection, "leases", LEASES, leases.values())
    _insert(connection, "changes", CHANGES, ordered)
    _insert(connection, "deploys", DEPLOYS, deploys.values())
    counted = connection.execute("SELECT (SELECT count(*) FROM counts) + (SELECT count(*) FROM fine)").fetchone()[0]
    return int(counted) + len(scrapes) + len(ordered) + len(deploys)


def _sight(connection: sqlite3.Connection, values: Sequence[Value], live: bool) -> None:
    """Note a version of a bucket, if it is whole and none that is better was found."""
    identity, width, start, bad, total, seen, stamp, check = values
    row = (identity, width, start, _real(bad), _real(total), _real(seen))
    if count_seal(*row) != check:
        return
    connection.execute(
        f"INSERT INTO sighted ({COUNTS}, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET bad = excluded.bad, total = excluded.total, seen = excluded.seen, "
        "stamp = excluded.stamp, checksum = excluded.checksum, live = excluded.live "
        "WHERE (excluded.live, excluded.seen, excluded.stamp) > (sighted.live, sighted.seen, sighted.stamp)",
        (*row, stamp if type(stamp) is int and 0 <= stamp < _MOST else 0, check, live),
    )


def _sight_fine(connection: sqlite3.Connection, values: Sequence[Value], live: bool) -> None:
    """Note a version of a row of fine buckets, if it is whole and none that knows more was found."""
    start, width, identity, interval, blob, check = values
    row = (start, width, identity, _real(interval), blob)
    if fine.checksum(*row) != check:
        return
    known = fine.known(fine.Chunk(*row, check))  # type: ignore[arg-type]  # they are: the checksum fits
    connection.execute(
        f"INSERT INTO sighted_fine ({FINE}, live, known) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "interval = excluded.interval, blob = excluded.blob, checksum = excluded.checksum, live = excluded.live, "
        "known = excluded.known WHERE (excluded.live, excluded.known) > (sighted_fine.live, sighted_fine.known)",
        (*row, check, live, known),
    )


def _newest(rows: dict[Value, tuple[Value, ...]], row: tuple[Value, ...], by: int) -> None:
    """Keep a row if it is whole and none that is newer by that column was found."""
    if seal(*row[:-1]) != row[-1]:
        return
    before = rows.get(row[0])
    if before is None or float(before[by] or 0) < float(row[by] or 0):
        rows[row[0]] = row


def _told_last(rows: dict[tuple[Value, ...], tuple[Value, ...]], row: tuple[Value, ...]) -> None:
    """Keep a deploy if it is whole and was not told of later."""
    if seal(*row[:-1]) != row[-1]:
        return
    before = rows.get(row[:2])
    if before is None or float(before[3] or 0) < float(row[3] or 0):
        rows[row[:2]] = row


def _insert(connection: sqlite3.Connection, table: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> None:
    marks = ", ".join("?" for _ in columns.split(","))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _real(value: Value) -> Value:
    """SQLite stores reals without a fraction as integers."""
    return float(value) if type(value) is int else value


def _from_first(connection: sqlite3.Connection) -> None:
    """Version 1 had no changes, and checksums on counts only."""
    run(connection, _WIDENED + _CHANGES_TABLE)
    for row in connection.execute("SELECT scope, at, marks, members FROM scrapes").fetchall():
        connection.execute("UPDATE scrapes SET checksum = ? WHERE scope = ?", (seal(*row), row[0]))


def _from_second(connection: sqlite3.Connection) -> None:
    """Version 2 had no deploys."""
    run(connection, _DEPLOYS_TABLE)


def _from_third(connection: sqlite3.Connection) -> None:
    """Version 3 had no fine buckets."""
    run(connection, _FINE_TABLE)


_WIDENED = "ALTER TABLE scrapes ADD COLUMN checksum INTEGER; ALTER TABLE leases ADD COLUMN checksum INTEGER;"
_CHANGES_TABLE = """
CREATE TABLE changes (number INTEGER PRIMARY KEY, scope BLOB NOT NULL, at REAL NOT NULL, service TEXT NOT NULL,
    slo TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_key ON changes (scope, service, slo)
"""
_DEPLOYS_TABLE = """
CREATE TABLE deploys (scope BLOB NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, seen REAL NOT NULL, status TEXT NOT NULL,
    service TEXT NOT NULL, environment TEXT NOT NULL, version TEXT NOT NULL, sha TEXT NOT NULL, body TEXT NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (scope, id)) WITHOUT ROWID
"""
# By time first: what is written at once shares pages, and so does what goes at once.
_FINE_TABLE = """
CREATE TABLE fine (start INTEGER NOT NULL, width INTEGER NOT NULL, identity BLOB NOT NULL, interval REAL NOT NULL,
    blob BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (start, width, identity)) WITHOUT ROWID
"""
LAYOUT = Layout(
    application=0x53524548,
    version=4,
    schema=f"""
CREATE TABLE counts (identity BLOB NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, bad REAL NOT NULL,
    total REAL NOT NULL, seen REAL NOT NULL, stamp INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (identity, width, start)) WITHOUT ROWID;
CREATE INDEX counts_stamp ON counts (stamp);
CREATE TABLE scrapes (scope BLOB PRIMARY KEY, at REAL NOT NULL, marks BLOB NOT NULL, members TEXT NOT NULL,
    checksum INTEGER) WITHOUT ROWID;
CREATE TABLE leases (scope BLOB PRIMARY KEY, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    started INTEGER NOT NULL, expires REAL NOT NULL, checksum INTEGER) WITHOUT ROWID;
{_CHANGES_TABLE};
{_DEPLOYS_TABLE};
{_FINE_TABLE}""",
    keeps="counts, status changes and deploys",
    probe=(
        f"SELECT {COUNTS} FROM counts LIMIT 0",
        f"SELECT {SCRAPES} FROM scrapes LIMIT 0",
        f"SELECT {LEASES} FROM leases LIMIT 0",
        f"SELECT number, {CHANGES} FROM changes LIMIT 0",
        f"SELECT {DEPLOYS} FROM deploys LIMIT 0",
        f"SELECT {FINE} FROM fine LIMIT 0",
    ),
    upgrades={1: _from_first, 2: _from_second, 3: _from_third},
    rescue=rescue,
    audit=audit,
)
