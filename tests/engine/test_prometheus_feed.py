"""The engine against a real Prometheus with backfilled history: numbers, requests, and what one bad query may break."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.period import Calendar, Rolling
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, RatioSli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.domain.status import Status
from tests.engine.estate import MONTH, NOW, Engine, availability, counters, reports, slo, truth
from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

pytestmark = pytest.mark.xdist_group("prometheus-feed")

MIXED = "mixed"
DAY = Rolling(86_400)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("prometheus-feed")
    backfill(data, openmetrics(_history()))
    with PrometheusServer(data) as running:
        yield running


def _history() -> list[Series]:
    series = []
    for service, every in (("a", 15.0), ("b", 30.0), ("c", 60.0)):
        series += counters(service, every=every)
    series += counters("gone", every=15, until=NOW - 3600)
    series += counters("newborn", every=15, days=0.1)
    for code, rate in (("200", 10.0), ("500", 0.05)):  # after NOW: a service that is deployed while the console runs
        series.append(counter("http_requests_total", {"service": "late", "code": code}, start=NOW + 60, end=NOW + 900,
                              every=15, rate=rate))  # fmt: skip
    for code, rate in (("200", 10.0), ("500", 0.05)):  # scraped four times less often from NOW on
        slower = {"service": "slower", "code": code}
        often = counter("http_requests_total", slower, start=NOW - 86_400, end=NOW, every=15, rate=rate)
        series.append(Series(often.name, slower, [
            *often.samples, *((NOW + k * 60, often.samples[-1][1] + k * 60 * rate) for k in range(1, 30))
        ]))  # fmt: skip
    at = {"service": MIXED}
    begin = NOW - 4 * 86_400 + 2
    for code, rate in (("200", 10.0), ("500", 0.05)):
        for pod, every in (("x", 15.0), ("y", 60.0)):
            series.append(counter("http_requests_total", {**at, "code": code, "pod": pod}, start=begin, end=NOW,
                                  every=every, rate=rate))  # fmt: skip
    for bound, rate in (("0.1", 5.0), ("0.3", 9.0), ("1", 9.9), ("+Inf", 10.0)):
        series.append(
            counter("latency_bucket", {"service": "a", "le": bound}, start=begin, end=NOW, every=15, rate=rate)
        )
    series.append(counter("latency_count", {"service": "a"}, start=begin, end=NOW, every=15, rate=10.0))
    series.append(Series("probe_success", {"service": "a"}, [
        (begin + k * 15, 0.0 if k % 100 == 0 else 1.0) for k in range(int(4 * 86_400 / 15))
    ]))  # fmt: skip
    series.append(Series("nan_total", {"service": "a"}, [(NOW - 75_000 + k * 15, math.nan) for k in range(5000)]))
    midnight = datetime(2026, 9, 21, tzinfo=ZoneInfo("Asia/Kolkata")).timestamp()  # half past an hour of UTC
    edge = {"service": "edge"}
    series.append(counter("http_requests_total", {**edge, "code": "200"}, start=begin, end=NOW, every=15, rate=10.0))
    series.append(counter("http_requests_total", {**edge, "code": "500"}, start=begin, end=NOW, every=15,
                          rate=lambda at: float(midnight - 1700 < at < midnight - 60)))  # fmt: skip
    days = (86_400, 259_200)
    before = {"service": "before"}  # errors that ended six minutes before the last day and the last three days began
    series.append(counter("http_requests_total", {**before, "code": "200"}, start=begin, end=NOW, every=15, rate=10.0))
    series.append(counter("http_requests_total", {**before, "code": "500"}, start=begin, end=NOW, every=15,
                          rate=lambda at: float(any(400 < NOW - d - at < 2400 for d in days))))  # fmt: skip
    series.append(counter("idle_total", {"service": "a"}, start=begin, end=NOW, every=15, rate=0.0, first=7.0))
    return series


SELECT = parse_selector
REQUESTS = SELECT('http_requests_total{service="a"}')


def _bad(metric: str = "http_requests_total", code: str = "500") -> CounterSli:
    """Requests of service a with this code against all of them."""
    return CounterSli(SELECT(f'{metric}{{service="a"}}'), SELECT(f'{metric}{{service="a",code="{code}"}}'))


ALL = [
    availability("a"),
    availability("b"),
    availability("c"),
    availability("gone"),
    availability("newborn"),
    availability(MIXED),
    slo("a", "latency", HistogramSli(SELECT('latency{service="a"}'), Decimal("0.3")), "0.8"),
    slo("a", "one", HistogramSli(SELECT('latency{service="a"}'), Decimal("1.0")), "0.98"),
    slo("a", "bound", HistogramSli(SELECT('latency{service="a"}'), Decimal("0.25")), "0.8"),
    slo("a", "probe", GaugeSli(SELECT('probe_success{service="a"}')), "0.95"),
    slo("a", "month", _bad(),
        window=Calendar("month", "Asia/Kolkata")),
    availability("edge", Calendar("week", "Asia/Kolkata")),
    *(replace(availability(name), name="own alerts", alert_windows=(WindowPair(420, 120, 5.0, "page"),))
      for name in ("a", MIXED)),
    availability("before"),
    replace(availability("before", Rolling(3 * 86_400)), name="three days"),
    slo("a", "good", CounterSli(REQUESTS, good=SELECT('http_requests_total{service="a",code="200"}'))),
    slo("a", "nothing", _bad("never_total")),
    slo("a", "no-errors", _bad(code="599")),
    slo("a", "nan", _bad("nan_total")),
    slo("a", "idle", _bad("idle_total")),
    slo("a", "query", QuerySli('sum(rate(http_requests_total{code="500",service="a"}[{{window}}]))',
                               'sum(rate(http_requests_total{service="a"}[{{.window}}]))')),
    slo("a", "count", QuerySli('sum(increase(http_requests_total{code="500",service="a"}[{{window}}]))',
                               'sum(increase(http_requests_total{service="a"}[{{.window}}]))', "count")),
    slo("a", "ratio", RatioSli('sum(rate(http_requests_total{code="500",service="a"}[{{window}}])) / '
                               'sum(rate(http_requests_total{service="a"}[{{window}}]))')),
    slo("a", "ratios", RatioSli('sum by (code) (rate(http_requests_total{service="a"}[{{window}}])) / 100')),
    slo("a", "summed", QuerySli('sum by (pod) (rate(http_requests_total{code="500",service="mixed"}[{{window}}]))',
                                'sum by (pod, code) (rate(http_requests_total{service="mixed"}[{{window}}]))')),
    slo("a", "broken", QuerySli('sum(rate(http_requests_total{code="500"}[{{window}}])', 'sum(rate(x[{{window}}]))')),
]  # fmt: skip
WINDOWS = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21_600, "1d": 86_400, "3d": 259_200}


@pytest.fixture(params=[False, True], ids=["one-shot", "console"])
async def engine(request: pytest.FixtureRequest, server: PrometheusServer) -> Engine:
    made = Engine(server.url, ALL, trends=request.param)
    await made.once()
    return made


async def test_windows_of_own_alerts_are_asked_where_no_buckets_tell(engine: Engine) -> None:
    pair = next(p for p in reports(engine.console.snapshot)[SloKey("a", "own alerts")].pairs if p.pair.short == 120)
    assert (pair.long_burn.value, pair.short_burn.value) == pytest.approx((1000 / 11, 1000 / 11), rel=0.05)
    mixed = next(p for p in reports(engine.console.snapshot)[SloKey(MIXED, "own alerts")].pairs if p.pair.short == 120)
    assert mixed.short_burn.value == pytest.approx(50 / 10.05, rel=0.05)
    await engine.close()


async def test_errors_before_a_window_are_not_smeared_into_it(engine: Engine) -> None:
    found = reports(engine.console.snapshot)
    report = found[SloKey("before", "availability")]
    within = 2000 / (2000 + 10 * 259_200)  # of the three days, only the errors before the last of them
    assert report.error_ratio["1d"].value == pytest.approx(0, abs=1e-6)
    assert report.error_ratio["3d"].value == pytest.approx(within, rel=0.02)
    assert found[SloKey("before", "three days")].error_ratio["window"].value == pytest.approx(within, rel=0.02)
    await engine.close()


async def test_every_kind_agrees_with_the_truth(engine: Engine) -> None:
    found = reports(engine.console.snapshot)
    for service in "abc":
        report = found[SloKey(service, "availability")]
        for name, seconds in WINDOWS.items():
            assert report.error_ratio[name].value == pytest.approx(truth(seconds), rel=0.035), (service, name)
        assert report.status is Status.PAGE
    for name in ("good", "query", "count", "ratio"):
        report = found[SloKey("a", name)]
        for window, seconds in WINDOWS.items():
            assert report.error_ratio[window].value == pytest.approx(truth(seconds), rel=0.035), (name, window)
    assert found[SloKey("a", "latency")].error_ratio["1h"].value == pytest.approx(0.1, rel=1e-3)
    assert found[SloKey("a", "one")].error_ratio["1h"].value == pytest.approx(0.01, rel=1e-3)
    assert found[SloKey("a", "probe")].error_ratio["1d"].value == pytest.approx(0.01, rel=0.05)
    await engine.close()


async def test_what_is_not_known_says_why(engine: Engine) -> None:
    found = reports(engine.console.snapshot)
    month = found[SloKey("a", "availability")]
    assert month.coverage.value == pytest.approx(4 / 30, rel=0.01), "history shorter than the window"
    assert month.remaining_full_window.value is not None
    assert month.remaining.value is not None
    assert month.remaining.value < month.remaining_full_window.value
    young = found[SloKey("newborn", "availability")].known_seconds
    assert young == pytest.approx(0.1 * 86_400, abs=360), "not the whole of the windows the server was asked for"
    assert found[SloKey("a", "nothing")].status is Status.UNKNOWN
    assert found[SloKey("a", "nothing")].reasons == ('no series matches never_total{service="a"} within 1h',)
    assert found[SloKey("a", "nan")].status is Status.UNKNOWN
    assert found[SloKey("a", "nan")].reasons == ("the total is not a number",)
    assert found[SloKey("a", "no-errors")].error_ratio["1d"].value == 0.0
    assert found[SloKey("a", "idle")].status is Status.OK
    assert found[SloKey("a", "idle")].reasons == ("no traffic",)
    assert found[SloKey("a", "bound")].reasons[0] == 'no bucket le="0.25": the nearest are 0.1 and 0.3'
    assert found[SloKey("a", "bound")].status is Status.UNKNOWN
    assert found[SloKey("a", "ratios")].status is Status.UNKNOWN
    assert found[SloKey("a", "ratios")].reasons == ("the ratio query gives several series: aggregate it to one",)
    for window in WINDOWS:
        assert found[SloKey("a", "summed")].error_ratio[window].value == pytest.approx(0.05 / 10.05, rel=0.02), window
    assert found[SloKey("a", "ratio")].weighting == "time-weighted"
    assert found[SloKey("a", "ratio")].events_left.reason == "time-weighted"
    await engine.close()


async def test_a_calendar_window_begins_at_local_midnight_within_an_hour(engine: Engine) -> None:
    """The errors of the half hour before midnight share an hour of UTC with the first half hour of the week."""
    report = reports(engine.console.snapshot)[SloKey("edge", "availability")]
    assert report.error_ratio["window"].value == pytest.approx(0.0, abs=1e-6)
    assert report.error_ratio["1d"].value == pytest.approx(1640 / 864_000, rel=0.03), "the errors are there"
    assert report.coverage.value == pytest.approx(1.0, abs=0.01)
    await engine.close()


async def test_a_query_the_server_refuses_leaves_its_neighbours_live(engine: Engine) -> None:
    found = reports(engine.console.snapshot)
    broken = found[SloKey("a", "broken")]
    assert broken.status is Status.UNKNOWN
    assert "parse error" in broken.reasons[0]
    assert found[SloKey("a", "query")].status is Status.PAGE
    assert engine.console.snapshot.sources[0].state == "live"
    await engine.close()


async def test_a_target_that_went_is_stale_and_says_what_it_was(server: PrometheusServer) -> None:
    engine = Engine(server.url, ALL, trends=True)
    await engine.once()
    gone = reports(engine.console.snapshot)[SloKey("gone", "availability")]
    assert gone.status is Status.STALE
    assert "no new data for" in gone.reasons[0]
    assert "it was" in gone.reasons[0]
    await engine.close()


async def test_intervals_are_found_and_mixed_ones_are_asked_from_the_server(server: PrometheusServer) -> None:
    engine = Engine(server.url, ALL, trends=True)
    await engine.once()
    intervals = engine.client.intervals
    assert [intervals[SloKey(name, "availability")] for name in "abc"] == [15.0, 30.0, 60.0]
    assert intervals[SloKey(MIXED, "availability")] is None
    mixed = reports(engine.console.snapshot)[SloKey(MIXED, "availability")]
    for window in WINDOWS:
        assert mixed.error_ratio[window].value == pytest.approx(0.05 / 10.05, rel=0.01), window
    await engine.close()


async def test_at_an_earlier_moment_everything_is_as_it_was_then(server: PrometheusServer) -> None:
    engine = Engine(server.url, [availability("a")], trends=False)
    engine.now = NOW - 86_400
    await engine.once()
    report = reports(engine.console.snapshot)[SloKey("a", "availability")]
    for window in WINDOWS:
        assert report.error_ratio[window].value == pytest.approx(0.05 / 10.05, rel=0.01), window
    assert report.status is Status.WARN
    await engine.close()


async def test_a_fleet_has_a_service_for_each_value_and_leaves_out_what_it_excludes(server: PrometheusServer) -> None:
    template = availability("")
    sli = CounterSli(SELECT("http_requests_total"), SELECT('http_requests_total{code=~"5.."}'))
    fleet = Fleet("service", (Slo("", "fleet", template.objective, MONTH, sli, "prom"),), ("new*",))
    engine = Engine(server.url, [availability("a")], [fleet], trends=True)
    snapshot = await engine.once()
    assert [service.name for service in snapshot.services] == ["a", "b", "before", "c", "edge", "gone", MIXED, "slower"]
    found = reports(snapshot)
    for service in "abc":
        report = found[SloKey(service, "fleet")]
        for name, seconds in WINDOWS.items():
            assert report.error_ratio[name].value == pytest.approx(truth(seconds), rel=0.035), (service, name)
    assert found[SloKey(MIXED, "fleet")].error_ratio["1h"].value == pytest.approx(0.05 / 10.05, rel=0.01)
    assert len(snapshot.services[0].slos) == 2, "a member named under services is merged with it"
    await engine.close()


def _fleet(**options: Any) -> Fleet:
    sli = CounterSli(SELECT("http_requests_total"), SELECT('http_requests_total{code=~"5.."}'))
    return Fleet("service", (Slo("", "fleet", Decimal("0.999"), MONTH, sli, "prom"),), **options)


async def test_a_member_that_begins_while_the_console_runs_appears_and_one_that_ended_is_gone(
    server: PrometheusServer,
) -> None:
    engine = Engine(server.url, [], [_fleet()], trends=True)
    before = await engine.once()
    assert "late" not in [service.name for service in before.services]
    assert [service.name for service in before.services if service.gone] == ["gone"]
    engine.now += 600
    after = await engine.once()
    late = reports(after)[SloKey("late", "fleet")]
    assert late.error_ratio["5m"].value == pytest.approx(0.05 / 10.05, rel=0.01)
    assert late.known_seconds == pytest.approx(540, abs=120)
    await engine.close()


async def test_members_beyond_the_limit_are_left_out_and_said(server: PrometheusServer) -> None:
    engine = Engine(server.url, [], [_fleet(limit=2)], trends=True)
    snapshot = await engine.once()
    assert len(snapshot.services) == 2
    assert snapshot.sources[0].notes[0].startswith("fleet by service: limit of 2 members reached")
    await engine.close()


async def test_a_scrape_interval_that_grows_while_the_console_runs_is_noticed(server: PrometheusServer) -> None:
    engine = Engine(server.url, [availability("slower")], trends=True)
    await engine.once()
    key = SloKey("slower", "availability")
    assert engine.client.intervals[key] == 15.0
    for _ in range(44):  # eleven minutes of refreshes, to a moment that is no edge of five minutes
        engine.now += 15
        await engine.feed.step()
    report = reports(await engine.once())[key]
    assert report.error_ratio["5m"].value == pytest.approx(0.05 / 10.05, rel=0.05), report.error_ratio["5m"]
    assert report.status is not Status.STALE
    await engine.close()


async def test_values_that_look_the_same_are_said(tmp_path: Path) -> None:
    series = []
    for name in ("pay\u200bments", "pay\u2060ments", "pay⟨U+200B⟩ments"):
        series += counters(name, every=60, days=0.05)
    backfill(tmp_path, openmetrics(series))
    with PrometheusServer(tmp_path) as server:
        engine = Engine(server.url, [], [_fleet()], trends=False)
        snapshot = await engine.once()
        await engine.close()
    assert len(snapshot.services) == 2
    assert snapshot.sources[0].notes == ("fleet by service: 1 values look like another member's name, left out",)


async def _requests_of_a_refresh(server: PrometheusServer, slos: list[Slo], fleets: list[Fleet]) -> int:
    """Requests of a warm refresh that closes a minute but no 5 m or 1 h bucket."""
    with RecordingProxy(server.url) as proxy:
        engine = Engine(proxy.url, slos, fleets, trends=True)
        engine.now = NOW - NOW % 300 + 65
        await engine.warm()
        engine.now += 60
        proxy.clear()
        await engine.feed.step()
        assert proxy.most_at_once <= 2
        await engine.close()
        return len(proxy.seen)


@pytest.mark.parametrize("most", [100, pytest.param(1000, marks=pytest.mark.prove)])
async def test_a_refresh_costs_the_same_for_many_slos_of_a_shape(tmp_path: Path, most: int) -> None:
    series = []
    for number in range(most):
        for code in ("200", "500"):
            series.append(counter("http_requests_total", {"service": f"s{number}", "code": code}, start=NOW - 2400,
                                  end=NOW + 900, every=60, rate=1.0))  # fmt: skip
    backfill(tmp_path, openmetrics(series))
    with PrometheusServer(tmp_path) as server:
        few = await _requests_of_a_refresh(server, [availability(f"s{n}", DAY) for n in range(10)], [])
        many = await _requests_of_a_refresh(server, [availability(f"s{n}", DAY) for n in range(most)], [])
        sli = CounterSli(SELECT("http_requests_total"), SELECT('http_requests_total{code=~"5.."}'))
        fleet = Fleet("service", (Slo("", "fleet", Decimal("0.999"), DAY, sli, "prom"),))
        members = await _requests_of_a_refresh(server, [], [fleet])
        assert few == many == members == 1
        shapes = [_odd_one(number) for number in range(most)]
        assert await _requests_of_a_refresh(server, shapes, []) <= 2 * most / 50


def _odd_one(number: int) -> Slo:
    """An SLO that shares its shape with no other one."""
    total = SELECT(f'http_requests_total{{service="s{number}",code!="x{number}"}}')
    bad = SELECT(f'http_requests_total{{service="s{number}",code=~"5..",code!="x{number}"}}')
    return slo(f"s{number}", "odd", CounterSli(total, bad), window=DAY)
