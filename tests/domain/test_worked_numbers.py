"""Numbers that others published or measured: SRE Workbook ch. 2 and 5, Sloth, and measurements with promtool."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import inf

import pytest

from sreconsole.domain.assess import assess
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.period import Rolling
from sreconsole.domain.reading import Figure, Missing, Reading, WindowReading
from sreconsole.domain.report import PairReport, SloReport
from tests.domain.given_slos import evidence_of, slo_of, steady
from tests.domain.oracle import DAY, HOUR, MINUTE, NAMED, History, Moment, Promise, Rule

AT = 1_764_000_000
MONTH = Promise("99.9", 30 * DAY)


def report_of(full: WindowReading, promise: Promise = MONTH, **windows: WindowReading) -> SloReport:
    """The report where only these windows (by name, `_` before the digit) are known."""
    given = {NAMED[name[1:]]: reading for name, reading in windows.items()}
    return assess(Evidence(slo_of(promise), AT, given, full, AT))


def value(figure: Figure) -> float:
    assert figure.value is not None, figure.reason
    return figure.value


@pytest.mark.parametrize(("days", "percent", "minutes"), [(30, "99.9", 43.2), (28, "99.9", 40.3), (30, "99", 432)])
def test_a_full_budget_in_minutes(days: int, percent: str, minutes: float) -> None:
    report = report_of(Reading(0, 1e6, days * DAY), Promise(percent, days * DAY))
    assert value(report.remaining) == 1
    assert value(report.seconds_left) == int(value(report.seconds_left)), "whole seconds"
    assert value(report.seconds_left) / 60 == pytest.approx(minutes, abs=0.03)


def test_a_full_budget_of_30_days_is_2592_seconds_not_2591() -> None:
    assert report_of(Reading(0, 1000, 30 * DAY)).seconds_left == Figure(2592.0)


def test_3_663_253_requests_at_97_percent_allow_109_897_failures() -> None:
    assert report_of(Reading(0, 3_663_253, 28 * DAY), Promise("97", 28 * DAY)).events_left == Figure(109_897.0)


@pytest.mark.parametrize(
    ("percent", "bad", "total", "left"),
    [
        ("90", 0, 10, 1),  # (1 - 0.9) * 10 is 0.9999999999999998 in binary floats
        ("99", 3, 1_000, 7),
        ("99.9", 7, 10_000, 3),
        ("99.9", 31, 10_000, -21),
        ("99.95", 1, 3_000, 0),  # half an event is none
        ("99.95", 3, 3_000, -1),  # and towards zero below it
        ("99.9", 999_999_999, 10**12, 1),
    ],
)
def test_whole_events_left_in_exact_decimals(percent: str, bad: int, total: int, left: int) -> None:
    assert report_of(Reading(bad, total, 30 * DAY), Promise(percent, 30 * DAY)).events_left == Figure(float(left))


def test_an_overspent_budget_is_negative_never_clamped() -> None:
    report = report_of(Reading(5, 1000, 30 * DAY))
    assert value(report.remaining) == pytest.approx(-4)
    assert report.seconds_left == Figure(-10_368.0)
    assert report.events_left == Figure(-4.0)
    assert report.exhausts_in == Figure(None, "nothing left")


def test_a_budget_spent_to_the_last_event_has_nothing_left_but_is_not_overspent() -> None:
    report = report_of(Reading(1, 1000, 30 * DAY), _1h=Reading(1, 1000, HOUR), _5m=Reading(0, 10, 300))
    assert report.remaining == report.remaining_full_window == report.seconds_left == report.events_left == Figure(0.0)
    assert report.exhausts_in == Figure(None, "nothing left")
    assert report.status.value == "ok"


def test_the_example_of_the_json_contract() -> None:
    report = report_of(Reading(690, 1_000_000, 30 * DAY), _1h=Reading(149, 10_000, HOUR), _5m=Reading(149, 10_000, 300))
    assert report.remaining == Figure(0.31)
    assert report.seconds_left == Figure(803.0)
    assert value(report.exhausts_in) == pytest.approx(0.31 * 30 * DAY / 14.9)
    assert report.reasons == ("14.9x over 1h and 14.9x over 5m, limit 14.4x",)
    assert report.status.value == "page"


def test_exhaustion_starts_from_what_is_left_not_from_a_full_budget() -> None:
    report = report_of(Reading(500, 1_000_000, 30 * DAY), _1h=Reading(1, 1000, HOUR))
    assert value(report.exhausts_in) == pytest.approx(15 * DAY)


def test_a_largest_possible_burn_rate_is_one_over_the_budget() -> None:
    report = report_of(Reading(10, 10, 30 * DAY), _5m=Reading(10, 10, 300))
    assert value(report.burn_rate["5m"]) == pytest.approx(1000)


def test_a_young_slo_measured_with_promtool() -> None:
    """10 min at 15 % after 8 h of history: -206 % over what is covered, +96.5 % of the full window."""
    covered = 8 * HOUR + 10 * MINUTE
    history = steady(AT, covered, 60, 100)
    bad = tuple(Moment(m.at, 85, 15) if m.at >= AT - 10 * MINUTE else m for m in history.moments)
    report = assess(evidence_of(replace(history, moments=bad), MONTH, AT))
    assert round(100 * value(report.remaining)) == -206
    assert round(100 * value(report.remaining_full_window), 1) == 96.5
    assert report.coverage == Figure(covered / (30 * DAY))
    assert report.known_seconds == covered


def test_low_traffic_of_the_workbook() -> None:
    """10 requests an hour: one failure at 99.9 % burns 100x and costs 13.9 % of a 30 d budget; it pages."""
    history = steady(AT, 30 * DAY, 360, 1)
    last = replace(history.moments[-1], good=0, bad=1)
    report = assess(evidence_of(replace(history, moments=(*history.moments[:-1], last)), MONTH, AT))
    assert value(report.burn_rate["1h"]) == pytest.approx(100)
    assert 1 - value(report.remaining) == pytest.approx(0.139, abs=5e-4)
    assert value(report_of(Reading(0, 7_200, 30 * DAY)).events_left) == 7, "seven failures a month"
    assert report.pairs[0].failures_to_page == 1
    assert report.status.value == "page"


@pytest.mark.parametrize(
    ("percent", "total", "failures"),
    [("99.9", 10_000, 144), ("99.9", 10_001, 145), ("99.9", 10, 1), ("99", 1_000, 144), ("99.9", 10**9, 14_400_000)],
)
def test_failures_to_page(percent: str, total: int, failures: int) -> None:
    report = report_of(Missing("no data"), Promise(percent, 30 * DAY), _1h=Reading(0, total, HOUR))
    assert report.pairs[0].failures_to_page == failures


@pytest.mark.parametrize(
    ("percent", "can_fire"),
    [("93.05", [False, True, True, True]), ("93.06", [True, True, True, True]), ("83.3", [False, False, True, True])],
)
def test_alerts_that_can_never_fire_are_said(percent: str, can_fire: list[bool]) -> None:
    report = report_of(Reading(0, 100, 30 * DAY), Promise(percent, 30 * DAY), _5m=Reading(0, 100, 300))
    assert [pair.can_fire for pair in report.pairs] == can_fire
    assert sum("can never fire" in reason for reason in report.reasons) == can_fire.count(False)


def replay(minute: int, percent: int = 15, lasts: int = 10) -> PairReport:
    """The quick page pair so many minutes after errors began that last so many minutes (workbook figure 5-6)."""
    start = AT - minute * MINUTE
    errors, calm = (100 - percent, percent), (100, 0)
    moments = tuple(
        Moment(m, *(errors if start <= m < start + lasts * MINUTE else calm)) for m in range(AT - 2 * HOUR, AT, 15)
    )
    return assess(evidence_of(History(moments, ((AT - 2 * HOUR, AT),)), MONTH, AT)).pairs[0]


def test_the_page_fires_at_minute_6_and_clears_at_minute_15() -> None:
    states = [replay(minute).state for minute in range(1, 20)]
    assert states[:5] == ["increasing"] * 5
    assert states[5:14] == ["firing"] * 9
    assert states[14:] == ["recovering"] * 5


def test_the_time_until_it_fires() -> None:
    """5 % errors are detected after k B L / r = 17.28 min; said once the short window holds nothing else."""
    for minute in range(5, 18):
        fires_in = replay(minute, 5, 60).fires_in
        left = (17.28 - minute) * MINUTE
        assert fires_in is not None
        assert fires_in == pytest.approx(left / (1 - minute / 60), rel=1e-6), "the hour loses its mean as it goes on"
    assert replay(18, 5, 60).fires_in is None
    assert replay(16).fires_in is None
    assert replay(0).fires_in is None


def test_the_time_until_it_clears() -> None:
    """After the errors stop about S (1 - k B / r) = 4.52 min."""
    assert replay(10).clears_in == pytest.approx(5 * MINUTE * (1 - 0.0144 / 0.15), rel=1e-6)
    assert replay(5).clears_in is None
    assert replay(16).clears_in is None


def test_an_outage_with_a_long_window_only_clears_after_58_minutes() -> None:
    """100 % errors, k = 36, L = 1 h (the same window twice): over 36x after 2.16 min, under it 57.84 min later."""
    rule = Rule(HOUR, HOUR, Fraction(36), "page")
    full = steady(AT, HOUR, 1, 0, 1)
    pair = assess(evidence_of(full, MONTH, AT, [rule])).pairs[0]
    assert pair.clears_in == pytest.approx(57.84 * MINUTE)
    for seconds, state in [(129, "ok"), (130, "firing")]:
        moments = tuple(Moment(m, *((0, 1) if m >= AT - seconds else (1, 0))) for m in range(AT - HOUR, AT))
        assert assess(evidence_of(History(moments, ((AT - HOUR, AT),)), MONTH, AT, [rule])).pairs[0].state == state


def test_30_day_factors_would_be_wrong_for_7_days() -> None:
    report = report_of(Missing("no data"), Promise("99.9", 7 * DAY))
    assert [pair.pair.factor for pair in report.pairs] == pytest.approx([13.44, 3.5, 1.4, 0.98])


def test_a_calendar_month_half_gone() -> None:
    """Half of the month at the objective spends half of the budget; the other half is for the rest of the month."""
    at = 1_776_340_800  # 2026-04-16T12:00Z, 15.5 of 30 days
    slo = slo_of(Promise("99.9", "month"))
    full = Reading(1_000, 1_000_000, 15.5 * DAY)
    report = assess(Evidence(slo, at, {HOUR: Reading(2, 1000, HOUR)}, full, at))
    assert value(report.remaining) == pytest.approx(1 - 15.5 / 30)
    assert report.coverage == Figure(1.0)
    assert value(report.seconds_left) == int((1 - 15.5 / 30) * 2592)
    assert value(report.exhausts_in) == pytest.approx((1 - 15.5 / 30) * 30 * DAY / 2)
    assert report.remaining_full_window == report.remaining


def test_the_objective_is_exact() -> None:
    assert slo_of(MONTH).budget == Decimal("0.001")
    assert slo_of(Promise("99.999", 30 * DAY)).budget == Decimal("0.00001")
    assert float(slo_of(MONTH).budget) != 1 - 0.999


@pytest.mark.parametrize("bad", [0.0, 1.0, 5e-324, 1e308, inf, -1.0])
def test_no_number_of_failures_breaks_the_budget(bad: float) -> None:
    report = report_of(Reading(bad, 1000, 30 * DAY))
    assert (report.remaining.value is None) != (report.remaining.reason is None)


def test_the_window_is_the_slos_own() -> None:
    assert report_of(Reading(0, 1, DAY), Promise("99.9", DAY)).window_label == "1d"
    assert Rolling(7 * DAY).length(AT) == report_of(Reading(0, 1, DAY), Promise("99.9", 7 * DAY)).window_seconds
