"""Keeps the ledger filled from one Prometheus: short windows at once, history in pieces, then only the tail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sreconsole.domain.period import Calendar
from sreconsole.domain.reading import Missing
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.filling import Plan, pieces
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH, Book
from sreconsole.sources.base import BucketAnswer, Grid
from sreconsole.sources.batches import Batch
from sreconsole.sources.prometheus import PrometheusSource

SHORT = (300, 3600, 1800, 21_600, 7200)
"""Windows the server is asked for while the ledger is cold, the most telling first."""
SLOW = 7200
"""Windows of this length and longer are asked at most once a minute."""
AGAIN = 3
"""Newest buckets that are asked for again at each refresh: late samples."""
SURVEY_SOON, SURVEY_AGAIN = 300.0, 3600.0
"""Seconds to the next survey: soon while some interval is unknown, later and later."""
QUIET = 120.0
"""Seconds without a new minute after which the scrape interval is looked at again, once."""
DAY = 86_400.0


@dataclass(slots=True)
class _Progress:
    """How far the ledger is filled for one batch."""

    plan: Plan
    tail: dict[int, int] = field(default_factory=dict)
    """By width: end of the newest bucket asked for."""
    asked: dict[int, float] = field(default_factory=dict)
    """By window: when the server was last asked for it."""
    members: int = 0
    short: tuple[int, ...] = SHORT
    """Windows the server is asked for while no buckets tell: the usual ones and those of the SLOs' own alerts."""
    edges: set[int] = field(default_factory=set)
    """Starts of calendar periods whose first, partial hour was asked for."""


class PrometheusFeed:
    """One Prometheus source. `clock` gives Unix seconds; `trends` says whether a screen will draw fine buckets."""

    kind = "prometheus"

    def __init__(
        self, source: PrometheusSource, book: Book, clock: Callable[[], float], *, refresh: float, trends: bool
    ) -> None:
        self.name = source.name
        self.source = source
        self.book = book
        self.clock = clock
        self.refresh = refresh
        self.trends = trends
        self.on_answer: Callable[[], None] = lambda: None
        """Called after each answer, so that the screen follows a cold start."""
        self._progress: dict[int, _Progress] = {}
        self._filled: set[SloKey] = set()
        self._horizon: dict[SloKey, float] = {}
        self._seen: dict[str, float] = {}
        self._surveyed: float | None = None
        self._quiet: set[SloKey] = set()
        """Folded SLOs that have no new minutes though the server answers, and were surveyed for it."""
        self._warnings: tuple[str, ...] = ()
        self._fleet_slos: dict[SloKey, Slo] = {}
        self._survey_wait = SURVEY_SOON

    # --- what it measures

    def slos(self) -> Sequence[Slo]:
        """Hand-written SLOs and the members of fleets."""
        named = {slo.key for slo in self.source.slos}
        for _, template, key in self.source.members():
            if key not in named and key not in self._fleet_slos:
                self._fleet_slos[key] = replace(template, service=key.service)
        return (*self.source.slos, *self._fleet_slos.values())

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples, when found."""
        return self.source.intervals.get(key)

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
        """None."""
        return {}

    def notes(self) -> tuple[str, ...]:
        """Remarks: a fleet's limit."""
        return self.source.notes()

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
        return self._horizon.get(key)

    def filling(self, key: SloKey) -> float | None:
        """Filled share of the hours of this SLO's batch; None when they are there."""
        if key in self._filled:
            return None
        for batch in self.source.batches:
            if any(key in found.keys for found in batch.groups):
                progress = self._progress.get(id(batch))
                return 0.0 if progress is None else progress.plan.share()
        return 0.0

    def progress(self) -> float | None:
        """Filled share of everything planned; None when nothing is left."""
        whole = sum(p.plan.whole for p in self._progress.values())
        left = sum(len(p.plan.left) for p in self._progress.values())
        if self._surveyed is None:
            return 0.0
        return None if not left else 1 - left / max(1, whole)

    # --- what it does

    async def load(self) -> None:
        """Nothing is kept on disk yet."""

    async def step(self) -> None:
        """One refresh."""
        now = self.clock()
        if self._surveyed is None:
            await self._short_windows(self.source.batches, now, [[300], [3600]])
        if self._surveyed is None or now - self._surveyed > self._survey_wait or self._fell_quiet(now):
            await self._survey(now)
        self._warnings = ()
        await asyncio.gather(*(self._step_batch(batch, now) for batch in self.source.batches))
        await self.source.explain(now)
        self.on_answer()

    async def fill(self) -> bool:
        """One piece of history for the batch that is furthest behind."""
        waiting = [(batch, self._progress[id(batch)]) for batch in self.source.batches if id(batch) in self._progress]
        waiting = [(batch, progress) for batch, progress in waiting if progress.plan.left]
        if not waiting:
            return False
        batch, progress = max(waiting, key=lambda pair: _urgency(pair[1].plan))
        grid = progress.plan.left[0]
        await self._put(batch, await self.source.buckets(batch, grid, timeout=60.0))
        progress.plan.left.popleft()
        if not progress.plan.hours_left():
            self._filled.update(batch.keys)
            for key in batch.keys:
                self.book.set_filled(key)
        return any(progress.plan.left for _, progress in waiting)

    async def aclose(self) -> None:
        """Close the connection."""
        await self.source.api.aclose()

    # --- inside

    def _fell_quiet(self, now: float) -> bool:
        """Whether SLOs have just stopped bringing minutes: gone, or scraped at another interval than before."""
        quiet = set()
        for key, until in self._horizon.items():
            newest = self.book.newest(key)
            if newest is not None and until - newest >= QUIET and not self.book.entry(key).coarse:
                quiet.add(key)
        new = quiet - self._quiet
        self._quiet = quiet
        return bool(new)

    async def _survey(self, now: float) -> None:
        before = dict(self.source.intervals)
        old = self.source.batches
        await self.source.survey(now)
        self._surveyed = now
        known = all(self.source.intervals.get(slo.key) for slo in self.slos())
        self._survey_wait = SURVEY_AGAIN if known else min(SURVEY_AGAIN, 2 * self._survey_wait)
        if before and self.source.intervals == before and self._progress:
            self.source.batches = old
            return
        self._progress.clear()
        for batch in self.source.batches:
            self._begin(batch, now)

    def _begin(self, batch: Batch, now: float) -> _Progress:
        """Plan the history of a batch; nothing is asked twice when its members are there already."""
        lengths = [slo.window.length(now) for slo in self._slos_of(batch)]
        longest = max(lengths, default=30 * 86_400)
        coarse = all(self.source.coarse(found) for found in batch.groups)
        for found in batch.groups:
            for key in found.keys:
                self.book.set_coarse(key, self.source.coarse(found))
        pairs = [pair for slo in self._slos_of(batch) for pair in slo.pairs(now)[0]]
        windows = {86_400, 259_200, *lengths, *(pair.long for pair in pairs), *(pair.short for pair in pairs)}
        plan = Plan.make(now, longest, batch.series, fine=not coarse, trends=self.trends, windows=windows)
        keys = batch.keys
        if keys and all(key in self._filled for key in keys):
            plan = Plan()
        own = sorted(w for w in windows if w <= REACH[MINUTE] and w not in SHORT)
        progress = _Progress(plan, members=len(keys), short=(*SHORT, *own))
        for width in (MINUTE, FIVE, HOUR):
            progress.tail[width] = int(now // width) * width
        self._progress[id(batch)] = progress
        return progress

    def _slos_of(self, batch: Batch) -> Iterable[Slo]:
        keys = set(batch.keys)
        templates = [found.template for found in batch.groups if found.template is not None]
        return [*(slo for slo in self.source.slos if slo.key in keys), *templates]

    async def _step_batch(self, batch: Batch, now: float) -> None:
        progress = self._progress.get(id(batch)) or self._begin(batch, now)
        if progress.members != len(batch.keys):
            for found in batch.groups:
                for key in found.keys:
                    self.book.set_coarse(key, self.source.coarse(found))
            progress.members = len(batch.keys)
        coarse = all(self.source.coarse(found) for found in batch.groups)
        warm = self.trends and not coarse and not any(grid.width == MINUTE for grid in progress.plan.left)
        if not warm or any(self.source.coarse(found) for found in batch.groups):
            due = [w for w in progress.short if now - progress.asked.get(w, 0.0) >= (55 if w >= SLOW else 1)]
            # Cold: window by window, so that the first is on the screen soon. Later: as few requests as possible.
            quick, slow = [w for w in due if w < SLOW], [w for w in due if w >= SLOW]
            await self._short_windows([batch], now, [quick, slow] if progress.asked else [[w] for w in due])
        await self._edges(batch, progress, now)
        if self.trends:
            await self._tail(batch, progress, now, coarse)

    async def _edges(self, batch: Batch, progress: _Progress, now: float) -> None:
        """The exact first part of an hour of calendar periods that do not begin on one (zones with half hours)."""
        for slo in self._slos_of(batch):
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
                answer = await self.source.windows(batch, now, windows)
                self._warnings += answer.warnings
                for key, readings in answer.readings.items():
                    self.book.answer(key, now, readings)
                    if not all(isinstance(reading, Missing) for reading in readings.values()):
                        self._horizon[key] = max(now, self._horizon.get(key, 0.0))
                    self._horizon.setdefault(key, now)
                progress = self._progress.get(id(batch))
                if progress is not None:
                    progress.asked.update(dict.fromkeys(windows, now))
            self.on_answer()

    async def _tail(self, batch: Batch, progress: _Progress, now: float, coarse: bool) -> None:
        """The newest buckets: minutes at each refresh, coarser ones when one has closed."""
        for width in (FIVE, HOUR) if coarse else (MINUTE, FIVE, HOUR):
            end = int(now // width) * width
            asked = progress.tail[width]
            if width != MINUTE and end <= asked:
                continue
            reach = REACH.get(width, self.book.longest)
            start = max(min(asked, end) - AGAIN * width, end - int(reach) // width * width)
            for grid in pieces(width, end, end - start, batch.series):
                await self._put(batch, await self.source.buckets(batch, grid))
            progress.tail[width] = end
            if width == MINUTE:
                for found in batch.groups:
                    if not self.source.coarse(found):
                        self._horizon.update(dict.fromkeys(found.keys, float(end)))

    async def _put(self, batch: Batch, answer: BucketAnswer) -> None:
        self._warnings += answer.warnings
        grid: Grid = answer.grid
        for number, (key, column) in enumerate(answer.columns.items()):
            self.book.put(key, grid.width, grid.start, column.bad, column.total)
            if number % 50 == 49:
                await asyncio.sleep(0)
        self.on_answer()


def _urgency(plan: Plan) -> tuple[int, float]:
    """Minutes before hours before five-minute buckets; among equals the one with most left."""
    width = plan.left[0].width
    return {MINUTE: 2, HOUR: 1, FIVE: 0}[width], len(plan.left) / max(1, plan.whole)
