"""One file for a team on a host: several users of one group, whatever their umask is, and nobody else.

As root the users are real ones; as anybody else all of them are that one, and the permissions are what is looked at.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sreconsole.journal.recorder import Recorder
from sreconsole.journal.spool import Spool
from sreconsole.journal.sqlite_journal import SqliteStore
from tests.journal.entries import Clock, entry, numbers, outcome

ROOT = os.geteuid() == 0
ANA, BEN, EVE, TEAM = (41001, 41002, 41003, 41000) if ROOT else (os.geteuid(),) * 3 + (os.getegid(),)


@pytest.fixture
def common() -> Iterator[Path]:
    """A directory of the team, with the group's bit set, where everybody can come to."""
    top = Path(tempfile.mkdtemp(prefix="sreconsole-shared-"))
    top.chmod(0o711)
    folder = top / "common"
    folder.mkdir()
    os.chown(folder, -1, TEAM)
    folder.chmod(0o2770)
    yield folder
    shutil.rmtree(top)


def as_user(user: int, *groups: int) -> Callable[[Callable[[], None]], None]:
    """Run something in a child that is this user, with the tightest of all umasks."""

    def run(work: Callable[[], None]) -> None:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.umask(0o077)
            said = b""
            try:
                if ROOT:
                    os.setgroups(groups)
                    os.setgid(user)
                    os.setuid(user)
                work()
            except BaseException:  # noqa: BLE001 (told to the parent)
                said = traceback.format_exc().encode()
            os.write(writing, said)
            os._exit(bool(said))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            trace = pipe.read()
        _, status = os.waitpid(child, 0)
        assert status == 0, trace

    return run


def shared(folder: Path, mode: int | None = 0o660) -> Recorder:
    """The journal that is shared, with nothing to fall back on."""
    return Recorder(SqliteStore(folder / "journal.db", mode), None, f"bastion-2:{os.getpid()}", Clock())


def test_users_of_a_group_write_to_one_file_at_once(common: Path) -> None:
    def ana() -> None:
        recorder = shared(common)
        recorder.write(entry(1))
        recorder.ended(outcome(1))
        recorder.close()

    as_user(ANA, TEAM)(ana)
    path = common / "journal.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert (path.stat().st_uid, path.stat().st_gid) == (ANA, TEAM)
    mine = shared(common)  # holds it open while the others write
    mine.write(entry(2))
    found = {p.name: (stat.S_IMODE(p.stat().st_mode), p.stat().st_gid) for p in common.iterdir()}
    assert found == dict.fromkeys(("journal.db", "journal.db-wal", "journal.db-shm"), (0o660, TEAM))

    def ben() -> None:
        recorder = shared(common)
        recorder.write(entry(3))
        assert numbers(recorder) == [1, 2, 3]
        assert recorder.verify() == []
        recorder.close()

    as_user(BEN, TEAM)(ben)
    as_user(ANA, TEAM)(lambda: shared(common).write(entry(4)))  # and ends without closing it
    assert numbers(mine) == [1, 2, 3, 4]
    assert mine.verify() == []
    mine.close()
    found = {p.name: (stat.S_IMODE(p.stat().st_mode), p.stat().st_gid) for p in common.iterdir()}
    assert set(found.values()) == {(0o660, TEAM)}


def test_files_beside_it_that_one_user_makes_serve_the_other(common: Path) -> None:
    def leave(number: int) -> Callable[[], None]:
        def work() -> None:
            shared(common).write(entry(number))
            os._exit(0)  # without closing: the log stays

        return work

    for number in range(1, 9):
        as_user(ANA if number % 2 else BEN, TEAM)(leave(number))
        assert (common / "journal.db-wal").exists()
    mine = shared(common)
    assert numbers(mine) == list(range(1, 9))
    assert mine.verify() == []
    mine.close()


def test_others_are_told_why_they_cannot(common: Path) -> None:
    if not ROOT:
        return  # a user who is alone has no others
    mine = shared(common)
    mine.write(entry(1))
    mine.close()
    os.chown(common / "journal.db", ANA, TEAM)

    def said(mode: int | None) -> str:
        recorder = Recorder(SqliteStore(common / "journal.db", mode), Spool(common.parent / "eve", "x"), "eve", Clock())
        recorder.write(entry(2))
        recorder.close()
        return recorder.state or ""

    (common.parent / "eve").mkdir()
    os.chown(common.parent / "eve", EVE, EVE)

    def stranger() -> None:
        assert "the journal journal.db cannot be written (Permission denied)" in said(0o660), said(0o660)

    as_user(EVE)(stranger)
    common.chmod(0o2777)

    def visitor() -> None:
        assert "cannot be written by this account (its mode is 0660): 1 entry waits" in said(0o660), said(0o660)
        assert "belongs to somebody else" in said(None)

    as_user(EVE)(visitor)
    assert {p.stat().st_uid for p in common.iterdir()} == {ANA}


def test_a_directory_that_is_not_there_is_not_made_for_a_team(common: Path) -> None:
    recorder = Recorder(SqliteStore(common / "x" / "journal.db", 0o660), Spool(common, "x"), "ana", Clock())
    recorder.write(entry(1))
    assert f"cannot be made: there is no directory {common / 'x'}" in str(recorder.state)
    recorder.close()


def test_opening_it_twice_in_a_process_drops_no_lock(common: Path) -> None:
    one = SqliteStore(common / "journal.db", 0o660)
    one.put([])
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    another = [sys.executable, "-c", code, str(common / "journal.db")]  # a fork would inherit what SQLite knows here
    with one.writing():
        other = SqliteStore(common / "journal.db", 0o660)
        assert other.after(0, 1) == []
        assert b"database is locked" in subprocess.run(another, capture_output=True, check=False).stderr
        other.close()
    assert subprocess.run(another, capture_output=True, check=False).returncode == 0
    one.close()
