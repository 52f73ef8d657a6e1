"""A console that is stopped and goes on: by ctrl+z and its like, or without being asked."""

from __future__ import annotations

import os
import signal
import termios
import time
from pathlib import Path

import pytest

from tests.terminal.pseudo import Pseudo

ROUNDS = 6
"""More than threads that a console may still start by itself: those that read its disk are made when they have work."""


def stopped(pid: int) -> bool:
    """Whether the kernel holds it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("way", [signal.SIGSTOP, signal.SIGTSTP])
def test_it_goes_on_reads_keys_once_and_gives_the_terminal_back(way: signal.Signals) -> None:
    with Pseudo() as terminal:
        modes = termios.tcgetattr(terminal.fd)
        terminal.wait_for("? keys")
        pid = terminal.process.pid
        threads = len(os.listdir(f"/proc/{pid}/task"))
        for _again in range(ROUNDS):
            os.kill(pid, way)
            end = time.monotonic() + 20
            while not stopped(pid):
                assert time.monotonic() < end
                terminal.read(0.05)
            terminal.read(0.1)
            if way is signal.SIGTSTP:
                assert termios.tcgetattr(terminal.fd)[:4] == modes[:4], "the shell has a usable terminal meanwhile"
            terminal.output = b""  # whatever was on the screen is written over
            os.kill(pid, signal.SIGCONT)
            terminal.wait_for("? keys")
            terminal.wait_for("checkout")
        assert len(os.listdir(f"/proc/{pid}/task")) < threads + ROUNDS, "each time another one reads the keys"
        terminal.send(b"/pay\rf")
        terminal.wait_for("0 of 42 faults /pay")
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0
        assert termios.tcgetattr(terminal.fd)[:4] == modes[:4]
