"""What all sources of alerts know, put together: alerts tied to services and in order, silences in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sreconsole.config.model import Config
from sreconsole.domain.alert import Alert
from sreconsole.domain.owners import Named, Owners
from sreconsole.domain.silence import Silence
from sreconsole.engine.feed import AlertFeed

EXPIRED_FOR = 3600.0
"""Seconds for which a silence that has ended is still listed."""


class AlertBoard:
    """Alerts and silences of every source. What it holds stays the same object until it differs."""

    def __init__(self, config: Config, feeds: Mapping[str, AlertFeed]) -> None:
        self.config = config
        self.feeds = feeds
        self.alerts: tuple[Alert, ...] = ()
        self.silences: tuple[Silence, ...] = ()
        self._owners = Owners(())
        self._members: tuple[str, ...] | None = None
        self._taken: tuple[Sequence[Alert], ...] = ()

    def take(self, services: Sequence[str], now: float) -> bool:
        """Look at every feed again; `services`: the names of all, fleet members included. Whether anything differs."""
        before = (self.alerts, self.silences)
        taken = tuple(feed.alerts() for feed in self.feeds.values())
        named = {service.name for service in self.config.services}
        members = tuple(name for name in services if name not in named)
        same = len(taken) == len(self._taken) and all(a is b for a, b in zip(taken, self._taken, strict=True))
        if not same or members != self._members:
            if members != self._members:
                self._members = members
                self._owners = Owners(self._matches(members))
            self._taken = taken
            tied = [self._tied(alert) for alerts in taken for alert in alerts]
            self.alerts = tuple(sorted(tied, key=lambda alert: alert.rank))
        silences = [silence for feed in self.feeds.values() for silence in feed.silences() if _listed(silence, now)]
        found = tuple(sorted(silences, key=_order))
        if found != self.silences:
            self.silences = found
        return before[0] is not self.alerts or before[1] is not self.silences

    def paging(self) -> dict[str, str]:
        """By service: the name of a page alert of it that fires unsilenced."""
        found: dict[str, str] = {}
        for alert in self.alerts:
            if alert.pages and alert.service is not None:
                found.setdefault(alert.service, alert.name)
        return found

    def _matches(self, members: Sequence[str]) -> list[Named]:
        labels = dict.fromkeys(fleet.label for fleet in self.config.fleets)
        named = [(service.name, service.match) for service in self.config.services]
        return [*named, *((member, {label: member}) for member in members for label in labels)]

    def _tied(self, alert: Alert) -> Alert:
        service = self._owners.of(alert.raw)
        return alert if service == alert.service else replace(alert, service=service)


def _listed(silence: Silence, now: float) -> bool:
    return silence.state != "expired" or now - silence.ends_at <= EXPIRED_FOR


def _order(silence: Silence) -> tuple[int, float, str]:
    if silence.state == "active":
        return 0, silence.ends_at, silence.id
    if silence.state == "pending":
        return 1, silence.starts_at, silence.id
    return 2, -silence.ends_at, silence.id
