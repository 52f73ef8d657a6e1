"""A person at the keyboard: keys at random moments, and afterwards when the screen had answered each.

Keys go out whether or not the one before was answered, as they do when a key is held. What came back is replayed in an
emulator afterwards, so that looking at it does not delay it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from bench.terminal import Screen, Terminal

_TURN = 15
"""Rows the cursor goes down before it goes up again; fewer than are visible."""
_GAPS = (0.03, 0.12)


class Keyboard:
    """Types into a console and reads what it says."""

    def __init__(self, terminal: Terminal, seed: int = 7) -> None:
        self.terminal = terminal
        self._random = random.Random(seed)
        self._screen = Screen(terminal.columns, terminal.rows)
        self._fed = 0
        self._down, self._steps = True, 0

    def row(self) -> int | None:
        """The line of the cursor: the one row whose background differs from the screen's."""
        return cursor_row(self._screen.cells)

    def look(self) -> Screen:
        """The screen with everything that came so far."""
        for _, data in self.terminal.chunks[self._fed :]:
            self._screen.feed(data)
        self._fed = len(self.terminal.chunks)
        return self._screen

    def moves(self, keys: int) -> list[float]:
        """Move the cursor down and up so often; seconds until each key's row was marked."""
        self.look()
        at = self.row()
        assert at is not None, f"no cursor:\n{self._screen.text}"
        sent: list[tuple[float, int]] = []
        for _ in range(keys):
            if self._steps == _TURN:  # two keys that undo each other could be drawn at once, and not be seen
                self.terminal.read(0.4)
                self._down, self._steps = not self._down, 0
            self.terminal.read(self._random.uniform(*_GAPS))
            at += 1 if self._down else -1
            self._steps += 1
            sent.append((self.terminal.press(b"j" if self._down else b"k"), at))
        self.terminal.read(min(1.5, 0.3 + keys / 20))
        return self._answers(sent)

    def _answers(self, sent: Sequence[tuple[float, int]]) -> list[float]:
        waits: list[float] = []
        for when, data in self.terminal.chunks[self._fed :]:
            self._screen.feed(data)
            row = self.row()
            due = [k for k in range(len(waits), len(sent)) if sent[k][0] < when]
            reached = next((number for number in due if sent[number][1] == row), None)
            if reached is not None:
                waits += [when - sent[number][0] for number in range(len(waits), reached + 1)]
        self._fed = len(self.terminal.chunks)
        if len(waits) < len(sent):
            raise RuntimeError(f"{len(sent) - len(waits)} keys were not answered:\n{self._screen.text}")
        return waits

    def press(self, key: bytes, shown: Callable[[Screen], bool], rest: float = 0.4) -> float:
        """Press one key; seconds until the screen showed what it should."""
        self.look()
        sent = self.terminal.press(key)
        self.terminal.read(rest)
        answered = None
        for when, data in self.terminal.chunks[self._fed :]:
            self._screen.feed(data)
            if answered is None and shown(self._screen):
                answered = when - sent
        self._fed = len(self.terminal.chunks)
        if answered is None:
            raise RuntimeError(f"{key!r} was not answered:\n{self._screen.text}")
        return answered


def cursor_row(screen: Any) -> int | None:
    """The line whose background differs from that of the lines around it."""
    backgrounds = [screen.buffer[line][12].bg for line in range(screen.lines)]
    usual = max(set(backgrounds), key=backgrounds.count)
    found = [line for line, colour in enumerate(backgrounds) if colour != usual]
    return found[0] if len(found) == 1 else None
