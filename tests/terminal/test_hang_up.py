"""A console whose terminal is gone ends by itself, whatever signals are blocked, instead of burning a core."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.debian import binary
from tests.terminal.pseudo import CHECKOUT, CONSOLE, PATIENCE, Pseudo


@pytest.mark.parametrize(
    ("controlling", "ignore_hangup"),
    [(True, False), (True, True), (False, False)],
    ids=["signal", "ignored", "no session"],
)
def test_a_closed_terminal_ends_it(controlling: bool, ignore_hangup: bool) -> None:
    with Pseudo(controlling=controlling, ignore_hangup=ignore_hangup) as terminal:
        terminal.wait_for("? keys")
        terminal.hang_up()
        assert terminal.wait_end() == 129


def test_a_terminal_that_nobody_reads_and_then_goes_away_ends_it() -> None:
    """The output queue is full, so the loop stands still and cannot end in order."""
    with Pseudo((*CONSOLE, "--change", "1", "--every", "0.01"), ignore_hangup=True, controlling=False) as terminal:
        terminal.wait_for("? keys")
        time.sleep(2.0)  # let the terminal's buffer and the queue fill up
        terminal.hang_up()
        assert terminal.wait_end() == 129


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A tmux server of our own; the start of every command to it."""
    command = [str(binary("tmux")), "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], capture_output=True, check=False)


def in_tmux(tmux: list[str], *before: str) -> int:
    """Start the console in a pane; its process id once it shows something."""
    line = " ".join(["exec", *before, "env", "TERM=tmux-256color", "LANG=C.UTF-8", *map(shlex.quote, CONSOLE)])
    start = ["new-session", "-d", "-x", "80", "-y", "24", f"cd {shlex.quote(str(CHECKOUT))} && {line}"]
    subprocess.run([*tmux, *start], check=True, capture_output=True)
    wait_for(tmux, "? keys")
    listed = subprocess.run([*tmux, "list-panes", "-F", "#{pane_pid}"], check=True, capture_output=True, text=True)
    return int(listed.stdout)


def wait_for(tmux: list[str], words: str) -> str:
    """Wait until the words are in the pane; the pane."""
    end = time.monotonic() + PATIENCE
    while True:
        shown = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False).stdout
        if words in shown:
            return shown
        assert time.monotonic() < end, shown
        time.sleep(0.1)


def gone(process: int) -> bool:
    """Wait until a process is gone; whether it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("end", [["kill-session"], ["kill-server"], ["kill-pane"]], ids=lambda end: end[0])
def test_killing_tmux_ends_it(tmux: list[str], end: list[str]) -> None:
    process = in_tmux(tmux)
    subprocess.run([*tmux, *end], check=True, capture_output=True)
    assert gone(process)


def test_killing_tmux_ends_it_even_when_it_ignores_the_hang_up(tmux: list[str]) -> None:
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    process = in_tmux(tmux, shlex.quote(sys.executable), "-c", shlex.quote(ignoring))
    subprocess.run([*tmux, "kill-server"], check=True, capture_output=True)
    assert gone(process)


def test_copy_reaches_the_buffer_of_tmux(tmux: list[str]) -> None:
    in_tmux(tmux)
    subprocess.run([*tmux, "send-keys", "y"], check=True, capture_output=True)
    wait_for(tmux, "copied to the tmux buffer")
    shown = subprocess.run([*tmux, "show-buffer"], check=True, capture_output=True, text=True).stdout
    assert shown.startswith("PAGE checkout availability")
