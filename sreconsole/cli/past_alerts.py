"""Builds the feeds that tell the alerts and silences of a moment of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sreconsole.config.model import AlertmanagerSource, Config, PrometheusSource
from sreconsole.engine.alerts_feed import AlertsFeed
from sreconsole.engine.feed import AlertFeed
from sreconsole.engine.unasked import past_alert_sources
from sreconsole.sources.alerts_then import AlertsThen
from sreconsole.sources.meter import Meter
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus_alerts import NO_SILENCES
from sreconsole.sources.silences_then import SilencesThen


def past_alert_feeds(
    config: Config,
    at: Callable[[], float],
    present: Callable[[], float],
    meters: Mapping[str, Meter],
    api: Callable[[PrometheusSource], PromApi],
) -> list[AlertFeed]:
    """One for each source of alerts; `at` gives the moment, `present` the time it is now, `api` what is asked of a
    Prometheus."""
    sources = past_alert_sources(config)
    silent = None if any(isinstance(source, AlertmanagerSource) for source in sources) else NO_SILENCES
    made: list[AlertFeed] = []
    for source in sources:
        if isinstance(source, AlertmanagerSource):
            made.append(AlertsFeed(SilencesThen(source, present, meters[source.name]), at))
        elif isinstance(source, PrometheusSource):
            made.append(AlertsFeed(AlertsThen(source, config.severities, partial(api, source), present, silent), at))
    return made
