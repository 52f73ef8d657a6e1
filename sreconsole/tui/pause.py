"""When somebody types and when they rest: what takes a while is done in the pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SHORT = 0.12
"""Seconds without a key after which somebody looks rather than moves."""
LONG = 1.0
"""Seconds without a key after which work of some tens of milliseconds may begin."""


class Pause:
    """Calls `rested` once after each burst of keys."""

    def __init__(self, rested: Callable[[], None]) -> None:
        self._rested = rested
        self._touched = float("-inf")
        self._due: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Somebody pressed a key or moved the mouse."""
        loop = asyncio.get_running_loop()
        self._touched = loop.time()
        if self._due is None:
            self._due = loop.call_later(SHORT, self._look)

    def end(self) -> None:
        """Nothing is called any more."""
        if self._due is not None:
            self._due.cancel()
        self._due = None

    async def long(self) -> None:
        """Wait for a second without a key, at least one from now on."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (left := max(began, self._touched) + LONG - loop.time()) > 0:  # noqa: ASYNC110 - each key moves the end
            await asyncio.sleep(left)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._touched + SHORT - loop.time()
        self._due = loop.call_later(left, self._look) if left > 0 else None
        if self._due is None:
            self._rested()
