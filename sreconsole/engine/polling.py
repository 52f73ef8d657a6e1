"""The loop that keeps one source fresh: when to ask, how long to wait after a failure, what to say meanwhile."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from sreconsole.domain.snapshot import SourceCondition, SourceState
from sreconsole.engine.feed import Polled
from sreconsole.errors import SourceError

log = logging.getLogger("sreconsole.engine")

LONGEST_WAIT = 60.0
"""Seconds; a failing source is tried at least this often (or every two refreshes, if that is longer)."""


class Poller:
    """Polls one source until cancelled. A failure becomes a state; it never ends the loop."""

    def __init__(
        self, feed: Polled, refresh: float, clock: Callable[[], float], changed: Callable[[], None], seed: int = 0
    ) -> None:
        self.feed = feed
        self.refresh = refresh
        self.clock = clock
        self.changed = changed
        self.paused = False
        self._random = random.Random(seed)
        self._kick = asyncio.Event()
        self._stepped = asyncio.Event()
        self._failures = 0
        self._loaded = False
        self._error: SourceError | None = None
        self._last_good: float | None = None
        self._next_try: float | None = None

    def state(self) -> SourceState:
        """How the source is doing now."""
        feed, error = self.feed, self._error
        condition: SourceCondition = "waiting" if self._last_good is None else "live"
        sentence = detail = None
        if error is not None:
            condition = _condition(error)
            sentence, detail = str(error), error.detail or None
        elif feed.partial and self._last_good is not None:
            condition, sentence = "partial", feed.partial
        return SourceState(
            feed.name,
            feed.kind,
            condition,
            self._last_good,
            sentence,
            detail,
            feed.progress(),
            self._next_try if error is not None else None,
            feed.notes(),
            feed.parts if condition == "partial" else None,
        )

    @property
    def trouble(self) -> str | None:
        """Why the source does not answer, or None."""
        return None if self._error is None else str(self._error)

    def kick(self) -> None:
        """Ask now."""
        self._kick.set()

    async def run(self) -> None:
        """Step and wait until cancelled; history is fetched beside it, so that a slow piece never delays a step."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_filling())
            while True:
                began = asyncio.get_running_loop().time()
                await self.once()
                wait = self._wait()
                self._next_try = self.clock() + wait
                self._stepped.set()
                self.changed()
                await self._sleep_until(began + wait)

    async def once(self) -> None:
        """One step; its outcome becomes the state."""
        self._kick.clear()
        try:
            if not self._loaded:
                await self.feed.load()
                self._loaded = True
                self.changed()
            await self.feed.step()
        except SourceError as error:
            self.failed(error)
        except Exception as error:
            log.exception("defect while asking %s", self.feed.name)
            self.failed(SourceError(f"a defect of sreconsole while asking {self.feed.name}: {type(error).__name__}"))
        else:
            self._error = None
            self._failures = 0
            self._last_good = self.clock()

    def failed(self, error: SourceError) -> None:
        """Keep a failure as the state."""
        self._error = error
        self._failures += 1

    def _wait(self) -> float:
        """Seconds to the next step: the refresh with a little jitter, longer after failures."""
        wait = self.refresh
        if self._failures:
            longest = max(2 * self.refresh, LONGEST_WAIT)
            wait = min(self.refresh * 2 ** min(self._failures - 1, 10), longest)
            asked = self._error.retry_after if self._error is not None else None
            wait = min(max(wait, asked or 0.0), longest)
        return wait * self._random.uniform(0.97, 1.0)

    async def _keep_filling(self) -> None:
        """Fetch history one piece at a time while the source answers; then look again after each step."""
        while True:
            await self._stepped.wait()
            self._stepped.clear()
            more = True
            while more and self._error is None and not self.paused:
                try:
                    more = await self.feed.fill()
                except SourceError as error:
                    log.warning("%s: history: %s", self.feed.name, error)
                    break
                except Exception:  # a defect here must not take the source's live figures with it; it is logged
                    log.exception("defect while fetching history from %s", self.feed.name)
                    break
                self.changed()

    async def _sleep_until(self, deadline: float) -> None:
        while not self._kick.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 and not self.paused:
                return
            try:
                await asyncio.wait_for(self._kick.wait(), left if not self.paused else None)
            except TimeoutError:
                continue


def _condition(error: SourceError) -> SourceCondition:
    return "auth" if error.state == "auth" else "partial" if error.state == "partial" else "down"
