"""Processes killed while they write. What holds, whenever that is:

1. The file opens, and nothing has to be said of it.
2. What was committed, that is what the process had said was, is there: counts, changes, fine buckets, chunks of the
   cache.
3. A bucket has the value that was committed last, or one that was committed without the word of it getting out.
4. Other processes that write meanwhile lose nothing either.
5. A repair that is killed half way is finished by the next one: every row is in one place or the other.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import pytest

from sreconsole.domain.tally import Count
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.fine_log import FineLog
from sreconsole.ledger.history import History, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.ledger_file import LedgerFile
from tests.ledger.seeds import seed
from tests.ledger.writer import T0, name_of

Said = tuple[str, float, str]


class Writer(NamedTuple):
    """One that writes until it is killed, and what it says."""

    process: subprocess.Popen[bytes]
    out: IO[bytes]

    def out_so_far(self) -> bytes:
        number = self.out.fileno()
        return os.pread(number, os.fstat(number).st_size, 0)

    def first_word(self) -> None:
        deadline = time.monotonic() + 60
        while not self.out_so_far():
            assert self.process.poll() is None, self.process.communicate()[1].decode()
            assert time.monotonic() < deadline, "the writer said nothing"
            time.sleep(0.001)


@contextmanager
def writing(folder: Path, number: int, dice: random.Random) -> Iterator[Writer]:
    command = [sys.executable, "-m", "tests.ledger.writer", str(folder), str(number), str(dice.randrange(10**9))]
    # Into a file: a pipe that nobody empties meanwhile is full after some sixty rounds, and the writer stands still.
    with (
        TemporaryFile() as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE) as process,
    ):
        try:
            yield Writer(process, out)
        finally:
            process.kill()


def lines(writer: Writer) -> list[Said]:
    """What a killed process had said, whole lines only."""
    _, err = writer.process.communicate(timeout=60)
    assert writer.process.returncode == -signal.SIGKILL, err.decode()
    said = []
    for line in writer.out_so_far().decode().split("\n")[:-1]:
        kind, place, value = line.split(" ", 2)
        assert kind != "notice", line
        said.append((kind, float(place), value))
    return said


def first_word(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 60)[0], "the writer said nothing"


def check(folder: Path, number: int, said: Iterable[Said]) -> int:
    """Everything that was said is there; returns how much that was."""
    history, ledger = History.open(folder / "history.db"), LedgerFile.open(folder / "ledger.db")
    name = name_of(number)
    counts = {row.bucket.start: row.bucket.total for row in history.rows([name], 60, 0, 1e12)}
    changes = {change.at: change.after.value for change in ChangeLog(history.store).changes(0, [name])}
    chunks = {
        run.start + 60 * index: total
        for run in ledger.load([name], {60: 0})
        for index, total in enumerate(run.total)
        if total == total
    }
    fine = {
        run.start + 60 * index: total
        for found in FineLog(history.store).load([name], {60: 0}, 1e12).values()
        for run in found.helds
        for index, total in enumerate(run.total)
    }
    newest: dict[tuple[str, float], str] = {(kind, place): value for kind, place, value in said}
    for (kind, place), value in newest.items():
        if kind == "change":
            assert changes[place] == value
        else:
            assert {"count": counts, "chunk": chunks, "fine": fine}[kind][int(place)] >= float(value)
    assert (history.notice, history.damaged, ledger.notice, ledger.damaged) == (None, 0, None, 0)
    history.close()
    ledger.close()
    return len(newest)


def kill_often(folder: Path, times: int) -> None:
    dice = random.Random(seed())
    said: list[Said] = []
    for _ in range(times):
        with writing(folder, 1, dice) as writer:
            if dice.random() < 0.8:
                writer.first_word()
                time.sleep(dice.uniform(0, 0.15))
            else:
                time.sleep(dice.uniform(0, 0.4))
            writer.process.kill()
            said += lines(writer)
        check(folder, 1, said)
    assert check(folder, 1, said) > 10


def test_nothing_committed_is_lost_by_a_few_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 6)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_nothing_committed_is_lost_by_200_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 200)


def kill_beginnings(folder: Path, times: int) -> None:
    dice = random.Random(seed())
    code = "import sys; from pathlib import Path; from sreconsole.ledger.history import History\n"
    code += "from sreconsole.ledger.ledger_file import LedgerFile; folder = Path(sys.argv[1]); print(flush=True)\n"
    code += "History.open(folder / 'history.db').stamp(); LedgerFile.open(folder / 'ledger.db').fact(b'x')\n"
    for number in range(times):
        command = [sys.executable, "-c", code + "sys.stdin.read()", str(folder / str(number))]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            first_word(process)
            time.sleep(dice.uniform(0, 0.025))
            process.kill()
        check(folder / str(number), 1, [])


def test_files_whose_making_is_killed_are_made_by_the_next(tmp_path: Path) -> None:
    kill_beginnings(tmp_path, 5)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_100_files_whose_making_is_killed_are_made_by_the_next(tmp_path: Path) -> None:
    kill_beginnings(tmp_path, 100)


def one_of_four(folder: Path, times: int) -> None:
    dice = random.Random(seed())
    for _ in range(times):
        with (
            writing(folder, 1, dice) as one,
            writing(folder, 2, dice) as two,
            writing(folder, 3, dice) as three,
            writing(folder, 4, dice) as four,
        ):
            everyone = (one, two, three, four)
            for writer in everyone:
                while len({line.rpartition(b" ")[0] for line in writer.out_so_far().split(b"\n")[:-1]}) <= 3:
                    assert writer.process.poll() is None, "it ended before it had said anything"
                    time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.2))
            four.process.kill()
            time.sleep(dice.uniform(0.1, 0.3))
            for writer in everyone[:3]:
                assert writer.process.poll() is None, writer.process.communicate()[1].decode()
            for writer in everyone:
                writer.process.kill()
            for number, writer in enumerate(everyone, 1):
                assert check(folder, number, lines(writer)) > 3


def test_three_write_while_a_fourth_is_killed(tmp_path: Path) -> None:
    one_of_four(tmp_path, 1)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_three_write_while_a_fourth_is_killed_again_and_again(tmp_path: Path) -> None:
    one_of_four(tmp_path, 20)


OLD = b"what was before "


def old_history(path: Path, rows: int) -> list[Row]:
    """A history with rows, all of them in the file itself."""
    history = History.open(path)
    lease = Lease(history.store, OLD, 1e6)
    assert lease.acquire(T0)
    kept = [Row(OLD, Count(3600, T0 + 3600 * number, 1.0, float(number), 3600.0)) for number in range(rows)]
    history.save(lease, Scrape(T0), kept)
    history.close()
    return kept


def middle(path: Path) -> int:
    """Where the page in the middle of a file begins."""
    return path.stat().st_size // 4096 // 2 * 4096


def spoil(path: Path, at: int | None = None) -> None:
    """Damage a page, that in the middle unless told, so that its rows cannot be found through the tree."""
    with path.open("r+b") as file:
        file.seek(middle(path) if at is None else at)
        file.write(b"\xff" * 8)


def newest(history: History, number: int) -> float:
    """How far a writer has come."""
    return max((row.bucket.total for row in history.rows([name_of(number)], 60, 0, 1e12)), default=0.0)


def test_consoles_that_have_the_file_open_while_it_is_replaced_lose_nothing(tmp_path: Path) -> None:
    path, dice = tmp_path / "history.db", random.Random(seed())
    kept = old_history(path, 3000)
    old_page = middle(path)  # no writer comes to it: the file may have grown by thousands of pages when it is hit
    with writing(tmp_path, 1, dice) as one, writing(tmp_path, 2, dice) as two:
        for writer in (one, two):
            writer.first_word()
        spoil(path, old_page)
        history = History.open(path)
        found = set(history.rows([OLD], 3600, 0, 1e12))
        assert "was damaged" in (history.notice or "")
        assert len(list(tmp_path.glob("history.db.damaged-*Z"))) == 1
        assert found == set(kept)  # the rows of that page are found by their beginnings
        new, before = path.stat().st_ino, [newest(history, number) for number in (1, 2)]
        deadline = time.monotonic() + 60
        while any(newest(history, number) <= old for number, old in zip((1, 2), before, strict=True)):
            assert [writer.process.poll() for writer in (one, two)] == [None, None]
            assert time.monotonic() < deadline
        history.close()
        for writer in (one, two):
            writer.process.kill()
        assert path.stat().st_ino == new
        for number, writer in ((1, one), (2, two)):
            check(tmp_path, number, lines(writer))


def kill_repairs(folder: Path, times: int) -> None:
    dice = random.Random(seed())
    code = "import sys; from pathlib import Path; from sreconsole.ledger.history import History\n"
    code += "History.open(Path(sys.argv[1])).stamp(); print('done', flush=True); sys.stdin.read()"
    for number in range(times):
        path = folder / str(number) / "history.db"
        kept = old_history(path, 4000)
        spoil(path)
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as it:
            deadline = time.monotonic() + 30
            while not path.with_name("history.db.part").exists() and it.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(dice.uniform(0, 0.15))
            it.kill()
        history = History.open(path)
        assert history.rows([OLD], 3600, 0, 1e12) == kept
        history.close()
        assert len(list(path.parent.glob("history.db.damaged-*Z"))) == 1
        left = {file.name for file in path.parent.iterdir() if ".damaged-" not in file.name}
        assert left <= {"history.db", "history.db-lock", "history.db-wal", "history.db-shm"}


def test_a_repair_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    kill_repairs(tmp_path, 3)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_40_repairs_that_are_killed_are_finished(tmp_path: Path) -> None:
    kill_repairs(tmp_path, 40)


@pytest.mark.parametrize("step", range(5))
def test_every_step_of_a_repair_can_be_the_last(tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off before the new file is named, and before each of the moves that follow."""
    path = tmp_path / "history.db"
    kept = old_history(path, 3000)
    spoil(path)
    moves = 0
    rename = os.rename

    def cut(source: Path, target: Path) -> None:
        nonlocal moves
        if not source.exists() or moves == step:
            raise FileNotFoundError if moves != step else KeyboardInterrupt
        rename(source, target)
        moves += 1

    history = History.open(path)
    monkeypatch.setattr(os, "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        history.rows([OLD], 3600, 0, 1e12)
    monkeypatch.undo()
    again = History.open(path)
    assert again.rows([OLD], 3600, 0, 1e12) == kept
    again.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT count(*) FROM counts").fetchone() == (3000,)
    plain.close()
