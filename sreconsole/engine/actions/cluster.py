"""One Alertmanager cluster as actions see it: what it knows now, and the way to write to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from sreconsole.domain.draft import Draft
from sreconsole.domain.outcome import Result
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence

if TYPE_CHECKING:
    from sreconsole.config.model import AlertmanagerSource, Config
    from sreconsole.sources.alert_reading import AlertReading
    from sreconsole.sources.silence_writer import Expected

READ_ONLY = "read_only is set, in the config or by --read-only: nothing is written"


class Reader(Protocol):
    """What reads: `sources.alertmanager.Alertmanager`."""

    async def read(self, now: float) -> AlertReading:
        """Alerts and silences now. Raises SourceError."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Writer(Protocol):
    """What writes: `sources.silence_writer.SilenceWriter`. Nothing raises for what a server or the network does."""

    read_only: str | None
    trouble: str | None

    @property
    def skew(self) -> float | None:
        """Seconds by which the cluster's clock is ahead of ours; None: not known."""
        ...

    def now(self) -> float:
        """The time at the cluster, Unix seconds."""
        ...

    async def fetch(self, id_: str) -> Silence | Result:
        """The silence with an id, or why there is none."""
        ...

    async def matching(self, matchers: Sequence[Matcher]) -> frozenset[str] | None:
        """Fingerprints of what these matchers mean to the server; None: see `trouble`."""
        ...

    async def create(self, draft: Draft) -> Result:
        """Make it."""
        ...

    async def edit(self, silence: Silence, draft: Draft) -> Result:
        """Put a new one in the place of one."""
        ...

    async def extend(self, silence: Silence, ends_at: float) -> Result:
        """Let it end then (Unix seconds by the server's clock)."""
        ...

    async def expire(self, id_: str) -> Result:
        """End it now."""
        ...

    async def settle(self, what: Draft | Expected) -> Result:
        """What became of a write that was unknown."""
        ...

    def dry(self, what: Draft | Expected) -> str:
        """The exact request."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Cluster:
    """One cluster; asked over connections of its own, so that a preview disturbs no poll."""

    def __init__(self, name: str, reader: Reader, writer: Writer) -> None:
        self.name, self.reader, self.writer = name, reader, writer

    async def aclose(self) -> None:
        """Close every connection."""
        await self.reader.aclose()
        await self.writer.aclose()


def writable(config: Config) -> list[AlertmanagerSource]:
    """The clusters that are meant where none is named."""
    return [] if config.read_only else [source for source in managers(config) if not source.read_only]


def managers(config: Config, names: Collection[str] | None = None) -> list[AlertmanagerSource]:
    """The Alertmanager clusters of a config, or those of them that are named."""
    from sreconsole.config.model import AlertmanagerSource

    found = [source for source in config.sources.values() if isinstance(source, AlertmanagerSource)]
    return found if names is None else [source for source in found if source.name in names]


def connected(source: AlertmanagerSource, config: Config, clock: Callable[[], float]) -> Cluster:
    """The cluster of a source; nothing is asked yet."""
    from sreconsole.sources.alertmanager import Alertmanager
    from sreconsole.sources.silence_writer import SilenceWriter

    writer = SilenceWriter(source, clock, read_only=READ_ONLY if config.read_only else None)
    return Cluster(source.name, Alertmanager(source, config.severities), writer)
