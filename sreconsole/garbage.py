"""When garbage is looked for: not while starting, and then not among what the start made."""

from __future__ import annotations

import gc

_OBJECTS = 100_000
"""New objects between two looks; Python's own 700 would mean a look every few rows of an answer."""


def nothing_while_starting() -> None:
    """Starting makes many objects and no garbage: looking for it costs an eighth of it, more with a large config.

    Whatever goes on for longer calls `collect_from_here`.
    """
    gc.disable()


def nothing_at_the_end() -> None:
    """What is left goes with the process; looking through it once more takes a tenth of `check`."""
    gc.freeze()


def collect_from_here() -> None:
    """The start is over. What it made stays as long as the program does, and is not looked at again.

    Nothing to do where it is looked for: this is not the program's start then.
    """
    if gc.isenabled():
        return
    gc.freeze()
    gc.set_threshold(_OBJECTS, 10, 10)
    gc.enable()
