"""`sreconsole status`, the installed script, against real Alertmanagers: alerts, silences, exit codes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sreconsole.exits import Exit
from tests.plain.commands import Done, run
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.faults import FaultServer, Reply
from tests.servers.prometheus import PrometheusServer, free_port

CONFIG = """\
version: 1
sources:
{sources}
services:
  checkout: {{}}
  search: {{match: {{service: search, dc: eu1}}}}
"""
CHECKOUT = {"alertname": "CheckoutBurn", "service": "checkout", "severity": "page"}
NOBODY = {"alertname": "Datacentre", "severity": "page", "dc": "eu1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with AlertmanagerServer(tmp_path_factory.mktemp("am")) as running:
        yield running


@pytest.fixture(autouse=True)
def calm(server: AlertmanagerServer) -> None:
    """Nothing fires and nothing is silenced when a test begins."""
    server.resolve(CHECKOUT, NOBODY)
    for silence in server.ask("GET", "/api/v2/silences"):
        server.expire(silence["id"])


def status(home: Path, *arguments: str, **sources: str) -> tuple[Done, dict[str, Any]]:
    """The command, and its document (an empty one where there is none)."""
    (home / "config.yaml").write_text(
        CONFIG.format(sources="\n".join(f"  {name}: {block}" for name, block in sources.items()))
    )
    done = run(home, "status", "--config", home / "config.yaml", "--format", "json", *arguments)
    return done, json.loads(done.out) if done.out else {}


def am(*urls: str) -> str:
    return "{kind: alertmanager, urls: [" + ", ".join(urls) + "]}"


def services(document: dict[str, Any]) -> dict[str, str]:
    return {service["name"]: service["status"] for service in document["services"]}


def test_calm_is_ok(server: AlertmanagerServer, tmp_path: Path) -> None:
    done, document = status(tmp_path, am=am(server.url))
    assert done.code == Exit.OK, done.err
    assert services(document) == {"checkout": "ok", "search": "ok"}
    assert [(source["name"], source["state"]) for source in document["sources"]] == [("am", "live")]
    assert "alerts" not in document["missing"]
    assert "silences" not in document["missing"]


def test_a_page_is_a_page_until_it_is_silenced(server: AlertmanagerServer, tmp_path: Path) -> None:
    server.fire(CHECKOUT)
    done, document = status(tmp_path, am=am(server.url))
    assert done.code == Exit.PAGE
    assert services(document) == {"checkout": "page", "search": "ok"}
    (alert,) = document["alerts"]
    assert (alert["name"], alert["state"], alert["service"], alert["source"]) == (
        "CheckoutBurn", "firing", "checkout", "am",
    )  # fmt: skip
    ident = server.silence([("service", "=", "checkout")], comment="OPS-7")
    done, document = status(tmp_path, am=am(server.url))
    assert done.code == Exit.OK
    assert document["alerts"][0]["silenced_by"] == [ident]
    assert [
        (silence["id"], silence["mutes_now"]) for silence in document["silences"] if silence["state"] == "active"
    ] == [(ident, 1)]


def test_a_page_of_no_service_makes_the_whole_page(server: AlertmanagerServer, tmp_path: Path) -> None:
    server.fire(NOBODY)
    done, document = status(tmp_path, am=am(server.url))
    assert done.code == Exit.PAGE
    assert document["status"] == "page"
    assert services(document) == {"checkout": "ok", "search": "ok"}


def test_one_service_alone(server: AlertmanagerServer, tmp_path: Path) -> None:
    server.fire(CHECKOUT, NOBODY)
    mine = server.silence([("service", "=", "search"), ("pod", "=~", ".+")])
    server.silence([("service", "=", "checkout"), ("pod", "=", "x")])
    server.silence([("service", "=", "search"), ("dc", "=", "us1")])
    done, document = status(tmp_path, "--service", "search", am=am(server.url))
    assert done.code == Exit.OK
    assert document["alerts"] == []
    assert [silence["id"] for silence in document["silences"] if silence["state"] == "active"] == [mine]
    done, document = status(tmp_path, "--service", "checkout", am=am(server.url))
    assert done.code == Exit.PAGE
    assert [alert["name"] for alert in document["alerts"]] == ["CheckoutBurn"]


def test_a_cluster_with_a_member_down_is_partial_and_answers(server: AlertmanagerServer, tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    done, document = status(tmp_path, am=am(dead, server.url))
    assert done.code == Exit.OK
    (source,) = document["sources"]
    assert source["state"] == "partial"
    assert f"1 of 2 members answer: nothing listens at {dead}" in source["error"]


def test_one_cluster_of_two_down_is_unknown(server: AlertmanagerServer, tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    done, document = status(tmp_path, am=am(server.url), am2=am(dead))
    assert done.code == Exit.UNKNOWN
    assert services(document) == {"checkout": "unknown", "search": "unknown"}
    assert document["missing"]["alerts"].startswith(f"am2: nothing listens at {dead}")
    assert document["missing"]["silences"].startswith(f"am2: nothing listens at {dead}")


def test_nothing_known_is_69(tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    done, _ = status(tmp_path, am=am(dead))
    assert done.code == Exit.UNAVAILABLE
    assert f"sreconsole: am: nothing listens at {dead}" in done.err


def test_alerts_of_a_live_source_are_known_while_the_metrics_are_down(
    server: AlertmanagerServer, tmp_path: Path
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    done, document = status(tmp_path, am=am(server.url), prom=f"{{kind: prometheus, url: {dead}}}")
    assert done.code == Exit.OK, "no SLO hangs on the metrics here"
    assert {source["name"]: source["state"] for source in document["sources"]} == {"am": "live", "prom": "down"}


def test_metrics_and_alerts_of_one_server_share_its_two_connections(tmp_path: Path) -> None:
    with FaultServer(lambda _request: Reply(then="hang")) as slow:
        done, _ = status(tmp_path, "--timeout", "2s", prom=f"{{kind: prometheus, url: {slow.url}}}")
        asked = {request.target.partition("?")[0] for request in slow.requests}
    assert done.code == Exit.UNAVAILABLE
    assert "/api/v1/alerts" in asked
    assert slow.connections <= 2


def test_a_prometheus_alone_tells_its_alerts(tmp_path: Path) -> None:
    rules = {
        "groups": [{"name": "g", "rules": [{"alert": "Burn", "expr": "vector(1)", "labels": {"severity": "page"}}]}]
    }
    (tmp_path / "rules.yml").write_text(json.dumps(rules))
    more = {"global": {"evaluation_interval": "1s"}, "rule_files": [str(tmp_path / "rules.yml")]}
    with PrometheusServer(tmp_path / "prom", more=more) as prometheus:
        block = f"{{kind: prometheus, url: {prometheus.url}, external_labels: {{service: search, dc: eu1}}}}"
        deadline = time.monotonic() + 30
        while True:
            done, document = status(tmp_path, prom=block)
            if document["alerts"] or time.monotonic() > deadline:
                break
        (alert,) = document["alerts"]
        assert (alert["name"], alert["state"], alert["service"]) == ("Burn", "firing", "search")
        assert done.code == Exit.PAGE
        assert services(document) == {"checkout": "ok", "search": "page"}
        assert "add an alertmanager source" in document["missing"]["silences"]
        done, document = status(tmp_path, "--at", "5m ago", prom=block)
    assert document["alerts"] == []
    assert "has no samples of that moment" in document["missing"]["alerts"]
    assert services(document) == {"checkout": "unknown", "search": "unknown"}
