"""What all sources of alerts know, put together: alerts tied to services and in order, silences in order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from sreconsole.config.model import Config
from sreconsole.domain.alert import Alert
from sreconsole.domain.hindsight import silenced
from sreconsole.domain.owners import Named, Owners
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import ServiceState
from sreconsole.engine.feed import AlertFeed
from sreconsole.records import replace
from sreconsole.turns import Turns

EXPIRED_FOR = 3600.0
"""Seconds for which a silence that has ended is still listed."""


class AlertBoard:
    """Alerts and silences of every source. What it holds stays the same object until it differs."""

    def __init__(self, config: Config, feeds: Mapping[str, AlertFeed], *, past: bool = False) -> None:
        """`past`: the alerts are those of a moment of the past, and which of them were silenced is found here."""
        self.config = config
        self.feeds = feeds
        self.alerts: tuple[Alert, ...] = ()
        self.silences: tuple[Silence, ...] = ()
        self.owners = Owners(())
        """Which service of the config something belongs to; another object when members of fleets came or went."""
        self._past = past
        self._sorted: tuple[Alert, ...] = ()
        self._listed: tuple[Silence, ...] = ()
        """As they were told, in order; of the past it is not known yet who silenced what."""
        self._members: tuple[str, ...] | None = None
        self._taken: tuple[Sequence[Alert], ...] = ()
        self._told: tuple[Sequence[Silence], ...] = ()
        self._until = 0.0
        """When the next silence has ended long enough ago to leave the list."""
        self._tied: dict[tuple[str, str], tuple[Alert, Alert]] = {}
        """By source and fingerprint: an alert as its source gave it, and tied to its service."""

    async def take(self, services: Sequence[ServiceState], now: float) -> bool:
        """Look at every feed again; `services`: all, fleet members included. Whether anything differs."""
        alerts, silences = self._sorted, self._listed
        await self._take_alerts(services)
        self._take_silences(now)
        if alerts is self._sorted and silences is self._listed:
            return False
        self.alerts, self.silences = self._sorted, self._listed
        if self._past:
            judged, self.silences = silenced(self._sorted, self._listed)
            self.alerts = tuple(sorted(judged, key=lambda alert: alert.rank))
        return True

    def paging(self) -> dict[str, Alert]:
        """By service: the first page alert of it that fires unsilenced."""
        found: dict[str, Alert] = {}
        for alert in self.alerts:
            if alert.state != "firing":
                break  # by rank, what fires comes first
            if alert.pages and alert.service is not None:
                found.setdefault(alert.service, alert)
        return found

    async def _take_alerts(self, services: Sequence[ServiceState]) -> None:
        named = {service.name for service in self.config.services}
        members = tuple(service.name for service in services if service.name not in named)
        moved = members != self._members
        if moved:
            self._members = members
            self.owners = Owners(self._matches(service for service in services if service.name not in named))
        taken = tuple(feed.alerts() for feed in self.feeds.values())
        if moved or not _identical(taken, self._taken):
            before, self._tied = {} if moved else self._tied, {}
            tied: list[Alert] = []
            turns = Turns()
            for alert in chain.from_iterable(taken):
                tied.append(self._tie(alert, before))
                await turns.take()
            self._taken = taken
            found = tuple(sorted(tied, key=lambda alert: alert.rank))
            if found != self._sorted:
                self._sorted = found

    def _take_silences(self, now: float) -> None:
        told = tuple(feed.silences() for feed in self.feeds.values())
        if _identical(told, self._told) and now < self._until:
            return
        self._told = told
        listed = [silence for silences in told for silence in silences if _listed(silence, now)]
        ends = [silence.ends_at + EXPIRED_FOR for silence in listed if silence.state == "expired"]
        self._until = min(ends, default=math.inf)
        found = tuple(sorted(listed, key=_order))
        if found != self._listed:
            self._listed = found

    def _matches(self, members: Iterable[ServiceState]) -> list[Named]:
        """`match` of every service; of a fleet's member the value of the fleet's label."""
        found: list[Named] = [(service.name, service.match) for service in self.config.services]
        for member in members:
            measured = {report.key.slo for report in member.slos}
            fleets = [fleet for fleet in self.config.fleets if measured & {slo.name for slo in fleet.slos}]
            labels = dict.fromkeys(fleet.label for fleet in fleets or self.config.fleets)
            found += [(member.name, {label: member.name}) for label in labels]
        return found

    def _tie(self, alert: Alert, before: Mapping[tuple[str, str], tuple[Alert, Alert]]) -> Alert:
        key = (alert.source, alert.fingerprint)
        kept = before.get(key)
        if kept is None or kept[0] is not alert:
            service = self.owners.of(alert.raw)
            tied = alert if service == alert.service else replace(alert, service=service)
            kept = (alert, kept[1] if kept is not None and kept[1] == tied else tied)
        self._tied[key] = kept
        return kept[1]


def _identical(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _listed(silence: Silence, now: float) -> bool:
    return silence.state != "expired" or now - silence.ends_at <= EXPIRED_FOR


def _order(silence: Silence) -> tuple[int, float, str]:
    if silence.state == "active":
        return 0, silence.ends_at, silence.id
    if silence.state == "pending":
        return 1, silence.starts_at, silence.id
    return 2, -silence.ends_at, silence.id
