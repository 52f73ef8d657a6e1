"""The clock stands at a moment of the past: what is kept is taken from the ledger, the rest is asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.engine.changes import Changes, status_scope
from sreconsole.engine.pace import Pace
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from tests.engine.estate import NOW, Engine, availability, counters, reports, truth
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

pytestmark = pytest.mark.xdist_group("standing")

KEY = SloKey("a", "availability")
LATER = 5 * 3600.0
"""Seconds for which a console went on after the moment that is looked at."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("standing")
    backfill(data, openmetrics(counters("a", every=30, days=2, until=NOW + LATER)))
    with PrometheusServer(data) as running:
        yield running


@pytest.fixture
def proxy(server: PrometheusServer) -> Iterator[RecordingProxy]:
    with RecordingProxy(server.url) as running:
        yield running


async def _seen(url: str, cache: Path, now: float, *, still: bool) -> Engine:
    engine = Engine(url, [availability("a")], cache=cache, now=now, still=still)
    await engine.once()
    await engine.close()
    return engine


async def test_what_the_ledger_holds_costs_the_server_nothing(proxy: RecordingProxy, tmp_path: Path) -> None:
    for after in (-LATER, 0.0, LATER):  # a console that ran all the time
        await _seen(proxy.url, tmp_path / "ledger.db", NOW + after, still=False)
    kept = (tmp_path / "ledger.db").read_bytes()
    asked = len(proxy.seen)
    proxy.take_down(True)
    engine = await _seen(proxy.url, tmp_path / "ledger.db", NOW, still=True)
    found = reports(engine.console.snapshot)[KEY]
    assert found.status is Status.PAGE
    for name, window, rel in (("5m", 300, 0.02), ("1h", 3600, 0.03), ("1d", 86_400, 0.01)):
        assert found.error_ratio[name].value == pytest.approx(truth(window), rel=rel)
    assert found.coverage.value == pytest.approx(2 / 30, rel=0.03), "nothing later than the moment is in it"
    assert len(proxy.seen) == asked
    assert (tmp_path / "ledger.db").read_bytes() == kept, "a look into the past writes nothing"


async def test_without_a_ledger_the_server_is_asked_for_that_moment_and_then_never_again(
    proxy: RecordingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(proxy.url, [availability("a")], cache=None, still=True)
    poller = engine.console.groups.metrics.pollers["prom"]
    monkeypatch.setattr(Pace, "wait", lambda _self, _interval: 0.01)
    async with asyncio.timeout(30):
        await poller.run()
    asked = len(proxy.seen)
    assert asked > 0
    engine.console.refresh()
    snapshot = await engine.console.snapshots.make()
    assert reports(snapshot)[KEY].error_ratio["1h"].value == pytest.approx(truth(3600), rel=0.03)
    assert len(proxy.seen) == asked
    await engine.close()


async def test_changes_are_those_of_the_day_before_that_moment_and_none_is_recorded(tmp_path: Path) -> None:
    engine = Engine("http://127.0.0.1:1", [availability("a")], still=True)
    config = engine.console.config
    scope = status_scope(config, availability("a"))

    def opened() -> Store:
        return Store.open(tmp_path / "history.db", LAYOUT)

    store = opened()
    for at, status in ((NOW - 90_000, Status.OK), (NOW - 60, Status.PAGE), (NOW + 60, Status.OK)):
        ChangeLog(store).record_change(scope, StatusChange(KEY, None, status, at, ""))
    store.close()
    changes = Changes(opened, lambda: NOW, writes=False)
    snapshot = await engine.console.snapshots.make()
    changes.take(snapshot, config, engine.console.feeds)
    await changes.flush()
    assert [(change.after, change.at) for change in changes.recent] == [(Status.PAGE, NOW - 60)]
    await changes.aclose()
    store = opened()
    assert len(ChangeLog(store).changes(0)) == 3
    store.close()
    await engine.close()
