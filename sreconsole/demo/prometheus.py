"""The estate's Prometheus: enough of its HTTP API to tell which alerts fired and how many tickets came in.

It does not evaluate PromQL; it knows the forms of questions that are asked of such history, and refuses all others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qs

from sreconsole.demo.chores import PAST, Chores
from sreconsole.demo.pager import Page, Pager
from sreconsole.demo.server import Answer, Request
from sreconsole.demo.story import Story
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.selector import Selector, parse_selector

TICKETS = "tickets_total"
_SELECTOR = r"([a-zA-Z_]\w*(?:\{[^{}]*\})?)"
_FIRED = re.compile(
    rf"min_over_time\({_SELECTOR}\[(\w+)\]\) and ignoring\(alertstate\) count_over_time\({_SELECTOR}\[\w+\]\)"
)
_INCREASE = re.compile(rf"sum\(increase\({_SELECTOR}\[(\w+)\]\)\)")
_UP = re.compile(r"count\(up\)(?: or count\(ALERTS_FOR_STATE\))?")
_STEPS = 11_000
"""Points of a series in one answer, as in Prometheus."""
Points = list[tuple[float, float]]
_Value = Callable[[float], float | None]


class _Refused(Exception):
    """The question is none that it can answer."""


class Prometheus:
    """The server of one story: a call answers a request."""

    def __init__(self, story: Story, clock: Callable[[], float]) -> None:
        self._first = story.origin - PAST
        self._clock = clock
        self._pager, self._chores = Pager(story), Chores(story)

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        fields = {name: values[0] for name, values in parse_qs(request.query).items()}
        fields |= {name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()}
        try:
            if request.path == "/api/v1/query_range":
                return _success({"resultType": "matrix", "result": self._range(fields)})
            if request.path == "/api/v1/query":
                return _success(self._instant(fields))
            if request.path == "/api/v1/label/alertname/values":
                return _success(self._names(fields))
            if request.path == "/api/v1/rules":
                rules = [{"type": "alerting", "name": name} for name in self._names(fields)]
                return _success({"groups": [{"name": "pages", "rules": rules}]})
        except (_Refused, KeyError, ValueError) as error:
            return _failure(422, "execution", str(error))
        return _failure(404, "not_found", f"the simulated estate has no {request.path}")

    def _range(self, fields: Mapping[str, str]) -> list[dict[str, object]]:
        start, end, step = (float(fields[name]) for name in ("start", "end", "step"))
        if step <= 0 or (end - start) / step > _STEPS:
            raise _Refused("exceeded maximum resolution of 11,000 points per timeseries")
        moments = [start + step * k for k in range(int((end - start) / step) + 1)]
        return [
            {"metric": labels, "values": [[at, f"{value:.15g}"] for at, value in points]}
            for labels, points in self._evaluate(fields["query"], moments)
        ]

    def _instant(self, fields: Mapping[str, str]) -> dict[str, object]:
        at = float(fields.get("time", self._clock()))
        if fields["query"] == "1 + 1":  # by the type of the answer clients tell a Prometheus from others
            return {"resultType": "scalar", "result": [at, "2"]}
        found = [
            {"metric": labels, "value": [at, f"{points[0][1]:.15g}"]}
            for labels, points in self._evaluate(fields["query"], [at])
        ]
        return {"resultType": "vector", "result": found}

    def _evaluate(self, query: str, moments: list[float]) -> Iterator[tuple[dict[str, str], Points]]:
        """The series that answer a question, without those that have no value. What is to come is not known."""
        moments = [at for at in moments if self._first <= at <= self._clock()]
        if not moments:
            return
        if found := _FIRED.fullmatch(query):
            yield from self._fired(parse_selector(found[1]), parse_duration(found[2]), moments)
        elif found := _INCREASE.fullmatch(query):
            selector, width = parse_selector(found[1]), parse_duration(found[2])
            if selector.metric == TICKETS and selector.matches({"team": "shop"}):
                yield {}, [(at, float(self._chores.tickets(at - width, at))) for at in moments]
        elif _UP.fullmatch(query):
            yield {}, [(at, 1.0) for at in moments]
        else:
            raise _Refused("the simulated estate does not evaluate PromQL; it only tells alerts that fired and tickets")

    def _fired(self, selector: Selector, width: float, moments: list[float]) -> Iterator[tuple[dict[str, str], Points]]:
        """Since when each alert was active that fired within `width` before each moment."""
        series: dict[tuple[tuple[str, str], ...], dict[float, float]] = {}
        for page in self._pager.between(moments[0] - width, moments[-1]):
            if selector.matches(page.labels):
                values = series.setdefault(tuple(page.labels.items()), {})
                for at in _seen(page, width, moments):
                    values[at] = min(page.since, values.get(at, page.since))
        for labels, values in series.items():
            if values:
                yield dict(labels), sorted(values.items())

    def _names(self, fields: Mapping[str, str]) -> list[str]:
        now = self._clock()
        pages = self._pager.between(float(fields.get("start", now)) - 1, float(fields.get("end", now)))
        return sorted({page.labels["alertname"] for page in pages})


def _seen(page: Page, width: float, moments: list[float]) -> list[float]:
    """The moments with a sample of it within the `width` before them."""
    return [at for at in moments if page.since <= at and page.until > at - width]


def _success(data: object) -> Answer:
    return Answer(200, json.dumps({"status": "success", "data": data}).encode(), "application/json")


def _failure(status: int, kind: str, said: str) -> Answer:
    body = {"status": "error", "errorType": kind, "error": said}
    return Answer(status, json.dumps(body).encode(), "application/json")
