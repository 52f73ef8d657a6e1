"""Makes snapshots: services judged, alerts tied to them, the states of the sources, what the console says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from sreconsole.config.model import METRIC_KINDS, Config
from sreconsole.domain.alert import Alert
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import Slo
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.engine.alert_board import AlertBoard
from sreconsole.engine.assessor import Assessor
from sreconsole.engine.polling import Poller
from sreconsole.engine.unasked import PastAlerts
from sreconsole.records import replace

READ_KINDS = (*METRIC_KINDS, "alertmanager")
"""Kinds of sources that this version reads."""
NO_SOURCE = "the config names no source of alerts"


class Snapshots:
    """Makes one snapshot after another from the same engine."""

    def __init__(
        self,
        config: Config,
        assessor: Assessor,
        board: AlertBoard,
        pollers: Mapping[str, Poller],
        alert_pollers: Mapping[str, Poller],
        clock: Callable[[], float],
    ) -> None:
        """`pollers`: those of metrics, by source; `alert_pollers`: those of alerts, by source."""
        self.config = config
        self.assessor = assessor
        self.board = board
        self.pollers = pollers
        self.alert_pollers = alert_pollers
        self.clock = clock
        self.notices = _notices(config)
        """Banner lines about the console itself."""

    def first(self, foreseen: Iterable[Slo] = ()) -> Snapshot:
        """Before any answer: the configured services, all unknown, so that the first frame has names. `foreseen`: SLOs
        of members of fleets, by service."""
        now = self.clock()
        services = []
        alike: dict[object, SloReport] = {}
        for service in self.config.services:
            reports = tuple(self._blank(slo, now, alike) for slo in service.slos if slo.source in self.pollers)
            services.append(ServiceState(service.name, Status.UNKNOWN, reports))
        named = {service.name for service in services}
        for name, slos in groupby(foreseen, lambda slo: slo.service):
            if name not in named:
                reports = tuple(self._blank(slo, now, alike) for slo in slos)
                services.append(ServiceState(name, Status.UNKNOWN, reports))
        return self._snapshot(now, tuple(services))

    async def make(self) -> Snapshot:
        """Everything known now."""
        now = self.clock()
        services = await self.assessor.services(now)
        await self.board.take(services, now)
        return self._with_alerts(self._snapshot(now, services))

    def _snapshot(self, now: float, services: tuple[ServiceState, ...]) -> Snapshot:
        board = self.board
        return Snapshot(
            now,
            services,
            self._sources(),
            board.alerts,
            board.silences,
            tuple(self._alerts_state(poller) for poller in self.alert_pollers.values()),
            notices=self.notices,
        )

    def _with_alerts(self, snapshot: Snapshot) -> Snapshot:
        """Roll the alerts up into their services (docs/words.md, "Roll-up"), and say what is not known of them."""
        paging = {name: self._why(alert) for name, alert in self.board.paging().items()}
        whole, unknown = snapshot.alerts_whole, _unknown(snapshot.alert_sources)
        services = tuple(
            _rolled(service, paging.get(service.name), whole, unknown)
            if service.name in paging or not service.slos
            else service
            for service in snapshot.services
        )
        missing = {} if whole else {"alerts": unknown}
        silences = self._silences_missing()
        if silences:
            missing["silences"] = silences
        return replace(snapshot, services=services, missing={**snapshot.missing, **missing})

    def _why(self, alert: Alert) -> str:
        """Why a service is `page` though its SLOs are not."""
        name = alert.name or "without a name"
        if self.alert_pollers[alert.source].trouble is None:
            return f"alert {name} fires"
        return f"alert {name} fired when {alert.source} last answered"

    def _silences_missing(self) -> str | None:
        """Why the silences are not all there are, or not those of now."""
        if not self.alert_pollers:
            return NO_SOURCE
        reasons = [
            f"{name}: {reason}"
            for name, poller in self.alert_pollers.items()
            if (reason := poller.trouble or self.board.feeds[name].silences_missing)
        ]
        if any(isinstance(poller.feed, PastAlerts) for poller in self.alert_pollers.values()):
            return PastAlerts.silences_missing
        return "; ".join(reasons) or None

    def _blank(self, slo: Slo, now: float, alike: dict[object, SloReport]) -> SloReport:
        """Nothing is known yet: SLOs that promise the same read the same, and one judgement serves them all."""
        promise = (slo.source, slo.objective, slo.window, type(slo.sli), slo.alert_windows)
        if promise not in alike:
            alike[promise] = self.assessor.report(slo, now)
        return replace(alike[promise], key=slo.key)

    def _sources(self) -> tuple[SourceState, ...]:
        """Each source once: a Prometheus that is asked for alerts too is partial when only that fails."""
        states = []
        for name in self.config.sources:
            metrics, alerts = self.pollers.get(name), self.alert_pollers.get(name)
            if metrics is not None and isinstance(alerts and alerts.feed, PastAlerts):
                states.append(metrics.state())  # that alerts of the past cannot be had is no trouble of the source
            elif metrics is not None and alerts is not None:
                states.append(_joined(metrics.state(), alerts.state()))
            elif metrics is not None:
                states.append(metrics.state())
            elif alerts is not None:
                states.append(self._alerts_state(alerts))
        return tuple(states)

    def _alerts_state(self, poller: Poller) -> SourceState:
        """How a source of alerts is doing; of the past it is not asked at all."""
        if isinstance(poller.feed, PastAlerts):
            return poller.feed.state()
        return replace(poller.state(), ahead=self.board.feeds[poller.feed.name].ahead)


def _joined(metrics: SourceState, alerts: SourceState) -> SourceState:
    """One source that is asked for both."""
    notes = tuple(dict.fromkeys((*metrics.notes, *alerts.notes)))
    if metrics.state == "live" and alerts.error is not None:
        error = f"alerts: {alerts.error}"
        return replace(metrics, state="partial", error=error, detail=alerts.detail, notes=notes)
    return replace(metrics, notes=notes)


def _unknown(sources: Sequence[SourceState]) -> str:
    """Why nobody can say that these are all alerts."""
    for source in sources:
        if source.state == "unasked":
            return PastAlerts.alerts_missing
        if not source.whole:
            return f"{source.name}: {source.error or 'not asked yet'}"
    return NO_SOURCE


def _rolled(service: ServiceState, paging: str | None, whole: bool, unknown: str) -> ServiceState:
    """`paging`: why an alert makes it `page`; `unknown`: why alerts may be missing, unless they are `whole`."""
    if paging is not None:
        return service if service.status is Status.PAGE else replace(service, status=Status.PAGE, reason=paging)
    if whole:
        return replace(service, status=Status.OK, reason="no page alert of it fires")
    reason = unknown if unknown == PastAlerts.alerts_missing else f"its alerts are not known: {unknown}"
    return replace(service, status=Status.UNKNOWN, reason=reason)


def _notices(config: Config) -> tuple[str, ...]:
    """Sources in the config that this version does not read, said rather than silently left out."""
    later: Sequence[str] = [
        f"{source.name}: sources of kind {source.kind} are not read by this version"
        for source in config.sources.values()
        if source.kind not in READ_KINDS
    ]
    return tuple(later)
