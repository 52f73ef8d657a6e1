"""Where the files stand: disks that are full, places that cannot be written, files that are not ours, older versions.

Memory takes the place of what cannot be used, that is said in a sentence, and nothing there is touched.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.domain.tally import Count
from sreconsole.ledger import gate, store
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.chunks import Held
from sreconsole.ledger.history import History, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.ledger.store import StoreFailed
from tests.ledger.test_kills import OLD, old_history, spoil

T0 = 1_763_856_000
SCOPE, ID = b"s" * 16, b"a" * 16
ROW = Row(ID, Count(60, T0, 1.0, 5.0, 60.0))


def usable(history: History, ledger: LedgerFile) -> None:
    """Both do their work, wherever they are."""
    lease = Lease(history.store, SCOPE, 45.0)
    assert lease.acquire(T0)
    history.save(lease, Scrape(T0), [ROW])
    assert history.rows([ID], 60, 0, T0 + 60) == [ROW]
    ledger.save([Held(ID, 60, T0, array("d", [1.0]), array("d", [2.0]), 0.0)])
    assert ledger.load([ID], {60: T0})[0].total[0] == 2.0


def linked(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(b"")
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (linked, "is a symbolic link"),
        (os.mkfifo, "is not a file"),
        (Path.mkdir, "is not a file"),
        (lambda path: path.write_bytes(b"a letter to my aunt" * 300), "is no database of ours"),
        (lambda path: path.write_bytes(b"short"), "is no database of ours"),
    ],
    ids=["link", "pipe", "folder", "letter", "short"],
)
def test_what_is_not_ours_is_left_alone(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    for name in ("history.db", "ledger.db"):
        make(tmp_path / name)
    before = {path.name: os.lstat(path)[:8] for path in tmp_path.iterdir()}
    history, ledger = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    for notice in (history.notice, ledger.notice):
        assert words in (notice or "")
        assert "kept in memory only" in (notice or "")
    usable(history, ledger)
    after = {path.name: os.lstat(path)[:8] for path in tmp_path.iterdir() if not path.name.endswith("-lock")}
    assert after == before


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert History.open(tmp_path / "history.db").notice is None
    assert LedgerFile.open(tmp_path / "ledger.db").notice is None
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    history, ledger = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    for notice in (history.notice, ledger.notice):
        assert "belongs to somebody else" in (notice or "")
    usable(history, ledger)


def child(code: str, folder: Path) -> str:
    """What a program says that has everything loaded and stands in the folder."""
    begin = (
        "import os, resource; from pathlib import Path; from tests.ledger.test_places import *\n"
        f"os.chdir({str(folder)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("there", [False, True], ids=["empty", "with files"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    if there:
        usable(History.open(folder / "history.db"), LedgerFile.open(folder / "ledger.db"))
    folder.chmod(0o555)
    tmp_path.chmod(0o755)
    code = """
if os.geteuid() == 0:
    os.setuid(65534)  # nobody, as nothing is closed to root
history, ledger = History.open(Path("state/history.db")), LedgerFile.open(Path("state/ledger.db"))
usable(history, ledger)
print(history.notice)
print(ledger.notice)
"""
    before = sorted(os.listdir(folder))
    for line in child(code, tmp_path).splitlines():
        assert line.startswith("state/")
        assert line.endswith("kept in memory only")
    assert sorted(os.listdir(folder)) == before
    folder.chmod(0o755)


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    code = """
for room in (0, 1, 5000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    folder = Path(str(room))
    history, ledger = History.open(folder / "history.db"), LedgerFile.open(folder / "ledger.db")
    usable(history, ledger)
    print(history.notice)
    print(ledger.notice)
"""
    for line in child(code, tmp_path).splitlines():
        assert line.endswith("kept in memory only")


def test_a_disk_that_fills_and_gets_room_again(tmp_path: Path) -> None:
    code = """
history, ledger = History.open(Path("history.db")), LedgerFile.open(Path("ledger.db"))
lease = Lease(history.store, SCOPE, 1e6)
lease.acquire(T0)
saved = refused = 0
for round in range(6):
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000 + 77_777 * round, resource.RLIM_INFINITY))
    before = refused
    while refused < before + 3:
        rows = [Row(ID, Count(60, T0 + 60 * (100 * saved + n), 1.0, 5.0, 60.0)) for n in range(100)]
        try:
            history.save(lease, Scrape(T0), rows)
            saved += 1
        except StoreFailed as error:
            refused += 1
            said = str(error)
    try:
        total = array("d", [2.0]) * 20_000
        ledger.save([Held(ID, 60, T0, total, total, 0.0)])
    except StoreFailed:
        pass
    assert len(history.rows([ID], 60, 0, 1e12)) == 100 * saved
print(said)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
history.save(lease, Scrape(T0), [ROW])
ledger.save([Held(ID, 60, T0, array("d", [1.0]), array("d", [2.0]), 0.0)])
assert ledger.load([ID], {60: T0})[0].total[0] == 2.0
print(saved, flush=True)
os._exit(0)
"""
    said, saved = child(code, tmp_path).splitlines()
    assert "cannot be kept just now: history.db cannot be" in said
    history, ledger = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    assert len(history.rows([ID], 60, 0, 1e12)) == 100 * int(saved)
    assert (history.notice, ledger.notice) == (None, None)


def test_a_damaged_file_on_a_full_disk_stays_until_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    kept = old_history(path, 3000)
    with path.open("r+b") as file:
        file.write(b"SQLite fromat 3")
    before = path.read_bytes()
    code = """
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
print(History.open(Path("history.db")).notice)
"""
    assert "kept in memory only" in child(code, tmp_path)
    assert path.read_bytes() == before
    history = History.open(path)
    assert history.rows([OLD], 3600, 0, 1e12) == kept
    assert "3,001 rows were carried over" in (history.notice or "")


def test_a_damaged_file_without_its_gate_is_known_by_its_name(tmp_path: Path) -> None:
    history, ledger = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    for one, opened in (("history.db", history.store), ("ledger.db", ledger.store)):
        assert opened.notice is None
        opened.close()
        (tmp_path / f"{one}-lock").unlink()
        with (tmp_path / one).open("r+b") as file:
            file.seek(100)
            file.write(bytes(4000))
    again = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    usable(*again)
    assert "no rows were carried over" in (again[0].notice or "")
    assert "starts anew" in (again[1].notice or "")


def test_damage_that_is_met_in_use_is_repaired_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    kept = old_history(path, 3300)
    history = History.open(path)
    with history.store.reading() as connection:
        connection.execute("PRAGMA cache_size = 1")
    assert history.rows([OLD], 3600, 0, 1e12) == kept
    spoil(path)
    assert history.rows([OLD], 3600, 0, 1e12) == kept
    assert "was damaged: 3,301 rows were carried over" in (history.notice or "")
    aside = [file for file in tmp_path.iterdir() if file.name.startswith("history.db.damaged-")]
    assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in aside} == {0}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_row_that_nobody_asks_for_is_missed_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    kept = old_history(path, 300)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE counts SET identity = ? WHERE start = ?", (b"b" * 16, T0 + 3600))
    other.close()
    history = History.open(path)
    assert history.rows([OLD], 3600, 0, 1e12) == [kept[0], *kept[2:]]
    assert "was damaged: 300 rows were carried over" in (history.notice or "")


def test_a_large_file_is_checked_beside_its_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGE", 1000)
    path = tmp_path / "history.db"
    kept = old_history(path, 3000)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE counts SET identity = ? WHERE start = ?", (b"b" * 16, T0 + 3600))
    other.close()
    history = History.open(path)
    assert history.rows([OLD], 3600, 0, T0 + 3600) == kept[:1]
    deadline = time.monotonic() + 30
    while history.notice is None and time.monotonic() < deadline:
        history.stamp()
    assert "was damaged: 3,000 rows were carried over" in (history.notice or "")
    assert history.rows([OLD], 3600, 0, 1e12) == [kept[0], *kept[2:]]


def test_a_file_that_others_keep_busy_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.02)
    other = gate.Gate(tmp_path / "history.db")
    history = History.open(tmp_path / "history.db")
    with other.alone():
        assert history.notice is None
        with pytest.raises(StoreFailed, match="another console is busy with it"):
            history.stamp()
    usable(history, LedgerFile.open(None))
    assert history.notice is None
    with other.alone(), pytest.raises(StoreFailed, match="another console is busy with it"):
        Lease(history.store, ID, 45.0).acquire(T0)
    assert History.open(tmp_path / "history.db").rows([ID], 60, 0, T0 + 60) == [ROW]
    other.close()


def test_a_file_deleted_in_use_begins_anew(tmp_path: Path) -> None:
    history, ledger = History.open(tmp_path / "history.db"), LedgerFile.open(tmp_path / "ledger.db")
    usable(history, ledger)
    for path in tmp_path.iterdir():
        path.unlink()
    assert ledger.load([ID], {60: T0}) == []
    usable(history, ledger)
    assert (tmp_path / "history.db").exists()
    assert LedgerFile.open(tmp_path / "ledger.db").load([ID], {60: T0})[0].total[0] == 2.0


def test_a_closed_file_stays_closed(tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.db")
    history.close()
    with pytest.raises(StoreFailed, match="cannot be kept just now"):
        history.stamp()


def test_opening_again_in_one_process_does_not_drop_the_locks_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    first = History.open(path)
    assert first.stamp() == 0
    second = History.open(path)
    assert second.stamp() == 0
    second.close()
    spare = subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1], timeout=0)"
         ".execute('PRAGMA journal_mode = DELETE').fetchone())", str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "database is locked" in spare.stderr, spare.stdout
    first.close()


def version_1(path: Path) -> sqlite3.Connection:
    """A file as version 1 left it, in use by a console of that version."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        """
CREATE TABLE counts (identity BLOB NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, bad REAL NOT NULL,
    total REAL NOT NULL, seen REAL NOT NULL, stamp INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (identity, width, start)) WITHOUT ROWID;
CREATE INDEX counts_stamp ON counts (stamp);
CREATE TABLE scrapes (scope BLOB PRIMARY KEY, at REAL NOT NULL, marks BLOB NOT NULL, members TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE leases (scope BLOB PRIMARY KEY, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    started INTEGER NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
PRAGMA application_id = 1397900616;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
INSERT INTO counts VALUES (x'61616161616161616161616161616161', 60, 1763856000, 1.0, 5.0, 60.0, 1, 97086015);
INSERT INTO scrapes VALUES (x'73737373737373737373737373737373', 1763856000.0, x'0102', '[]');
"""
    )
    return connection


def test_a_file_of_version_1_is_taken_along_with_the_console_that_uses_it(tmp_path: Path) -> None:
    older = version_1(tmp_path / "history.db")
    history = History.open(tmp_path / "history.db")
    assert history.notice is None
    assert history.rows([ID], 60, 0, T0 + 60) == [ROW]
    assert history.scrape(SCOPE) == Scrape(T0, b"\x01\x02", "[]")
    older.execute("INSERT OR REPLACE INTO scrapes (scope, at, marks, members) VALUES (?, ?, ?, ?)",
                  (SCOPE, T0 + 1.0, b"\x03", "[]"))  # fmt: skip
    older.execute("INSERT OR REPLACE INTO leases (scope, token, host, pid, started, expires) VALUES (?, ?, ?, ?, ?, ?)",
                  (SCOPE, "theirs", "other host", 1, 1, T0 + 45.0))  # fmt: skip
    assert history.scrape(SCOPE) == Scrape(T0 + 1.0, b"\x03", "[]")
    assert not Lease(history.store, SCOPE, 45.0).acquire(T0 + 2)
    change = StatusChange(SloKey("a", "b"), None, Status.OK, T0, "")
    assert ChangeLog(history.store).record_change(SCOPE, change)
    older.close()
    history.close()
    again = History.open(tmp_path / "history.db")
    assert ChangeLog(again.store).changes(0) == [change]
    assert again.notice is None


def test_a_cache_of_an_older_version_is_made_anew_and_a_newer_one_left_alone(tmp_path: Path) -> None:
    for version, words in ((0, None), (2, "was written by a newer sreconsole")):
        path = tmp_path / str(version) / "ledger.db"
        assert LedgerFile.open(path).notice is None
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA user_version = {version}")
            other.execute("ALTER TABLE chunks RENAME COLUMN asked TO other")
        other.close()
        ledger = LedgerFile.open(path)
        assert words in (ledger.notice or "") if words else ledger.notice is None
        usable(History.open(None), ledger)
        with sqlite3.connect(path) as other:
            assert other.execute("PRAGMA user_version").fetchone() == (version or 1,)
        other.close()
