"""Long work in short turns: a key never waits for it.

A key takes several rounds of the event loop until it is on the screen, and would wait for a slice of our work at each
of them. So where a person looks on, whoever has worked for a slice rests for a moment: a key goes all the way in it.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar

SLICE = 0.002
"""Seconds of work after which others get their turn."""
REST = 0.001
"""Seconds that they have to themselves then, where a person looks on."""
_rest: ContextVar[float] = ContextVar("rest", default=0.0)


class Turns:
    """Gives others their turn after each slice of work."""

    __slots__ = ("_began",)

    def __init__(self) -> None:
        self._began = time.monotonic()

    async def take(self) -> None:
        """When a slice is over, let others go on."""
        if time.monotonic() - self._began > SLICE:
            await give_way()
            self._began = time.monotonic()


def somebody_looks_on() -> None:
    """From now on work in this task, and in those it starts, rests after each slice."""
    _rest.set(REST)


async def give_way() -> None:
    """Let everything run that is due: timers that became due meanwhile come behind us in the first turn."""
    await asyncio.sleep(_rest.get())
    await asyncio.sleep(0)
