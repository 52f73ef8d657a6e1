"""Long work beside the screen, in short turns."""

from __future__ import annotations

import asyncio
import time

_TURN = 0.004
"""Seconds of work before the event loop gets its turn."""


class Turns:
    """Gives the event loop its turn after a few milliseconds of work."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    async def take(self) -> None:
        """Once in a while, let others go on."""
        if time.monotonic() - self._began > _TURN:
            await asyncio.sleep(0)
            self._began = time.monotonic()
