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
from sreconsole.engine.feed import Feed
from sreconsole.ledger.book import Book

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
    book = Book(_longest(config, now()))
    slos = config.slos()

    def feeds() -> list[Feed]:
        made: list[Feed] = []
        for source in config.sources.values():
            mine = [slo for slo in slos if slo.source == source.name]
            fleets = [fleet for fleet in (_of(fleet, source.name) for fleet in config.fleets) if fleet.slos]
            if isinstance(source, PrometheusSource):
                made.append(_prometheus(source, mine, fleets, book, now, config.refresh, trends))
            elif isinstance(source, ScrapeSource):
                made.append(_scrape(source, mine, fleets, book, now, config.refresh, env, trends, past))
        return made

    return Console(config, book, feeds, now)


def _of(fleet: Fleet, source: str) -> Fleet:
    mine = tuple(slo for slo in fleet.slos if slo.source == source)
    return Fleet(fleet.label, mine, fleet.except_, fleet.limit)


def _longest(config: Config, now: float) -> float:
    templates: list[Slo] = [slo for fleet in config.fleets for slo in fleet.slos]
    return max((slo.window.length(now) for slo in (*config.slos(), *templates)), default=30 * 86_400)


def _prometheus(
    source: PrometheusSource,
    slos: list[Slo],
    fleets: list[Fleet],
    book: Book,
    now: Callable[[], float],
    refresh: float,
    trends: bool,
) -> Feed:
    from sreconsole.engine.prometheus_feed import PrometheusFeed
    from sreconsole.sources.prometheus import PrometheusSource as Client

    client = Client(source, slos, fleets, lambda: _prometheus_api(source))
    return PrometheusFeed(client, book, now, refresh=refresh, trends=trends)


def _prometheus_api(source: PrometheusSource) -> PromApi:
    from sreconsole.sources.http import HttpClient
    from sreconsole.sources.promapi import PromApi

    return PromApi(HttpClient(source.name, source.url, source.http, source.max_answer))


def _scrape(
    source: ScrapeSource,
    slos: list[Slo],
    fleets: list[Fleet],
    book: Book,
    now: Callable[[], float],
    refresh: float,
    env: Mapping[str, str],
    trends: bool,
    past: bool,
) -> Feed:
    from sreconsole.engine.scrape_feed import ScrapeFeed
    from sreconsole.ledger.history import History
    from sreconsole.sources.scrape import ScrapeReader

    history = History.open(state_dir(env, home(env)) / "history.db")
    reader = ScrapeReader(source)
    return ScrapeFeed(source, slos, fleets, book, history, reader, now, refresh=refresh, scrapes=trends, past=past)
