"""A program on a pseudo-terminal: every byte it writes with its time, and the screen a person would see."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyte

_FOREIGN_SETTINGS = (
    *("COLUMNS", "LINES", "NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY"),
    *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE"),
)
"""What would make a program on our terminal behave, or start, unlike one on a person's."""

# What pyte would print as text: queries, keyboard modes, device control strings.
_FOREIGN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b[P_^].*?(?:\x1b\\|\x07)", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<>=$ ]*|[P_^\]][^\x07\x1b]*\x1b?)?$", re.DOTALL)
# What a modern terminal answers when it is asked for a mode, its kind, the cursor.
_QUERIES: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[\?(2026|2048)\$p"), b"\x1b[?%s;2$y"),
    (re.compile(rb"\x1b\[(c)"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[(6)n"), b"\x1b[1;1R"),
)


class Screen:
    """What is on a terminal after the bytes fed to it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.cells: Any = pyte.Screen(columns, rows)
        self._stream: Any = pyte.ByteStream(self.cells)
        self._pending = b""

    def feed(self, data: bytes) -> None:
        """Take bytes as they come; a sequence cut in two waits for its end."""
        data = self._pending + data
        cut = _UNFINISHED.search(data)
        self._pending = data[cut.start() :] if cut else b""
        self._stream.feed(_FOREIGN.sub(b"", data[: cut.start()] if cut else data))

    @property
    def text(self) -> str:
        """The lines without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.cells.display)


class Terminal:
    """Runs one program on a pseudo-terminal of its own; as a context manager ends it on the way out."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.columns, self.rows = columns, rows
        self.chunks: list[tuple[float, bytes]] = []
        """Seconds since the program was started, and what it wrote then."""
        self.ended = False
        self._fd, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**(os.environ if env is None else env), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in _FOREIGN_SETTINGS:
            environment.pop(name, None)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=environment, pass_fds=pass_fds, start_new_session=True
        )
        os.close(inner)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def read(self, seconds: float, until: Callable[[bytes], bool] | None = None) -> bool:
        """Take what comes for so long; True as soon as `until` says so of a piece."""
        end = time.perf_counter() + seconds
        while not self.ended:
            ready, _, _ = select.select([self._fd], [], [], max(0.0, end - time.perf_counter()))
            if not ready:
                return False
            data = self._take()
            if until is not None and data and until(data):
                return True
        return False

    def _take(self) -> bytes:
        try:
            data = os.read(self._fd, 1 << 20)
        except OSError:  # how a pseudo-terminal says that its other end is gone
            data = b""
        if not data:
            self.ended = True
            return b""
        self.chunks.append((time.perf_counter() - self.started, data))
        for pattern, answer in _QUERIES:
            for match in pattern.finditer(data):
                self.send(answer.replace(b"%s", match[1]))
        return data

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self._fd, data)

    def press(self, data: bytes) -> float:
        """Type; seconds since the start at which it was done."""
        now = time.perf_counter() - self.started
        self.send(data)
        return now

    def wait_for(self, words: str, seconds: float) -> bool:
        """Read until the words are on the screen; False when they did not come in time."""
        screen, fed = Screen(self.columns, self.rows), 0
        end = time.perf_counter() + seconds
        while True:
            for _, data in self.chunks[fed:]:
                screen.feed(data)
            fed = len(self.chunks)
            if words in screen.text:
                return True
            if self.ended or time.perf_counter() > end:
                return False
            self.read(min(1.0, max(0.0, end - time.perf_counter())), until=lambda _: True)

    def first(self, pattern: str) -> float | None:
        """Seconds from the start until the screen first showed the pattern; None: it never did."""
        screen = Screen(self.columns, self.rows)
        for when, data in self.chunks:
            screen.feed(data)
            if re.search(pattern, screen.text):
                return when
        return None

    def screen(self) -> Screen:
        """The screen as it is now."""
        screen = Screen(self.columns, self.rows)
        for _, data in self.chunks:
            screen.feed(data)
        return screen

    @property
    def cpu(self) -> float:
        """Seconds of CPU that all threads of the program have taken so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    @property
    def memory(self) -> float:
        """Megabytes of memory that the program holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return sum(len(data) for _, data in self.chunks)

    def close(self) -> None:
        """End the program: politely, then not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            end = time.perf_counter() + 3
            while self.process.poll() is None and time.perf_counter() < end:
                self.read(0.05)
        self.process.wait()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self.ended = True
