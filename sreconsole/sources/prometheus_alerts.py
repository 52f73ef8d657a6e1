"""Alerts of a Prometheus itself, for people without an Alertmanager: what fires, and what is about to.

`GET /api/v1/alerts` leaves out the external labels that Prometheus adds when it sends alerts on; those of the config
are added here, and an alert's own label wins. Source: prometheus.io/docs, HTTP API, "Alerts" and "Rules".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property

import msgspec

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert, severity_of
from sreconsole.errors import BadAnswer, SourceError
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import MOST_ALERTS, AlertReading, state_of
from sreconsole.sources.alertmanager_json import UNREADABLE, moment
from sreconsole.sources.answer import Response
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.http import HttpClient
from sreconsole.sources.texts import Texts
from sreconsole.turns import give_way

RULES_AGAIN = 600.0
"""Seconds for which we remember whether the server has alerting rules at all."""
NO_SILENCES = "Prometheus knows no silences: add an alertmanager source to see them"
_VICTORIA = "1 + 1"
"""A scalar to Prometheus; VictoriaMetrics answers with a vector."""


class _AlertJson(msgspec.Struct, gc=False):
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    state: str = ""
    activeAt: str | None = None


class _AlertsJson(msgspec.Struct, gc=False):
    alerts: list[msgspec.Raw] | None = None


class _GroupsJson(msgspec.Struct, gc=False):
    groups: list[msgspec.Raw] | None = None


class _KindJson(msgspec.Struct, gc=False):
    resultType: str = ""


class _Envelope(msgspec.Struct, gc=False):
    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")


_envelope = msgspec.json.Decoder(_Envelope).decode
_alerts = msgspec.json.Decoder(_AlertsJson).decode
_groups = msgspec.json.Decoder(_GroupsJson).decode
_kind = msgspec.json.Decoder(_KindJson).decode
_alert = msgspec.json.Decoder(_AlertJson).decode


class PrometheusAlerts:
    """Asks one server for its alerts, over the connection that its metrics come by."""

    kind = "prometheus"

    def __init__(self, settings: Settings, severities: Severities, client: Callable[[], HttpClient]) -> None:
        """`client` makes the connection when the first question needs it."""
        self.name = settings.name
        self._settings, self._severities = settings, severities
        self._make = client
        self._texts = Texts()
        self._known: dict[str, Alert] = {}
        self._body = b""
        self._reading = AlertReading(silences_missing=NO_SILENCES)
        self._rules: tuple[float, bool] | None = None

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
        answer = await self.client.get("/api/v1/alerts", explain=_explain)
        if answer.body != self._body:
            try:
                self._reading = await self._read(answer.body)
            except UNREADABLE:
                raise _unreadable(answer) from None
            self._body = answer.body
        if self._reading.alerts or self._reading.partial or await self._has_rules():
            return self._reading
        note = f"{self.client.url} has no alerting rules: nothing can fire there"
        return AlertReading(notes=(note,), silences_missing=NO_SILENCES)

    async def aclose(self) -> None:
        """Close the connection."""
        await self.client.aclose()

    async def _read(self, body: bytes) -> AlertReading:
        await give_way()
        found = _envelope(body)
        if found.status != "success":
            raise ValueError("no success")
        raws = _alerts(found.data).alerts
        if raws is None:
            raise ValueError("no alerts")
        self._texts.turn()
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

    async def _has_rules(self) -> bool:
        """Whether there is a rule that could fire: without one, no alerts is no good news.

        Raises BadAnswer for a VictoriaMetrics without vmalert, which answers as if it had none.
        """
        clock = asyncio.get_running_loop().time()
        if self._rules is None or clock - self._rules[0] > RULES_AGAIN:
            answer = await self.client.get("/api/v1/rules", {"type": "alert"}, explain=_explain)
            try:
                some = bool(_groups(_envelope(answer.body).data).groups)
            except UNREADABLE:
                raise _unreadable(answer) from None
            if not some:
                await self._refuse_victoria()
            self._rules = (clock, some)
        return self._rules[1]

    async def _refuse_victoria(self) -> None:
        answer = await self.client.get("/api/v1/query", {"query": _VICTORIA}, explain=_explain)
        try:
            kind = _kind(_envelope(answer.body).data).resultType
        except UNREADABLE:
            raise _unreadable(answer) from None
        if kind == "vector":
            raise BadAnswer(
                f"{answer.url} is a VictoriaMetrics that evaluates no alerts: add an alertmanager source, or give it "
                f"-vmalert.proxyURL"
            )


def _explain(answer: Response) -> SourceError | None:
    """A server without this API: a sidecar, a store."""
    if answer.status not in (400, 404, 405, 422, 501):
        return None
    said = answer.harmless(answer.text())
    return BadAnswer(
        f"{answer.url} does not tell alerts ({answer.status}): add an alertmanager source to see them", detail=said
    )


def _unreadable(answer: Response) -> BadAnswer:
    return BadAnswer(
        f"{answer.url} sent JSON that is damaged or not the Prometheus API's: cut off on the way, or another server at "
        f"this address?"
    )
