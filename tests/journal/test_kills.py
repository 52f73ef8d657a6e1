"""Processes killed while they write to the journal. What holds, whenever that is:

1. An intent that `write` returned for is there, once, as it was written; an outcome likewise.
2. There are no half rows, and every chain holds: nothing has to be said of the file.
3. That is so for several at once, and while the journal comes and goes: what waited is delivered by whoever comes next.
"""

from __future__ import annotations

import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.journal.entries import entry, journal
from tests.ledger.seeds import seed


@contextmanager
def writing(folder: Path, name: str, dice: random.Random, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.journal.writer", str(folder), name, str(dice.randrange(10**9)), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def first_word(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 60)[0], "the writer said nothing"


def lines(process: subprocess.Popen[bytes]) -> list[tuple[str, int]]:
    """What a killed process had said, whole lines only."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err.decode()
    words = [line.split(" ") for line in out.decode().split("\n")[:-1] if " " in line]
    return [(kind, int(number)) for kind, number in words]


def check(folder: Path, said: list[tuple[str, int]]) -> None:
    """Everything that was said is there, and nothing twice."""
    recorder = journal(folder)
    found = recorder.read(0)
    assert recorder.verify() == []
    assert recorder.state is None
    recorder.close()
    ids = [recorded.entry.id for recorded in found]
    assert len(ids) == len(set(ids))
    by_id = {recorded.entry.id: recorded for recorded in found}
    for kind, number in said:
        recorded = by_id[entry(number).id]
        assert recorded.entry.text.strip("x") == ""
        assert recorded.entry.facts == entry(number).facts
        assert kind == "intent" or recorded.outcome is not None


def kill_often(folder: Path, times: int, *more: str, at_once: int = 1) -> int:
    dice = random.Random(seed())
    said: list[tuple[str, int]] = []
    for number in range(times):
        with ExitStack() as stack:
            processes = [
                stack.enter_context(writing(folder, f"bastion-{each}", dice, *more)) for each in range(at_once)
            ]
            if dice.random() < 0.9:
                for process in processes:
                    first_word(process)
            time.sleep(dice.uniform(0, 0.25))
            dice.shuffle(processes)
            for process in processes:
                process.kill()
                said += lines(process)
        if times < 20 or number % 10 == 9:  # reading all of it takes longer than writing
            check(folder, said)
    check(folder, said)
    assert len(said) > times * at_once
    return len(said)


def test_no_entry_is_lost_by_a_few_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 4)


def test_no_entry_is_lost_where_the_journal_comes_and_goes(tmp_path: Path) -> None:
    kill_often(tmp_path, 4, "flaky")


def test_no_entry_is_lost_by_four_at_once(tmp_path: Path) -> None:
    kill_often(tmp_path, 2, "flaky", at_once=4)


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_no_entry_is_lost_by_200_kills(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    record_property("figures", f"200 kills of a journal's writer: {kill_often(tmp_path, 200)} rows told, all there")


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_no_entry_is_lost_by_200_kills_where_the_journal_comes_and_goes(tmp_path: Path) -> None:
    kill_often(tmp_path, 200, "flaky")


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_no_entry_is_lost_by_50_kills_of_four_at_once(tmp_path: Path) -> None:
    kill_often(tmp_path, 50, "flaky", at_once=4)


def test_what_is_killed_while_the_file_is_made_is_made_by_the_next(tmp_path: Path) -> None:
    dice = random.Random(seed())
    for number in range(8):
        folder = tmp_path / str(number)
        with writing(folder, "bastion", dice) as process:
            first_word(process)
            time.sleep(dice.uniform(0, 0.02))
            process.kill()
            check(folder, lines(process))
