"""A second start against a real Prometheus: what it asks for, what it shows before it was answered, what it keeps.

Samples are what the server says it touched (`stats=all`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.domain.status import Status
from sreconsole.engine.kept import unpack
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.sources.base import BucketAnswer, Grid
from sreconsole.sources.batches import Batch
from tests.engine.estate import NOW, Engine, availability, reports
from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

pytestmark = pytest.mark.xdist_group("warm-start")

MONTH = 30
SERVICES = ("a", "b", "c", "young")
SLOS = [availability(name) for name in SERVICES]


def _history() -> list[Series]:
    series = []
    for service in (*SERVICES, "unasked"):
        days = 0.2 if service == "young" else MONTH + 1
        for code, rate in (("200", 10.0), ("500", 0.004)):
            series.append(counter("http_requests_total", {"service": service, "code": code}, every=60, rate=rate,
                                  start=NOW - days * 86_400 + 7, end=NOW + 7200))  # fmt: skip
    return series


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("warm-start")
    backfill(data, openmetrics(_history()))
    with PrometheusServer(data) as running:
        yield running


@pytest.fixture
def proxy(server: PrometheusServer) -> Iterator[RecordingProxy]:
    with RecordingProxy(server.url, stats=True) as running:
        yield running


@dataclass
class Run:
    """One start, until nothing is left to fetch."""

    samples: int
    engine: Engine

    def known(self, service: str) -> float:
        return reports(self.engine.console.snapshot)[SloKey(service, "availability")].known_seconds or 0.0

    def coverage(self, service: str, name: str = "availability") -> float | None:
        return reports(self.engine.console.snapshot)[SloKey(service, name)].coverage.value


async def _run(
    proxy: RecordingProxy,
    cache: Path,
    *,
    at: float = 0.0,
    trends: bool = True,
    slos: list[Slo] = SLOS,
    fleets: tuple[Fleet, ...] = (),
) -> Run:
    """Start `at` seconds after the first start, end when everything was fetched."""
    proxy.clear()
    engine = Engine(proxy.url, slos, fleets, trends=trends, cache=cache, now=NOW + at)
    await engine.once()
    await engine.close()
    return Run(proxy.samples, engine)


@pytest.mark.parametrize("first", [True, False], ids=["console", "one-shot"])
@pytest.mark.parametrize("second", [True, False], ids=["console", "one-shot"])
async def test_a_second_start_touches_a_twentieth_of_the_samples(
    proxy: RecordingProxy, tmp_path: Path, first: bool, second: bool
) -> None:
    cold = await _run(proxy, tmp_path / "ledger.db", trends=first)
    warm = await _run(proxy, tmp_path / "ledger.db", at=290, trends=second)
    if first or not second:
        assert 0 < warm.samples * 20 <= cold.samples, (warm.samples, cold.samples)
    else:  # a console wants the fine buckets that a one-shot did not fetch
        assert 0 < warm.samples <= cold.samples / 2, (warm.samples, cold.samples)
    assert warm.coverage("a") == pytest.approx(1.0, abs=0.001)
    assert warm.known("young") - cold.known("young") == pytest.approx(290, abs=3600), "within the hour of its birth"


@pytest.mark.parametrize("trends", [True, False], ids=["console", "one-shot"])
async def test_what_is_kept_is_shown_before_any_answer_and_turns_stale_with_age(
    proxy: RecordingProxy, tmp_path: Path, trends: bool
) -> None:
    first = await _run(proxy, tmp_path / "ledger.db", trends=trends)
    before = reports(first.engine.console.snapshot)[SloKey("a", "availability")]
    proxy.take_down(True)
    for at, status in ((60, before.status), (3600, Status.STALE)):
        down = await _run(proxy, tmp_path / "ledger.db", at=at, trends=trends)
        assert down.engine.console.snapshot.sources[0].state == "down"
        after = reports(down.engine.console.snapshot)[SloKey("a", "availability")]
        assert after.status is status
        assert after.remaining.value == pytest.approx(before.remaining.value or 0, rel=0.01)
        assert after.coverage.value == pytest.approx(1.0, abs=0.01)
    assert after.reasons[0].endswith(f"it was {before.status.value} at 2026-09-21T14:{'30:00' if trends else '30:34'}Z")
    proxy.take_down(False)


async def test_a_new_slo_fetches_its_own_history_only(proxy: RecordingProxy, tmp_path: Path) -> None:
    cold = await _run(proxy, tmp_path / "ledger.db")
    more = await _run(proxy, tmp_path / "ledger.db", at=60, slos=[*SLOS, availability("unasked")])
    assert more.coverage("unasked") == pytest.approx(1.0, abs=0.001)
    assert more.samples < cold.samples / 2, "four others have theirs already"
    renamed = [replace(availability("a"), service="shop", name="new name")]
    same = await _run(proxy, tmp_path / "ledger.db", at=120, slos=renamed)
    assert same.samples * 20 < cold.samples
    assert same.coverage("shop", "new name") == pytest.approx(1.0, abs=0.001)


def _fleet(*excepted: str) -> Fleet:
    sli = CounterSli(parse_selector("http_requests_total"), parse_selector('http_requests_total{code="500"}'))
    return Fleet("service", (replace(availability("x"), service="", name="fleet", sli=sli),), excepted)


async def test_members_of_fleets_are_known_at_once_and_new_ones_fetch_their_own(
    proxy: RecordingProxy, tmp_path: Path
) -> None:
    cold = await _run(proxy, tmp_path / "ledger.db", slos=[], fleets=(_fleet("unasked"),))
    proxy.take_down(True)
    down = await _run(proxy, tmp_path / "ledger.db", at=60, slos=[], fleets=(_fleet("unasked"),))
    assert [service.name for service in down.engine.console.snapshot.services] == list(SERVICES)
    assert down.coverage("a", "fleet") == pytest.approx(1.0, abs=0.01)
    proxy.take_down(False)
    more = await _run(proxy, tmp_path / "ledger.db", at=120, slos=[], fleets=(_fleet(),))
    assert more.coverage("unasked", "fleet") == pytest.approx(1.0, abs=0.001)
    assert more.samples < cold.samples / 2
    again = await _run(proxy, tmp_path / "ledger.db", at=180, slos=[], fleets=(_fleet(),))
    assert again.samples * 20 < cold.samples
    assert again.coverage("unasked", "fleet") == pytest.approx(1.0, abs=0.001)


async def test_the_names_of_a_fleet_come_before_its_buckets(proxy: RecordingProxy, tmp_path: Path) -> None:
    await _run(proxy, tmp_path / "ledger.db", slos=[], fleets=(_fleet("unasked"),))
    engine = Engine(proxy.url, [], (_fleet("unasked"),), trends=True, cache=tmp_path / "ledger.db", now=NOW + 60)
    named: list[tuple[list[str], bool]] = []
    engine.feed.on_names = lambda: named.append(
        ([slo.service for slo in engine.feed.slos()], any(slo.key in engine.book for slo in engine.feed.slos()))
    )
    proxy.take_down(True)
    await engine.once()
    await engine.close()
    proxy.take_down(False)
    assert named == [(list(SERVICES), False)]


async def test_a_cache_that_went_costs_only_time(proxy: RecordingProxy, tmp_path: Path) -> None:
    cold = await _run(proxy, tmp_path / "cache" / "ledger.db")
    shutil.rmtree(tmp_path / "cache")
    again = await _run(proxy, tmp_path / "cache" / "ledger.db", at=60)
    assert again.samples == pytest.approx(cold.samples, rel=0.05)
    assert again.coverage("a") == pytest.approx(1.0, abs=0.001)


async def test_what_the_server_gave_in_part_is_never_kept(proxy: RecordingProxy, tmp_path: Path) -> None:
    engine = Engine(proxy.url, SLOS, cache=tmp_path / "ledger.db")
    whole = engine.client.buckets

    async def in_part(batch: Batch, grid: Grid, *args: Any, **options: Any) -> BucketAnswer:
        answer = await whole(batch, grid, *args, **options)
        answer.warnings = ("a store did not answer",)
        return answer

    engine.client.buckets = in_part  # type: ignore[method-assign]
    await engine.once()
    while await engine.feed.fill():
        pass
    await engine.close()
    file = LedgerFile.open(tmp_path / "ledger.db")
    names = list(engine.feed.keeping._names.values())
    assert names
    assert file.load(names, dict.fromkeys((60, 300, 3600), 0)) == []
    newest = [unpack(file.fact(name + b"newest") or b"") for name in names]
    assert all(found is None or not found.buckets for found in newest)
    file.close()


async def test_only_final_buckets_are_kept_as_such(proxy: RecordingProxy, tmp_path: Path) -> None:
    run = await _run(proxy, tmp_path / "ledger.db")
    file = LedgerFile.open(tmp_path / "ledger.db")
    name = run.engine.feed.keeping._names[SloKey("a", "availability")]
    for held in file.load([name], dict.fromkeys((60, 300, 3600), 0)):
        known = [n for n, total in enumerate(held.total) if total == total]
        assert held.start + (known[-1] + 1) * held.width <= NOW - 3 * held.width
    file.close()


async def test_empty_buckets_are_asked_again_hourly_for_a_day(proxy: RecordingProxy, tmp_path: Path) -> None:
    late = [availability("a"), availability("later")]  # nothing of the second is there yet
    await _run(proxy, tmp_path / "ledger.db", slos=late)

    async def asked(at: float) -> list[float]:
        """How far back was asked for the one that has nothing, by requests that are for it alone."""
        await _run(proxy, tmp_path / "ledger.db", at=at, slos=late)
        forms = [one.form for one in proxy.seen if "later" in one.form.get("query", "")]
        return [NOW + at - float(form["start"]) for form in forms if "step" in form and float(form["step"]) == 3600]

    assert await asked(600) == []
    again = await asked(4200)
    assert 86_400 - 2 * 3600 <= max(again) <= 86_400 + 2 * 3600
