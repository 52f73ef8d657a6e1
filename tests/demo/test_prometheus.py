"""The estate's Prometheus, as our own source of toil reads it: what fired, to the minute, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC
from urllib.parse import urlencode

import pytest

from sreconsole.config.model import PrometheusSource, Severities, ToilCounter
from sreconsole.demo.pager import Pager
from sreconsole.demo.prometheus import Prometheus
from sreconsole.demo.server import Request, Server
from sreconsole.demo.settings import TICKETS_QUERY
from sreconsole.demo.story import Story
from sreconsole.domain.spell import spans
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus_counters import PrometheusCounters
from sreconsole.sources.prometheus_pages import PrometheusPages, question

ORIGIN = 1_795_444_680
NOW = ORIGIN + 3 * 3600.0
DAY = 86_400
STORY = Story(2, ORIGIN, UTC)


@pytest.fixture
async def api() -> AsyncIterator[Callable[[], PromApi]]:
    server = Server(Prometheus(STORY, lambda: NOW))
    settings = PrometheusSource("prom", await server.start())
    client = HttpClient("prom", settings.url, settings.http, settings.max_answer)
    yield lambda: PromApi(client)
    await client.aclose()
    await server.stop()


async def test_its_spells_are_what_paged(api: Callable[[], PromApi]) -> None:
    pages = PrometheusPages(PrometheusSource("prom", api().url), Severities(), api, lambda: api()._client)
    start, end = ORIGIN - 7.0 * DAY - ORIGIN % 60, NOW // 60 * 60
    edges = [
        edge for day in range(8) for edge in await pages.edges(start + day * DAY, min(end, start + (day + 1) * DAY))
    ]
    found = {(pages.alerts[key].name, since) for (key, since), _ in spans(edges, 60).items()}
    paged = {(page.labels["alertname"], float(page.since)) for page in Pager(STORY).between(start, end)}
    assert found == paged
    assert len(paged) > 10
    assert await pages.untold(start, end) is None
    assert await pages.first_data(start, end) == start


def test_an_alert_is_there_from_the_minute_it_fires_to_the_one_it_ends() -> None:
    start, end = ORIGIN - 7 * DAY, NOW
    _, told = ask("/api/v1/query_range", query=question(Severities()), start=start, end=end, step=60)
    seen: dict[str, list[float]] = {}
    for series in told["data"]["result"]:  # type: ignore[index]
        seen.setdefault(series["metric"]["alertname"], []).extend(at for at, _ in series["values"])
    pages = [page for page in Pager(STORY).between(start, end) if start < page.since and page.until < end]
    for page in pages:
        moments = [at for at in seen[page.labels["alertname"]] if page.since <= at < page.until + 60]
        assert 0 <= moments[0] - page.since < 60
        assert 0 <= moments[-1] - page.until < 60


async def test_tickets_are_counted(api: Callable[[], PromApi]) -> None:
    counters = PrometheusCounters({0: ToilCounter("tickets", "prom", TICKETS_QUERY)}, api)
    figure = (await counters.read(NOW))[0]
    assert figure.value is not None
    assert 10 < figure.value < 25


async def test_a_client_takes_it_for_a_prometheus(api: Callable[[], PromApi]) -> None:
    assert (await api().query("1 + 1", NOW)).kind == "scalar"
    assert await api().label_values("alertname", "ALERTS", NOW - DAY, NOW)


def ask(path: str, **fields: str | float) -> tuple[int, dict[str, object]]:
    answer = Prometheus(STORY, lambda: NOW)(Request("GET", path, urlencode(fields)))
    told: dict[str, object] = json.loads(answer.body)
    return answer.status, told


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/api/v1/query", {"query": "rate(up[5m])"}, 422),
        ("/api/v1/query", {"query": "sum(increase({[7d]))"}, 422),
        ("/api/v1/query", {}, 422),
        ("/api/v1/query_range", {"query": "count(up)", "start": 0, "end": NOW, "step": 1}, 422),
        ("/api/v1/query_range", {"query": "count(up)", "start": 0, "end": 1, "step": 0}, 422),
        ("/api/v1/series", {}, 404),
    ],
)
def test_what_it_cannot_tell_it_refuses(path: str, fields: dict[str, str | float], status: int) -> None:
    found, told = ask(path, **fields)
    assert (found, told["status"]) == (status, "error")
    assert told["error"]


def test_it_knows_neither_what_is_to_come_nor_what_was_too_long_ago() -> None:
    for moment in (NOW + 60, ORIGIN - 64 * DAY):
        _, told = ask("/api/v1/query", query="count(up)", time=moment)
        assert told["data"] == {"resultType": "vector", "result": []}
    fired = question(Severities())
    _, told = ask("/api/v1/query", query=fired.replace("page|critical", "warning"), time=NOW)
    assert told["data"] == {"resultType": "vector", "result": []}
