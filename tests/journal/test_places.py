"""Files that are not ours, that others may write, that are damaged: said, never touched, and no entry is lost."""

from __future__ import annotations

import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sreconsole.journal.journal import JournalFailed
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.sqlite_journal import SqliteStore
from tests.journal.entries import Clock, entry, journal, numbers, outcome, raw


def state(recorder: Recorder) -> str:
    """What it says of itself, or nothing."""
    return recorder.state or ""


def link(path: Path) -> None:
    store = SqliteStore(path.with_name("other.db"))
    store.put([])
    store.close()
    path.symlink_to(path.with_name("other.db"))


def foreign(path: Path) -> None:
    hand = raw(path)
    hand.execute("CREATE TABLE bills (sum REAL)")
    hand.close()


def newer(path: Path) -> None:
    store = SqliteStore(path)
    store.put([])
    store.close()
    hand = raw(path)
    hand.execute("PRAGMA user_version = 2")
    hand.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link, "is a symbolic link"),
        (foreign, "is no journal of ours"),
        (newer, "was written by a newer sreconsole"),
        (lambda path: path.write_text("dear diary"), "is no journal of ours, or damaged"),
        (lambda path: path.mkdir(), "is not a file"),
        (os.mkfifo, "is not a file"),
    ],
)
def test_what_is_not_ours_is_left_alone(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "journal.db"
    make(path)
    before = {p.name: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()}
    recorder = journal(tmp_path)
    assert state(recorder) == ""
    recorder.write(entry(1))
    assert f"the journal journal.db {said}" in state(recorder)
    assert "1 entry waits in spool-" in state(recorder)
    assert numbers(recorder) == [1]
    recorder.close()
    after = {p.name: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()}
    assert {name: value for name, value in after.items() if not name.startswith("spool-")} == before


def test_what_waited_is_delivered_when_the_file_is_right_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_text("dear diary")
    clock = Clock()
    recorder = journal(tmp_path, clock=clock)
    recorder.write(entry(1))
    _, cursor = recorder.newer(None)
    path.unlink()
    recorder.write(entry(2))
    assert not path.exists(), "not tried again at once"
    clock.now += 6
    rows, cursor = recorder.newer(cursor)
    assert [r.entry for r in rows] == [entry(1), entry(2)]
    assert state(recorder) == ""
    assert recorder.newer(cursor)[0] == []
    recorder.ended(outcome(1))
    assert numbers(recorder) == [1, 2]
    assert recorder.verify() == []
    recorder.close()
    assert SqliteStore(path).end() == 3


def test_another_process_delivers_what_one_that_was_killed_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.mkdir()
    journal(tmp_path, name="killed").write(entry(1))
    path.rmdir()
    other = journal(tmp_path)
    assert [r.entry for r in other.read(0)] == [entry(1)]
    assert (other.verify(), state(other)) == ([], "")
    other.close()
    assert SqliteStore(path).end() == 1


def test_a_journal_that_lost_what_was_delivered_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.mkdir()
    journal(tmp_path, name="killed").write(entry(1))
    path.rmdir()
    other = journal(tmp_path)
    other.newer(None)
    other.close()
    path.unlink()
    (said,) = other.verify()
    assert said.endswith("was delivered and is not here as it was")
    other.close()


def test_entries_of_another_journal_do_not_come_here(tmp_path: Path) -> None:
    from sreconsole.journal.spool import Spool

    away = tmp_path / "away"
    away.mkdir()
    one = Recorder(SqliteStore(away), Spool(tmp_path, "staging"), "one", Clock())
    one.write(entry(1))
    one.close()
    other = Recorder(SqliteStore(tmp_path / "prod.db"), Spool(tmp_path, "prod"), "two", Clock())
    assert numbers(other) == []
    other.close()


def test_what_can_be_kept_nowhere_is_said_and_what_came_of_something_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("")
    clock = Clock()
    recorder = journal(folder, clock=clock)
    with pytest.raises(JournalFailed, match=r"nothing can be written to the journal: journal\.db .*; spool-"):
        recorder.write(entry(1))
    with pytest.raises(JournalFailed):
        recorder.ended(outcome(7))
    folder.unlink()
    clock.now += 6
    recorder.write(entry(2))
    assert numbers(recorder) == [2], "an intent that was refused never was one"
    recorder.write(entry(7))
    assert recorder.read(0)[-1].outcome == outcome(7)
    assert recorder.verify() == []
    recorder.close()


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    recorder = journal(tmp_path)
    recorder.write(entry(1))
    store = recorder._store
    assert isinstance(store, SqliteStore)
    with store.using() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    recorder.write(entry(2, text="x" * 3900, facts={"much": ["y" * 9000] * 9}))
    assert "database or disk is full" in state(recorder)
    assert numbers(recorder) == [1, 2]
    recorder.close()


def damage(path: Path, dice: random.Random, times: int) -> None:
    """Overwrite pages of a file that nobody has open, but for those that lead to all others."""
    data = bytearray(path.read_bytes())
    for _ in range(times):
        at = dice.randrange(12, len(data) // 4096) * 4096
        data[at : at + 4096] = dice.randbytes(4096)
    path.write_bytes(data)


@pytest.mark.parametrize("number", range(6))
def test_a_damaged_file_is_read_as_far_as_it_goes_and_left_as_it_is(tmp_path: Path, number: int) -> None:
    path = tmp_path / "journal.db"
    first = journal(tmp_path)
    for one in range(1, 201):
        first.write(entry(one, text="x" * 1000))
    first.close()
    damage(path, random.Random(number), 3)
    before = path.read_bytes()
    clock = Clock()
    recorder = journal(tmp_path, clock=clock)
    known = set(numbers(recorder))
    assert "journal.db is damaged (" in state(recorder)
    assert len(known) > 150
    recorder.write(entry(300))
    recorder.ended(outcome(300))
    assert set(numbers(recorder)) == {*known, 300}
    assert recorder.verify()[0] == recorder.state
    clock.now += 100
    recorder.newer(None)
    recorder.close()
    assert path.read_bytes() == before
    shutil.move(path, tmp_path / "away.db")
    clock.now += 100
    assert numbers(recorder) == [300]
    assert state(recorder) == ""
    recorder.close()


def test_a_file_that_is_damaged_while_it_is_used_is_noticed(tmp_path: Path) -> None:
    recorder = journal(tmp_path)
    for one in range(1, 101):
        recorder.write(entry(one, text="x" * 1000))
    hand = raw(tmp_path / "journal.db")
    hand.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    hand.close()
    with (tmp_path / "journal.db").open("r+b") as file:
        for at in range(4096, (tmp_path / "journal.db").stat().st_size, 8192):
            file.seek(at)
            file.write(b"\xff" * 4096)
    other = journal(tmp_path)
    other.write(entry(200))
    assert "is damaged" in state(other)
    assert 200 in numbers(other)
    other.close()
    recorder.close()


def test_a_file_that_somebody_holds_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sreconsole.journal.sqlite_file._BUSY_MS", 50)
    clock = Clock()
    recorder = journal(tmp_path, clock=clock)
    recorder.write(entry(1))
    hand = raw(tmp_path / "journal.db")
    hand.execute("BEGIN EXCLUSIVE")
    recorder.write(entry(2))
    assert "is held by somebody else: 1 entry waits" in state(recorder)
    hand.execute("COMMIT")
    hand.close()
    clock.now += 6
    assert numbers(recorder) == [1, 2]
    assert (state(recorder), recorder.verify()) == ("", [])
    recorder.close()


def test_a_network_file_system_gets_a_rollback_journal(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"36 35 98:0 / {tmp_path} rw - nfs4 server:/home rw\n")
    store = SqliteStore(tmp_path / "journal.db", mounts=table)
    recorder = journal(tmp_path, store)
    recorder.write(entry(1))
    with store.using() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    recorder.close()


def test_a_private_file_that_was_loosened_is_tightened(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    recorder = journal(tmp_path)
    recorder.write(entry(1))
    recorder.close()
    path.chmod(0o666)
    recorder.read(0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    recorder.close()
