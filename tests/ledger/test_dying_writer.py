"""A writer who dies between its commit and the word of it leaves frames in the log that the next writer cuts in two.

That looks like damage to what was committed. The gate remembers that somebody died, and in which generation of the log.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from sreconsole.domain.tally import Count
from sreconsole.ledger.history import History, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.tables import LAYOUT, count_seal

T0 = 1_763_856_000
SCOPE = b"s" * 16
LIVING, DYING = b"living".ljust(16), b"dying".ljust(16)


def rows(identity: bytes, count: int) -> list[Row]:
    return [Row(identity, Count(3600, T0 + 3600 * number, 1.0, 2.0, 3600.0)) for number in range(count)]


def log_after(start: Path, folder: Path, added: list[Row]) -> bytes:
    """The log of a copy of a history to which rows were committed."""
    shutil.copytree(start, folder)
    connection = sqlite3.connect(folder / "history.db", isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("BEGIN IMMEDIATE")
    for row in added:
        values = (row.identity, *row.bucket, 7, count_seal(row.identity, *row.bucket))
        connection.execute("INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    connection.execute("COMMIT")
    log = (folder / "history.db-wal").read_bytes()
    connection.close()
    return log


@pytest.mark.parametrize("state", ["died before", "died just now", "nobody died"])
def test_what_a_dying_writer_leaves_in_the_log_is_no_damage(tmp_path: Path, state: str) -> None:
    start = tmp_path / "start"
    start.mkdir()
    history = History.open(tmp_path / "history.db")
    lease = Lease(history.store, SCOPE, 45.0)
    assert lease.acquire(T0)
    history.save(lease, Scrape(T0), rows(LIVING, 3))
    for part in ("", "-wal"):
        shutil.copy(tmp_path / f"history.db{part}", start)
    history.close()

    dying, living = log_after(start, tmp_path / "dying", rows(DYING, 500)), log_after(
        start, tmp_path / "living", rows(LIVING, 9)[3:]
    )  # fmt: skip
    assert len(dying) > len(living) + 5 * 4120
    assert dying[:32] == living[:32]
    path = start / "history.db"
    path.with_name("history.db-wal").write_bytes(living + dying[len(living) :])
    gate = b"2\n".ljust(16, b"\0") + (b"1" if state == "died just now" else b"0").ljust(8, b"\0")
    path.with_name("history.db-lock").write_bytes(gate + (living[16:24] if state == "died before" else bytes(8)))

    again = History.open(path)
    assert again.rows([LIVING], 3600, 0, 1e12) == rows(LIVING, 9)
    if state == "nobody died":
        assert "was damaged" in (again.notice or "")
    else:
        assert again.notice is None
        assert again.rows([DYING], 3600, 0, 1e12) == []
    again.close()


def test_who_died_is_remembered_until_the_log_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history = History.open(path)
    assert history.stamp() == 0
    lock = path.with_name("history.db-lock")
    lock.write_bytes(lock.read_bytes().ljust(16, b"\0")[:16] + b"1")
    lease = Lease(history.store, SCOPE, 45.0)
    assert lease.acquire(T0)
    log = path.with_name("history.db-wal").read_bytes()
    content = lock.read_bytes()
    assert content[:2] == b"%d\n" % LAYOUT.version
    assert content[16:17] == b"0"
    history.save(lease, Scrape(T0), rows(LIVING, 1))
    assert lock.read_bytes() == content
    assert len(content) == 32
    assert content[24:] in (log[16:24], bytes(8))  # the log had no generation yet when it was empty
    history.close()
