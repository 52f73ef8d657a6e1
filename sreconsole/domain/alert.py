"""An alert as the alerting system knows it. Alerts never change an SLO's status; they may make a service `page`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from sreconsole.records import dataclass, field

AlertState = Literal["firing", "silenced", "inhibited", "muted", "pending"]
"""firing: it notifies; silenced, inhibited (by another alert), muted (by a time interval): it is active but does not;
pending: its rule's condition holds, but not for long enough yet (only Prometheus tells). States that we do not know
count as firing: nothing that may page is hidden."""
AlertSeverity = Literal["page", "warn", "other"]

_STATES = ("firing", "silenced", "inhibited", "muted", "pending")
_SEVERITIES = ("page", "warn", "other")


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one source; the same alert of two clusters stands here twice."""

    name: str
    """The label `alertname`, cleaned; empty when the alert has none."""
    state: AlertState
    severity: AlertSeverity
    source: str
    """Name of the source; the members of one cluster are one source."""
    fingerprint: str
    """Identifies the alert within its source: 16 hex digits."""
    labels: Mapping[str, str]
    """Cleaned, for people; sorted by name."""
    raw: Mapping[str, str]
    """As the server has them, for matchers only; the same object as `labels` where cleaning changed nothing."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Cleaned; links are in `links` as well."""
    since: float | None = None
    """Unix seconds since when it is active, or pending; None: the server does not say."""
    service: str | None = None
    """The service it is tied to by `match`; None: none of ours."""
    silenced_by: tuple[str, ...] = ()
    """Ids of silences of the same source."""
    inhibited_by: tuple[str, ...] = ()
    """Fingerprints of alerts of the same source."""
    muted_by: tuple[str, ...] = ()
    """Names of time intervals, cleaned."""
    receivers: tuple[str, ...] = ()
    """Cleaned, sorted."""
    groups: tuple[Mapping[str, str], ...] = ()
    """Labels of every group that it is notified in, cleaned; an alert may stand in several."""
    generator: str | None = None
    """Link to what raised it: http or https only, cleaned, without a login in it. Never followed by us."""
    runbook: str | None = None
    """The annotation `runbook_url` (or `runbook`), under the same rules."""
    dashboard: str | None = None
    """The annotation `dashboard_url` (or `dashboard`), under the same rules."""

    @property
    def pages(self) -> bool:
        """Whether it pages somebody now."""
        return self.severity == "page" and self.state == "firing"

    @property
    def rank(self) -> tuple[int, int, float, str, str]:
        """For sorting: what notifies first, pages first, newest first, then by name."""
        state, severity = _STATES.index(self.state), _SEVERITIES.index(self.severity)
        quiet = 0 if self.state == "firing" else 1
        return quiet, severity * 10 + state, -(self.since or 0.0), self.name, self.fingerprint


def severity_of(value: str, page: Collection[str], warn: Collection[str]) -> AlertSeverity:
    """Which severity the value of the severity label means."""
    return "page" if value in page else "warn" if value in warn else "other"
