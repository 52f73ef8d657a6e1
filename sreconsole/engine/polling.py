"""The loop that keeps one source fresh: when to ask, how long to wait after a failure, what to say meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
from collections.abc import Callable

from sreconsole.domain.snapshot import Filling, SourceCondition, SourceState
from sreconsole.engine.feed import Polled
from sreconsole.engine.pace import Pace
from sreconsole.errors import SourceError
from sreconsole.sources.meter import Meter

log = logging.getLogger("sreconsole.engine")

HEAVY = 1.0
"""Seconds; after a piece of history that took longer the server is left alone for as long."""
LONGEST_FILL_WAIT = 600.0
"""Seconds until history that a server keeps refusing is tried again."""


class Poller:
    """Polls one source until cancelled. A failure becomes a state; it never ends the loop."""

    def __init__(
        self,
        feed: Polled,
        refresh: float,
        clock: Callable[[], float],
        changed: Callable[[], None],
        *,
        meter: Meter | None = None,
        spacing: Callable[[], float | None] = lambda: None,
        of: str = "",
        still: bool = False,
    ) -> None:
        """`meter` is the source's; `spacing` gives the seconds between two samples there, where they are known; `of`
        tells two pollers of one source apart in the log; `still`: the clock stands, and what was asked for whole once
        is not asked for again."""
        self.feed = feed
        self.refresh = refresh
        self._label = f"{feed.name} {of}".rstrip()
        self._filling: Filling = "history" if of else "ledger"
        self.clock = clock
        self.changed = changed
        self.paused = False
        self._still = still
        self._meter = meter
        self._spacing = spacing
        self._interval: float | None = None
        self._pace = Pace(refresh, random.Random())
        self._kick = asyncio.Event()
        self._stepped = asyncio.Event()
        self._loaded = False
        self._error: SourceError | None = None
        self._last_error: tuple[str, float] | None = None
        self._last_good: float | None = None
        self._next_try: float | None = None
        self._noted: frozenset[str] = frozenset()
        self._fill_after = 0.0
        self._fill_failures = 0
        self._fill_trouble: str | None = None

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
        every, meter = self._pace.every(self._interval), self._meter
        own = (self._pace.note(), self._fill_trouble)
        return SourceState(
            feed.name,
            feed.kind,
            condition,
            self._last_good,
            sentence,
            detail,
            feed.progress(),
            self._next_try if error is not None else None,
            (*feed.notes(), *(note for note in own if note)),
            feed.parts if condition == "partial" else None,
            latency=meter.latency if meter else None,
            requests_per_minute=meter.requests_per_minute if meter else None,
            last_error=self._last_error[0] if self._last_error else None,
            last_error_at=self._last_error[1] if self._last_error else None,
            pace=every if every > self.refresh else None,
            where=meter.where if meter else None,
            bad_lines=getattr(feed, "bad_lines", 0),  # only feeds of files have lines
            filling=self._filling,
        )

    @property
    def trouble(self) -> str | None:
        """Why the source does not answer, or None."""
        return None if self._error is None else str(self._error)

    @property
    def asked(self) -> bool:
        """Whether the source was asked at least once, well or not."""
        return self._last_good is not None or self._error is not None

    def kick(self) -> None:
        """Ask now."""
        self._kick.set()

    async def run(self) -> None:
        """Step and wait until cancelled, or until nothing is left to ask for where the clock stands; history is fetched
        beside it, so that a slow piece never delays a step."""
        async with asyncio.TaskGroup() as group:
            filling = group.create_task(self._keep_filling())
            while not self._done:
                began = asyncio.get_running_loop().time()
                await self.once()
                wait = self._pace.wait(self._interval)
                self._next_try = self.clock() + wait
                self._stepped.set()
                self.changed()
                await self._sleep_until(began + wait)
            filling.cancel()

    @property
    def _done(self) -> bool:
        """Whether all is known that can be of a moment at which the clock stands."""
        whole = self._last_good is not None and self._error is None and self._fill_trouble is None
        return self._still and whole and self.feed.progress() is None

    async def once(self) -> None:
        """One step; its outcome becomes the state."""
        self._kick.clear()
        loop = asyncio.get_running_loop()
        began = loop.time()
        slow = self._pace.slow
        try:
            if not self._loaded:
                await self.feed.load()
                self._loaded = True
                self.changed()
            await self.feed.step()
        except SourceError as error:
            self.failed(error, loop.time() - began)
        except Exception as error:
            log.exception("defect while asking %s", self._label)
            self.failed(
                SourceError(f"a defect of sreconsole while asking {self.feed.name}: {type(error).__name__}"),
                loop.time() - began,
            )
        else:
            self._answered(loop.time() - began)
        self._interval = self._spacing()
        self._log_notes()
        if slow != self._pace.slow:
            log.warning("%s: %s", self._label, self._pace.note() or "asking as often as configured again")

    def failed(self, error: SourceError, took: float = 0.0) -> None:
        """Keep a failure as the state; `took`: seconds until it was one."""
        sentence = f"{error}: {error.detail}" if error.detail and error.detail not in str(error) else str(error)
        if self._error is None or str(self._error) != str(error):
            log.warning("%s: %s: %s", self._label, _condition(error), sentence)
        self._error = error
        self._last_error = (sentence, self.clock())
        self._pace.failed(took, error.retry_after)

    def _answered(self, took: float) -> None:
        """Keep a good answer as the state."""
        if self._error is not None or self._last_good is None:
            log.info("%s: live", self._label)
        if self._error is not None:
            self._fill_after = 0.0
        self._pace.answered(took, cold=self._last_good is None)
        self._error = None
        self._last_good = self.clock()

    def _log_notes(self) -> None:
        """Write remarks that are new into the log; those that differ in a number only are not."""
        notes = {re.sub("[0-9]+", "#", note): note for note in self.feed.notes()}
        for kind in notes.keys() - self._noted:
            log.warning("%s: %s", self._label, notes[kind])
        self._noted = frozenset(notes)

    async def _keep_filling(self) -> None:
        """Fetch history one piece at a time while the source answers; then look again after each step.

        A slow server gets one piece a step, one that is quick again as many as it can answer.
        """
        loop = asyncio.get_running_loop()
        while True:
            await self._stepped.wait()
            self._stepped.clear()
            more = loop.time() >= self._fill_after
            while more and self._error is None and not self.paused:
                began = loop.time()
                more = await self._fill()
                took = loop.time() - began
                self.changed()
                if self._pace.slow:
                    break
                if took > HEAVY:
                    await asyncio.sleep(took)

    async def _fill(self) -> bool:
        """One piece of history; False when there is no more, or none to be had just now."""
        try:
            more = await self.feed.fill()
        except SourceError as error:
            sentence = f"history: {error}"
            if sentence != self._fill_trouble:
                log.warning("%s: %s", self.feed.name, sentence)
        except Exception as error:  # a defect here must not take the source's live figures with it; it is logged
            log.exception("defect while fetching history from %s", self.feed.name)
            sentence = f"history: a defect of sreconsole: {type(error).__name__}"
        else:
            self._fill_failures, self._fill_trouble = 0, None
            return more
        self._fill_trouble = sentence
        self._fill_failures += 1
        wait = min(self.refresh * 2.0 ** min(self._fill_failures, 10), LONGEST_FILL_WAIT)
        self._fill_after = asyncio.get_running_loop().time() + wait
        return False

    async def _sleep_until(self, deadline: float) -> None:
        while not self._kick.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 and not self.paused:
                return
            # Not wait_for: Python 3.11's loses a cancellation that comes together with what it waits for.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if self.paused else left):
                    await self._kick.wait()


def _condition(error: SourceError) -> SourceCondition:
    return "auth" if error.state == "auth" else "partial" if error.state == "partial" else "down"
