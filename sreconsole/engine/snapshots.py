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
from sreconsole.engine.beside import Beside
from sreconsole.engine.deploys_memory import DeployMemory
from sreconsole.engine.group import Groups
from sreconsole.engine.notebook import Notebook
from sreconsole.engine.polling import Poller
from sreconsole.engine.unasked import measuring
from sreconsole.records import replace

READ_KINDS = (*METRIC_KINDS, "alertmanager", "file")
"""Kinds of sources that this version reads."""
NO_SOURCE = "the config names no source of alerts"
PAST_ALERTS = "alerts of the past are not known: the config names no Prometheus, whose history tells them"


class Snapshots:
    """Makes one snapshot after another from the same engine."""

    def __init__(
        self,
        config: Config,
        assessor: Assessor,
        board: AlertBoard,
        groups: Groups,
        clock: Callable[[], float],
        *,
        memory: DeployMemory | None = None,
        notebook: Notebook | None = None,
        past: bool = False,
    ) -> None:
        self.config = config
        self.assessor = assessor
        self.board = board
        self.groups = groups
        self.pollers = groups.metrics.pollers
        self.alert_pollers = groups.alerts.pollers
        self._past = past
        self._measuring = measuring(config)
        self._blind = past and not any(source.kind == "prometheus" for source in config.sources.values())
        """Whether nobody can tell which alerts there were."""
        self.beside = Beside(config, groups, clock, memory, notebook, past=past)
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
        await self.beside.take(self.board.owners, now)
        return self._with_alerts(self._snapshot(now, services))

    def _snapshot(self, now: float, services: tuple[ServiceState, ...]) -> Snapshot:
        board, beside = self.board, self.beside
        return Snapshot(
            now,
            services,
            self._sources(),
            board.alerts,
            board.silences,
            tuple(self._alerts_state(poller) for poller in self.alert_pollers.values() if self._tells(poller)),
            notices=self.notices,
            slo_sources=tuple(state for state in self.groups.metrics.states() if state.name in self._measuring),
            deploys=beside.deploys,
            deploy_sources=self.groups.deploys.states(),
            toil=beside.toil,
            toil_sources=self.groups.toil.states(),
            notes=beside.notes,
            missing=beside.missing(),
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
        return "; ".join(reasons) or None

    def _blank(self, slo: Slo, now: float, alike: dict[object, SloReport]) -> SloReport:
        """Nothing is known yet: SLOs that promise the same read the same, and one judgement serves them all."""
        promise = (slo.source, slo.objective, slo.window, type(slo.sli), slo.alert_windows)
        if promise not in alike:
            alike[promise] = self.assessor.report(slo, now)
        return replace(alike[promise], key=slo.key)

    def _sources(self) -> tuple[SourceState, ...]:
        """Each source once, as it is for the first thing it is asked for; of a live one it is said what else fails."""
        states = []
        for name in self.config.sources:
            said = self._said(name)
            if said:
                state = next(iter(said.values()))
                states.append(_joined(state, {what: also for what, also in said.items() if also is not state}))
        return tuple(states)

    def _said(self, name: str) -> dict[str, SourceState]:
        """How a source is doing, by what it is asked for."""
        groups = self.groups
        said = {}
        if (metrics := groups.metrics.pollers.get(name)) is not None:
            said["metrics"] = metrics.state()
        if (alerts := groups.alerts.pollers.get(name)) is not None:
            said["alerts"] = self._alerts_state(alerts)
        for what, pollers in (("deploys", groups.deploys.pollers), ("toil", groups.toil.pollers)):
            if (poller := pollers.get(name)) is not None:
                said[what] = poller.state()
        return said

    def _tells(self, poller: Poller) -> bool:
        """Whether alerts come from it: of the past an Alertmanager tells silences only."""
        return not self._past or self._blind or poller.feed.kind == "prometheus"

    def _alerts_state(self, poller: Poller) -> SourceState:
        """How a source of alerts is doing; where nobody can tell those of the past it is not asked for them."""
        state = poller.state()
        if self._blind:
            return SourceState(state.name, state.kind, "unasked", notes=(PAST_ALERTS, *state.notes))
        return replace(state, ahead=self.board.feeds[poller.feed.name].ahead)


def _joined(state: SourceState, others: Mapping[str, SourceState]) -> SourceState:
    """One source that is asked for more than one thing; `others`: how it does with the others, by what they are."""
    if not others:
        return state
    notes = tuple(dict.fromkeys(note for each in (state, *others.values()) for note in each.notes))
    for what, other in others.items():
        if state.state == "live" and other.error is not None:
            error = f"{what}: {other.error}"
            return replace(state, state="partial", error=error, detail=other.detail, notes=notes)
    return replace(state, notes=notes)


def _unknown(sources: Sequence[SourceState]) -> str:
    """Why nobody can say that these are all alerts."""
    for source in sources:
        if source.state == "unasked":
            return PAST_ALERTS
        if not source.whole:
            return f"{source.name}: {source.error or 'not asked yet'}"
    return NO_SOURCE


def _rolled(service: ServiceState, paging: str | None, whole: bool, unknown: str) -> ServiceState:
    """`paging`: why an alert makes it `page`; `unknown`: why alerts may be missing, unless they are `whole`."""
    if paging is not None:
        return service if service.status is Status.PAGE else replace(service, status=Status.PAGE, reason=paging)
    if whole:
        return replace(service, status=Status.OK, reason="no page alert of it fires")
    reason = unknown if unknown == PAST_ALERTS else f"its alerts are not known: {unknown}"
    return replace(service, status=Status.UNKNOWN, reason=reason)


def _notices(config: Config) -> tuple[str, ...]:
    """Sources in the config that this version does not read, said rather than silently left out."""
    later: Sequence[str] = [
        f"{source.name}: sources of kind {source.kind} are not read by this version"
        for source in config.sources.values()
        if source.kind not in READ_KINDS
    ]
    return tuple(later)
