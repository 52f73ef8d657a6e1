"""Alerts of a Prometheus itself, for people without an Alertmanager: what fires, and what is about to.

`GET /api/v1/alerts` leaves out the external labels that Prometheus adds when it sends alerts on; those of the config
are added here, and an alert's own label wins. Source: prometheus.io/docs, HTTP API, "Alerts" and "Rules".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import msgspec

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert, severity_of
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import MOST_ALERTS, AlertReading, state_of
from sreconsole.sources.alertmanager_json import UNREADABLE, moment
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.http import HttpClient
from sreconsole.sources.prometheus_rules import Rules, envelope, explain, unreadable
from sreconsole.sources.texts import Texts
from sreconsole.turns import give_way

NO_SILENCES = "Prometheus knows no silences: add an alertmanager source to see them"


class _AlertJson(msgspec.Struct, gc=False):
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    state: str = ""
    activeAt: str | None = None


class _AlertsJson(msgspec.Struct, gc=False):
    alerts: list[msgspec.Raw] | None = None


_alerts = msgspec.json.Decoder(_AlertsJson).decode
_alert = msgspec.json.Decoder(_AlertJson).decode


class PrometheusAlerts:
    """Asks one server for its alerts, over the connection that its metrics come by."""

    kind = "prometheus"

    def __init__(
        self,
        settings: Settings,
        severities: Severities,
        client: Callable[[], HttpClient],
        heard: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`client` makes the connection when the first question needs it; `heard` is told the server's time (Unix
        seconds, to the second) with each answer that says it."""
        self.name = settings.name
        self._settings, self._severities = settings, severities
        self._make, self._heard = client, heard
        self._texts = Texts()
        self._known: dict[str, Alert] = {}
        self._body = b""
        self._reading = AlertReading(silences_missing=NO_SILENCES)
        self._rules = Rules()

    @cached_property
    def client(self) -> HttpClient:
        """The connection."""
        return self._make()

    @property
    def clients(self) -> tuple[HttpClient, ...]:
        """The connection, as one of many."""
        return (self.client,)

    async def read(self, now: float) -> AlertReading:
        """The alerts that are firing or pending. Raises SourceError, also where the server evaluates no alerts."""
        answer = await self.client.get("/api/v1/alerts", explain=explain)
        if answer.server_time is not None:
            self._heard(answer.server_time)
        if answer.body != self._body:
            try:
                self._reading = await self._read(answer.body)
            except UNREADABLE:
                raise unreadable(answer) from None
            self._body = answer.body
        if self._reading.alerts or self._reading.partial or await self._rules.some(self.client):
            return self._reading
        note = f"{self.client.url} has no alerting rules: nothing can fire there"
        return AlertReading(notes=(note,), silences_missing=NO_SILENCES)

    async def aclose(self) -> None:
        """Close the connection."""
        await self.client.aclose()

    async def _read(self, body: bytes) -> AlertReading:
        await give_way()
        found = envelope(body)
        if found.status != "success":
            raise ValueError("no success")
        raws = _alerts(found.data).alerts
        if raws is None:
            raise ValueError("no alerts")
        self._texts.turn(len(self._known))
        made: dict[str, Alert] = {}

        def one(raw: msgspec.Raw) -> bool:
            try:
                item = _alert(raw)
            except UNREADABLE:
                return False
            if item.state != "inactive":
                alert = self._made(item)
                known = self._known.get(alert.fingerprint)
                made[alert.fingerprint] = known if known is not None and known == alert else alert
            return True

        unreadable = await turns.each(raws[:MOST_ALERTS], one)
        if unreadable and not made:
            raise ValueError("no alert")
        self._known = made
        alerts = tuple(made[name] for name in sorted(made))
        lacking = [
            f"{unreadable} alerts of {self.client.url} cannot be read" if unreadable else "",
            f"{self.client.url} has {len(raws)} alerts, {MOST_ALERTS} are read" if len(raws) > MOST_ALERTS else "",
        ]
        before = self._reading.alerts
        return AlertReading(
            before if before == alerts else alerts,
            partial="; ".join(filter(None, lacking)) or None,
            silences_missing=NO_SILENCES,
        )

    def _made(self, item: _AlertJson) -> Alert:
        texts, notes, severities = self._texts, item.annotations or {}, self._severities
        own = {name: value for name, value in item.labels.items() if value}
        shown, raw = texts.labels({**self._settings.external_labels, **own})
        return Alert(
            name=shown.get("alertname", ""),
            state=state_of(item.state, (), (), ()),
            severity=severity_of(raw.get(severities.label, ""), severities.page, severities.warn),
            source=self.name,
            fingerprint=fingerprint(raw),
            labels=shown,
            raw=raw,
            annotations=texts.annotations(notes),
            since=moment(item.activeAt),
            runbook=texts.link(notes.get("runbook_url"), notes.get("runbook")),
            dashboard=texts.link(notes.get("dashboard_url"), notes.get("dashboard")),
        )
