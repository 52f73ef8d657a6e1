"""What a preview is judged by besides the clusters: the config, whose an alert is, how SLOs burn, the rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.config.model import Config
from sreconsole.domain.alert import Alert
from sreconsole.domain.owners import Owners
from sreconsole.domain.report import SloReport
from sreconsole.records import replace

if TYPE_CHECKING:
    from sreconsole.domain.snapshot import Snapshot
    from sreconsole.engine.actions.rules import Known


class Surroundings:
    """Of one config; `snapshot` gives the newest one, or None where nobody has asked anything else yet."""

    def __init__(
        self, config: Config, snapshot: Callable[[], Snapshot | None], rules: Callable[[], Awaitable[Known]]
    ) -> None:
        self.config, self.rules, self._snapshot = config, rules, snapshot
        self._named = {service.name: service.match for service in config.services}
        self._for: tuple[str, ...] | None = None
        self._owners = Owners(())
        self.matches: Mapping[str, Mapping[str, str]] = self._named
        """By service, members of fleets included: the labels that make something its own."""

    def slos(self) -> Iterable[SloReport]:
        """How every SLO is doing, as far as it is known."""
        snapshot = self._snapshot()
        return [] if snapshot is None else [report for service in snapshot.services for report in service.slos]

    def tied(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Alerts with the services they belong to."""
        self._look()
        owned = ((alert, self._owners.of(alert.raw)) for alert in alerts)
        return [alert if service == alert.service else replace(alert, service=service) for alert, service in owned]

    def _look(self) -> None:
        """Take up members of fleets that came or went."""
        snapshot = self._snapshot()
        services = () if snapshot is None else snapshot.services
        members = tuple(service.name for service in services if service.name not in self._named)
        if members != self._for:
            self._for = members
            labels = dict.fromkeys(fleet.label for fleet in self.config.fleets)
            theirs = [(name, {label: name}) for name in members for label in labels]
            self._owners = Owners([*self._named.items(), *theirs])
            self.matches = {**self._named, **dict(theirs)}
