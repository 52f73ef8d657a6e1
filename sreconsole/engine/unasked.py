"""Stand-ins for feeds until the first frame is drawn: building the real one loads the code that talks to servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sreconsole.config.model import Config, Source
from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import SourceState


def alert_sources(config: Config) -> list[Source]:
    """The sources that alerts come from: the Alertmanagers, or where there is none every Prometheus."""
    found: list[Source] = [source for source in config.sources.values() if source.kind == "alertmanager"]
    return found or [source for source in config.sources.values() if source.kind == "prometheus"]


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


class PastAlerts(UnaskedAlerts):
    """In place of a source of alerts while the clock stands at a moment of the past: nobody can be asked for it."""

    silences_missing = "silences of the past are not known"
    alerts_missing = "alerts of the past are not known"
    """Why there are none; no failure of the source."""

    def state(self) -> SourceState:
        """What is said of the source instead of how a poll went."""
        return SourceState(self.name, self.kind, "unasked", notes=(self.alerts_missing,))


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
