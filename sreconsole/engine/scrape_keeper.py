"""The part of `history.db` one scrape source uses: its lease, where to go on from, saving; always off the event loop.

A disk that fails is a note on the source, never an end of scraping: what could not be saved is saved with the next.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING

from sreconsole.domain.increments import WIDTHS
from sreconsole.domain.marks import Marks, pack
from sreconsole.domain.routing import Router
from sreconsole.domain.sampled import SampledSli, expression
from sreconsole.domain.slo import Fleet
from sreconsole.domain.tally import Count
from sreconsole.ledger.chunks import Held
from sreconsole.ledger.history import History, LeaseLost, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.store import StoreFailed

if TYPE_CHECKING:
    from sreconsole.ledger.fine import Fine

_BATCH = 50


class Keeper:
    """Lease and rows of one source."""

    def __init__(self, history: History, scope: bytes, interval: float) -> None:
        self.history = history
        self.trouble: str | None = None
        """Why the last call could not do its work; None when it could."""
        self._lease = Lease(history.store, scope, max(15.0, 3 * interval))
        self._scope = scope
        self._stamp = 0

    def notes(self) -> list[str]:
        """Why the history does not do its work. (That it is in memory only is said once for the console.)"""
        notes = [self.trouble] if self.trouble else []
        if self.history.damaged:
            notes.append(f"{self.history.damaged} damaged buckets in the history are not used")
        return notes

    async def hold(self, now: float) -> bool:
        """Whether we are the one who scrapes; also with a history that cannot be reached, then for ourselves."""
        try:
            held = await asyncio.to_thread(self._lease.acquire, now)
        except StoreFailed as error:
            self.trouble = str(error)
            return True
        self.trouble = None
        return held

    async def release(self) -> None:
        """Let another console scrape."""
        if self._lease.held:
            try:
                await asyncio.to_thread(self._lease.release)
            except StoreFailed as error:
                self.trouble = str(error)

    async def last(self) -> Scrape | None:
        """The last finished scrape of this source by anybody."""
        try:
            return await asyncio.to_thread(self.history.scrape, self._scope)
        except StoreFailed as error:
            self.trouble = str(error)
            return None

    async def rows(
        self, identities: Sequence[bytes], since: Mapping[int, int], until: float
    ) -> AsyncIterator[list[Row]]:
        """Kept buckets in batches, the finest width first; `since`: by width."""
        try:
            for width in WIDTHS:
                for start in range(0, len(identities), _BATCH):
                    part = identities[start : start + _BATCH]
                    yield await asyncio.to_thread(self.history.rows, part, width, since[width], until)
        except StoreFailed as error:
            self.trouble = str(error)

    async def final(self, identities: Sequence[bytes], since: Mapping[int, int]) -> dict[bytes, list[Held]]:
        """The fine buckets of these measures that were watched from end to end, from `since` on by width, up to the
        last finished scrape by anybody. Raises StoreFailed."""
        last = await asyncio.to_thread(self.history.scrape, self._scope)
        return {} if last is None else await asyncio.to_thread(self._final, identities, since, last.at)

    def _final(self, identities: Sequence[bytes], since: Mapping[int, int], until: float) -> dict[bytes, list[Held]]:
        found: dict[bytes, list[Held]] = {}
        for width, start in since.items():
            runs: dict[bytes, list[Count]] = {}
            for identity, count in self.history.rows(identities, width, start, until):
                if count.whole:
                    runs.setdefault(identity, []).append(count)
            for identity, counts in runs.items():
                found.setdefault(identity, []).append(_held(identity, counts))
        return found

    def recalled(self, identities: Sequence[bytes], since: Mapping[int, int], until: float) -> dict[bytes, Fine]:
        """What was kept of these measures around changes of status. Blocks on the disk."""
        from sreconsole.ledger.fine_log import FineLog

        try:
            return FineLog(self.history.store).load(identities, since, until)
        except StoreFailed as error:
            self.trouble = str(error)
            return {}

    async def start_following(self) -> None:
        """From here on `changes` tells what is written."""
        try:
            self._stamp = await asyncio.to_thread(self.history.stamp)
        except StoreFailed as error:
            self.trouble = str(error)

    async def changes(self) -> list[Row]:
        """Buckets others wrote since the last call."""
        try:
            self._stamp, rows = await asyncio.to_thread(self.history.changes, self._stamp)
        except StoreFailed as error:
            self.trouble = str(error)
            return []
        return rows

    async def save(self, at: float, marks: Marks, members: str, rows: Mapping[bytes, Sequence[Count]]) -> bool | None:
        """Write buckets and what they include up to `at`. True: done; False: not now, keep them; None: lease lost."""

        def write() -> None:
            flat = [Row(identity, count) for identity, counts in rows.items() for count in counts]
            self.history.save(self._lease, Scrape(at, pack(marks), members), flat)

        try:
            await asyncio.to_thread(write)
        except LeaseLost:
            return None
        except StoreFailed as error:
            self.trouble = str(error)
            return False
        return True


def _held(identity: bytes, counts: Sequence[Count]) -> Held:
    """Buckets in the order of time as one run; where there is none it is not known."""
    width, start = counts[0].width, counts[0].start
    length = (counts[-1].start - start) // width + 1
    bad, total = array("d", [nan]) * length, array("d", [nan]) * length
    for count in counts:
        place = (count.start - start) // width
        bad[place], total[place] = max(0.0, count.bad), count.total
    return Held(identity, width, start, bad, total, 0.0)


def fleet_text(fleet: Fleet) -> str:
    """What a fleet measures, whatever its place in the config."""
    inner = sorted(expression(slo.sli) for slo in fleet.slos if isinstance(slo.sli, SampledSli))
    return json.dumps(["fleet", fleet.label, *inner])


def members_text(router: Router) -> str:
    """The members of all fleets, to be kept."""
    return json.dumps(
        {
            fleet_text(fleet): [[member.value, member.seen] for member in members.values()]
            for fleet, members in zip(router.fleets, router.members, strict=True)
        }
    )


def restore_members(router: Router, text: str) -> None:
    """Admit members that were kept; what cannot be read is none."""
    try:
        kept = json.loads(text)
        for number, fleet in enumerate(router.fleets):
            for value, seen in kept.get(fleet_text(fleet), ()):
                router.admit(number, str(value), float(seen))
    except (ValueError, TypeError, AttributeError):
        return
