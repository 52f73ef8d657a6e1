"""Builds the feeds of deploys and of toil from a config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sreconsole.config.model import Config, FileSource, PrometheusSource
from sreconsole.engine.feed import DeployFeed, ToilFeed
from sreconsole.engine.unasked import deploy_sources, toil_sources

if TYPE_CHECKING:
    from sreconsole.engine.server_clock import ServerClock
    from sreconsole.sources.http import HttpClient
    from sreconsole.sources.promapi import PromApi

Api = Callable[[PrometheusSource, "ServerClock | None"], "PromApi"]
Client = Callable[[PrometheusSource], "HttpClient"]
Server = Callable[[str], "ServerClock | None"]


class EventFeeds:
    """What builds them; `api`, `client` and `server` give what the feeds of one Prometheus share."""

    def __init__(self, config: Config, now: Callable[[], float], api: Api, client: Client, server: Server) -> None:
        self._config, self._now = config, now
        self._api, self._client, self._server = api, client, server

    def deploys(self, kept: Mapping[str, DeployFeed]) -> list[DeployFeed]:
        """One for each source of deploys; those in `kept` are not built anew."""
        from sreconsole.engine.deploys_feed import FileDeploys
        from sreconsole.sources.deploy_file import DeployFile

        made: list[DeployFeed] = []
        for source in deploy_sources(self._config):
            if source.name in kept:
                made.append(kept[source.name])
            elif isinstance(source, FileSource):
                made.append(FileDeploys(DeployFile(source.name, source.path), self._now))
            elif isinstance(source, PrometheusSource):
                made.append(self._prometheus_deploys(source))
        return made

    def toil(self, kept: Mapping[str, ToilFeed], *, history: bool) -> list[ToilFeed]:
        """One for each source of toil. `history`: whether weeks before the present one will be fetched."""
        config, made = self._config, list[ToilFeed]()
        paths = iter(config.toil.logs)
        for name, kind in toil_sources(config):
            source = config.sources.get(name)
            path = next(paths) if kind == "log" else None
            if name in kept:
                made.append(kept[name])
            elif path is not None:
                from sreconsole.engine.toil_log_feed import LogToil

                made.append(LogToil(name, path, config.timezone, self._now))
            elif isinstance(source, PrometheusSource):
                made.append(self._prometheus_toil(source, history=history))
        return made

    def _prometheus_deploys(self, source: PrometheusSource) -> DeployFeed:
        from sreconsole.engine.prometheus_deploys_feed import PrometheusDeploysFeed
        from sreconsole.sources.prometheus_deploys import PrometheusDeploys

        wanted, server = self._config.deploys, self._server(source.name)
        metrics = [metric for metric in wanted.metrics if metric.source == source.name]
        client = PrometheusDeploys(source, metrics, wanted.kubernetes == source.name, lambda: self._api(source, server))
        return PrometheusDeploysFeed(client, self._now, server)

    def _prometheus_toil(self, source: PrometheusSource, *, history: bool) -> ToilFeed:
        from sreconsole.engine.toil_feed import PrometheusToil
        from sreconsole.sources.prometheus_counters import PrometheusCounters
        from sreconsole.sources.prometheus_pages import PrometheusPages

        server = self._server(source.name)
        pages = PrometheusPages(
            source, self._config.severities, lambda: self._api(source, server), lambda: self._client(source)
        )
        mine = {
            place: counter for place, counter in enumerate(self._config.toil.counters) if counter.source == source.name
        }
        clock = self._now if server is None else server.now
        return PrometheusToil(
            self._config, pages, PrometheusCounters(mine, lambda: self._api(source, server)), clock, history=history
        )
