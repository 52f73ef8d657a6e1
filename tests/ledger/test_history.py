"""history.db: committed as one, whole rows only, never touching a file that is not ours; and who may scrape."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sreconsole.domain.tally import Count
from sreconsole.ledger.history import History, LeaseLost, Row, Scrape
from sreconsole.ledger.lease import Holder, Lease
from sreconsole.ledger.store import Store, StoreFailed
from sreconsole.ledger.tables import LAYOUT
from sreconsole.mounts import on_network

T0 = 1_763_856_000
SCOPE, OTHER = b"s" * 16, b"o" * 16
ID, ID2 = b"a" * 16, b"b" * 16


def row(start: int = T0, width: int = 60, bad: float = 1.0, total: float = 5.0, identity: bytes = ID) -> Row:
    return Row(identity, Count(width, start, bad, total, float(width)))


def held(history: History, now: float = T0) -> Lease:
    lease = Lease(history.store, SCOPE, 45.0)
    assert lease.acquire(now)
    return lease


def test_rows_come_back_as_written_also_after_opening_anew(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state" / "history.db"
    history = History.open(path)
    assert history.notice is None
    rows = [row(), row(T0 + 60, bad=-0.25), row(width=3600, total=1e15 + 0.5), row(identity=ID2)]
    lease = held(history)
    history.save(lease, Scrape(T0 + 61.5, b"\x00marks", '{"a": 1}'), rows)
    history.save(lease, Scrape(T0 + 75.0, b"more", "{}"), [row(T0 + 60, total=9)])
    history.close()
    again = History.open(path)
    assert again.rows([ID], 60, 0, T0 + 200) == [rows[0], row(T0 + 60, total=9)]
    assert again.rows([ID, ID2], 60, 0, T0 + 119.9) == [rows[0], rows[3]]
    assert again.rows([ID], 3600, 0, T0 + 3600) == [rows[2]]
    assert again.scrape(SCOPE) == Scrape(T0 + 75.0, b"more", "{}")
    assert again.scrape(OTHER) is None
    again.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_others_see_only_what_changed(tmp_path: Path) -> None:
    writer, reader = History.open(tmp_path / "h.db"), History.open(tmp_path / "h.db")
    lease = held(writer)
    writer.save(lease, Scrape(T0), [row(), row(T0 + 60)])
    stamp, rows = reader.changes(0)
    assert rows == [row(), row(T0 + 60)]
    assert reader.changes(stamp) == (stamp, [])
    assert reader.stamp() == stamp
    writer.save(lease, Scrape(T0), [row(T0 + 60, total=7)])
    assert reader.changes(stamp)[1] == [row(T0 + 60, total=7)]


def test_a_bucket_is_not_replaced_by_one_that_saw_less_of_it(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    lease = held(history)
    history.save(lease, Scrape(T0), [row()])
    less = Row(ID, Count(60, T0, 0.0, 1.0, 30.0))
    history.save(lease, Scrape(T0 + 1), [less])
    assert history.rows([ID], 60, 0, T0 + 60) == [row()]
    history.save(lease, Scrape(T0 + 2), [row(total=8)])
    assert history.rows([ID], 60, 0, T0 + 60) == [row(total=8)]


def test_a_damaged_row_is_left_out_and_counted(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    history.save(held(history), Scrape(T0), [row(), row(T0 + 60), row(T0 + 120)])
    with sqlite3.connect(tmp_path / "h.db") as other:
        other.execute("UPDATE counts SET total = total + 1 WHERE start = ?", (T0 + 60,))
        other.execute("UPDATE counts SET bad = 'text' WHERE start = ?", (T0 + 120,))
    other.close()
    assert history.rows([ID], 60, 0, T0 + 999) == [row()]
    assert history.damaged == 2


def test_fine_buckets_go_with_time_and_hours_stay(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    lease = held(history)
    history.save(lease, Scrape(T0), [row(), row(width=300), row(width=3600)])
    later = T0 + 5 * 86_400
    assert lease.acquire(later)
    history.save(lease, Scrape(later), [row(later)])
    assert history.rows([ID], 60, 0, later + 60) == [row(later)]
    assert history.rows([ID], 300, 0, later) == []
    assert history.rows([ID], 3600, 0, later) == [row(width=3600)]


@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_committed_rows_survive_kill_9(tmp_path: Path, journal: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - {'nfs4' if journal == 'truncate' else 'ext4'} none rw\n")
    script = f"""
import os, signal
from pathlib import Path
from sreconsole.ledger.history import *
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from sreconsole.domain.tally import Count
history = History(Store.open(Path({str(tmp_path / "h.db")!r}), LAYOUT, Path({str(mounts)!r})))
lease = Lease(history.store, {SCOPE!r}, 45.0); lease.acquire({T0})
history.save(lease, Scrape({T0}), [Row({ID!r}, Count(60, {T0}, 1.0, 5.0, 60.0))])
with history.store.writing() as connection:
    print(connection.execute("PRAGMA journal_mode").fetchone()[0], flush=True)
    connection.execute("UPDATE counts SET total = 99")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (-9, journal)
    assert History.open(tmp_path / "h.db").rows([ID], 60, 0, T0 + 60) == [row()]


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    lease = held(history)
    broken = Row(ID, Count(60, T0, 1.0, float("nan"), 60.0))  # NaN is NULL to SQLite, and refused
    with pytest.raises(StoreFailed, match="cannot be kept just now"):
        history.save(lease, Scrape(T0), [row(), broken])
    assert history.rows([ID], 60, 0, T0 + 60) == []
    assert history.scrape(SCOPE) is None


def foreign(kind: str, path: Path) -> bytes:
    if kind == "newer":
        assert History.open(path).notice is None
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA user_version = {LAYOUT.version + 1}")
        other.close()
    elif kind == "foreign":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE theirs (x)")
        other.close()
    else:
        path.write_bytes(b"\x00garbage" * 100)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "words"), [("newer", "newer sreconsole"), ("foreign", "no database of ours"), ("garbage", "or damaged")]
)
def test_a_file_that_is_not_ours_is_not_touched(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / "h.db"
    before = foreign(kind, path)
    history = History.open(path)
    assert words in (history.notice or "")
    assert "in memory only" in (history.notice or "")
    history.save(held(history), Scrape(T0), [row()])
    assert history.rows([ID], 60, 0, T0 + 60) == [row()]
    history.close()
    assert path.read_bytes() == before


def test_where_nothing_can_be_written_memory_serves_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.db").mkdir()
    os.mkfifo(tmp_path / "pipe.db")
    for path in (tmp_path / "file" / "h.db", tmp_path / "folder.db", tmp_path / "pipe.db", Path("/proc/nowhere/h.db")):
        history = History.open(path)
        assert (history.notice or "").startswith(str(path))
        assert "in memory only" in (history.notice or "")
        history.save(held(history), Scrape(T0), [row()])
    assert History.open(None).notice is None


def test_a_network_file_system_is_known_by_the_mount_table(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    home = tmp_path / "net home"
    (home / "state").mkdir(parents=True)
    lines = ["22 1 0:2 / / rw shared:1 - ext4 /dev/x rw",
             f"23 22 0:3 / {str(home).replace(' ', chr(92) + '040')} rw,nosuid - nfs4 server:/x rw",
             "24 22 0:4 / /mnt/a rw - fuse.sshfs x rw", "nonsense"]  # fmt: skip
    table.write_text("\n".join(lines))
    assert on_network(home / "state" / "h.db", table)
    assert not on_network(tmp_path / "h.db", table)
    assert not on_network(home / "h.db", tmp_path / "absent")


def test_one_holds_the_lease_until_it_runs_out_or_is_given_back(tmp_path: Path) -> None:
    one = Lease(Store.open(tmp_path / "h.db", LAYOUT), SCOPE, 45.0)
    two = Lease(Store.open(tmp_path / "h.db", LAYOUT), SCOPE, 45.0)
    elsewhere = Lease(Store.open(tmp_path / "h.db", LAYOUT), SCOPE, 45.0, Holder("other host", 1, 1))
    assert one.acquire(T0)
    assert not two.acquire(T0 + 44)
    assert Lease(Store.open(tmp_path / "h.db", LAYOUT), OTHER, 45.0).acquire(T0)
    assert one.acquire(T0 + 44)
    assert not elsewhere.acquire(T0 + 88.9)
    assert elsewhere.acquire(T0 + 89)
    assert not two.acquire(T0 + 90)  # a process of another host cannot be looked at
    elsewhere.release()
    assert two.acquire(T0 + 91)
    assert two.held
    one.release()  # not ours any more: does nothing
    assert not one.acquire(T0 + 92)


def test_a_lease_from_a_clock_far_ahead_does_not_last_for_ever(tmp_path: Path) -> None:
    one, two = (Lease(Store.open(tmp_path / "h.db", LAYOUT), SCOPE, 45.0) for _ in range(2))
    assert one.acquire(T0 + 10**8)
    assert two.acquire(T0)


def test_a_holder_who_slept_finds_the_lease_lost_and_writes_nothing(tmp_path: Path) -> None:
    history, other = History.open(tmp_path / "h.db"), History.open(tmp_path / "h.db")
    lease = held(history)
    held(other, T0 + 100)
    with pytest.raises(LeaseLost):
        history.save(lease, Scrape(T0 + 101), [row()])
    assert not lease.held
    assert other.rows([ID], 60, 0, T0 + 999) == []


def test_the_lease_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.tables import LAYOUT
from sreconsole.ledger.store import Store
print(Lease(Store.open(Path({str(tmp_path / "h.db")!r}), LAYOUT), {SCOPE!r}, 45.0).acquire({T0}), flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        mine = Lease(Store.open(tmp_path / "h.db", LAYOUT), SCOPE, 45.0)
        assert not mine.acquire(T0 + 1)
        process.kill()
        process.wait()
        assert mine.acquire(T0 + 2)


def test_a_locked_file_is_said_not_raised_as_sqlite(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    lease = held(history)
    with history.store.reading() as connection:
        connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "h.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed, match="locked"):
        history.save(lease, Scrape(T0), [row()])
    other.execute("ROLLBACK")
    other.close()
    history.save(lease, Scrape(T0), [row()])
