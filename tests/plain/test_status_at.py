"""`sreconsole status --at TIME` against a real Prometheus and a real Alertmanager: alerts and silences as they were."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sreconsole.exits import Exit
from tests.plain.commands import run
from tests.servers.alert_history import Rule, evaluate
from tests.servers.alertmanager import AlertmanagerServer
from tests.servers.history import Series, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill, free_port

CONFIG = """\
version: 1
sources:
  prom: {{kind: prometheus, url: "{prom}", external_labels: {{dc: eu1}}}}
{more}
services:
  checkout: {{}}
  search: {{}}
"""


class Past(NamedTuple):
    prom: PrometheusServer
    am: AlertmanagerServer
    began: float
    quiet: float
    """A moment at which checkout was silenced."""
    ident: str
    """By this silence, which was expired early."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Burn fires since half an hour, Slow fired for a while before and is pending again."""
    data = tmp_path_factory.mktemp("at")
    now = int(time.time())
    began = now - 1800
    rules = [
        Rule("Burn", [(began, now + 600)], {"service": "checkout", "pod": "a"}, wait=60),
        Rule("Slow", [(now - 3000, now - 2400), (now - 30, now + 600)], {"service": "search"}, "warn", 300),
    ]
    series, _ = evaluate(rules, now - 3600, now + 300, 15)
    up = Series("up", {"job": "x"}, [(now - 3600 + 15 * step, 1.0) for step in range(260)])
    backfill(data / "prom", openmetrics([*series, up]))
    with PrometheusServer(data / "prom") as prom, AlertmanagerServer(data / "am") as am:
        ident = am.silence([("service", "=", "checkout"), ("dc", "=", "eu1")], comment="OPS-7")
        time.sleep(1.2)
        quiet = time.time()
        time.sleep(0.3)
        am.expire(ident)
        time.sleep(0.3)
        yield Past(prom, am, began, quiet, ident)


def status(home: Path, past: Past, at: float, *, am: str | None = "") -> tuple[int, dict[str, Any]]:
    more = "" if am is None else f"  am: {{kind: alertmanager, urls: [{am or past.am.url}]}}"
    (home / "config.yaml").write_text(CONFIG.format(prom=past.prom.url, more=more))
    done = run(home, "status", "--config", home / "config.yaml", "--format", "json", "--at", f"@{at}")
    return done.code, json.loads(done.out)


def told(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {alert["name"]: (alert["state"], alert["severity"]) for alert in document["alerts"]}


def services(document: dict[str, Any]) -> dict[str, str]:
    return {service["name"]: service["status"] for service in document["services"]}


def test_what_fired_then_is_told_since_when_and_whose_it_is(past: Past, tmp_path: Path) -> None:
    code, document = status(tmp_path, past, past.began + 600)
    assert told(document) == {"Burn": ("firing", "page")}
    (alert,) = document["alerts"]
    assert (alert["service"], alert["source"], alert["labels"]["dc"]) == ("checkout", "prom", "eu1")
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(past.began))
    assert alert["since"] == since
    assert (code, services(document)) == (Exit.PAGE, {"checkout": "page", "search": "ok"})
    assert {source["name"]: source["state"] for source in document["sources"]} == {"prom": "live", "am": "live"}
    assert not {"alerts", "silences"} & document["missing"].keys()


def test_before_it_fired_nothing_did_and_what_had_ended_is_over(past: Past, tmp_path: Path) -> None:
    assert told(status(tmp_path, past, past.began - 900)[1]) == {"Slow": ("firing", "warn")}
    code, document = status(tmp_path, past, past.began - 300)
    assert (code, told(document)) == (Exit.OK, {})
    assert told(status(tmp_path, past, past.began + 20)[1]) == {"Burn": ("pending", "page")}


def test_who_was_silenced_then_follows_from_what_the_alertmanager_remembers(past: Past, tmp_path: Path) -> None:
    code, document = status(tmp_path, past, past.quiet)
    assert told(document) == {"Burn": ("silenced", "page"), "Slow": ("pending", "warn")}
    assert next(alert for alert in document["alerts"] if alert["name"] == "Burn")["silenced_by"] == [past.ident]
    (silence,) = document["silences"]
    assert (silence["id"], silence["state"], silence["mutes_now"]) == (past.ident, "active", 1)
    assert code == Exit.OK
    later = status(tmp_path, past, time.time() - 0.1)[1]
    assert told(later)["Burn"] == ("firing", "page"), "it was expired since"


def test_what_nobody_remembers_is_said(past: Past, tmp_path: Path) -> None:
    code, document = status(tmp_path, past, past.began - 6 * 86_400)
    assert (code, document["alerts"], document["silences"]) == (Exit.UNKNOWN, [], [])
    assert "has no samples of that moment" in document["missing"]["alerts"]
    assert "forgets a silence 120h after its end" in document["missing"]["silences"]
    code, document = status(tmp_path, past, past.quiet, am=None)
    assert told(document)["Burn"] == ("firing", "page")
    assert "add an alertmanager source" in document["missing"]["silences"]
    dead = f"http://127.0.0.1:{free_port()}"
    code, document = status(tmp_path, past, past.quiet, am=dead)
    assert code == Exit.PAGE
    assert told(document)["Burn"] == ("firing", "page")
    assert "nothing listens" in document["missing"]["silences"]
