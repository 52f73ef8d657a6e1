"""Fills the ledger of one Prometheus from what is kept and, piece by piece, from the server's history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.backlog import Needs, Progress, begin, extend
from sreconsole.engine.filling import Plan
from sreconsole.engine.keeping import Keeping
from sreconsole.engine.kept import COUNT, Kept, pack
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH, WIDTHS, Book
from sreconsole.sources.base import BucketAnswer
from sreconsole.sources.batches import Batch
from sreconsole.sources.prometheus import PrometheusSource
from sreconsole.turns import Turns

LOOK_AGAIN = 3600.0
"""Seconds after which it is looked up again what is lacking: empty buckets, answers that were not whole."""
RECENT = 300.0
"""Seconds for which the server's answer about a short window is worth being kept."""


class Backfill:
    """How far every batch is, and the way on; `trends` says whether a screen will draw fine buckets."""

    def __init__(
        self,
        source: PrometheusSource,
        book: Book,
        keeping: Keeping,
        answered: Callable[[BucketAnswer], None],
        *,
        trends: bool,
    ) -> None:
        """`answered` is told of every answer that is in the ledger."""
        self.source, self.book, self.keeping, self.trends = source, book, keeping, trends
        self.answered = answered
        self.progress: dict[int, Progress] = {}
        """By id of the batch."""
        self.filled: set[SloKey] = set()
        """SLOs of which all hours are there."""
        self.horizon: dict[SloKey, float] = {}
        """End of the windows the ledger can answer for, Unix seconds."""
        self._names: dict[SloKey, bytes] = {}
        """What each SLO was kept under when it was planned."""
        self._more = False
        self.shown: dict[SloKey, Kept] = {}
        """What `show` took up, until `plan_all` has taken up the rest."""

    def filling(self, key: SloKey) -> float | None:
        """Filled share of the hours of this SLO's batch; None when they are there."""
        if key in self.filled:
            return None
        for progress in self.progress.values():
            if any(key in found.keys for found in progress.batch.groups):
                return progress.plan.share() or 0.0
        return 0.0

    def share(self) -> float | None:
        """Filled share of everything planned; None when nothing is left."""
        whole = sum(p.plan.whole for p in self.progress.values())
        left = sum(len(p.plan.left) for p in self.progress.values())
        return None if not left else 1 - left / max(1, whole)

    async def fill(self, now: float) -> bool:
        """One piece of history for the batch that is furthest behind; whether there is more."""
        await self._look_again(now)
        waiting = [progress for progress in self.progress.values() if progress.plan.left]
        if not waiting:
            return False
        progress = max(waiting, key=lambda each: _urgency(each.plan))
        piece = progress.plan.left[0]
        answer = await self.source.buckets(piece.batch, piece.grid, timeout=60.0, care=piece.care)
        await self.put(progress, piece.batch, answer, now)
        if piece in progress.plan.left:
            progress.plan.left.remove(piece)
        self._complete(progress.plan.complete(piece.batch))
        await self.keeping.save(now)
        return any(each.plan.left for each in self.progress.values())

    async def show(self, now: float) -> None:
        """Take up the hours and minutes that are kept: all that the first picture needs. `plan_all` does the rest."""
        self.shown = await self._take(now, (HOUR, MINUTE))
        await self._begin(self.shown, {}, now)

    async def show_more(self, now: float) -> None:
        """Take up the kept five-minute buckets too, once, while the server does not answer."""
        if self.shown and not self._more:
            self._more = True
            await self._take(now, (FIVE,))

    async def plan_all(self, now: float) -> None:
        """Take up what is kept of every SLO, and plan to fetch what is lacking."""
        shown, self.shown = self.shown, {}
        asked = {key: progress.tail for progress in self.progress.values() for key in progress.keys}
        await self.keeping.save(now)
        kept = await self._take(now, (FIVE,) if shown else WIDTHS)
        for key, one in shown.items():
            kept.setdefault(key, one).buckets.extend(one.buckets)
        # what was asked under another name, as with another scrape interval, is not what is kept under this one
        same = {key for key, one in kept.items() if self._names.get(key) == one.name and not shown}
        self._names = {key: one.name for key, one in kept.items()}
        await self._begin(kept, {key: tail for key, tail in asked.items() if key in same}, now)

    async def _take(self, now: float, widths: Iterable[int]) -> dict[SloKey, Kept]:
        """What is kept of every SLO, into the ledger in memory; the newest only of those that are new to it."""
        batches = self.source.batches
        reach = self._since(now)
        since = {width: reach[width] for width in widths}
        keys = [key for batch in batches for key in batch.keys]
        turn = Turns()
        for key in keys:
            self.book.reserve(key, WIDTHS if self.trends else since)
            await turn.take()
        kept = await self.keeping.take(batches, keys, since, now)
        for key, one in kept.items():
            one.put(self.book, key)
            if one.newest is not None and self._names.get(key) != one.name:
                one.newest.put(self.book, key)
            await turn.take()
        return kept

    async def _begin(self, kept: Mapping[SloKey, Kept], was: Mapping[SloKey, Mapping[int, int]], now: float) -> None:
        """Plan every batch anew."""
        made: dict[int, Progress] = {}
        for batch in self.source.batches:
            coarse, needs = self._set_coarse(batch), self.needs(batch, now)
            progress = made[id(batch)] = await asyncio.to_thread(begin, batch, needs, kept, was, now, coarse=coarse)
            lacking = {key for piece in progress.plan.left if piece.grid.width == HOUR for key in piece.batch.keys}
            self._complete(key for key in batch.keys if key not in lacking or key in progress.late)
            for key in batch.keys:
                if key in kept and key not in self.horizon:
                    until = kept[key].horizon(minutes=progress.minutes or self.keeping.still)
                    if until is not None:
                        self.horizon[key] = until
        self.progress = made

    def _since(self, now: float) -> dict[int, int]:
        reach = {**REACH, HOUR: int(self.book.longest) + HOUR}
        return {width: int(now // width) * width - reach[width] - HOUR for width in WIDTHS}

    def needs(self, batch: Batch, now: float) -> Needs:
        """What the SLOs of a batch need."""
        return Needs.of(list(self.slos_of(batch)), now, trends=self.trends)

    def _set_coarse(self, batch: Batch) -> bool:
        """Tell the ledger whose minutes do not fold; whether that is so of all."""
        coarse = [self.source.coarse(found) for found in batch.groups]
        for found, each in zip(batch.groups, coarse, strict=True):
            for key in found.keys:
                self.book.set_coarse(key, each)
        return all(coarse)

    def _complete(self, keys: Iterable[SloKey]) -> None:
        for key in keys:
            self.filled.add(key)
            self.book.set_filled(key)

    def slos_of(self, batch: Batch) -> Iterable[Slo]:
        """The SLOs of a batch, of fleets their templates."""
        keys = set(batch.keys)
        templates = [found.template for found in batch.groups if found.template is not None]
        return [*(slo for slo in self.source.slos if slo.key in keys), *templates]

    async def _look_again(self, now: float) -> None:
        """Plan to fetch what new members of fleets lack, and now and then what was empty or not whole before."""
        for progress in list(self.progress.values()):
            new = [key for key in progress.batch.keys if key not in progress.keys]
            if new and any(piece.batch is progress.batch for piece in progress.plan.left):
                progress.keys.update(new)  # they have part in what is fetched for all
                new = []
            due = self.trends and now - progress.planned >= LOOK_AGAIN and not progress.plan.left
            if not new and (not due or self.keeping.trouble is not None):
                continue
            keys = new or progress.batch.keys
            await self.keeping.save(now)
            kept = await self.keeping.take([progress.batch], keys, self._since(now), now)
            if self.progress.get(id(progress.batch)) is not progress or self.keeping.trouble is not None:
                return
            for key in new:
                if key in kept:
                    kept[key].put(self.book, key)
            near = {width: frozenset(() if new else keys) for width in WIDTHS}
            hours = extend(progress, self.needs(progress.batch, now), keys, kept, near, now)
            self._complete(key for key in new if key not in hours)
            self._set_coarse(progress.batch)
            progress.planned = progress.planned if new else now

    def moves_on(self, progress: Progress) -> None:
        """There is newer data than what was kept: what lies between is lacking now."""
        if progress.late:
            lacking = {key for piece in progress.plan.left if piece.grid.width == HOUR for key in piece.batch.keys}
            self.filled -= progress.late & lacking
            progress.late = set()

    async def put(self, progress: Progress, batch: Batch, answer: BucketAnswer, now: float) -> None:
        """Take an answer for a batch, or for a part of it, into the ledger."""
        grid = answer.grid
        if answer.warnings and grid.end > progress.tail[grid.width] - COUNT * grid.width:
            progress.doubt.add(grid.width)
        final = self.keeping.note(batch, answer, now)
        if final is not None:
            progress.final[grid.width] = max(final, progress.final.get(grid.width, 0))
        turn = Turns()
        for key, column in answer.columns.items():
            self.book.put(key, grid.width, grid.start, column.bad, column.total)
            await turn.take()
        self.answered(answer)

    async def packed(self, now: float) -> dict[SloKey, bytes]:
        """What is newest of every SLO (`engine.kept`)."""
        found: dict[SloKey, bytes] = {}
        turn = Turns()
        for progress in list(self.progress.values()):
            until = {
                width: end
                for width, end in progress.tail.items()
                if width in progress.widths
                and width not in progress.doubt
                and not progress.plan.lacks(width, end - COUNT * width)
            }
            for group in progress.batch.groups:
                asked = not progress.minutes or self.source.coarse(group) or MINUTE not in until
                since = now - RECENT if asked and 0 not in progress.doubt else now
                for key in group.keys:
                    if key in self.book:
                        found[key] = pack(self.book.entry(key), until, since)
                        await turn.take()
        return found


def _urgency(plan: Plan) -> tuple[int, float]:
    """What tells of the last hours before what fills budgets, that before the rest; then whoever has most left."""
    return -plan.left[0].rank, len(plan.left) / max(1, plan.whole)
