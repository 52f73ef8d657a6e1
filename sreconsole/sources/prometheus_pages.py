"""Page alerts that fired, from the history a Prometheus keeps of its alerts.

`ALERTS_FOR_STATE` has for its value since when an alert is active, by labels; `ALERTS{alertstate="firing"}` is there
while it fires. (`ALERTS` is 1 throughout, so `changes()` of it counts nothing.) Every minute in which an alert fired is
known by the earliest such value in it, and becomes edges here: where a spell began, and after which minute it ended.
Spells of one alert that begin and end within one minute are one. Silences are the Alertmanager's: what was silenced
fired as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.selector import Matcher
from sreconsole.domain.spell import Edge
from sreconsole.errors import BadAnswer, TooLarge
from sreconsole.records import dataclass
from sreconsole.sources import turns
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi, Series
from sreconsole.sources.prometheus_rules import Rules
from sreconsole.sources.texts import Texts

STEP = 60
"""Seconds of a minute here: what is told apart. A server evaluates rules every 15 s to a minute."""
HOUR = 3600
TIMEOUT = 20.0
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
        """What began and ended in the minutes of `(start, end]`, both multiples of `STEP`. Raises SourceError.

        An answer that is too large is asked for in halves.
        """
        try:
            answer = await self.api.query_range(self._query, start, end, STEP, TIMEOUT)
        except TooLarge:
            middle = start + (end - start) // (2 * STEP) * STEP
            if end - start <= HOUR:
                raise
            return [*await self.edges(start, middle), *await self.edges(middle, end)]
        if answer.warnings:
            raise BadAnswer(f"{self.api.url} cannot tell all alerts that fired: {answer.warnings[0]}")
        self._texts.turn()
        found: list[Edge] = []

        def one(series: Series) -> bool:
            if told := list(_edges(series, start, end)):
                key = self._key(series.labels)
                found.extend(Edge(key, since, at, begins) for since, at, begins in told)
            return True

        await turns.each(answer.series, one)
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
        labels = {**self._external, **told}
        key = fingerprint(labels)
        if key not in self.alerts:
            self.alerts[key] = Alerted(self._texts.name(labels.get("alertname", "")), labels)
        return key


def question(severities: Severities) -> str:
    """PromQL: since when each page alert was active that fired in a minute, a millisecond short of it, as Prometheus 2
    counts a sample on the left edge and 3 does not."""
    page = str(Matcher(severities.label, "=~", "|".join(map(_literal, severities.page))))
    span = f"[{STEP * 1000 - 1}ms]"
    return (
        f"min_over_time({_HISTORY}{{{page}}}{span}) and ignoring(alertstate) "
        f'count_over_time(ALERTS{{alertstate="firing",{page}}}{span})'
    )


def _edges(series: Series, start: float, end: float) -> Iterator[tuple[float, float, bool]]:
    """Since when, which minute, and whether it began in that or had ended before it. The minute that ends at `start` is
    there to compare with."""
    times, values = series.times, series.values
    count = len(times)
    steady = times[-1] - times[0] == STEP * (count - 1) and values.count(values[0]) == count
    if steady and times[0] == start and times[-1] == end:
        return  # it fired all the time
    before: tuple[float, float] | None = None
    for at, since in ((times[0], values[0]), (times[-1], values[-1])) if steady else zip(times, values, strict=True):
        if before is not None and not steady and (at - before[0] > STEP or since != before[1]):
            yield before[1], before[0] + STEP, False
            before = None
        if before is None and at > start:
            yield since, at, True
        before = at, since
    if before is not None and before[0] + STEP <= end:
        yield before[1], before[0] + STEP, False


def _literal(text: str) -> str:
    """A regular expression that matches just this text. (Python escapes blanks too, which RE2 refuses.)"""
    return "".join(f"\\{char}" if char in r"\.+*?()|[]{}^$" else char for char in text)
