"""Keeps the newest reading of one source of alerts: an Alertmanager cluster, or a Prometheus alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.engine.server_clock import ServerClock
from sreconsole.sources.alert_reading import AlertReading


class AlertSource(Protocol):
    """What is asked: `sources.alertmanager.Alertmanager`, `sources.prometheus_alerts.PrometheusAlerts`."""

    @property
    def name(self) -> str:
        """As in the config."""
        ...

    @property
    def kind(self) -> str:
        """`alertmanager`, `prometheus`."""
        ...

    async def read(self, now: float) -> AlertReading:
        """What it knows at `now` (Unix seconds). Raises SourceError."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class AlertsFeed:
    """Implements `engine.feed.AlertFeed`. `clock` gives Unix seconds, `server` the time at the source."""

    def __init__(self, source: AlertSource, clock: Callable[[], float], server: ServerClock | None = None) -> None:
        self.source = source
        self._server = server
        self.name = source.name
        self.kind: str = source.kind
        self._clock = clock
        self._reading: AlertReading | None = None

    def alerts(self) -> Sequence[Alert]:
        """Those of the newest good answer."""
        return self._reading.alerts if self._reading is not None else ()

    def silences(self) -> Sequence[Silence]:
        """Those of the newest good answer."""
        return self._reading.silences if self._reading is not None else ()

    @property
    def silences_missing(self) -> str | None:
        """Why the silences are not known, or not those of now."""
        return self._reading.silences_missing if self._reading is not None else "not asked yet"

    @property
    def partial(self) -> str | None:
        """Why the newest answer is not whole."""
        return self._reading.partial if self._reading is not None else None

    @property
    def parts(self) -> tuple[int, int] | None:
        """Members that answered, and all of them."""
        return self._reading.parts if self._reading is not None else None

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        said = self._server.note() if self._server is not None else None
        notes = self._reading.notes if self._reading is not None else ()
        return (*notes, said) if said else notes

    @property
    def ahead(self) -> float:
        """Whole seconds by which the clock here is ahead of the source's."""
        return float(round(self._server.ahead)) if self._server is not None else 0.0

    def progress(self) -> float | None:
        """Alerts have no history here."""
        return None

    async def load(self) -> None:
        """Nothing is kept on disk."""

    async def step(self) -> None:
        """One refresh. What was known stays when it fails."""
        self._reading = await self.source.read(self._clock())

    async def fill(self) -> bool:
        """Nothing to fetch."""
        return False

    async def aclose(self) -> None:
        """Close every connection."""
        await self.source.aclose()
