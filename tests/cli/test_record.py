"""`sreconsole record`, the installed script: fills the history without a screen, tells what happens, ends in order."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sreconsole.cli.arguments import parser
from sreconsole.exits import Exit
from tests.plain.commands import SCRIPT
from tests.servers.metrics import MetricsTarget
from tests.terminal.pseudo import CHECKOUT

CONFIG = """\
version: 1
refresh: 1s
sources:
  local: {{kind: scrape, targets: ["{url}"], interval: 1s}}
services:
  shop:
    slos:
      availability: {{objective: 99, sli: {{bad: bad_total, total: all_total}}}}
"""
PAGE = "bad_total 1\nall_total 100\n"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ .+")


class Recorder:
    """A recorder that runs; what it says is read from a file."""

    def __init__(self, home: Path, *options: str, env: dict[str, str] | None = None, name: str = "said") -> None:
        self.path = home / name
        with self.path.open("w") as out:
            self.process = subprocess.Popen(
                [SCRIPT, "record", "--config", str(home / "config.yaml"), *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=home,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(env or {"HOME": str(home)})},
            )

    @property
    def said(self) -> str:
        return self.path.read_text()

    def wait_for(self, words: str, times: int = 1) -> None:
        until(lambda: self.said.count(words) >= times or self.process.poll() is not None)
        assert self.said.count(words) >= times, self.said

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def recording(home: Path, *options: str, env: dict[str, str] | None = None, name: str = "said") -> Iterator[Recorder]:
    recorder = Recorder(home, *options, env=env, name=name)
    try:
        yield recorder
    finally:
        if recorder.process.poll() is None:
            recorder.process.kill()
        recorder.process.wait()


def until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def write(home: Path, url: str, change: Callable[[str], str] = str) -> None:
    (home / "new").write_text(change(CONFIG.format(url=url)))
    os.replace(home / "new", home / "config.yaml")


def test_what_happens_is_told_and_each_refresh_is_not(tmp_path: Path) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        with recording(tmp_path) as recorder:
            recorder.wait_for("local: live")
            asked = target.asked
            until(lambda: target.asked > asked + 2)
            assert recorder.said.count("\n") == 2
            target.status = 503
            recorder.wait_for("local: down: ")
            target.status = 200
            recorder.wait_for("local: live", 2)
            write(tmp_path, target.url, lambda text: text.replace("objective: 99", "objective: 990"))
            recorder.wait_for("old config in use: config.yaml:8: services.shop.slos.availability.objective: ")
            write(tmp_path, target.url, lambda text: text.replace("objective: 99", "objective: 95"))
            recorder.wait_for("the changed config is in use")
            assert recorder.end() == 0
        begin, *lines, end = recorder.said.splitlines()
        assert begin.startswith("sreconsole ")
        assert begin.endswith("config.yaml: local")
        assert end == "ended"
        assert lines
        assert all(LINE.fullmatch(line) for line in lines)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", recorder.said)
    log = (tmp_path / ".local/state/sreconsole/sreconsole.log").read_text()
    for words in ("begins with", "local: live", "local: down: ", "old config in use", "is in use", "record ends"):
        assert words in log, words


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order_and_the_history_is_there(tmp_path: Path, number: signal.Signals) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        with recording(tmp_path) as recorder:
            recorder.wait_for("local: live")
            assert recorder.end(number) == 0
            assert recorder.said.splitlines()[-1] == "ended"
            assert "Traceback" not in recorder.said
    with sqlite3.connect(tmp_path / ".local/state/sreconsole/history.db") as history:
        assert history.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    history.close()


@pytest.mark.prove
def test_two_at_once_are_one_that_scrapes_and_one_that_follows(tmp_path: Path) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        with recording(tmp_path) as first, recording(tmp_path, name="other") as second:
            first.wait_for("local: live")
            second.wait_for("local: live")
            asked = target.asked
            began = time.monotonic()
            until(lambda: target.asked >= asked + 3)
            assert time.monotonic() - began > 1.5, "two that scrape would ask twice as often"
            assert first.end() == 0
            asked = target.asked
            until(lambda: target.asked > asked)
            assert second.end() == 0


def test_without_a_home_it_works_from_memory(tmp_path: Path) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        with recording(tmp_path, env={"HOME": "/dev/null/home"}) as recorder:
            recorder.wait_for("local: live")
            recorder.wait_for("the home directory /dev/null/home does not exist: history and ledger are kept in memory")
            asked = target.asked
            until(lambda: target.asked > asked + 1)
            assert recorder.end() == 0


def test_nobody_reads_what_it_says(tmp_path: Path) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        read, wrote = os.pipe()
        recorder = subprocess.Popen(
            [SCRIPT, "record", "--config", str(tmp_path / "config.yaml")],
            stdin=subprocess.DEVNULL,
            stdout=wrote,
            stderr=wrote,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        )
        try:
            os.close(wrote)
            os.close(read)
            until(lambda: target.asked > 2)
            recorder.send_signal(signal.SIGTERM)
            assert recorder.wait(30) == 0
        finally:
            recorder.kill()


def test_the_usual_codes(tmp_path: Path) -> None:
    def code(*arguments: str) -> int:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run([SCRIPT, "record", *arguments], env=env, capture_output=True, check=False).returncode

    (tmp_path / "bad.yaml").write_text("version: 2\n")
    assert code("--config", str(tmp_path / "bad.yaml")) == 78
    assert code("--config", str(tmp_path / "none.yaml")) == 78
    assert code("--nonsense") == 64


def test_another_file_may_be_logged_to_as_well(tmp_path: Path) -> None:
    with MetricsTarget(PAGE) as target:
        write(tmp_path, target.url)
        with recording(tmp_path, "--log", str(tmp_path / "mine.log")) as recorder:
            recorder.wait_for("local: live")
            assert recorder.end() == 0
    mine = (tmp_path / "mine.log").read_text()
    assert "local: live" in mine
    assert mine == (tmp_path / ".local/state/sreconsole/sreconsole.log").read_text()


def test_the_unit_of_the_documentation_starts_it() -> None:
    page = (CHECKOUT / "docs" / "recording.md").read_text(encoding="utf-8")
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(page.partition("```ini\n")[2].partition("```")[0])
    command = shlex.split(unit["Service"]["ExecStart"])
    assert command[0].endswith("/bin/sreconsole")
    assert parser().parse_args(command[1:]).command == "record"
    assert {int(code) for code in unit["Service"]["RestartPreventExitStatus"].split()} == {Exit.USAGE, Exit.CONFIG}
