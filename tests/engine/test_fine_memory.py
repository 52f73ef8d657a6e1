"""Fine buckets around status changes, against a real Prometheus: an incident looked at when the server forgot it.

A console runs through an incident. Later the server at that address knows nothing of that time, and the cache is gone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Fleet, SloKey
from sreconsole.domain.status import Status
from sreconsole.domain.vicinity import DAY
from sreconsole.engine.changes import Changes
from sreconsole.engine.fine_memory import FineMemory
from sreconsole.ledger.fine import Chunk, known
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import FINE, LAYOUT
from tests.engine.estate import Engine, availability, reports
from tests.plain.commands import run
from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill

THEN = 1_790_001_000 // 3600 * 3600 + 1200
"""A moment of the incident, which began a quarter of an hour before."""
SHORT = ("5m", "30m", "1h", "2h", "6h", "1d")
SLOS = [availability("a"), availability("calm")]
FLEET = Fleet(
    "team",
    (replace(availability("x"), service="", name="fleet", sli=CounterSli(
        parse_selector("jobs_total"), parse_selector('jobs_total{code="500"}'))),),
)  # fmt: skip
CONFIG = """\
version: 1
sources: {{prom: {{kind: prometheus, url: "{url}"}}}}
services:
  a:
    slos:
      availability:
        objective: 99.9
        sli: {{total: 'http_requests_total{{service="a"}}', bad: 'http_requests_total{{service="a",code=~"5.."}}'}}
  calm:
    slos:
      availability:
        objective: 99.9
        sli: {{total: 'http_requests_total{{service="calm"}}', bad: 'http_requests_total{{service="calm",code="500"}}'}}
"""


def _burst(at: float) -> float:
    return 2.0 if THEN - 900 <= at < THEN + 1800 else 0.001


def _series() -> list[Series]:
    found = []
    for metric, label, name, errors in (
        ("http_requests_total", "service", "a", _burst),
        ("http_requests_total", "service", "calm", 0.001),
        ("jobs_total", "team", "blue", _burst),
    ):
        for code, rate in (("200", 10.0), ("500", errors)):
            labels = {label: name, "code": code}
            found.append(
                counter(metric, labels, start=THEN - 4 * DAY + 3, end=THEN + 2 * DAY, every=30, rate=rate)
            )  # fmt: skip
    return found


@asynccontextmanager
async def watching(url: str, cache: Path, history: Path, at: float) -> AsyncIterator[tuple[Engine, FineMemory]]:
    """A console that has asked everything there is at a moment."""
    engine = Engine(url, SLOS, (FLEET,), cache=cache, now=at)
    engine.console.record(Changes(lambda: Store.open(history, LAYOUT), lambda: engine.now))
    fine = FineMemory(lambda: Store.open(history, LAYOUT), lambda: engine.now)
    fine.estate = lambda: (engine.console.config, engine.console.feeds)
    await engine.once()
    yield engine, fine
    await fine.aclose()
    await engine.close()


def rows(history: Path) -> tuple[int, int]:
    """Rows of fine buckets, and the known buckets in them."""
    store = Store.open(history, LAYOUT)
    try:
        found = store.read(lambda connection: connection.execute(f"SELECT {FINE} FROM fine").fetchall())
        return len(found), sum(known(Chunk._make(row)) for row in found)
    finally:
        store.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fine")
    backfill(folder, openmetrics(_series()))
    return folder


def status(home: Path, url: str) -> dict[str, Any]:
    (home / "config.yaml").write_text(CONFIG.format(url=url))
    state = {"XDG_STATE_HOME": str(home / "state"), "XDG_CACHE_HOME": str(home / "cache")}
    done = run(home, "status", "--config", home / "config.yaml", "--format", "json", "--at", f"@{THEN}", env=state)
    found: dict[str, Any] = json.loads(done.out)
    return found


def slo(document: dict[str, Any], name: str) -> dict[str, Any]:
    (service,) = (one for one in document["services"] if one["name"] == name)
    (found,) = service["slos"]
    return dict(found)


async def test_an_incident_is_as_it_was_when_nobody_else_knows_it_any_more(data: Path, tmp_path: Path) -> None:
    history, cache = tmp_path / "state" / "sreconsole" / "history.db", tmp_path / "ledger.db"
    with PrometheusServer(data) as server:
        port, url = server.port, server.url
        (tmp_path / "elsewhere").mkdir()
        truth = slo(status(tmp_path / "elsewhere", url), "a")
        for at in (THEN - 1800, THEN, THEN + 5 * 3600, THEN + 30 * 3600):
            async with watching(url, cache, history, at) as (engine, fine):
                await fine.flush()
                assert fine.notices() == []
                if at == THEN:
                    then = reports(engine.console.snapshot)
    assert {key for key, report in then.items() if report.status is Status.PAGE} == {
        SloKey("a", "availability"),
        SloKey("blue", "fleet"),
    }
    with PrometheusServer(tmp_path / "empty", port=port) as forgetful:
        assert forgetful.url == url
        told = status(tmp_path, url)
        now = slo(told, "a")
        assert (told["status"], now["status"], truth["status"]) == ("page", "page", "page")
        short = [pair for pair in now["firing"] if pair["long"] != "3d"]  # three days are known in part only
        assert short == truth["firing"] != []
        for window in SHORT:
            assert now["error_ratio"][window] == pytest.approx(truth["error_ratio"][window], rel=1e-6), window
        calm = slo(told, "calm")
        assert calm["status"] in ("unknown", "stale")
        assert set(calm["error_ratio"].values()) == {None}
        for trends in (True, False):
            engine = Engine(url, SLOS, (FLEET,), trends=trends, now=THEN, still=True, history=history)
            found = reports(await engine.once())
            for key in (SloKey("a", "availability"), SloKey("blue", "fleet")):
                assert found[key].status is Status.PAGE
                for window in SHORT:
                    was = then[key].error_ratio[window].value
                    assert found[key].error_ratio[window].value == pytest.approx(was, rel=1e-6), (key, window)
                assert found[key].trend == then[key].trend
            await engine.close()


async def test_several_consoles_write_a_bucket_once_and_a_later_one_what_is_new(data: Path, tmp_path: Path) -> None:
    history, cache = tmp_path / "history.db", tmp_path / "ledger.db"
    with PrometheusServer(data) as server:
        async with watching(server.url, cache, history, THEN - 1800) as (_, fine):
            await fine.flush()
        assert rows(history) == (0, 0), "that all is well when first seen is no change"
        async with (
            watching(server.url, cache, history, THEN) as (_, one),
            watching(server.url, cache, history, THEN) as (_, two),
        ):
            await one.flush()
            written = rows(history)
            assert written[0] > 0
            await two.flush()
            await one.flush()
            assert rows(history) == written
        async with watching(server.url, cache, history, THEN + 5 * 3600) as (_, fine):
            await fine.flush()
            assert rows(history)[1] > written[1] + 2 * 4 * 60, "more than four hours of minutes of two SLOs"


async def test_what_did_not_change_is_not_kept(data: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.db"
    with PrometheusServer(data) as server:
        async with watching(server.url, tmp_path / "ledger.db", history, THEN) as (engine, fine):
            measures = dict(engine.feed.keeping._measures)
            await fine.flush()
    store = Store.open(history, LAYOUT)
    kept = {row[0] for row in store.read(lambda connection: connection.execute("SELECT identity FROM fine").fetchall())}
    store.close()
    assert kept == {measures[SloKey("a", "availability")], measures[SloKey("blue", "fleet")]}
