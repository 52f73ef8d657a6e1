"""Alerts of a Prometheus without an Alertmanager: the same alerts, by the same fingerprints, as one would have them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sreconsole.config.model import HttpConfig, PrometheusSource, Severities
from sreconsole.errors import BadAnswer, SourceError, Unreachable
from sreconsole.sources import prometheus_alerts
from sreconsole.sources.alert_reading import AlertReading
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.http import HttpClient
from sreconsole.sources.prometheus_alerts import PrometheusAlerts
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.servers.prometheus import PrometheusServer
from tests.servers.victoriametrics import VictoriaMetricsServer
from tests.sources import alerting
from tests.sources.alerting import named

EXTERNAL = {"dc": "eu1", "prometheus": "test", "team": "platform"}
RULES = """
groups:
- name: burning
  interval: 1s
  rules:
  - alert: CheckoutBurn
    expr: vector(1)
    labels: {severity: page, service: checkout, team: shop, empty: ""}
    annotations: {summary: "value {{ $value }} on größe", runbook_url: "http://ana:hunter22@h/x"}
  - alert: Later
    expr: label_replace(vector(2), "instance", "a:80", "", "")
    for: 1h
    labels: {severity: warn}
  - alert: Never
    expr: vector(1) > 2
"""


@asynccontextmanager
async def asking(url: str, external: dict[str, str] | None = None) -> AsyncIterator[PrometheusAlerts]:
    """The alerts of the source `prom`."""
    settings = PrometheusSource("prom", url, external_labels=external or {})
    made = PrometheusAlerts(settings, Severities(), lambda: HttpClient("prom", url, HttpConfig(), 32 << 20))
    try:
        yield made
    finally:
        await made.aclose()


async def read(url: str, external: dict[str, str] | None = None) -> AlertReading:
    async with asking(url, external) as asked:
        return await asked.read(time.time())


async def until(question: Callable[[], Any], wanted: Callable[[AlertReading], bool]) -> AlertReading:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found: AlertReading = await question()
        if wanted(found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never seen; the last was {found}")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrometheusServer, AlertmanagerServer]]:
    home = tmp_path_factory.mktemp("alerts")
    (home / "rules.yml").write_text(RULES)
    with AlertmanagerServer(home / "am") as receiver:
        more = {
            "global": {"evaluation_interval": "1s", "external_labels": EXTERNAL},
            "rule_files": [str(home / "rules.yml")],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{receiver.port}"]}]}]},
        }
        with PrometheusServer(home / "prom", more=more, arguments=("--rules.alert.resend-delay=1s",)) as server:
            yield server, receiver


async def test_firing_and_pending_with_external_labels(servers: tuple[PrometheusServer, AlertmanagerServer]) -> None:
    server, _ = servers
    found = await until(lambda: read(server.url, EXTERNAL), lambda reading: len(reading.alerts) == 2)
    burn, later = named(found, "CheckoutBurn"), named(found, "Later")
    assert (burn.state, burn.severity, burn.source) == ("firing", "page", "prom")
    assert burn.labels == {
        "alertname": "CheckoutBurn", "dc": "eu1", "prometheus": "test",
        "service": "checkout", "severity": "page", "team": "shop",
    }, "an alert's own label wins over the external one, an empty one is none"  # fmt: skip
    assert burn.annotations == {"summary": "value 1 on größe", "runbook_url": "http://h/x"}
    assert burn.runbook == "http://h/x"
    assert abs((burn.since or 0) - time.time()) < 60
    assert (later.state, later.severity, later.pages) == ("pending", "warn", False)
    assert (found.silences, found.silences_missing) == ((), prometheus_alerts.NO_SILENCES)


@pytest.mark.prove
async def test_the_alertmanager_knows_it_by_the_same_fingerprint(
    servers: tuple[PrometheusServer, AlertmanagerServer],
) -> None:
    server, receiver = servers
    there = await until(lambda: alerting.read(receiver.url), lambda reading: len(reading.alerts) == 1)
    here = named(await read(server.url, EXTERNAL), "CheckoutBurn")
    assert here.raw == there.alerts[0].raw
    assert here.fingerprint == there.alerts[0].fingerprint
    without = named(await read(server.url), "CheckoutBurn")
    assert without.fingerprint != here.fingerprint


async def test_unchanged_alerts_stay_the_same_objects(servers: tuple[PrometheusServer, AlertmanagerServer]) -> None:
    server, _ = servers
    async with asking(server.url) as asked:
        first = await until(lambda: asked.read(time.time()), lambda reading: len(reading.alerts) == 2)
        assert (await asked.read(time.time())).alerts is first.alerts


async def test_a_server_without_rules_says_so(tmp_path: Path) -> None:
    with PrometheusServer(tmp_path) as server:
        found = await read(server.url)
    assert (found.alerts, found.partial) == ((), None)
    assert found.notes == (f"{server.url} has no alerting rules: nothing can fire there",)


async def test_a_victoriametrics_that_evaluates_nothing_is_an_error(tmp_path: Path) -> None:
    with VictoriaMetricsServer(tmp_path) as server:
        error = await failure(server.url)
    assert type(error) is BadAnswer
    assert "evaluates no alerts" in str(error)
    assert server.url in str(error)


async def failure(url: str) -> SourceError:
    try:
        found = await read(url)
    except SourceError as error:
        return error
    raise AssertionError(f"a reading instead of an error: {found}")


def alerts(*items: Any) -> bytes:
    return answer(200, json.dumps({"status": "success", "data": {"alerts": list(items)}}))


FIRING = {"labels": {"alertname": "A", "severity": "critical"}, "state": "firing", "activeAt": "2026-11-23T03:00:00Z"}


async def test_rules_are_looked_for_only_where_nothing_fires_and_then_seldom() -> None:
    answers = {
        "/api/v1/alerts": alerts(FIRING),
        "/api/v1/rules": answer(200, '{"status":"success","data":{"groups":[{}]}}'),
    }

    def respond(request: Request) -> Reply:
        return Reply(answers[request.target.partition("?")[0]])

    with FaultServer(respond) as server:
        async with asking(server.url) as asked:
            await asked.read(0.0)
            assert [request.target for request in server.requests] == ["/api/v1/alerts"]
            answers["/api/v1/alerts"] = alerts()
            for _ in range(3):
                assert await asked.read(0.0) == AlertReading(silences_missing=prometheus_alerts.NO_SILENCES)
            targets = [request.target for request in server.requests]
    assert targets.count("/api/v1/rules?type=alert") == 1


async def test_odd_alerts_and_states() -> None:
    odd = {**FIRING, "labels": {"alertname": "Odd"}, "state": "x_suspended", "x_new": [1]}
    calm = {**FIRING, "labels": {"alertname": "Calm"}, "state": "inactive"}
    with FaultServer(lambda _request: alerts(FIRING, odd, calm, {"labels": 7}, {"state": "firing"})) as server:
        found = await read(server.url)
    assert {one.name: one.state for one in found.alerts} == {"A": "firing", "Odd": "firing"}
    assert found.partial == f"2 alerts of {server.url} cannot be read"
    assert found.parts is None


@pytest.mark.parametrize("status", [400, 404, 405, 422, 501])
async def test_a_server_without_this_api_names_the_way_out(status: int) -> None:
    with FaultServer(lambda _request: answer(status, "404 page not found", "text/plain")) as server:
        error = await failure(server.url)
    assert type(error) is BadAnswer
    assert str(error) == f"{server.url} does not tell alerts ({status}): add an alertmanager source to see them"


BROKEN = ["", "{", "[]", "{}", '{"status":"error"}', '{"status":"success"}', '{"status":"success","data":{"alerts":7}}']


@pytest.mark.parametrize("body", [*BROKEN, '{"status":"success","data":{"alerts":[7]}}', "[" * 100_000])
async def test_what_is_no_answer_of_this_api_is_an_error(body: str) -> None:
    with FaultServer(lambda _request: answer(200, body)) as server:
        assert type(await failure(server.url)) is BadAnswer


async def test_a_body_cut_at_any_length_is_an_error() -> None:
    whole = alerts(FIRING, FIRING)
    head, _, body = whole.partition(b"\r\n\r\n")
    with FaultServer(lambda _request: whole) as server:
        async with asking(server.url) as asked:
            for length in range(1, len(body), 9):
                server.respond = lambda _request, length=length: answer(200, body[:length])  # type: ignore[misc]
                with pytest.raises(BadAnswer):
                    await asked.read(0.0)
            server.respond = lambda _request: Reply(whole[: len(head) + 30], "close")
            with pytest.raises(Unreachable):
                await asked.read(0.0)


def test_the_fingerprint_of_nothing_is_the_start_of_fnv() -> None:
    assert fingerprint({}) == "cbf29ce484222325"
