"""Everything known at one instant, as one immutable value. Only the engine makes it; only front ends read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.report import SloReport
from sreconsole.domain.silence import Silence
from sreconsole.domain.status import Status, worst
from sreconsole.records import dataclass, field

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.domain.note import Note
    from sreconsole.domain.toil import ToilReport

SourceCondition = Literal["live", "stale", "down", "auth", "partial", "waiting", "unasked"]
"""`waiting` exists only before the first answer; JSON says `down` for it with the error `not asked yet`. `unasked` is a
source of alerts while the snapshot is of a moment of the past: it knows the present only; JSON says `partial`."""
Filling = Literal["ledger", "history"]


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
    """Filled share, 0..1, of what `filling` says, while it is fetched; None when there is nothing to fetch."""
    next_try: float | None = None
    """Unix seconds of the next attempt after a failure."""
    notes: tuple[str, ...] = ()
    """Warnings that are not failures: `limit of 5000 members reached`."""
    parts: tuple[int, int] | None = None
    """Parts that answered and all of them, for `partial 3/5`; None where a source has no parts."""
    latency: float | None = None
    """Seconds that the newest answer took; None: nothing was answered yet."""
    requests_per_minute: float | None = None
    """Requests sent over the last minute; None: not counted."""
    last_error: str | None = None
    """The newest failure in full, also after the source has recovered; cleaned."""
    last_error_at: float | None = None
    """Unix seconds of it."""
    pace: float | None = None
    """Seconds between two askings now, where that is longer than the configured refresh; None: as configured."""
    where: str | None = None
    """What is asked: URL without a login, targets or path; cleaned."""
    filling: Filling = "ledger"
    """What `progress` is of: the ledger that SLOs are judged by, or the history of pages or of deploys."""
    ahead: float = 0.0
    """Of a source of alerts: whole seconds by which the clock here is ahead of its; 0 where they are near."""
    bad_lines: int = 0
    """Of a file: lines that are none of what they should be. Nothing else is lost by them; a note says which."""

    @property
    def whole(self) -> bool:
        """Whether its newest answer holds all there is: a cluster of which one member is down answers by the others."""
        return self.state == "live" or (self.state == "partial" and self.parts is not None and self.parts[0] > 0)


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
    reason: str | None = None
    """Why the status is not that of its SLOs alone: `alert CheckoutBurn fires`; None: it is."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known at `at`."""

    at: float
    """Unix seconds."""
    services: tuple[ServiceState, ...] = ()
    sources: tuple[SourceState, ...] = ()
    """One for each source of the config that is read, in config order."""
    alerts: tuple[Alert, ...] = ()
    """Those of every source, by `Alert.rank`."""
    silences: tuple[Silence, ...] = ()
    """Active ones by their end, then pending ones by their start; expired ones of the last hour at the end."""
    alert_sources: tuple[SourceState, ...] = ()
    """The sources that alerts come from: Alertmanagers, or where none is configured the Prometheus sources (then the
    state is that of asking for alerts)."""
    changes: tuple[StatusChange, ...] = ()
    """Status changes of the last day, newest first."""
    notices: tuple[str, ...] = ()
    """Banner lines about the console itself, as a bad edit of the config."""
    deploys: tuple[Deploy, ...] = ()
    """Those of the last 30 days, running ones first, then the newest first. The same object until they differ."""
    deploy_sources: tuple[SourceState, ...] = ()
    """The sources that deploys come from (of a Prometheus: the state of asking for deploys)."""
    toil: ToilReport | None = None
    """Toil and load; None: the config has nothing to count, or nothing was asked yet. The same until it differs."""
    toil_sources: tuple[SourceState, ...] = ()
    """The sources that toil and pages come from, logs among them."""
    slo_sources: tuple[SourceState, ...] = ()
    """The sources that SLOs are measured by (of a Prometheus: the state of asking for metrics)."""
    notes: tuple[Note, ...] = ()
    """What people noted of the last 30 days, newest first. The same object until they differ."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Reasons for lists and figures that cannot be known, by dotted path."""

    @property
    def status(self) -> Status:
        """The worst service, and `page` while a page alert of no service fires; unknown when there is none.

        Of a moment of the past SLOs alone are judged: a service that has alerts only is not known then.
        """
        status = worst(service.status for service in self.services if service.slos or not self.alerts_past)
        if status is not Status.PAGE and any(alert.pages and alert.service is None for alert in self.alerts):
            return Status.PAGE
        return status

    @property
    def alerts_whole(self) -> bool:
        """Whether the alerts are all there are: there is a source of alerts and each answered last time."""
        return bool(self.alert_sources) and all(source.whole for source in self.alert_sources)

    @property
    def alerts_past(self) -> bool:
        """Whether alerts were not asked for, as the moment lies in the past."""
        return any(source.state == "unasked" for source in self.alert_sources)

    def time_at(self, source: str, now: float) -> float:
        """The time at a source of alerts when it is `now` here (Unix seconds): what ages of its alerts are told by."""
        return now - next((state.ahead for state in self.alert_sources if state.name == source), 0.0)

    def counts(self) -> dict[Status, int]:
        """SLOs by status, every status present."""
        counts = dict.fromkeys(Status, 0)
        for service in self.services:
            for slo in service.slos:
                counts[slo.status] += 1
        return counts
