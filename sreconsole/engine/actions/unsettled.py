"""Writes of which it is not known what became of them: asked about ever more rarely, journaled again once it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from sreconsole.domain.outcome import Result
from sreconsole.engine.actions.leftover import SPAN, leftovers
from sreconsole.engine.actions.step import Step, settled, written_down
from sreconsole.engine.logbook import Logbook
from sreconsole.errors import SreconsoleError

if TYPE_CHECKING:
    from sreconsole.engine.actions.cluster import Cluster

SETTLING = (2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds between two questions what became of a write; the last goes on."""


class Unsettled:
    """Those of one start; `known` is told of each when it is known what became of it."""

    def __init__(self, logbook: Logbook, clock: Callable[[], float], known: Callable[[Step, Result], None]) -> None:
        self.open: list[tuple[Step, Result]] = []
        self._logbook, self._clock, self._known = logbook, clock, known
        self._some = asyncio.Event()

    def add(self, step: Step, result: Result) -> None:
        """One more."""
        self.open.append((step, result))
        self._some.set()

    async def take_up(self, name: str, now: float, cluster: Callable[[str], Cluster | None]) -> None:
        """What earlier starts of the person `name` left open, as the journal tells."""
        try:
            rows = await self._logbook.read(now - SPAN)
        except SreconsoleError:
            return  # said by who reads the journal all the time
        mine = {step.entry.id for step, _ in self.open}
        for step, result in leftovers(rows, name, now, cluster):
            if step.entry.id not in mine:
                self.add(step, result)

    async def watch(self) -> None:
        """Settle until cancelled."""
        while True:
            if not self.open:
                self._some.clear()
            await self._some.wait()
            waits = iter(SETTLING)
            while self.open:
                await asyncio.sleep(next(waits, SETTLING[-1]))
                await self.settle()

    async def settle(self) -> None:
        """Ask once about each."""
        for step, result in list(self.open):
            found = await settled(step, result)
            if found.outcome == "unknown":
                continue
            self.open = [(other, was) for other, was in self.open if other is not step]
            await written_down([(step, found)], self._logbook, self._clock)
            self._known(step, found)
