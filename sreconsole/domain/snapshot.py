"""Everything known at one instant, as one immutable value. Only the engine makes it; only front ends read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sreconsole.domain.report import SloReport
from sreconsole.domain.status import Status, worst

SourceCondition = Literal["live", "stale", "down", "auth", "partial", "waiting"]
"""`waiting` exists only before the first answer; JSON says `down` for it with the error `not asked yet`."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How one source is doing."""

    name: str
    kind: str
    state: SourceCondition
    last_good: float | None = None
    """Unix seconds of the last usable answer."""
    error: str | None = None
    """One sentence for a person, or None."""
    detail: str | None = None
    """The server's own words, cleaned, for the error view."""
    progress: float | None = None
    """Filled share of the ledger, 0..1, while history is fetched; None when there is nothing to fetch."""
    next_try: float | None = None
    """Unix seconds of the next attempt after a failure."""
    notes: tuple[str, ...] = ()
    """Warnings that are not failures: `limit of 5000 members reached`."""
    parts: tuple[int, int] | None = None
    """Parts that answered and all of them, for `partial 3/5`; None where a source has no parts."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service and its SLOs in config order."""

    name: str
    status: Status
    slos: tuple[SloReport, ...]
    tier: str = "standard"
    runbook: str | None = None
    depends_on: tuple[str, ...] = ()
    gone: bool = False
    """A fleet member whose series vanished within the last day."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known at `at`."""

    at: float
    """Unix seconds."""
    services: tuple[ServiceState, ...] = ()
    sources: tuple[SourceState, ...] = ()
    notices: tuple[str, ...] = ()
    """Banner lines about the console itself, as a bad edit of the config."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Reasons for lists and figures that cannot be known, by dotted path."""

    @property
    def status(self) -> Status:
        """The worst service; unknown when there is none."""
        return worst(service.status for service in self.services)

    def counts(self) -> dict[Status, int]:
        """SLOs by status, every status present."""
        counts = dict.fromkeys(Status, 0)
        for service in self.services:
            for slo in service.slos:
                counts[slo.status] += 1
        return counts
