"""Page alerts that fired, from the history a Prometheus keeps of its alerts.

`ALERTS_FOR_STATE` has for its value since when an alert is active, by labels; `ALERTS{alertstate="firing"}` is there
while it fires. (`ALERTS` is 1 throughout, so `changes()` of it counts nothing.) Every minute in which an alert fired is
known by the earliest such value in it; the server itself compares each minute with the one before and tells only those
in which a spell began or after which it ended, so that an alert that fires for weeks costs two values. Spells of one
alert that begin and end within one minute are one. Silences are the Alertmanager's: what was silenced fired as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.selector import Matcher, quote
from sreconsole.domain.spell import Edge
from sreconsole.errors import BadAnswer
from sreconsole.records import dataclass
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus_rules import Rules
from sreconsole.sources.promql import MARK
from sreconsole.sources.texts import Texts

STEP = 60
"""Seconds of a minute here: what is told apart. A server evaluates rules every 15 s to a minute."""
HOUR = 3600
TIMEOUT = 20.0
_BEGINS, _ENDS = "begins", "ends"
_HISTORY = "ALERTS_FOR_STATE"


@dataclass(frozen=True, slots=True)
class Alerted:
    """The alert that a key stands for."""

    name: str
    """Cleaned."""
    labels: Mapping[str, str]
    """Raw, external ones included."""


class PrometheusPages:
    """Asks one server, over the connection that its metrics come by."""

    def __init__(
        self,
        settings: Settings,
        severities: Severities,
        api: Callable[[], PromApi],
        client: Callable[[], HttpClient],
    ) -> None:
        """`api` and `client` make the connection when the first question needs it."""
        self.name = settings.name
        self.alerts: dict[str, Alerted] = {}
        """By key; of every edge that was told."""
        self._external = settings.external_labels
        self._query = question(severities)
        self._make_api, self._make_client = api, client
        self._api: PromApi | None = None
        self._rules = Rules()
        self._texts = Texts()

    @property
    def api(self) -> PromApi:
        """The queries."""
        if self._api is None:
            self._api = self._make_api()
        return self._api

    async def edges(self, start: float, end: float) -> list[Edge]:
        """What began and ended in the minutes of `(start, end]`, both multiples of `STEP`. Raises SourceError."""
        answer = await self.api.query_range(self._query, start + STEP, end, STEP, TIMEOUT)
        if answer.warnings:
            raise BadAnswer(f"{self.api.url} cannot tell all alerts that fired: {answer.warnings[0]}")
        self._texts.turn()
        found: list[Edge] = []
        for series in answer.series:
            key = self._key(series.labels)
            begins = series.labels.get(MARK) == _BEGINS
            found += [Edge(key, since, at, begins) for at, since in zip(series.times, series.values, strict=True)]
        return found

    async def first_data(self, start: float, end: float) -> float | None:
        """The first of the hours of `[start, end]` at which the server had any data; None: none of them.

        Raises SourceError.
        """
        answer = await self.api.query_range(f"count(up) or count({_HISTORY})", start, end, HOUR, TIMEOUT)
        return min((series.times[0] for series in answer.series), default=None)

    async def untold(self, start: float, end: float) -> str | None:
        """Why a history without page alerts does not mean that none fired; None: it does. Raises SourceError."""
        if await self.api.label_values("alertname", _HISTORY, start, end, TIMEOUT):
            return None
        if await self.api.label_values("alertname", "ALERTS", start, end, TIMEOUT):
            return f"{self.api.url} keeps ALERTS without {_HISTORY}: spells cannot be told apart"
        if await self._rules.some(self._make_client()):
            return None
        return f"{self.api.url} has no alerting rules, and no history of alerts"

    def keep(self, keys: Collection[str]) -> None:
        """Forget every other alert."""
        for key in self.alerts.keys() - keys:
            del self.alerts[key]

    async def aclose(self) -> None:
        """Close the connection."""
        if self._api is not None:
            await self._api.aclose()

    def _key(self, told: Mapping[str, str]) -> str:
        labels = {**self._external, **{name: value for name, value in told.items() if name != MARK}}
        key = fingerprint(labels)
        if key not in self.alerts:
            self.alerts[key] = Alerted(self._texts.name(labels.get("alertname", "")), labels)
        return key


def question(severities: Severities) -> str:
    """PromQL: since when each page alert was active that began to fire in a minute, or had stopped to before it."""
    page = str(Matcher(severities.label, "=~", "|".join(map(_literal, severities.page))))
    now, before = _firing(page, ""), _firing(page, f" offset {STEP}s")
    begins = f"({now}) unless (({now}) == ({before}))"
    ends = f"({before}) unless (({before}) == ({now}))"
    return f"{_marked(begins, _BEGINS)} or {_marked(ends, _ENDS)}"


def _firing(page: str, offset: str) -> str:
    """Since when each alert was active that fired in a minute: a millisecond short, as Prometheus 2 counts a sample on
    the left edge and 3 does not."""
    span = f"[{STEP * 1000 - 1}ms]{offset}"
    return (
        f"min_over_time({_HISTORY}{{{page}}}{span}) and ignoring(alertstate) "
        f'count_over_time(ALERTS{{alertstate="firing",{page}}}{span})'
    )


def _marked(query: str, mark: str) -> str:
    return f'label_replace({query},{quote(MARK)},{quote(mark)},"","")'


def _literal(text: str) -> str:
    """A regular expression that matches just this text. (Python escapes blanks too, which RE2 refuses.)"""
    return "".join(f"\\{char}" if char in r"\.+*?()|[]{}^$" else char for char in text)
