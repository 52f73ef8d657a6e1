"""Escape, and a key that was typed right behind it.

A terminal sends the escape key as the byte that begins the sequences of other keys, and Alt with a key as that byte and
the key. What comes within Textual's escape delay (a slow link bundles more than that) or within tmux's `escape-time` is
therefore Alt with a key, which means nothing here: `esc` and `e` typed quickly did nothing at all. Here it is what was
typed: escape, then the key. Someone who holds Alt gets the same, as in vi.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser

_ESCAPE = "\x1b"
_BEGINS = frozenset("[O]P_X^\x1b")
"""What begins a longer sequence; whether it does only time can tell."""


class EscapeParser(XTermParser):
    """Reads keys; `typing` tells whether a line is being typed, where Alt with a key moves by words."""

    def __init__(self, debug: bool = False, *, typing: Callable[[], bool] = lambda: False) -> None:
        super().__init__(debug)
        self._typing = typing

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """What a sequence stands for; `alt`: an escape that led to nothing came before it."""
        key = sequence
        pair = len(sequence) == 2 and sequence[0] == _ESCAPE and sequence[1] not in _BEGINS
        if pair and not (sequence in ANSI_SEQUENCES_KEYS and self._typing()):
            key, alt = sequence[1], True
        if alt:
            yield events.Key("escape", _ESCAPE)
        yield from super()._sequence_to_key_events(key)
