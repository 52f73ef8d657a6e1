"""A person before a console: sees its screen at all times, presses keys, and knows how the process is doing."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pyte

from tests.terminal.pseudo import _FOREIGN, CHECKOUT, Pseudo

SCRIPT = Path(sys.executable).with_name("sreconsole")
PATIENCE = 40.0
"""Seconds until a wait is given up: a console that hangs, never a measure of speed."""
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*)?\Z")
_FIGURE = re.compile(r"\d+\.\dx")
T = TypeVar("T")


class Person:
    """Runs `sreconsole --config ...` on a terminal that is read all the time; ends it on the way out."""

    def __init__(
        self,
        config: Path,
        *,
        home: Path,
        size: tuple[int, int] = (120, 36),
        env: Mapping[str, str] | None = None,
        paths: tuple[Path, ...] = (),
        arguments: tuple[str, ...] = (),
    ) -> None:
        """`paths`: folders where its Python looks for modules first; `arguments`: more of them."""
        self.home = home
        folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
        python = os.pathsep.join(map(str, (*paths, CHECKOUT)))
        self.terminal = Pseudo(
            (str(SCRIPT), "--config", str(config), *arguments),
            size=size,
            env={
                "HOME": str(home),
                "USER": "ana",
                "TZ": "UTC",
                "PYTHONPATH": python,
                "PYTHONFAULTHANDLER": "1",
                **folders,
                **(env or {}),
            },
        )
        self.pid = self.terminal.process.pid
        self._modes = termios.tcgetattr(self.terminal.fd)
        self.sent = bytearray()
        """Everything the console sent."""
        self._lock = threading.Lock()
        self._waiting = b""
        self._new_screen(size)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.slowest_key = 0.0
        self._memory = 0.0

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        if self.terminal.process.poll() is None:
            self.terminal.process.kill()
        self.terminal.process.wait()
        self._reader.join(5)
        self.terminal.hang_up()

    # --- the screen

    @property
    def text(self) -> str:
        """The screen as it is now, without trailing blanks."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def title(self) -> str:
        """What the terminal's window would be called."""
        with self._lock:
            return str(self._screen.title)

    def cells(self) -> list[list[str]]:
        """The screen by line and column; the second column of a wide character is empty."""
        with self._lock:
            lines, columns = self._screen.lines, self._screen.columns
            return [[self._screen.buffer[line][column].data for column in range(columns)] for line in range(lines)]

    def rests(self, quiet: float = 0.3) -> None:
        """Wait until nothing was sent for a moment: what was asked for is drawn."""
        end = time.monotonic() + PATIENCE
        before = -1
        while len(self.sent) != before and time.monotonic() < end:
            before = len(self.sent)
            time.sleep(quiet)

    def until_shown_or_ended(self) -> None:
        """Wait until the console is drawn, or has said why it is not."""
        end = time.monotonic() + PATIENCE
        while self.terminal.process.poll() is None and "? keys" not in self.text:
            assert time.monotonic() < end, self.text
            time.sleep(0.03)
        self.rests(0.2)

    def line(self, words: str) -> str:
        """The first line with these words; empty when there is none."""
        return next((line for line in self.text.splitlines() if words in line), "")

    def sees(self, words: str, within: float = PATIENCE) -> str:
        """Wait until these words are on the screen; their line."""
        return self.until(lambda: self.line(words), f"{words!r} on the screen", within)

    def sees_one_of(self, *several: str, within: float = PATIENCE) -> str:
        """Wait until one of these is on the screen; its line."""

        def found() -> str:
            return next((line for words in several if (line := self.line(words))), "")

        return self.until(found, f"one of {several}", within)

    def failure(self, source: str, within: float = PATIENCE) -> str:
        """Wait until a panel says what is wrong with a source and when it is tried again; that line."""

        def found() -> str:
            lines = (line for line in self.text.splitlines() if line.startswith(f"{source}: "))
            return next((line for line in lines if ", retry" in line), "")

        return self.until(found, f"what is wrong with {source}", within)

    def no_longer_sees(self, words: str, within: float = PATIENCE) -> None:
        """Wait until these words are gone."""
        self.until(lambda: words not in self.text, f"{words!r} gone", within)

    def until(self, ready: Callable[[], T], what: str, within: float = PATIENCE) -> T:
        """Wait until something holds; what it gave."""
        end = time.monotonic() + within
        while not (found := ready()):
            if time.monotonic() > end or self.terminal.process.poll() is not None:
                state = "the console ended" if self.terminal.process.poll() is not None else f"not in {within:g}s"
                raise AssertionError(f"{what}: {state}\n{self.text}")
            time.sleep(0.03)
        return found

    def row(self, service: str) -> str:
        """The row of a service; empty when there is none."""
        return next((line for line in self.text.splitlines() if re.search(rf"\b{service} +avail", line)), "")

    def figures(self, service: str) -> list[str]:
        """The burn rates in the row of a service."""
        return _FIGURE.findall(self.row(service))

    def sees_figures_move(self, service: str, within: float = PATIENCE) -> None:
        """The row of a service gets other figures: its source is alive."""
        before = self.until(lambda: self.figures(service), f"figures of {service}", within)
        self.until(
            lambda: (now := self.figures(service)) and now != before,
            f"figures of {service} other than {before}",
            within,
        )

    # --- the keys

    def press(self, keys: bytes) -> None:
        """Type."""
        self.terminal.send(keys)

    def keys_answer(self) -> None:
        """The help opens and closes again; how long the slower of both took is remembered."""
        for key, there in ((b"?", True), (b"q", False)):
            began = time.monotonic()
            self.press(key)
            self.until(lambda there=there: ("this list" in self.text) == there, f"an answer to {key!r}")  # type: ignore[misc]
            self.slowest_key = max(self.slowest_key, time.monotonic() - began)

    def clears_the_screen(self) -> None:
        """Something else has written over everything: what is seen from now on was sent from now on."""
        with self._lock:
            self._new_screen(self.terminal.size)

    def resize(self, columns: int, rows: int) -> None:
        """Another size; what is sent from now on is drawn on an empty screen."""
        with self._lock:
            self._new_screen((columns, rows))
            self.terminal.resize(columns, rows)

    def leaves(self) -> None:
        """Press q: the program ends well and gives the terminal back."""
        self.press(b"q")
        end = time.monotonic() + PATIENCE
        while self.terminal.process.poll() is None and time.monotonic() < end:
            time.sleep(0.03)
        if self.terminal.process.poll() is None:
            raise AssertionError(f"it does not end on q:\n{self.text}\n{self._stacks()}")
        assert self.terminal.process.poll() == 0, f"exit {self.terminal.process.poll()}\n{self.text}"
        self._reader.join(5)
        sent = bytes(self.sent)
        assert b"Traceback" not in sent
        for on, off in ((b"?1049h", b"?1049l"), (b"?25l", b"?25h"), (b"?2004h", b"?2004l")):
            assert sent.rindex(off) > sent.rindex(on), f"{off!r} was not sent at the end"
        assert termios.tcgetattr(self.terminal.fd)[:4] == self._modes[:4], "the terminal's modes are not given back"
        for path in self.home.rglob("*.log*"):
            said = path.read_text(encoding="utf-8", errors="replace")
            assert "Traceback" not in said, said

    # --- the process

    def forget_peak(self) -> None:
        """Measure memory from here: the kernel's own high-water mark."""
        self._memory = self._status("VmRSS")
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    @property
    def growth(self) -> float:
        """MB by which memory grew at its highest since `forget_peak`."""
        return max(0.0, self._status("VmHWM") - self._memory)

    @property
    def memory(self) -> float:
        """MB in use now."""
        return self._status("VmRSS")

    @property
    def threads(self) -> int:
        """Threads of the process."""
        return len(os.listdir(f"/proc/{self.pid}/task"))

    @property
    def open_files(self) -> int:
        """Files and sockets it holds open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu(self) -> float:
        """Seconds of processor time it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # --- inside

    def _stacks(self) -> str:
        """Where every thread of the console stands; this ends it."""
        before = len(self.sent)
        os.kill(self.pid, signal.SIGABRT)
        self.terminal.process.wait()
        self._reader.join(5)
        return bytes(self.sent[before:]).decode(errors="replace")

    def _status(self, name: str) -> float:
        found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    def _new_screen(self, size: tuple[int, int]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.terminal.fd, 1 << 16)
            except OSError:  # how a pseudo-terminal says that its other end is gone
                return
            if not data:
                return
            with self._lock:
                self.sent += data
                whole = self._waiting + data
                cut = _UNFINISHED.search(whole[-200:])
                end = len(whole) - len(cut[0]) if cut else len(whole)
                self._waiting = whole[end:]
                self._stream.feed(_FOREIGN.sub(b"", whole[:end]))
