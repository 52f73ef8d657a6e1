"""Alerts at a moment of the past, from the series that a Prometheus keeps of the rules it evaluates.

`ALERTS{alertstate}` is there while an alert is pending or fires, `ALERTS_FOR_STATE` has for its value since when. Both
are asked for at that moment (`time=`). Annotations are not kept in any series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert, severity_of
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import MOST_ALERTS, AlertReading
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.promapi import PromApi, Vector
from sreconsole.sources.promjson import Item
from sreconsole.sources.texts import Texts

QUERY = '{__name__=~"ALERTS|ALERTS_FOR_STATE"}'
ALIVE = "count(up)"
LOOKBACK = 300.0
"""Seconds for which a sample stands for the moments after it."""
TIMEOUT = 10.0
_OURS = ("__name__", "alertstate")


class AlertsThen:
    """Asks one server, over the connection that its metrics come by; implements `engine.alerts_feed.AlertSource`."""

    kind = "prometheus"

    def __init__(
        self,
        settings: Settings,
        severities: Severities,
        api: Callable[[], PromApi],
        present: Callable[[], float],
        silences_missing: str | None,
    ) -> None:
        """`api` makes the connection when the first question needs it; `present` gives the time it is now (Unix
        seconds); `silences_missing`: why silences are not known, None where an Alertmanager tells them."""
        self.name = settings.name
        self._external, self._severities = settings.external_labels, severities
        self._make, self._present = api, present
        self._api: PromApi | None = None
        self._missing = silences_missing
        self._texts = Texts()

    async def read(self, now: float) -> AlertReading:
        """The alerts that fired or were pending at `now`. Raises SourceError.

        Nothing at a moment of which the server has no samples of anything does not mean that nothing fired.
        """
        if self._api is None:
            self._api = self._make()
        api = self._api
        answer = await api.query(QUERY, now, TIMEOUT)
        alerts = await self._alerts(answer)
        partial = answer.warnings[0] if answer.warnings else None
        if not alerts and partial is None and not await self._alive(api, now):
            partial = f"{api.url} has no samples of that moment: what fired then is not known"
        elif len(alerts) > MOST_ALERTS:
            partial = f"{api.url} has {len(alerts)} alerts, {MOST_ALERTS} are read"
        return AlertReading(alerts[:MOST_ALERTS], partial=partial, silences_missing=self._missing)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._api is not None:
            await self._api.aclose()

    async def _alive(self, api: PromApi, at: float) -> bool:
        """Whether the server has samples of that moment: of `up`, or of anything where it scrapes nothing itself."""
        if (await api.query(ALIVE, at, TIMEOUT)).items:
            return True
        if (await api.query(ALIVE, self._present(), TIMEOUT)).items:
            return False
        return bool(await api.label_names(at - LOOKBACK, at, TIMEOUT))

    async def _alerts(self, answer: Vector) -> tuple[Alert, ...]:
        since: dict[str, float] = {}
        states: dict[str, str] = {}
        labels: dict[str, dict[str, str]] = {}

        def one(item: Item) -> bool:
            told, value = item
            raw = {**self._external, **{name: text for name, text in told.items() if name not in _OURS and text}}
            key = fingerprint(raw)
            if told.get("__name__") == "ALERTS_FOR_STATE":
                since[key] = value
            elif states.get(key) != "firing":
                states[key], labels[key] = told.get("alertstate", ""), raw
            return True

        await turns.each(answer.items, one)
        self._texts.turn()
        return tuple(self._made(key, labels[key], states[key], since.get(key)) for key in sorted(states))

    def _made(self, key: str, labels: Mapping[str, str], state: str, since: float | None) -> Alert:
        shown, raw = self._texts.labels(labels)
        severities = self._severities
        return Alert(
            name=shown.get("alertname", ""),
            state="pending" if state == "pending" else "firing",
            severity=severity_of(raw.get(severities.label, ""), severities.page, severities.warn),
            source=self.name,
            fingerprint=key,
            labels=shown,
            raw=raw,
            since=since,
        )
