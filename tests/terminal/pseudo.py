"""A program on a real pseudo-terminal, and the screen a person would see there."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

CHECKOUT = Path(__file__).parent.parent.parent
CONSOLE = (sys.executable, "-m", "tests.terminal.scripted_console")
PATIENCE = 30.0
"""Seconds until a wait is given up: a program that hangs, never a measure of speed."""

# What pyte does not know: queries, keyboard modes, the shape of the mouse pointer.
_FOREIGN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b\]22;[a-z]*\x07")
_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")


class Pseudo:
    """One program on a terminal of its own; ends it on the way out."""

    def __init__(
        self,
        command: Sequence[str] = CONSOLE,
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        controlling: bool = True,
        ignore_hangup: bool = False,
    ) -> None:
        self.size = size
        self.output = b""
        self.fd, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

        def prepare() -> None:
            if controlling:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)

        base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            command,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=CHECKOUT,
            env={**base, "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})},
            start_new_session=True,
            preexec_fn=prepare,
        )
        os.close(inner)

    def __enter__(self) -> Pseudo:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self.fd, keys)

    def read(self, seconds: float) -> int:
        """Take what comes for so long; how many bytes it was."""
        before, end = len(self.output), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._take(left):
            pass
        return len(self.output) - before

    def wait_for(self, words: str) -> str:
        """Read until the words are on the screen; the screen."""
        end = time.monotonic() + PATIENCE
        while words not in (shown := self.text):
            if time.monotonic() > end or not self._take(end - time.monotonic()):
                raise AssertionError(f"{words!r} did not come:\n{shown}")
        return shown

    def wait_end(self) -> int:
        """Read until the program ends; its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if self.fd < 0 or not self._take(0.05):
                time.sleep(0.02)
        return self.process.wait(0.1)

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size; the screen starts anew."""
        self.size, self.output = (columns, rows), b""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.process.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    @property
    def screen(self) -> Any:
        """The emulated screen as it is now."""
        screen = pyte.Screen(*self.size)
        pyte.ByteStream(screen).feed(_FOREIGN.sub(b"", self.output))
        return screen

    @property
    def text(self) -> str:
        """The lines without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def graphics(self) -> set[int]:
        """Every code of every colour or attribute sequence that was sent."""
        return {int(code or 0) for found in _SGR.findall(self.output) for code in re.split(rb"[;:]", found)}

    def _take(self, seconds: float) -> bool:
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:  # how a pseudo-terminal says that its other end is gone
            data = b""
        self.output += data
        return bool(data)
