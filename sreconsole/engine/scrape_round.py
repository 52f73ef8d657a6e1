"""Rounds of scraping for the holder of the lease: samples into tallies, closed buckets into the book, all of it saved.

What is saved is one moment: buckets and the last samples they include. A round that was broken off is not saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import islice

from sreconsole.domain.increments import COARSEST, WIDTHS
from sreconsole.domain.marks import unpack
from sreconsole.domain.routing import Router
from sreconsole.domain.sampler import Sampler
from sreconsole.domain.slo import SloKey
from sreconsole.domain.tally import Count
from sreconsole.engine.scrape_keeper import Keeper, members_text, restore_members
from sreconsole.engine.scrape_publish import Publisher
from sreconsole.sources.scrape import TargetRead

_SAMPLES = 2000
_MEASURES = 200
_SMALL = 1000
"""Series up to which every scrape is saved; beyond, once a minute."""


class Rounds:
    """Scraping from the moment we hold the lease until we lose it."""

    def __init__(self, router: Router, publisher: Publisher, keeper: Keeper, spacing: float) -> None:
        self._router, self._publisher, self._keeper = router, publisher, keeper
        self._spacing = spacing
        self._sampler = Sampler(router, spacing)
        self._unsaved: dict[tuple[int, int, int], Count] = {}
        self._saved = self._resumed = 0.0
        self._whole = False

    @property
    def odd(self) -> int:
        """Samples of the last round that were no usable number."""
        return self._sampler.odd

    async def resume(self) -> None:
        """Go on where the last holder of the lease left off."""
        last = await self._keeper.last()
        if last is not None:
            restore_members(self._router, last.members)
            self._sampler.restore(unpack(last.marks))
            self._resumed = last.at

    async def add(self, reads: Sequence[TargetRead], at: float) -> set[SloKey]:
        """Count one scrape taken at `at` (Unix seconds); returns the SLOs whose book changed."""
        sampler, self._whole = self._sampler, False
        reach = sampler.reach(at)  # before samples are taken: they replace the ones the increments begin at
        sampler.begin(at)
        for read in reads:
            samples = iter(read.samples or ())
            while part := list(islice(samples, _SAMPLES)):
                sampler.take(read.target, part)
                await asyncio.sleep(0)
        await self._restore(at, reach)
        for _ in sampler.fold(len(reads), sum(read.samples is None for read in reads)):
            await asyncio.sleep(0)
        for number, tally in enumerate(sampler.tallies):
            if number % _MEASURES == 0:
                await asyncio.sleep(0)
            for count in tally.changed():
                self._unsaved[number, count.width, count.start] = count
                self._publisher.stage(number, count)
        self._whole = True
        self._publisher.advance(at)
        return await self._publisher.close(at)

    async def _restore(self, at: float, reach: float) -> None:
        """Give new tallies the buckets that were kept of their measures, back to `reach`, where increments begin."""
        fresh = self._sampler.grow()
        if not fresh:
            return
        coarse = int(reach // COARSEST) * COARSEST
        fine = int((at - 4 * self._spacing) // WIDTHS[1] - 1) * WIDTHS[1]
        since = {width: coarse if width == COARSEST else fine for width in WIDTHS}
        identities = self._publisher.identities()
        async for rows in self._keeper.rows([identities[number] for number in fresh], since, at + COARSEST):
            for identity, count in rows:
                number = self._publisher.number(identity)
                if number is not None:
                    self._sampler.tallies[number].restore([count], self._resumed)

    def judgement(self) -> tuple[dict[SloKey, str], dict[SloKey, tuple[str, ...]]]:
        """Why SLOs are not known, and what should be said of others; sentences."""
        measures = self._router.measures
        failures = {slo.key: text for n, text in self._sampler.failures.items() for slo in measures[n].slos}
        remarks = {number: [text] for number, text in self._sampler.remarks.items()}
        for number, count in self._publisher.good_ahead.items():
            many = "1 bucket" if count == 1 else f"{count} buckets"
            remarks.setdefault(number, []).append(f"good exceeded total in {many}: counted as no errors")
        return failures, {slo.key: tuple(texts) for n, texts in remarks.items() for slo in measures[n].slos}

    async def save(self, *, last: bool = False) -> bool:
        """Save what changed when it is time to (or for the `last` time); False: the lease is lost."""
        sampler = self._sampler
        at = sampler.at
        if at is None or not self._whole or at == self._saved:
            return True
        if not last and len(sampler) > _SMALL and at // 60 <= self._saved // 60:
            return True
        rows: dict[bytes, list[Count]] = {}
        identities = self._publisher.identities()
        for (number, _, _), count in self._unsaved.items():
            rows.setdefault(identities[number], []).append(count)
        done = await self._keeper.save(at, sampler.marks(), members_text(self._router), rows)
        if done:
            self._saved = at
            self._unsaved.clear()
        return done is not None
