"""Builds the engine from a config: which feed reads which source into the one ledger."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sreconsole.config.model import Config, PrometheusSource, ScrapeSource
from sreconsole.config.paths import home, state_dir
from sreconsole.domain.slo import Fleet, Slo
from sreconsole.engine.console import Console
from sreconsole.engine.feed import AlertFeed, Feed
from sreconsole.ledger.book import Book
from sreconsole.sources.meter import Meter

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi


def clock() -> float:
    """Now in Unix seconds: the one place that reads the wall clock for the engine and the screens."""
    return time.time()  # noqa: TID251 - see the docstring


def quiet_logging() -> None:
    """Nothing of ours or of a library's may write into the screen."""
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("httpx").setLevel(logging.WARNING)


def wire(
    config: Config, now: Callable[[], float], env: Mapping[str, str], *, trends: bool, past: bool = False
) -> Console:
    """The engine for a config. `trends`: whether a screen will draw fine history; `past`: the clock stands still."""
    wiring = Wiring(config, now, env, trends, past, Book(_longest(config, now())))
    return Console(config, wiring.book, wiring.feeds, now, wiring.alerts, wiring.meters)


class Wiring:
    """What the feeds of one config are built from."""

    def __init__(
        self, config: Config, now: Callable[[], float], env: Mapping[str, str], trends: bool, past: bool, book: Book
    ) -> None:
        self.config, self.now, self.env = config, now, env
        self.trends, self.past, self.book = trends, past, book
        self.meters = {name: Meter() for name in config.sources}

    def feeds(self) -> list[Feed]:
        """One for each metrics source."""
        made: list[Feed] = []
        for source in self.config.sources.values():
            if isinstance(source, PrometheusSource):
                made.append(self._prometheus(source))
            elif isinstance(source, ScrapeSource):
                made.append(self._scrape(source))
        return made

    def alerts(self) -> list[AlertFeed]:
        """One for each source of alerts."""
        return []

    def _slos(self, source: str) -> list[Slo]:
        return [slo for slo in self.config.slos() if slo.source == source]

    def _fleets(self, source: str) -> list[Fleet]:
        return [fleet for fleet in (_of(fleet, source) for fleet in self.config.fleets) if fleet.slos]

    def _prometheus(self, source: PrometheusSource) -> Feed:
        from sreconsole.engine.prometheus_feed import PrometheusFeed
        from sreconsole.sources.prometheus import PrometheusSource as Client

        client = Client(source, self._slos(source.name), self._fleets(source.name), lambda: self._api(source))
        return PrometheusFeed(client, self.book, self.now, refresh=self.config.refresh, trends=self.trends)

    def _api(self, source: PrometheusSource) -> PromApi:
        from sreconsole.sources.http import HttpClient
        from sreconsole.sources.promapi import PromApi

        meter = self.meters[source.name]
        return PromApi(HttpClient(source.name, source.url, source.http, source.max_answer, meter=meter))

    def _scrape(self, source: ScrapeSource) -> Feed:
        from sreconsole.engine.scrape_feed import ScrapeFeed
        from sreconsole.ledger.history import History
        from sreconsole.sources.scrape import ScrapeReader

        return ScrapeFeed(
            source,
            self._slos(source.name),
            self._fleets(source.name),
            self.book,
            History.open(state_dir(self.env, home(self.env)) / "history.db"),
            ScrapeReader(source, self.meters[source.name]),
            self.now,
            refresh=self.config.refresh,
            scrapes=self.trends,
            past=self.past,
        )


def _of(fleet: Fleet, source: str) -> Fleet:
    mine = tuple(slo for slo in fleet.slos if slo.source == source)
    return Fleet(fleet.label, mine, fleet.except_, fleet.limit)


def _longest(config: Config, now: float) -> float:
    templates: list[Slo] = [slo for fleet in config.fleets for slo in fleet.slos]
    return max((slo.window.length(now) for slo in (*config.slos(), *templates)), default=30 * 86_400)
