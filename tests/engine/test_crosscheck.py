"""The hourly comparison of a folded window with the server's own answer: silent where they agree, heard where not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.slo import SloKey
from sreconsole.engine.crosscheck import EVERY, difference
from sreconsole.ledger.book import FIVE, HOUR
from tests.engine.estate import NOW, Engine, availability, counters, reports
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

SLOS = [availability("a"), availability("b")]
A, B = SloKey("a", "availability"), SloKey("b", "availability")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("crosscheck")
    backfill(data, openmetrics([*counters("a", every=15, days=2), *counters("b", every=60, days=2)]))
    with PrometheusServer(data) as running:
        yield running


async def filled(url: str) -> Engine:
    """An engine whose ledger is full and that will soon compare."""
    engine = Engine(url, SLOS)
    await engine.once()
    await engine.feed.crosscheck.step(NOW, engine.feed.slos(), engine.feed.horizon)
    return engine


async def turns(engine: Engine, number: int, since: float = NOW) -> None:
    """So many hours of comparing, without the data moving on."""
    for hour in range(number):
        now = since + (hour + 1) * (EVERY + 1)
        await engine.feed.crosscheck.step(now, engine.feed.slos(), engine.feed.horizon)


async def test_what_agrees_is_not_spoken_of(server: PrometheusServer) -> None:
    engine = await filled(server.url)
    await turns(engine, 6)
    assert not engine.feed.crosscheck.remarks
    assert engine.feed.notes() == ()
    await engine.close()


async def test_a_difference_is_said_beside_the_slo_and_at_the_source_until_it_is_gone(server: PrometheusServer) -> None:
    engine = await filled(server.url)
    ring = engine.book.entry(A).rings[FIVE]
    start = int(NOW // HOUR) * HOUR - 3 * HOUR
    bad, total, _ = ring.columns(start, 12, 1)
    engine.book.put(A, FIVE, start, [count * 3 for count in bad], total)
    await turns(engine, 1)
    remark = engine.feed.remarks[A][0]
    assert remark.startswith("6h in the ledger and the answer of prom differ by ")
    assert engine.feed.notes() == (f"a availability: {remark}",)
    engine.now += 61
    assert remark in reports(await engine.console.snapshots.make())[A].reasons
    engine.book.put(A, FIVE, start, bad, total)
    await turns(engine, 1, NOW + 10_000)
    assert A in engine.feed.remarks, "it was the turn of the other one"
    await turns(engine, 1, NOW + 20_000)
    assert not engine.feed.remarks
    await engine.close()


async def test_a_server_in_trouble_is_not_a_difference(server: PrometheusServer) -> None:
    with RecordingProxy(server.url) as proxy:
        engine = await filled(proxy.url)
        engine.book.put(A, FIVE, int(NOW // HOUR) * HOUR - HOUR, [1e6], [1e6])
        proxy.take_down(True)
        await turns(engine, 3)
        assert not engine.feed.remarks
        proxy.take_down(False)
        await turns(engine, 2, NOW + 20_000)
        assert A in engine.feed.remarks
        await engine.close()


@pytest.mark.parametrize(
    ("ours", "theirs", "apart"),
    [
        (Reading(500, 10_000, 1), Reading(500, 10_000, 1), 0.0),
        (Reading(550, 10_000, 1), Reading(500, 10_000, 1), 50 / 550),
        (Reading(500, 12_500, 1), Reading(500, 10_000, 1), 0.2),
        (Reading(0, 10_000, 1), Reading(500, 10_000, 1), 1.0),
        (Reading(50, 10_000, 1), Reading(99, 10_000, 1), 0.0),
        (Reading(101, 10_000, 1), Reading(99, 10_000, 1), 0.0),
        (Reading(9, 50, 1), Reading(1, 90, 1), None),
        (Missing("no data"), Reading(500, 10_000, 1), None),
        (Reading(500, 10_000, 1), Missing("no data"), None),
    ],
)
def test_only_what_is_telling_is_compared(ours: WindowReading, theirs: WindowReading, apart: float | None) -> None:
    assert difference(ours, theirs) == (None if apart is None else pytest.approx(apart))
