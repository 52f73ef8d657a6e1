"""Keeps the ledger filled from one Prometheus: what is kept first, short windows at once, history in pieces, the tail.

A cold start asks for short windows, then fetches history newest first. A warm one takes up what `ledger.db` holds
before the server has answered anything, and asks only for what is lacking (`engine.backlog`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.period import Calendar
from sreconsole.domain.reading import Missing
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.backfill import Backfill
from sreconsole.engine.backlog import AGAIN, Progress
from sreconsole.engine.crosscheck import Crosscheck
from sreconsole.engine.filling import pieces
from sreconsole.engine.joints import joints
from sreconsole.engine.keeping import Keeping
from sreconsole.engine.loss import Loss
from sreconsole.engine.server_clock import ServerClock
from sreconsole.engine.together import together
from sreconsole.errors import SourceError
from sreconsole.ledger.book import HOUR, MINUTE, REACH, Book
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.records import replace
from sreconsole.sources.base import BucketAnswer, Grid
from sreconsole.sources.batches import Batch
from sreconsole.sources.prometheus import PrometheusSource

if TYPE_CHECKING:
    from sreconsole.engine.fine_recall import FineRecall
    from sreconsole.ledger.fine import Fine

SLOW = 7200
"""Windows of this length and longer are asked at most once a minute."""
SURVEY_SOON, SURVEY_AGAIN = 300.0, 3600.0
"""Seconds to the next survey: soon while some interval is unknown, later and later."""
QUIET = 120.0
"""Seconds without a new minute after which the scrape interval is looked at again, once."""
SAVE = 60.0
"""Seconds between two savings of what refreshes bring."""
DAY = 86_400.0
_NAMES = 0.1
"""Seconds the screen has to itself to show the names of a fleet, before thousands of buckets are read."""


class PrometheusFeed:
    """One Prometheus source. `clock` gives Unix seconds; `trends` says whether a screen will draw fine buckets;
    `opened` opens the cache of buckets (in memory when absent); `still`: the clock stands at a moment of the past, and
    `recall` tells what was kept of it."""

    kind = "prometheus"

    def __init__(
        self,
        source: PrometheusSource,
        book: Book,
        clock: Callable[[], float],
        *,
        refresh: float,
        trends: bool,
        opened: Callable[[], LedgerFile] = lambda: LedgerFile.open(None),
        server: ServerClock | None = None,
        on_names: Callable[[], None] = lambda: None,
        still: bool = False,
        recall: Callable[[], FineRecall] | None = None,
    ) -> None:
        self.name = source.name
        self.source = source
        self.book = book
        self.server = server
        self.clock = clock if server is None else server.now
        self.refresh = refresh
        self.trends = trends
        self.on_answer: Callable[[], None] = lambda: None
        """Called after each answer, so that the screen follows a cold start."""
        self.on_names = on_names
        """Called when the members of fleets are known and nothing else of them yet."""
        self.keeping = Keeping(source, opened, still=still, recall=recall)
        self._still = still
        self.crosscheck = Crosscheck(source, book)
        self.loss = Loss(source, book)
        self._broken = True
        """Whether the last refresh failed, or there was none: the server may be another one since."""
        self.backfill = Backfill(source, book, self.keeping, self._answered, trends=trends)
        self._gone: frozenset[SloKey] = frozenset()
        """Members of fleets of which nothing was seen for a day."""
        self._surveyed: float | None = None
        self._then: Mapping[SloKey, float | None] = {}
        """Scrape intervals at a moment of the past that the server need not know any more."""
        self._quiet: set[SloKey] = set()
        """Folded SLOs that have no new minutes though the server answers, and were surveyed for it."""
        self._warnings: tuple[str, ...] = ()
        self._fleet_slos: dict[SloKey, Slo] = {}
        self._survey_wait = SURVEY_SOON
        self._saved = float("-inf")
        self._saving: asyncio.Task[None] | None = None
        self._members_kept: frozenset[SloKey] = frozenset()

    # --- what it measures

    def slos(self) -> Sequence[Slo]:
        """Hand-written SLOs and the members of fleets."""
        named = {slo.key for slo in self.source.slos}
        for _, template, key in self.source.members():
            if key not in named and key not in self._fleet_slos:
                self._fleet_slos[key] = replace(template, service=key.service)
        return (*self.source.slos, *(slo for key, slo in self._fleet_slos.items() if key not in self._gone))

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples, when found."""
        return self.source.intervals.get(key)

    @property
    def ahead(self) -> float:
        """Seconds by which the clock here is ahead of the server's."""
        return 0.0 if self.server is None else self.server.ahead

    @property
    def failures(self) -> Mapping[SloKey, str]:
        """SLOs whose own query fails."""
        return self.source.failures

    @property
    def partial(self) -> str | None:
        """The server's warning, when its newest answer was not whole."""
        return self._warnings[0] if self._warnings else None

    @property
    def parts(self) -> tuple[int, int] | None:
        """One server is one part."""
        return None

    @property
    def remarks(self) -> Mapping[SloKey, tuple[str, ...]]:
        """SLOs whose window in the ledger is not what the server says of it."""
        return self.crosscheck.remarks

    def notes(self) -> tuple[str, ...]:
        """Remarks: a fleet's limit, a disk that fails, a server that no longer knows what it told us, clocks apart."""
        clocks = None if self.server is None else self.server.note()
        own = (self.loss.note, self.keeping.trouble, clocks, self.crosscheck.note())
        return (*self.source.notes(), *(note for note in own if note is not None))

    def gone(self) -> frozenset[str]:
        """Fleet members without a value for a while, but seen within the last day."""
        now = self.clock()
        quiet: dict[str, float] = {}
        for key in self._fleet_slos:
            newest = self.book.newest(key) or 0.0
            quiet[key.service] = max(quiet.get(key.service, 0.0), newest)
        return frozenset(name for name, newest in quiet.items() if 600 < now - newest <= DAY)

    # --- how far it is

    def horizon(self, key: SloKey) -> float | None:
        """End of the windows the ledger can answer for."""
        return self.backfill.horizon.get(key)

    def filling(self, key: SloKey) -> float | None:
        """Filled share of the hours of this SLO's batch; None when they are there."""
        return self.backfill.filling(key)

    def progress(self) -> float | None:
        """Filled share of everything planned; None when nothing is left."""
        return 0.0 if self._surveyed is None else self.backfill.share()

    # --- what it does

    async def load(self) -> None:
        """Take up what `ledger.db` holds: surveys, members of fleets, buckets. Raises SourceError when a header of
        ours, which may choose whose data it is, cannot be read."""
        now = self.clock()
        known = any(self.source.members())  # those of a first frame
        if self.trends and not known and (members := await self.keeping.recall_members(now)):
            self.source.restore(None, {}, members)
            known = True
        if known:
            self.on_names()
            await asyncio.sleep(_NAMES)
        found = await self.keeping.recall(now)
        if found.at is None and not found.then:
            return
        self._then = found.then
        self.source.restore(found.dialect, {**found.intervals, **found.then}, found.members)
        if found.at is not None:
            self._surveyed = found.at
            self._plan_survey()
        await self.backfill.show(now)

    async def step(self) -> None:
        """One refresh."""
        if self.server is not None and not self.server.known:
            try:
                await self.source.greet(self.clock())
            except SourceError:
                await self.backfill.show_more(self.clock())  # what is kept is all there is for now
                raise
        now = self.clock()
        if self.backfill.shown:
            await self.backfill.plan_all(now)
        returns, self._broken = self._broken, True
        if self._surveyed is None:
            await self._short_windows(self.source.batches, now, [[300], [3600]])
        if self._surveyed is None or now - self._surveyed > self._survey_wait or self._fell_quiet(now):
            await self._survey(now)
        elif new := [batch for batch in self.source.batches if self._unsurveyed(batch)]:
            await self._survey(now, new)
        self._warnings = ()
        await together(self._step_batch(progress, now) for progress in list(self.backfill.progress.values()))
        await self.source.explain(now)
        whole = [slo for slo in self.slos() if slo.key in self.backfill.filled and not self.book.entry(slo.key).coarse]
        if self.trends and not self._still:
            if returns or self.crosscheck.due(now):
                await self.loss.look(now, whole)
            await self.crosscheck.step(now, () if self.loss.note else whole, self.horizon)
        self._gone = self._vanished(now)
        if self.trends and now - self._saved >= SAVE and (self._saving is None or self._saving.done()):
            self._saved = now
            self._saving = asyncio.create_task(self._save(now))
        self._broken = False
        self.on_answer()

    async def fill(self) -> bool:
        """One piece of history for the batch that is furthest behind."""
        return await self.backfill.fill(self.clock())

    async def final(self, keys: Collection[SloKey], since: Mapping[int, int]) -> Mapping[SloKey, Fine]:
        """The final buckets of these SLOs that are on disk, from `since` on by width (Unix seconds)."""
        return await self.keeping.final({key: self.interval(key) for key in keys}, since, self.clock())

    async def aclose(self) -> None:
        """Save what is left, close the file and the connection."""
        if self._saving is not None:
            await self._saving
        if self._surveyed is not None:
            await self._save(self.clock())
        await self.keeping.aclose()
        await self.source.api.aclose()

    # --- inside

    def _fell_quiet(self, now: float) -> bool:
        """Whether SLOs have just stopped bringing minutes: gone, or scraped at another interval than before."""
        quiet = set()
        for key, until in self.backfill.horizon.items():
            newest = self.book.newest(key)
            if newest is not None and until - newest >= QUIET and not self.book.entry(key).coarse:
                quiet.add(key)
        new = quiet - self._quiet
        self._quiet = quiet
        return bool(new)

    def _unsurveyed(self, batch: Batch) -> bool:
        """Whether nothing at all is known of the scrape interval of some of a batch: new ones."""
        intervals = self.source.intervals
        return any(key not in intervals for found in batch.groups if found.interval is None for key in found.keys)

    async def _survey(self, now: float, only: Sequence[Batch] | None = None) -> None:
        before = dict(self.source.intervals)
        old = self.source.batches
        await self.source.survey(now, only)
        if self._then:
            self.source.restore(None, self._then, {})
        for batch in only or ():
            for key in batch.keys:
                self.source.intervals.setdefault(key, None)
        if only is None:
            self._surveyed = now
            self._plan_survey()
        await self._remember(now)
        if before and self.source.intervals == before and self.backfill.progress:
            self.source.batches = old
            return
        await self.backfill.plan_all(now)

    def _plan_survey(self) -> None:
        """When to look at the scrape intervals again."""
        known = all(self.source.intervals.get(slo.key) for slo in self.slos())
        self._survey_wait = SURVEY_AGAIN if known else min(SURVEY_AGAIN, 2 * self._survey_wait)

    async def _step_batch(self, progress: Progress, now: float) -> None:
        batch = progress.batch
        warm = progress.minutes and not progress.plan.lacks(MINUTE, 0)
        if not warm or any(self.source.coarse(found) for found in batch.groups):
            due = [w for w in progress.short if now - progress.asked.get(w, 0.0) >= (55 if w >= SLOW else 1)]
            # Cold: window by window, so that the first is on the screen soon. Later: as few requests as possible.
            quick, slow = [w for w in due if w < SLOW], [w for w in due if w >= SLOW]
            await self._short_windows([batch], now, [quick, slow] if progress.asked else [[w] for w in due])
        await self._edges(batch, progress, now)
        await self._tail(progress, now)

    async def _edges(self, batch: Batch, progress: Progress, now: float) -> None:
        """The exact first part of an hour of calendar periods that do not begin on one (zones with half hours)."""
        for slo in self.backfill.slos_of(batch):
            if not isinstance(slo.window, Calendar):
                continue
            start = int(slo.window.bounds(now)[0])
            after = -(-start // HOUR) * HOUR
            if start % HOUR == 0 or start in progress.edges or now < after:
                continue
            answer = await self.source.buckets(batch, Grid(start, after, after - start))
            for key, column in answer.columns.items():
                self.book.put_edge(key, start, after, column.bad[0], column.total[0])
            progress.edges.add(start)

    async def _short_windows(self, batches: Sequence[Batch], now: float, requests: Iterable[Sequence[int]]) -> None:
        for windows in requests:
            for batch in batches if windows else ():
                progress = self.backfill.progress.get(id(batch))
                exact = progress is not None and not progress.minutes  # those of a cold console are soon folded
                edges = joints(now, REACH[MINUTE], self.backfill.needs(batch, now).windows) if exact else ()
                edges = edges if REACH[MINUTE] in windows else ()
                answer = await self.source.windows(batch, now, windows, exact=exact, edges=edges)
                self._warnings += answer.warnings
                if progress is not None:
                    progress.asked.update(dict.fromkeys(windows, now))
                    self._doubt(progress, 0, answer.warnings)
                    self.backfill.moves_on(progress)
                for key, readings in answer.readings.items():
                    self.book.answer(key, now, readings)
                    if edges:
                        self.book.put_bits(key, answer.edges.get(key, ()))
                    if not all(isinstance(reading, Missing) for reading in readings.values()):
                        self.backfill.horizon[key] = max(now, self.backfill.horizon.get(key, 0.0))
                    self.backfill.horizon.setdefault(key, now)
            self.on_answer()

    async def _tail(self, progress: Progress, now: float) -> None:
        """The newest buckets: minutes at each refresh, coarser ones when one has closed."""
        batch = progress.batch
        for width in progress.widths:
            end = int(now // width) * width
            asked = progress.tail[width]
            if width != MINUTE and end == asked:
                continue  # asked can also be later: the clock was ahead then
            if self._still and end == asked and all(self.backfill.horizon.get(key, 0) >= end for key in batch.keys):
                continue  # what is kept is final: it costs nothing, and needs no server
            reach = REACH.get(width, self.book.longest)
            # a server whose clock is behind ours has its final buckets a little later
            unsaved = max(progress.final.get(width, end), end - (AGAIN + 2) * width)
            start = max(min(asked - AGAIN * width, end - AGAIN * width, unsaved), end - int(reach) // width * width)
            warnings: tuple[str, ...] = ()
            for grid in pieces(width, end, end - start, batch.series):
                answer = await self.source.buckets(batch, grid)
                await self.backfill.put(progress, batch, answer, now)
                warnings += answer.warnings
            progress.tail[width] = end
            self._doubt(progress, width, warnings)
            if width == MINUTE:
                self.backfill.moves_on(progress)
                for found in batch.groups:
                    if not self.source.coarse(found):
                        self.backfill.horizon.update(dict.fromkeys(found.keys, float(end)))

    def _doubt(self, progress: Progress, what: int, warnings: Sequence[str]) -> None:
        """Remember whether the newest answer of a kind was whole."""
        (progress.doubt.add if warnings else progress.doubt.discard)(what)

    def _answered(self, answer: BucketAnswer) -> None:
        self._warnings += answer.warnings
        self.on_answer()

    # --- keeping

    async def _save(self, now: float) -> None:
        """Write what refreshes brought, and what is newest."""
        await self.keeping.save(now)
        packed = await self.backfill.packed(now)
        await self.keeping.save_newest({key: blob for key, blob in packed.items() if key not in self._gone}, now)
        if self._members_kept != self._fleet_slos.keys():
            await self._remember(self._surveyed or now)

    async def _remember(self, at: float) -> None:
        """Keep what the survey at `at` has found and who is in which fleet."""
        self._members_kept = frozenset(self._fleet_slos)
        there = {key: self.book.newest(key) or at for _, _, key in self.source.members() if key not in self._gone}
        await self.keeping.remember(at, there)

    def _vanished(self, now: float) -> frozenset[SloKey]:
        """Members of fleets of which the newest is more than a day old."""
        return frozenset(key for key in self._fleet_slos if now - (self.book.newest(key) or now) > DAY)
