"""The rules that a preview looks at, told by a real Prometheus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig
from sreconsole.domain.alert_rule import AlertRule
from sreconsole.errors import BadAnswer, SourceError
from sreconsole.sources.alert_rules import alert_rules
from sreconsole.sources.http import HttpClient
from tests.servers.faults import FaultServer, Request, answer
from tests.servers.prometheus import PrometheusServer

RULES = """
groups:
- name: burning
  interval: 1s
  rules:
  - record: job:up
    expr: vector(1)
  - alert: Fires
    expr: vector(1)
    labels: {severity: page, team: shop, dc: "", pod: "{{ $labels.pod }}-x"}
  - alert: Never
    expr: vector(1) > 2
    labels: {dc: us2}
"""
EXTERNAL = {"dc": "eu1", "team": "platform"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    folder: Path = tmp_path_factory.mktemp("prom")
    (folder / "rules.yml").write_text(RULES)
    with PrometheusServer(folder / "data", more={"rule_files": [str(folder / "rules.yml")]}) as made:
        yield made


async def told(url: str) -> tuple[AlertRule, ...]:
    client = HttpClient("prom", url, HttpConfig(), 1 << 20)
    try:
        return await alert_rules(client, "prom", EXTERNAL)
    finally:
        await client.aclose()


async def test_the_labels_that_its_alerts_would_carry(server: PrometheusServer) -> None:
    fires, never = await told(server.url)
    assert (fires.source, fires.group, fires.name) == ("prom", "burning", "Fires")
    assert fires.labels == {
        **{"alertname": "Fires", "severity": "page", "team": "shop", "pod": "{{ $labels.pod }}-x"},
        "dc": "eu1",  # a label without a value is none: the server's own takes its place
    }
    assert fires.templated == {"pod"}
    assert never.labels == {"alertname": "Never", "dc": "us2", "team": "platform"}
    assert not never.firing
    assert not never.templated


def saying(groups: object) -> bytes:
    return answer(200, json.dumps({"status": "success", "data": {"groups": groups}}))


async def test_names_are_cleaned_and_labels_are_not() -> None:
    rule = {"name": "a\x1b[2Jb", "type": "alerting", "labels": {"x": "\u202ey"}, "state": "firing", "new": [1]}
    with FaultServer(
        lambda _: saying([{"name": "g\u200b", "rules": [rule, {"name": "r", "type": "recording"}]}])
    ) as it:
        (found,) = await told(it.url)
    assert found.firing
    assert "\x1b" not in found.name
    assert "\u200b" not in found.group
    assert found.labels["x"] == "\u202ey"
    assert found.labels["alertname"] == "a\x1b[2Jb"


async def test_a_server_that_evaluates_none_is_not_one_without_rules() -> None:
    def victoria(request: Request) -> bytes:
        if "rules" in request.target:
            return saying([])
        return answer(200, '{"status":"success","data":{"resultType":"vector","result":[]}}')

    with FaultServer(victoria) as it, pytest.raises(BadAnswer, match="evaluates no alerts"):
        await told(it.url)


@pytest.mark.parametrize(
    "reply",
    [answer(200, "[]"), answer(404, "no"), saying([{"rules": [{"labels": 1}]}]), answer(200, "<html>", "text/html")],
)
async def test_what_is_no_answer_is_an_error(reply: bytes) -> None:
    with FaultServer(lambda _: reply) as it, pytest.raises(SourceError):
        await told(it.url)
