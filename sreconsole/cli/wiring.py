"""Builds the engine from a config: which feed reads which source into the one ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from sreconsole.cli.acting import logbook
from sreconsole.config.model import AlertmanagerSource, Config, PrometheusSource, ScrapeSource, Source
from sreconsole.config.paths import cache_dir, home, homeless, state_dir
from sreconsole.domain.slo import Fleet, Slo
from sreconsole.engine.changes import Changes
from sreconsole.engine.console import Console
from sreconsole.engine.deploys_memory import DeployMemory
from sreconsole.engine.feed import AlertFeed, DeployFeed, Feed, ToilFeed
from sreconsole.engine.fine_memory import FineMemory
from sreconsole.engine.group import Feeds, Groups
from sreconsole.engine.notebook import Notebook
from sreconsole.engine.server_clock import ServerClock
from sreconsole.engine.unasked import alert_sources, metric_sources
from sreconsole.ledger.book import Book
from sreconsole.sources.meter import Meter

if TYPE_CHECKING:
    from pathlib import Path

    from sreconsole.cli.event_feeds import EventFeeds
    from sreconsole.cli.foresight import Members
    from sreconsole.engine.actions.actions import Actions
    from sreconsole.engine.fine_recall import FineRecall
    from sreconsole.ledger.ledger_file import LedgerFile
    from sreconsole.ledger.store import Store
    from sreconsole.sources.http import HttpClient
    from sreconsole.sources.promapi import PromApi


def clock() -> float:
    """Now in Unix seconds: the one place that reads the wall clock for the engine and the screens."""
    return time.time()  # noqa: TID251 - see the docstring


def wire(
    config: Config, now: Callable[[], float], env: Mapping[str, str], *, trends: bool, past: bool = False
) -> Console:
    """The engine for a config. `trends`: whether a screen will draw fine history; `past`: the clock stands still."""
    return Wiring(config, now, env, trends=trends, past=past).console()


class Wiring:
    """What the feeds of a config are built from; it follows the config."""

    def __init__(
        self, config: Config, now: Callable[[], float], env: Mapping[str, str], *, trends: bool, past: bool = False
    ) -> None:
        """As `wire`."""
        self.config, self.now, self.env = config, now, env
        self.trends, self.past = trends, past
        self.book = Book(_longest(config, now()))
        self.meters = {name: Meter() for name in config.sources}
        self._clients: dict[str, HttpClient] = {}
        self._servers: dict[str, ServerClock] = {}
        self._cache: LedgerFile | None = None
        self._look: Callable[[], None] = lambda: None
        self._homeless = homeless(env, home(env))
        self._foreseen: dict[str, Members] = {}
        self._asked = _asked_of_events(config)
        self.logbook = logbook(config, env, now)
        """The journal, for all who read and write it."""

    def console(self) -> Console:
        """The engine; its feeds are built when it begins."""
        foreseen = self._foresee()
        console = Console(
            self.config,
            self.book,
            self.feeds,
            self.now,
            self.alerts,
            self.meters,
            foreseen,
            deploys=self.deploys,
            toil=self.toil,
            memory=DeployMemory(self._history_store, self.now, writes=not self.past),
            notebook=Notebook(self.logbook, self.now, lambda: self.config.timezone, past=self.past),
            past=self.past,
        )
        self._look = console.look
        changes = Changes(self._history_store, self.now, writes=not self.past)
        console.record(changes)
        if not self.past:
            fine = FineMemory(self._history_store, self.now)
            fine.estate = lambda: (console.config, console.feeds)
            changes.recorded = fine.wake
            console.beside.append(fine.run)
            console.notices.append(fine.notices)
        console.notices.append(self._notices)
        return console

    def actions(self, console: Console) -> Actions:
        """What can be done from this console. Loads the code of it: build it when somebody first acts, let its `watch`
        run until the end, have it `follow` a changed config, and close it."""
        from sreconsole.cli.acting import actions

        def written(source: str | None) -> None:
            if source is not None:
                console.refresh(source)
            elif console.notebook is not None:
                console.notebook.look()

        return actions(
            self.config, self.env, self.logbook, self._client, snapshot=lambda: console.snapshot, written=written
        )

    async def follow(self, console: Console, config: Config) -> None:
        """Make the engine follow a changed config; what is about a source that did not change goes on as it is."""
        kept = {name for name in config.sources if _same(self.config, config, name)}
        before = self.config, self.book, self.meters, self._clients, self._servers
        longest = _longest(config, self.now())
        if longest != self.book.longest:
            kept, self.book = set(), Book(longest)
        self.config = config
        self.meters = {name: self.meters[name] if name in kept else Meter() for name in config.sources}
        self._clients = {name: client for name, client in self._clients.items() if name in kept}
        self._servers = {name: server for name, server in self._servers.items() if name in kept}
        try:
            feeds = self._built(console.groups, kept)
        except BaseException:
            self.config, self.book, self.meters, self._clients, self._servers = before
            raise
        self._asked = _asked_of_events(config)
        await console.adopt(config, self.book, feeds, self.meters)

    def feeds(self, kept: Mapping[str, Feed] | None = None) -> list[Feed]:
        """One for each metrics source; those in `kept` are not built anew."""
        made: list[Feed] = []
        for source in metric_sources(self.config, past=self.past):
            if kept and source.name in kept:
                made.append(kept[source.name])
            elif isinstance(source, PrometheusSource):
                made.append(self._prometheus(source))
            elif isinstance(source, ScrapeSource):
                made.append(self._scrape(source))
        return made

    def alerts(self, kept: Mapping[str, AlertFeed] | None = None) -> list[AlertFeed]:
        """One for each source of alerts; those in `kept` are not built anew."""
        kept = kept or {}
        if self.past:
            return self._past_alerts()
        return [kept.get(source.name) or self._alerts(source) for source in alert_sources(self.config)]

    def _past_alerts(self) -> list[AlertFeed]:
        from sreconsole.cli.past_alerts import past_alert_feeds

        return past_alert_feeds(self.config, self.now, clock, self.meters, lambda source: self._api(source, None))

    def deploys(self, kept: Mapping[str, DeployFeed] | None = None) -> list[DeployFeed]:
        """One for each source of deploys; those in `kept` are not built anew."""
        return self._events().deploys(kept or {})

    def toil(self, kept: Mapping[str, ToilFeed] | None = None) -> list[ToilFeed]:
        """One for each source of toil; those in `kept` are not built anew."""
        return self._events().toil(kept or {}, history=self.trends)

    def _events(self) -> EventFeeds:
        from sreconsole.cli.event_feeds import EventFeeds

        server: Callable[[str], ServerClock | None] = (lambda _: None) if self.past else self._server
        return EventFeeds(self.config, self.now, self._api, self._client, server)

    def _built(self, groups: Groups, kept: Collection[str]) -> Feeds:
        """All feeds, those of the `kept` sources as they are."""
        feeds = self.feeds(_those(groups.metrics.feeds, kept))
        alerts = self.alerts(_those(groups.alerts.feeds, kept))
        deploys, toil = groups.deploys.feeds, groups.toil.feeds
        logs = toil.keys() - self.config.sources.keys()
        events = {*kept, *logs} if _asked_of_events(self.config) == self._asked else ()
        return Feeds(feeds, alerts, self.deploys(_those(deploys, events)), self.toil(_those(toil, events)))

    def _foresee(self) -> Sequence[Slo]:
        """Remember who was in which fleet, where a screen will show it; the SLOs that stand first there."""
        cache = _file(cache_dir(self.env, home(self.env)), "ledger.db")
        if not self.config.fleets or not self.trends or self.past or cache is None:
            return ()
        from sreconsole.cli.foresight import foresee, shown_first

        sources = [source for source in self.config.sources.values() if isinstance(source, PrometheusSource)]
        measured = [(source, _measured(self.config, source.name)[1]) for source in sources]
        self._foreseen = foresee(measured, cache, self.now())
        return shown_first(measured, self._foreseen)

    def _prometheus(self, source: PrometheusSource) -> Feed:
        from sreconsole.engine.prometheus_feed import PrometheusFeed
        from sreconsole.sources.prometheus import PrometheusSource as Client

        # A moment of the past is not the time at the server.
        server = None if self.past else self._server(source.name)
        client = Client(source, *_measured(self.config, source.name), lambda: self._api(source, server))
        if foreseen := self._foreseen.pop(source.name, None):
            client.restore(None, {}, foreseen)
        return PrometheusFeed(
            client,
            self.book,
            self.now,
            refresh=self.config.refresh,
            trends=self.trends,
            opened=self._ledger_file,
            server=server,
            on_names=self._look,
            still=self.past,
            recall=self._recall if self.past else None,
        )

    def _recall(self) -> FineRecall:
        from sreconsole.engine.fine_recall import FineRecall

        return FineRecall(self._history_store)

    def _ledger_file(self) -> LedgerFile:
        """The cache of buckets; a look into the past adds nothing to it."""
        from sreconsole.ledger.ledger_file import LedgerFile

        file = LedgerFile.open(_file(cache_dir(self.env, home(self.env)), "ledger.db"))
        self._cache = file
        return file

    def _notices(self) -> Sequence[str]:
        """What people should know of the cache, and that there is no place to keep anything."""
        told = (self._homeless, self._cache.notice if self._cache is not None else None)
        return [notice for notice in told if notice]

    def _history_store(self) -> Store:
        from sreconsole.ledger.store import Store
        from sreconsole.ledger.tables import LAYOUT

        return Store.open(_file(state_dir(self.env, home(self.env)), "history.db"), LAYOUT)

    def _api(self, source: PrometheusSource, server: ServerClock | None) -> PromApi:
        from sreconsole.sources.promapi import PromApi

        return PromApi(self._client(source)) if server is None else PromApi(self._client(source), server.heard)

    def _client(self, source: PrometheusSource) -> HttpClient:
        """One for all that is asked of a Prometheus, so that no more than two requests are in flight there."""
        from sreconsole.sources.http import HttpClient

        if source.name not in self._clients:
            meter = self.meters[source.name]
            self._clients[source.name] = HttpClient(
                source.name, source.url, source.http, source.max_answer, meter=meter
            )
        return self._clients[source.name]

    def _server(self, name: str) -> ServerClock:
        """The time at a source, which all of its feeds go by."""
        return self._servers.setdefault(name, ServerClock(name, self.now))

    def _alerts(self, source: Source) -> AlertFeed:
        from sreconsole.engine.alerts_feed import AlertsFeed

        severities = self.config.severities
        if isinstance(source, AlertmanagerSource):
            from sreconsole.sources.alertmanager import Alertmanager

            server = self._server(source.name)
            client = Alertmanager(source, severities, self.meters[source.name], server.heard)
            return AlertsFeed(client, self.now, server)
        assert isinstance(source, PrometheusSource), "alert_sources names no other kinds"
        from sreconsole.sources.prometheus_alerts import PrometheusAlerts

        there = self._server(source.name)
        alone = PrometheusAlerts(source, severities, lambda: self._client(source), there.heard)
        return AlertsFeed(alone, self.now, there)

    def _scrape(self, source: ScrapeSource) -> Feed:
        from sreconsole.engine.scrape_feed import ScrapeFeed
        from sreconsole.ledger.history import History
        from sreconsole.sources.scrape import ScrapeReader

        return ScrapeFeed(
            source,
            *_measured(self.config, source.name),
            self.book,
            History.open(_file(state_dir(self.env, home(self.env)), "history.db")),
            ScrapeReader(source, self.meters[source.name]),
            self.now,
            refresh=self.config.refresh,
            scrapes=self.trends,
            past=self.past,
        )


_AnyFeed = TypeVar("_AnyFeed")


def _file(directory: Path | None, name: str) -> Path | None:
    return None if directory is None else directory / name


def _those(feeds: Mapping[str, _AnyFeed], names: Collection[str]) -> dict[str, _AnyFeed]:
    return {name: feed for name, feed in feeds.items() if name in names}


def _same(before: Config, after: Config, name: str) -> bool:
    """Whether everything that the feeds of a source are built from is as it was."""
    if (before.refresh, before.severities) != (after.refresh, after.severities):
        return False
    return before.sources.get(name) == after.sources[name] and _measured(before, name) == _measured(after, name)


def _asked_of_events(config: Config) -> object:
    """What the feeds of deploys and toil are built from, besides their sources."""
    return config.refresh, config.deploys, config.toil, config.oncall, config.severities, config.timezone


def _measured(config: Config, source: str) -> tuple[Sequence[Slo], Sequence[Fleet]]:
    slos = [slo for slo in config.slos() if slo.source == source]
    return slos, [fleet for fleet in (_of(fleet, source) for fleet in config.fleets) if fleet.slos]


def _of(fleet: Fleet, source: str) -> Fleet:
    mine = tuple(slo for slo in fleet.slos if slo.source == source)
    return Fleet(fleet.label, mine, fleet.except_, fleet.limit)


def _longest(config: Config, now: float) -> float:
    templates: list[Slo] = [slo for fleet in config.fleets for slo in fleet.slos]
    return max((slo.window.length(now) for slo in (*config.slos(), *templates)), default=30 * 86_400)
