"""A clock here that is not the alerting system's: ages of alerts are in its time, as figures are in their server's."""

from __future__ import annotations

import json
import time
from datetime import UTC
from email.utils import formatdate

import pytest

from sreconsole.cli.wiring import Wiring
from sreconsole.config.model import AlertmanagerSource, PrometheusSource, Service
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.console import Console
from sreconsole.ledger.book import Book
from sreconsole.present.alert_section import alert_section
from tests.engine.estate import slo
from tests.engine.telling import config
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.sources.alerting import alert, at, group

HOUR = 3600.0


async def seen(url: str, ahead: float) -> Snapshot:
    """What a console sees whose clock is `ahead` of the server's."""
    made = config(sources={"am": AlertmanagerSource("am", (url,))})

    def clock() -> float:
        return time.time() + ahead

    console = Console(made, Book(), [], clock, Wiring(made, clock, {}, trends=False).alerts())
    try:
        return await console.once(10.0)
    finally:
        await console.aclose()


@pytest.mark.parametrize("ahead", [0.0, HOUR, -HOUR])
async def test_an_alert_is_as_old_as_its_own_source_says(ahead: float) -> None:
    began = at(-12 * 60 - 20)
    burn = alert({"alertname": "Burn", "severity": "page"}, fingerprint="b", startsAt=began)

    def serve(request: Request) -> Reply:
        body = [group(burn)] if "groups" in request.target else []
        return Reply(answer(200, json.dumps(body), headers={"Date": formatdate(usegmt=True)}))

    with FaultServer(serve) as server:
        snapshot = await seen(server.url, ahead)
    (state,) = snapshot.alert_sources
    assert state.ahead == pytest.approx(ahead, abs=1)
    words = "ahead of am's" if ahead > 0 else "behind am's"
    assert [words in note for note in state.notes] == ([True] if ahead else [])
    assert snapshot.alerts[0].since is not None
    assert snapshot.alerts[0].since == pytest.approx(time.time() - 740, abs=60), "what the server says is passed on"
    assert "  12m  " in next(line for line in alert_section(snapshot, UTC) if "Burn" in line)


def test_a_prometheus_is_one_clock_for_figures_and_alerts() -> None:
    good = slo("shop", "good", CounterSli(parse_selector("bad"), parse_selector("total")))
    prom = PrometheusSource("prom", "http://127.0.0.1:1")
    made = config(sources={"prom": prom}, services=(Service("shop", (good,)),))
    wiring = Wiring(made, lambda: 5000.0, {}, trends=True)
    (feed,), (alerts,) = wiring.feeds(), wiring.alerts()
    feed.source.api._heard(1400.0)  # type: ignore[attr-defined]
    assert alerts.ahead == pytest.approx(3600, abs=1)
    assert feed.notes() == alerts.notes()


async def test_a_prometheus_that_is_asked_for_alerts_only_tells_the_time_too() -> None:
    date = {"Date": formatdate(time.time() - HOUR, usegmt=True)}
    body = json.dumps({"status": "success", "data": {"alerts": [], "groups": []}})
    with FaultServer(lambda _: Reply(answer(200, body, headers=date))) as server:
        made = config(sources={"prom": PrometheusSource("prom", server.url)})
        wiring = Wiring(made, time.time, {}, trends=True)
        assert wiring.feeds() == []
        (alerts,) = wiring.alerts()
        await alerts.step()
        assert alerts.ahead == pytest.approx(HOUR, abs=2)
        await alerts.aclose()
