"""When garbage is looked for: not while starting, and then not among what the start made."""

from __future__ import annotations

import gc

_OBJECTS = 100_000
"""New objects between two looks; Python's own 700 would mean a look every few rows of an answer."""


def collect_from_here() -> None:
    """The start is over. What it made stays as long as the program does, and is not looked at again."""
    gc.freeze()
    gc.set_threshold(_OBJECTS, 10, 10)
    gc.enable()
