"""What the journal tells of, kept in memory: notes and toil for the snapshot, every entry for whoever shows actions.

Looked at every few seconds, as colleagues write into a shared one; nothing is opened while there is no journal.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.errors import SreconsoleError

if TYPE_CHECKING:
    from sreconsole.domain.entry import Recorded
    from sreconsole.domain.load import Entry, ToilPart
    from sreconsole.domain.note import Note
    from sreconsole.engine.logbook import Logbook
    from sreconsole.journal.journal import Cursor

LOOK = 3.0
"""Seconds after which is looked what others wrote."""
NOTES = 30 * 86_400.0
"""Seconds for which a note is part of the snapshot."""
MOST = 2000
"""Notes in a snapshot; older ones are in the journal."""


class Notebook:
    """The journal as one console knows it. What it holds stays the same object until it differs."""

    def __init__(
        self, logbook: Logbook, clock: Callable[[], float], zone: Callable[[], str], *, past: bool = False
    ) -> None:
        """`past`: the clock stands at a moment of the past, and what speaks of later is left out."""
        self.recorded: tuple[Recorded, ...] = ()
        """Entries of the eight weeks that toil is told of, by the time they speak of, the newest last."""
        self.notes: tuple[Note, ...] = ()
        """Those of the last 30 days, newest first."""
        self.toil: ToilPart | None = None
        """Minutes that were written down; None: none of these eight weeks."""
        self.changed: Callable[[], None] = lambda: None
        """Called when anything differs."""
        self.trouble: str | None = None
        """Why the journal could not be read; None: it could, or there is none."""
        self._logbook, self._clock, self._zone, self._past = logbook, clock, zone, past
        self._cursor: Cursor | None = None
        self._known: dict[str, Recorded] = {}
        self._until = math.inf
        """When the oldest note leaves."""
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    def look(self) -> None:
        """Look soon: something was written here."""
        self._wake.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def flush(self) -> None:
        """Look once."""
        self._wake.clear()
        if not self._logbook.there:
            return
        async with self._lock:
            before = self.trouble, self._logbook.state
            try:
                new = await self._new()
            except SreconsoleError as error:
                self.trouble = f"the journal cannot be read: {error}"
            else:
                self.trouble = None
                self._take(new)
            if before != (self.trouble, self._logbook.state):
                self.changed()

    def notices(self) -> Sequence[str]:
        """What people should know of the journal."""
        return [said for said in (self._logbook.state, self.trouble) if said]

    async def aclose(self) -> None:
        """Close the journal."""
        await self._logbook.aclose()

    async def _new(self) -> list[Recorded]:
        """What is not known yet: of the first look everything that still matters."""
        begun, cursor = self._cursor is not None, self._cursor
        new, cursor = await self._logbook.newer(cursor)
        if not begun:
            # What is written between the two calls is told by the next look, too.
            new = await self._logbook.read(self._oldest())
        self._cursor = cursor
        return new

    def _oldest(self) -> float:
        from sreconsole.domain.load import week_starts

        now = self._clock()
        return min(week_starts(self._zone(), now)[-1], now - NOTES)

    def _take(self, new: Sequence[Recorded]) -> None:
        from sreconsole.domain.load import ToilPart
        from sreconsole.domain.note import noted

        now = self._clock()
        fresh = [one for one in new if self._known.get(one.entry.id) != one and not (self._past and one.entry.at > now)]
        if not fresh and now < self._until:
            return
        self._known.update((one.entry.id, one) for one in fresh)
        oldest = self._oldest()
        listed = sorted((one for one in self._known.values() if one.entry.at >= oldest), key=_order)
        self._known = {one.entry.id: one for one in listed}
        self._until = min((one.entry.at + NOTES for one in listed if one.entry.at >= now - NOTES), default=math.inf)
        if (recorded := tuple(listed)) != self.recorded:
            self.recorded = recorded
        notes = [note for one in reversed(listed) if one.entry.at >= now - NOTES and (note := noted(one)) is not None]
        if (told := tuple(notes[:MOST])) != self.notes:
            self.notes = told
        entries = tuple(entry for one in listed if (entry := worked(one)) is not None)
        if entries != (self.toil.entries if self.toil is not None else ()):
            self.toil = ToilPart(entries=entries) if entries else None
        self.changed()


def worked(recorded: Recorded) -> Entry | None:
    """The toil that an entry of the journal is; None for other entries, and for one whose minutes are no number."""
    from sreconsole.domain.load import Entry

    entry, outcome = recorded.entry, recorded.outcome
    minutes = entry.facts.get("minutes")
    if entry.kind != "toil" or (outcome is not None and outcome.ending in ("refused", "failed")):
        return None
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or not 0 <= minutes < math.inf:
        return None
    category = str(entry.facts.get("category", ""))
    return Entry(entry.at, float(minutes), category, entry.text, entry.service, entry.actor.name)


def _order(recorded: Recorded) -> tuple[float, str]:
    return recorded.entry.at, recorded.entry.id
