"""The engine as front ends see it: runs the pollers, keeps the newest snapshot, tells listeners what changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from sreconsole.config.model import METRIC_KINDS, Config
from sreconsole.domain.counts import Counts
from sreconsole.domain.difference import changed_slos, changed_sources
from sreconsole.domain.report import Trend
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.alert_board import AlertBoard
from sreconsole.engine.assessor import Assessor, trend_width
from sreconsole.engine.changes import Changes
from sreconsole.engine.deploys_memory import DeployMemory
from sreconsole.engine.feed import AlertFeed, DeployFeed, Feed, Polled, ToilFeed
from sreconsole.engine.group import Feeds, Group, Groups, Some
from sreconsole.engine.live import Change
from sreconsole.engine.memory import give_back_now_and_then
from sreconsole.engine.notebook import Notebook
from sreconsole.engine.one_shot import ask_once
from sreconsole.engine.polling import Poller
from sreconsole.engine.snapshots import Snapshots
from sreconsole.engine.spacing import of_deploys, of_samples, rarely
from sreconsole.engine.unasked import alert_stand_ins, deploy_stand_ins, metric_stand_ins, toil_stand_ins
from sreconsole.ledger.book import Book
from sreconsole.records import replace
from sreconsole.sources.meter import Meter
from sreconsole.turns import somebody_looks_on

log = logging.getLogger("sreconsole.engine")

GATHER = 0.15
"""Seconds during which changes are gathered into one snapshot."""
HOLD = 5.0
"""Seconds for which the screen stays as it was after a change of config, until every new source was asked."""
BRIEFLY = 2.0
"""Seconds for which a one-shot fetches the history of deploys, newest first, where some of it is remembered."""
SHARE = 4
"""How many times longer than making a snapshot took we wait before the next: a cold start must not burn a core."""


class Console:
    """Implements `engine.live.Live` over metric feeds and a ledger."""

    def __init__(
        self,
        config: Config,
        book: Book,
        feeds: Some[Feed],
        clock: Callable[[], float],
        alerts: Some[AlertFeed] = (),
        meters: Mapping[str, Meter] | None = None,
        foreseen: Iterable[Slo] = (),
        *,
        deploys: Some[DeployFeed] = (),
        toil: Some[ToilFeed] = (),
        memory: DeployMemory | None = None,
        notebook: Notebook | None = None,
        past: bool = False,
    ) -> None:
        """`feeds`: the metrics feeds, or how to build them once the first frame is out; `alerts`, `deploys`, `toil`:
        those of each, likewise; `meters`: what counts the requests, by source; `foreseen`: members of fleets for the
        first frame; `memory`: of deploys; `notebook`: the journal; `past`: the clock stands at a moment of the past."""
        self.config = config
        self.book = book
        self.clock = clock
        self.meters = meters or {}
        self.memory, self.notebook, self.past = memory, notebook, past
        self.groups = self._grouped(Feeds(feeds, alerts, deploys, toil))
        self._group: asyncio.TaskGroup | None = None
        self._judge_by(config)
        self.beside: list[Callable[[], Awaitable[None]]] = []
        """What runs beside the pollers, until cancelled."""
        self.changes: Changes | None = None
        """The record of status changes."""
        self.notices: list[Callable[[], Sequence[str]]] = []
        """What gives banner lines about the program itself; asked at each snapshot."""
        if memory is not None:
            memory.changed = self._poke
            self.beside.append(memory.run)
            self.notices.append(memory.notices)
        if notebook is not None:
            notebook.changed = self._poke
            self.beside.append(notebook.run)
            self.notices.append(notebook.notices)
        self._dirty = asyncio.Event()
        self._listeners: list[Callable[[Change], None]] = []
        self._tasks: dict[Poller, asyncio.Task[None]] = {}
        self._defect: str | None = None
        self._reloaded: Config | None = None
        self._held: tuple[float, tuple[Poller, ...]] = (0.0, ())
        self._snapshot = self.snapshots.first(foreseen)

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._snapshot

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """The metrics feeds, by source."""
        return self.groups.metrics.feeds

    @property
    def paused(self) -> bool:
        """Whether polling is paused."""
        return any(poller.paused for poller in self._all())

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after each new snapshot; returns the way to stop that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    async def run(self) -> None:
        """Poll until cancelled."""
        self.groups.begin()
        try:
            async with asyncio.TaskGroup() as self._group:
                somebody_looks_on()
                for poller in self._all():
                    self._tasks[poller] = self._group.create_task(poller.run())
                self._group.create_task(self._publish())
                self._group.create_task(give_back_now_and_then())
                for work in self.beside:
                    self._group.create_task(_awaited(work))
        finally:
            self._group = None
            await self.aclose()

    async def once(self, timeout: float, *, narrate: Callable[[str], None] = lambda _: None) -> Snapshot:
        """Ask every source once and fetch history for the rest of `timeout` seconds: the one-shot's way."""
        self.groups.begin()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        groups, recalled = self.groups, await self._recalled()
        ledger, deploys = set(groups.metrics.pollers.values()), set(groups.deploys.pollers.values())

        def history(poller: Poller) -> float:
            if poller not in deploys:
                return timeout if poller in ledger else 0.0
            return timeout if self.past or poller.feed.name not in recalled else BRIEFLY

        def ask(poller: Poller) -> Awaitable[None]:
            what = "ledger" if poller in ledger else "history of deploys"
            return ask_once(poller, deadline, timeout, narrate, history=history(poller), what=what)

        await asyncio.gather(*(ask(poller) for poller in self._all()))
        await self._recalled()
        if self.notebook is not None:
            await self.notebook.flush()
        snapshot = await self.snapshots.make()
        if self.changes is not None:
            self.changes.take(snapshot, self.config, self.feeds)
            await self.changes.flush()
        self._snapshot = self._with_own(snapshot)
        return self._snapshot

    async def _recalled(self) -> Collection[str]:
        """Write and read the memory of deploys; the sources that it knows something of."""
        if self.memory is None or not self.groups.deploys.feeds:
            return ()
        self.memory.take(self.config, self.groups.deploys.feeds)
        await self.memory.flush()
        return {name for name, deploys in self.memory.recalled.items() if deploys}

    async def adopt(self, config: Config, book: Book, feeds: Feeds, meters: Mapping[str, Meter]) -> None:
        """Take up a changed config while running; `feeds` are built.

        Feeds that are among those we have go on as they are; the others end before those in their place begin. The
        snapshot stays until every new source was asked, so that nothing known leaves the screen meanwhile.
        """
        before = set(self._all())
        kept = {id(feed) for feed in feeds.all()}
        paused, trend = self.paused, self.assessor.trend_seconds
        await self._retire([poller for poller in before if id(poller.feed) not in kept])
        for feed in self.feeds.values():
            if id(feed) not in kept:
                for slo in feed.slos():
                    self.book.drop(slo.key)  # the ledger on disk brings back what is still wanted
        self.config, self.book, self.meters = config, book, meters
        self.groups = self.groups.followed_by(feeds)
        self._judge_by(config)
        self.assessor.trend_seconds = trend
        new = tuple(poller for poller in self._all() if poller not in before)
        for poller in new:
            poller.paused = paused
            if self._group is not None:
                self._tasks[poller] = self._group.create_task(poller.run())
        self._reloaded = config
        self._held = (asyncio.get_running_loop().time() + (0.0 if paused else HOLD), new)
        self._poke()

    async def aclose(self) -> None:
        """Close every source."""
        for feed in self.groups.feeds():
            await feed.aclose()
        if self.changes is not None:
            await self.changes.aclose()
        if self.memory is not None:
            await self.memory.aclose()
        if self.notebook is not None:
            await self.notebook.aclose()

    def record(self, changes: Changes) -> None:
        """Have status changes recorded, from the start of running on."""
        self.changes = changes
        changes.changed = self._poke
        self.beside.append(changes.run)
        self.notices.append(changes.notices)

    def refresh(self, source: str | None = None) -> None:
        """Ask one source (or all) again now."""
        for poller in self._all():
            if source in (None, poller.feed.name):
                poller.kick()

    def pause(self, paused: bool) -> None:
        """Stop or resume polling."""
        for poller in self._all():
            poller.paused = paused
            if not paused:
                poller.kick()

    def counts(self, key: SloKey, seconds: int, width: int) -> Counts | None:
        """Bad and total events of an SLO over the last `seconds` from the ledger."""
        for feed in self.feeds.values():
            if any(slo.key == key for slo in feed.slos()):
                return self.book.counts(key, feed.horizon(key) or self.clock(), seconds, width)
        return None

    def trend(self, key: SloKey, seconds: int, width: int | None = None) -> Trend | None:
        """Burn of an SLO over the last `seconds` from the ledger."""
        for feed in self.feeds.values():
            for slo in feed.slos():
                if slo.key == key:
                    end = feed.horizon(key) or self.clock()
                    return self.book.trend(key, end, seconds, width or trend_width(seconds), float(slo.budget))
        return None

    def set_trend_window(self, seconds: int) -> None:
        """The span of the trends in the next snapshots."""
        self.assessor.trend_seconds = seconds
        self._poke()

    def look(self) -> None:
        """Make a new snapshot soon: a notice differs."""
        self._poke()

    def _judge_by(self, config: Config) -> None:
        """Make what turns the feeds into snapshots."""
        metrics = self.groups.metrics
        self.assessor = Assessor(config, self.book, metrics.feeds)
        self.assessor.trouble = lambda source: metrics.pollers[source].trouble
        self.board = AlertBoard(config, self.groups.alerts.feeds, past=self.past)
        self.snapshots = Snapshots(
            config,
            self.assessor,
            self.board,
            self.groups,
            self.clock,
            memory=self.memory,
            notebook=self.notebook,
            past=self.past,
        )

    async def _retire(self, pollers: Sequence[Poller]) -> None:
        """End these pollers and close their sources."""
        tasks = [task for poller in pollers if (task := self._tasks.pop(poller, None)) is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for poller in pollers:
            await poller.feed.aclose()

    def _holding(self) -> bool:
        """Whether the snapshot has to stay as it is until the sources of a new config were asked."""
        until, new = self._held
        return asyncio.get_running_loop().time() < until and not all(poller.asked for poller in new)

    def _kept_by(self, error: Exception) -> Snapshot:
        """What to show after a defect of ours: all as it was, and that."""
        sentence = f"a defect of sreconsole, figures may stand still: {type(error).__name__}"
        if sentence != self._defect:
            log.error("defect while judging", exc_info=error)
        self._defect = sentence
        return replace(self._snapshot, notices=(sentence,))

    def _grouped(self, feeds: Feeds) -> Groups:
        config = self.config
        return Groups(
            Group(
                feeds.metrics,
                lambda: metric_stand_ins(config, past=self.past),
                lambda feed: self._poller(feed, of_samples(lambda: self.feeds[feed.name], lambda: self.book)),
            ),
            Group(
                feeds.alerts,
                lambda: alert_stand_ins(config, past=self.past),
                lambda feed: self._poller(feed, of="alerts"),
            ),
            Group(
                feeds.deploys,
                lambda: deploy_stand_ins(config),
                lambda feed: self._poller(feed, of_deploys(lambda: self.groups.deploys.feeds[feed.name]), of="deploys"),
            ),
            Group(
                feeds.toil,
                lambda: toil_stand_ins(config),
                lambda feed: self._poller(feed, rarely(feed), of="toil"),
            ),
        )

    def _poller(self, feed: Polled, spacing: Callable[[], float | None] = lambda: None, of: str = "") -> Poller:
        meter = self.meters.get(feed.name)
        apart = of if feed.kind in METRIC_KINDS else ""
        return Poller(
            feed, self.config.refresh, self.clock, self._poke, meter=meter, spacing=spacing, of=apart, still=self.past
        )

    def _all(self) -> Iterable[Poller]:
        return self.groups.pollers()

    def _poke(self) -> None:
        self._dirty.set()

    async def _publish(self) -> None:
        """Turn changes into snapshots, a few a second at most; ages tick once a minute without any change."""
        while True:
            # Minutes pass without data too: staleness must show. (Not wait_for: Python 3.11's loses a cancellation
            # that comes together with what it waits for, and the program would not end.)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(30.0):
                    await self._dirty.wait()
            self._dirty.clear()
            if self._holding():
                self._poke()
                await asyncio.sleep(GATHER)
                continue
            began = time.monotonic()
            await self._publish_one()
            await asyncio.sleep(max(GATHER, min(2.0, SHARE * (time.monotonic() - began))))

    async def _publish_one(self) -> None:
        """Make a snapshot and tell of it. (A function of its own: what it names would outlive it in a loop that waits,
        and the snapshot before is as large as the new one.)"""
        before, reloaded = self._snapshot, self._reloaded
        try:
            after = await self.snapshots.make()
        except Exception as error:  # noqa: BLE001 - logged and said; the last good values are worth more than an end
            after = self._kept_by(error)
        else:
            self._defect = None
        if reloaded is not self._reloaded:
            self._poke()
            return  # made of two configs
        self._reloaded = None
        if self.changes is not None:
            self.changes.take(after, self.config, self.feeds)
        after = self._with_own(after)
        self._snapshot = after
        change = Change(
            after,
            changed_slos(before, after),
            changed_sources(before, after),
            before.alerts is not after.alerts
            or before.silences is not after.silences
            or before.alert_sources != after.alert_sources,
            deploys=before.deploys is not after.deploys or before.deploy_sources != after.deploy_sources,
            toil=before.toil is not after.toil or before.toil_sources != after.toil_sources,
            notes=before.notes is not after.notes,
            reloaded=reloaded,
        )
        for listener in list(self._listeners):
            listener(change)

    def _with_own(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what is known here besides: changes of status, notices."""
        notices = dict.fromkeys((*snapshot.notices, *chain.from_iterable(said() for said in self.notices)))
        changes = self.changes.recent if self.changes is not None else ()
        return replace(snapshot, changes=changes, notices=tuple(notices))


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
