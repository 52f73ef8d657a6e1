"""Stand-ins for feeds until the first frame is drawn: building the real one loads the code that talks to servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from sreconsole.config.model import METRIC_KINDS, Config, Source
from sreconsole.domain.alert import Alert
from sreconsole.domain.cleaning import clean
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.feed import AlertFeed, DeployFeed, Feed, ToilFeed

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.domain.load import ToilPart


LOG = "log"
"""Kind of a source of toil that is a file of the team."""


def alert_sources(config: Config) -> list[Source]:
    """The sources that alerts come from: the Alertmanagers, or where there is none every Prometheus."""
    found: list[Source] = [source for source in config.sources.values() if source.kind == "alertmanager"]
    return found or [source for source in config.sources.values() if source.kind == "prometheus"]


def past_alert_sources(config: Config) -> list[Source]:
    """The sources of alerts at a moment of the past: every Prometheus, whose series tell them, and the Alertmanagers,
    which tell who was silenced."""
    return [source for source in config.sources.values() if source.kind in ("prometheus", "alertmanager")]


def deploy_sources(config: Config) -> list[Source]:
    """The sources that deploys come from: files, and each Prometheus that shows them."""
    asked = {metric.source for metric in config.deploys.metrics} | {config.deploys.kubernetes}
    return [
        source
        for source in config.sources.values()
        if source.kind == "file" or (source.kind == "prometheus" and source.name in asked)
    ]


def toil_sources(config: Config) -> list[tuple[str, str]]:
    """Name and kind of each source of toil: where anything is to be counted, every Prometheus, which knows the pages,
    then the logs. A log is called by the name of its file, or by all of its path where that name is taken."""
    if not config.counts_toil:
        return []
    found: list[tuple[str, str]] = [
        (source.name, source.kind) for source in config.sources.values() if source.kind == "prometheus"
    ]
    names = [log.name for log in config.toil.logs]
    for log in config.toil.logs:
        alone = names.count(log.name) == 1 and log.name not in config.sources
        found.append((clean(log.name if alone else str(log), 200), LOG))
    return found


def measuring(config: Config) -> frozenset[str]:
    """The names of the sources that SLOs are measured by."""
    slos = chain(config.slos(), (slo for fleet in config.fleets for slo in fleet.slos))
    return frozenset(slo.source for slo in slos)


def metric_sources(config: Config, *, past: bool = False) -> list[Source]:
    """The sources that are asked for metrics: those SLOs are measured by, and those that nothing else is asked of, so
    that how they are is known; `past`: at a moment of the past."""
    alerts = past_alert_sources(config) if past else alert_sources(config)
    named = {source.name for source in (*alerts, *deploy_sources(config))} | {name for name, _ in toil_sources(config)}
    wanted = measuring(config) | (config.sources.keys() - named)
    return [source for source in config.sources.values() if source.kind in METRIC_KINDS and source.name in wanted]


def metric_stand_ins(config: Config, *, past: bool = False) -> list[Feed]:
    """One for each source that is asked for metrics; `past`: at a moment of the past."""
    return [
        Unasked(source.name, source.kind, [slo for slo in config.slos() if slo.source == source.name])
        for source in metric_sources(config, past=past)
    ]


def alert_stand_ins(config: Config, *, past: bool = False) -> list[AlertFeed]:
    """One for each source of alerts of the config; `past`: at a moment of the past."""
    sources = past_alert_sources(config) if past else alert_sources(config)
    return [UnaskedAlerts(source.name, source.kind) for source in sources]


def deploy_stand_ins(config: Config) -> list[DeployFeed]:
    """One for each source of deploys of the config."""
    return [UnaskedDeploys(source.name, source.kind) for source in deploy_sources(config)]


def toil_stand_ins(config: Config) -> list[ToilFeed]:
    """One for each source of toil of the config."""
    return [UnaskedToil(name, kind) for name, kind in toil_sources(config)]


class _Nothing:
    """Asks nothing, knows nothing; implements `engine.feed.Polled`."""

    partial = None
    parts = None

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind: str = kind

    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()

    async def load(self) -> None:
        """Nothing to load."""

    async def step(self) -> None:
        """Nothing to ask."""

    async def fill(self) -> bool:
        """Nothing to fetch."""
        return False

    async def aclose(self) -> None:
        """Nothing to close."""


class UnaskedAlerts(_Nothing):
    """Implements `engine.feed.AlertFeed`."""

    silences_missing: str | None = "not asked yet"
    ahead = 0.0

    def progress(self) -> float | None:
        """Alerts have no history here."""
        return None

    def alerts(self) -> Sequence[Alert]:
        """None."""
        return ()

    def silences(self) -> Sequence[Silence]:
        """None."""
        return ()


class UnaskedDeploys(_Nothing):
    """Implements `engine.feed.DeployFeed`."""

    def progress(self) -> float | None:
        """Nothing is known of what there is to fetch."""
        return None

    def deploys(self) -> Sequence[Deploy]:
        """None."""
        return ()


class UnaskedToil(_Nothing):
    """Implements `engine.feed.ToilFeed`."""

    def progress(self) -> float | None:
        """Nothing is known of what there is to fetch."""
        return None

    def part(self) -> ToilPart:
        """Nothing."""
        from sreconsole.domain.load import UNASKED

        return UNASKED


class Unasked(_Nothing):
    """Knows the SLOs of the config and nothing else; implements `engine.feed.Feed`."""

    ahead = 0.0
    failures: Mapping[SloKey, str] = {}
    remarks: Mapping[SloKey, tuple[str, ...]] = {}

    def __init__(self, name: str, kind: str, slos: Sequence[Slo]) -> None:
        super().__init__(name, kind)
        self._slos = slos

    def slos(self) -> Sequence[Slo]:
        """Those of the config; members of fleets come with the first answer."""
        return self._slos

    def horizon(self, key: SloKey) -> float | None:
        """Nothing was asked."""
        return None

    def filling(self, key: SloKey) -> float | None:
        """Everything is still to be fetched."""
        return 0.0

    def progress(self) -> float | None:
        """Likewise."""
        return 0.0

    def interval(self, key: SloKey) -> float | None:
        """Not known."""
        return None

    def gone(self) -> frozenset[str]:
        """None."""
        return frozenset()
