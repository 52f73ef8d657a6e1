"""Scraped samples into buckets, against an oracle that adds up the same story second by second and shares no code."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.period import Rolling
from sreconsole.domain.routing import Router
from sreconsole.domain.sampled import Sample
from sreconsole.domain.sampler import Sampler
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, Sli
from sreconsole.domain.slo import Fleet, Slo
from sreconsole.domain.tally import Count

T0 = 1_763_856_000  # a full hour
BAD_TOTAL = CounterSli(total=parse_selector("req"), bad=parse_selector('req{code=~"5.."}'))
GOOD_TOTAL = CounterSli(total=parse_selector("req"), good=parse_selector('req{code!~"5.."}'))


def slo(sli: Sli, service: str = "a", name: str = "s") -> Slo:
    return Slo(service, name, Decimal("0.99"), Rolling(86_400), sli, "local")


def scrape(sampler: Sampler, at: float, *pages: list[Sample] | None) -> None:
    sampler.begin(at)
    for number, page in enumerate(pages):
        if page is not None:
            sampler.take(f"target{number}", page)
    for _ in sampler.fold(len(pages), sum(page is None for page in pages)):
        pass


def req(code: str, value: float, **labels: str) -> Sample:
    return Sample("req", {"code": code, **labels}, value)


def counts(sampler: Sampler, measure: int = 0) -> dict[tuple[int, int], Count]:
    return {(count.width, count.start - T0): count for count in sampler.tallies[measure].changed()}


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[float], list[list[tuple[int, float] | None]]]:
    """Scrape times, and for each series at each scrape: code and value, or None (not there)."""
    steps = draw(st.lists(st.sampled_from([5.0, 10.0, 11.5, 21.0, 40.0, 95.0, 700.0, 4000.0]), min_size=1, max_size=14))
    times = [float(T0) + draw(st.sampled_from([0.0, 1.5, 59.0, 3599.0]))]
    for step in steps:
        times.append(times[-1] + step)
    series = []
    for code in draw(st.lists(st.sampled_from([200, 404, 500, 503]), min_size=1, max_size=4)):
        value, points = draw(st.integers(0, 1000)), []
        for _ in times:
            kind = draw(st.sampled_from(["grow", "grow", "grow", "reset", "away"]))
            value = draw(st.integers(0, 20)) if kind == "reset" else value + draw(st.integers(0, 50))
            points.append(None if kind == "away" else (code, float(value)))
        series.append(points)
    return times, series


def oracle(
    times: list[float], series: list[list[tuple[int, float] | None]], interval: float
) -> dict[tuple[int, int], list[float]]:
    """Bad and total by bucket: each increase is cut at every bucket edge by hand."""
    found: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for points in series:
        seen = [(time, *point) for time, point in zip(times, points, strict=True) if point is not None]
        for (t0, _, v0), (t1, code, v1) in pairwise(seen):
            grown = v1 - v0 if v1 >= v0 else v1
            for width in (60, 300, 3600):
                if width != 3600 and t1 - t0 > interval * 2.2:
                    continue
                edges = [
                    t0,
                    *(e for e in range(math.ceil(t0 / width) * width, math.ceil(t1), width) if t0 < e < t1),
                    t1,
                ]
                for low, high in pairwise(edges):
                    cell = found[width, int(low // width) * width - T0]
                    cell[1] += grown * (high - low) / (t1 - t0)
                    cell[0] += grown * (high - low) / (t1 - t0) * (code >= 500)
    return found


@given(stories())
def test_buckets_equal_the_increments_added_up_by_hand(
    story: tuple[list[float], list[list[tuple[int, float] | None]]],
) -> None:
    times, series = story
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
    for index, at in enumerate(times):
        page = [req(str(p[0]), p[1], pod=str(n)) for n, points in enumerate(series) if (p := points[index]) is not None]
        scrape(sampler, at, page)
    expected = oracle(times, series, 10.0)
    got = counts(sampler)
    for key in expected.keys() | got.keys():
        bad, total = expected.get(key, [0.0, 0.0])
        count = got.get(key, Count(key[0], key[1], 0.0, 0.0, 0.0))
        assert count.bad == pytest.approx(bad, abs=1e-6)
        assert count.total == pytest.approx(total, abs=1e-6)
        assert 0 <= count.seen <= key[0]
    hours = sum(count.total for (width, _), count in got.items() if width == 3600)
    assert hours == pytest.approx(sum(total for (width, _), (_, total) in expected.items() if width == 3600))


@given(stories())
def test_good_and_bad_say_the_same(story: tuple[list[float], list[list[tuple[int, float] | None]]]) -> None:
    times, series = story
    one, other = (Sampler(Router([slo(sli)]), interval=10.0) for sli in (BAD_TOTAL, GOOD_TOTAL))
    for index, at in enumerate(times):
        page = [req(str(p[0]), p[1], pod=str(n)) for n, points in enumerate(series) if (p := points[index]) is not None]
        scrape(one, at, page)
        scrape(other, at, page)
    left, right = counts(one), counts(other)
    assert left.keys() == right.keys()
    for key, count in left.items():
        assert right[key].bad == pytest.approx(count.bad, abs=1e-6)
        assert right[key].total == pytest.approx(count.total)


@given(stories(), st.integers(1, 13))
def test_a_restart_between_two_scrapes_loses_and_doubles_nothing(
    story: tuple[list[float], list[list[tuple[int, float] | None]]], cut: int
) -> None:
    times, series = story
    whole = Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
    parted = Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
    kept: dict[tuple[int, int], Count] = {}
    for index, at in enumerate(times):
        page = [req(str(p[0]), p[1], pod=str(n)) for n, points in enumerate(series) if (p := points[index]) is not None]
        if index == cut:
            marks, parted = parted.marks(), Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
            parted.restore(marks)
            parted.grow()
            parted.tallies[0].restore(kept.values(), times[index - 1])
        scrape(whole, at, page)
        scrape(parted, at, page)
        kept |= {(c.width, c.start): c for c in parted.tallies[0].changed()}
    for count in whole.tallies[0].changed():
        same = kept[count.width, count.start]
        assert (same.bad, same.total) == pytest.approx((count.bad, count.total), abs=1e-6)
        assert same.seen <= count.seen + 1e-6  # at worst less is believed than was watched


def test_the_first_sample_is_a_baseline_and_a_birth_counts_nothing() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 1_000_000)])
    scrape(sampler, T0 + 15, [req("200", 1_010), req("500", 70)])  # the first began again, the second is new
    assert counts(sampler)[60, 0][2:4] == (0.0, 1_010.0)
    scrape(sampler, T0 + 30, [req("200", 1_010), req("500", 71)])
    assert counts(sampler)[60, 0][2:4] == (1.0, 1_011.0)


def test_after_a_gap_only_hours_are_known() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 0)])
    scrape(sampler, T0 + 7200, [req("200", 720)])
    found = counts(sampler)
    assert {width for width, _ in found} == {3600}
    assert found[3600, 0].total == found[3600, 3600].total == 360
    assert found[3600, 0].whole
    assert found[3600, 0].known


def test_one_missed_scrape_is_no_gap_but_two_are() -> None:
    for late, known in ((30.5, True), (45.0, False)):
        sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
        scrape(sampler, T0, [req("200", 0)])
        scrape(sampler, T0 + late, [req("200", 30)])
        assert ((60, 0) in counts(sampler)) is known


def test_a_minute_is_known_only_when_watched_from_end_to_end() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    for tick in range(1, 10):
        scrape(sampler, T0 + 15 * tick, [req("200", tick)])
    found = counts(sampler)
    assert not found[60, 0].known  # began at :15
    assert found[60, 60].known
    assert not found[300, 0].known
    assert found[3600, 0].known  # what was counted is not lost, though the hour was not watched whole
    assert not found[3600, 0].whole


def test_time_watched_through_two_series_is_not_counted_twice() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    for tick in range(10):  # each is away every other time
        scrape(sampler, T0 + 15 * tick, [req("200", tick, pod=str(tick % 2))])
    assert counts(sampler)[3600, 0].seen == 135


def test_an_idle_hour_is_believed_only_when_whole() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 5)])
    scrape(sampler, T0 + 15, [req("200", 5)])
    assert not counts(sampler)[3600, 0].known


def test_values_that_are_no_counts_keep_the_baseline() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    for tick, value in enumerate((10.0, math.nan, math.inf, -math.inf, -3.0, 14.0)):
        scrape(sampler, T0 + 5 * tick, [req("200", value)])
        assert sampler.odd == (0 if value in (10.0, 14.0) else 1)
    assert counts(sampler)[60, 0].total == 4


def test_a_series_twice_in_one_page_counts_once() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 1), req("200", 100)])
    scrape(sampler, T0 + 15, [req("200", 3), req("200", 900)])
    assert counts(sampler)[60, 0].total == 2


def test_the_same_series_of_two_targets_are_two() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 1)], [req("200", 50)])
    scrape(sampler, T0 + 15, [req("200", 3)], [req("200", 51)])
    assert counts(sampler)[60, 0].total == 3


def test_good_a_moment_ahead_of_total_is_evened_out_by_the_next_scrape() -> None:
    sli = CounterSli(total=parse_selector("all"), good=parse_selector("fine"))
    sampler = Sampler(Router([slo(sli)]), interval=15.0)
    for at, total, good in ((0, 0, 0), (15, 10, 11), (30, 20, 20)):
        scrape(sampler, T0 + at, [Sample("all", {}, total), Sample("fine", {}, good)])
    assert counts(sampler)[60, 0].bad == 0


def bucket(le: str, value: float, **labels: str) -> Sample:
    return Sample("lat_bucket", {"le": le, **labels}, value)


HISTOGRAM = HistogramSli(parse_selector('lat{job="x"}'), Decimal("1"))


@pytest.mark.parametrize("spelling", ["1", "1.0", "1.00", "1e0"])
def test_a_threshold_is_found_however_le_is_spelled(spelling: str) -> None:
    sampler = Sampler(Router([slo(HISTOGRAM)]), interval=15.0)
    for at, fast, slow in ((0, 5, 9), (15, 8, 19)):
        scrape(
            sampler,
            T0 + at,
            [
                bucket("0.5", 1, job="x"),
                bucket(spelling, fast, job="x"),
                bucket("+Inf", slow, job="x"),
                Sample("lat_count", {"job": "x"}, slow),
            ],
        )
    assert counts(sampler)[60, 0][2:4] == (7, 10)
    assert sampler.failures == {}


def test_a_histogram_without_the_threshold_names_the_two_nearest() -> None:
    sampler = Sampler(Router([slo(HISTOGRAM)]), interval=15.0)
    for at in (0, 15):
        scrape(
            sampler,
            T0 + at,
            [
                *(bucket(le, at, job="x") for le in ("0.1", "0.75", "1.5", "5", "+Inf", "nonsense")),
                Sample("lat_count", {"job": "x"}, at),
            ],
        )
    assert sampler.failures == {0: "the histogram has no bucket le=1; the nearest are 0.75 and 1.5"}
    assert counts(sampler) == {}


def test_a_count_without_its_bucket_is_left_out_rather_than_bad() -> None:
    sampler = Sampler(Router([slo(HISTOGRAM)]), interval=15.0)
    for at in (0, 15):
        scrape(
            sampler,
            T0 + at,
            [
                bucket("1", at, job="x", pod="1"),
                Sample("lat_count", {"job": "x", "pod": "1"}, at),
                Sample("lat_count", {"job": "x", "pod": "2"}, at),
            ],
        )
    assert counts(sampler)[60, 0][2:4] == (0, 15)
    assert sampler.remarks == {0: "1 of 2 series lack the bucket or the count and are left out"}


def test_a_gauge_is_one_event_a_sample() -> None:
    sampler = Sampler(Router([slo(GaugeSli(parse_selector("up")))]), interval=15.0)
    for tick, value in enumerate((1, 0, 0.25, 7, -2)):
        scrape(sampler, T0 + 15 * tick, [Sample("up", {}, value)])
    found = counts(sampler)
    assert found[60, 0][2:4] == (1.75, 4)  # 0, 15, 30, 45; 7 is as good as 1
    assert found[60, 60][2:4] == (1, 1)  # the sample at the edge, clamped
    assert found[60, 0].known


def test_a_gauge_is_not_known_between_two_samples_far_apart() -> None:
    sampler = Sampler(Router([slo(GaugeSli(parse_selector("up")))]), interval=15.0)
    scrape(sampler, T0, [Sample("up", {}, 1)])
    scrape(sampler, T0 + 7200, [Sample("up", {}, 1)])
    assert sum(count.seen for count in counts(sampler).values()) == 0


@pytest.mark.parametrize(
    ("sli", "page", "sentence"),
    [
        (BAD_TOTAL, [], "no series matches req"),
        (GaugeSli(parse_selector('up{job="x"}')), [], 'no series matches up{job="x"}'),
        (CounterSli(total=parse_selector("all"), bad=parse_selector("err")), [Sample("err", {}, 1)],
         "no series matches the total all"),
        (CounterSli(total=parse_selector("all"), good=parse_selector("fine")), [Sample("all", {}, 1)],
         "no series matches the good fine"),
        (HISTOGRAM, [bucket("1", 1, job="x")], 'no series matches lat_count{job="x"}'),
        (HISTOGRAM, [], 'no series matches lat_count{job="x"}'),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(sli: Sli, page: list[Sample], sentence: str) -> None:
    sampler = Sampler(Router([slo(sli)]), interval=15.0)
    for at in (0, 15):
        scrape(sampler, T0 + at, page)
    assert sampler.failures == {0: sentence}
    scrape(sampler, T0 + 30, page, None)
    assert sampler.failures[0].startswith(sentence)


def test_a_service_that_never_failed_is_known_by_its_total() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 1)])
    assert sampler.failures == {}


def test_members_come_from_labels_without_those_excepted_empty_or_beyond_the_limit() -> None:
    fleet = Fleet("service", (slo(BAD_TOTAL, service=""),), except_=("test-*",), limit=2)
    router = Router([], [fleet])
    sampler = Sampler(router, interval=15.0)
    services = ["one", "test-x", "", "two\x1b[31m", "three"]
    for at in (0, 15):
        scrape(
            sampler,
            T0 + at,
            [req(code, at * (n + 1), service=name) for n, name in enumerate(services) for code in ("200", "500")],
        )
    assert [member.service for member in router.members[0].values()] == ["one", "two␛"]
    assert router.left_out == [{"three"}]
    assert {s.key for s in router.slos()} == {("one", "s"), ("two␛", "s")}
    assert counts(sampler, 0)[60, 0][2:4] == (15, 30)
    assert counts(sampler, 1)[60, 0][2:4] == (60, 120)


def test_a_member_written_by_hand_goes_before_the_fleet_and_shares_counts() -> None:
    by_hand = CounterSli(
        total=parse_selector('req{service="one"}'), bad=parse_selector('req{code=~"5..",service="one"}')
    )
    router = Router([slo(by_hand, "one"), slo(by_hand, "one", "again")], [Fleet("service", (slo(BAD_TOTAL, ""),))])
    sampler = Sampler(router, interval=15.0)
    for at in (0, 15):
        scrape(sampler, T0 + at, [req("500", at, service="one"), req("200", at, service="two")])
    assert [[s.key for s in measure.slos] for measure in router.measures] == [
        [("one", "s"), ("one", "again")], [("two", "s")],
    ]  # fmt: skip
    assert counts(sampler, 0)[60, 0][2:4] == (15, 15)  # once, though the series is found by both ways


def test_an_slo_by_hand_beside_a_member_that_measures_the_same_counts_once() -> None:
    by_hand = CounterSli(
        total=parse_selector('req{service="one"}'), bad=parse_selector('req{service="one",code=~"5.."}')
    )
    router = Router([slo(by_hand, "one", "again")], [Fleet("service", (slo(BAD_TOTAL, ""),))])
    sampler = Sampler(router, interval=15.0)
    for at in (0, 15):
        scrape(sampler, T0 + at, [req("500", at, service="one")])
    assert [[s.name for s in measure.slos] for measure in router.measures] == [["again", "s"]]
    assert counts(sampler)[60, 0][2:4] == (15, 15)


def test_a_target_down_over_two_restarts_keeps_its_baseline() -> None:
    first = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(first, T0, [req("200", 0)], [req("200", 0)])
    second = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    second.restore(first.marks())
    scrape(second, T0 + 15, [req("200", 1)], None)
    third = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    third.restore(second.marks())
    scrape(third, T0 + 30, [req("200", 2)], [req("200", 50)])
    assert counts(third)[60, 0].total == 51


def test_hours_wait_for_a_series_that_was_away_over_a_restart() -> None:
    first = Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
    scrape(first, T0, [req("200", 0, pod="away"), req("200", 0, pod="here")])
    later = Sampler(Router([slo(BAD_TOTAL)]), interval=10.0)
    later.restore(first.marks())
    kept: dict[tuple[int, int], Count] = {}
    for at in (4000, 8000, 8005):
        page = [req("200", at, pod="here")] + [req("200", 8005, pod="away")] * (at == 8005)
        scrape(later, T0 + at, page)
        kept |= counts(later)
    assert [hour.total for (width, _), hour in sorted(kept.items()) if width == 3600] == [7200, 7200, 1610]


def test_a_member_that_is_gone_can_come_back_with_its_counts() -> None:
    router = Router([], [Fleet("service", (slo(BAD_TOTAL, ""),), limit=1)])
    sampler = Sampler(router, interval=15.0)
    scrape(sampler, T0, [req("200", 0, service="one")])
    router.retire(T0 + 1)
    assert router.slos() == []
    assert ("one", "s") not in router
    router.admit(0, "two", T0 + 20)
    assert [s.service for s in router.slos()] == ["two"]
    router.retire(T0 + 21)
    router.admit(0, "one", T0 + 30)
    assert [[s.service for s in measure.slos] for measure in router.measures] == [["one"], []]


def test_selectors_by_regular_expression_or_without_a_name_are_found() -> None:
    sli = CounterSli(
        total=parse_selector('{__name__=~"re.",service="a"}'), bad=parse_selector('req{service=~"a|b",code="500"}')
    )
    router = Router([slo(sli)])
    assert "" in router.metrics
    sampler = Sampler(router, interval=15.0)
    for at in (0, 15):
        scrape(sampler, T0 + at, [req("500", at, service="a"), req("500", at, service="b"), Sample("other", {}, at)])
    assert counts(sampler)[60, 0][2:4] == (30, 15)


def test_a_gap_beyond_a_week_is_a_new_baseline() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 0)])
    scrape(sampler, T0 + 8 * 86_400, [req("200", 1000)])
    assert counts(sampler) == {}


def test_what_a_target_that_is_down_counted_is_added_when_it_is_back() -> None:
    sampler = Sampler(Router([slo(BAD_TOTAL)]), interval=15.0)
    scrape(sampler, T0, [req("200", 0)], [req("200", 0)])
    for tick in range(1, 9):
        scrape(sampler, T0 + 15 * tick, [req("200", tick)], None)
    assert sampler.failures == {}
    scrape(sampler, T0 + 135, [req("200", 9)], [req("200", 900)])
    found = counts(sampler)
    assert found[60, 0].total == pytest.approx(4)
    assert found[3600, 0].total == pytest.approx(909)
