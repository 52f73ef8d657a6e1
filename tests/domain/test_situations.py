"""Every situation without a plain number: what is shown and counted, and the reason given.

The rows of the table "no data, NaN, Inf, resets", as far as they are judged here; how a source asks (counter resets,
spellings of `le`) is tested with the sources.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.assess import assess
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.reading import Figure, Missing, Reading, WindowReading
from sreconsole.domain.report import SloReport, Trend
from sreconsole.domain.status import Status
from tests.domain.given_slos import evidence_of, instants, promises, slo_of, steady
from tests.domain.oracle import DAY, HOUR, MINUTE, NAMED, History, Moment, Promise
from tests.domain.test_assess_oracle import figures

AT = 1_764_000_000
MONTH = Promise("99.9", 30 * DAY)
NO_DATA = Missing("no data")


def judged(
    given: dict[str, WindowReading] | None = None, full: WindowReading = NO_DATA, newest: float | None = AT
) -> SloReport:
    """The report where only these windows, by name, are known."""
    windows = {NAMED[name]: reading for name, reading in (given or {}).items()}
    return assess(Evidence(slo_of(MONTH), AT, windows, full, newest))


def everywhere(bad: float, total: float) -> dict[str, WindowReading]:
    return {name: Reading(bad, total, seconds) for name, seconds in NAMED.items()}


def test_no_total_and_no_bad_is_no_traffic_and_spends_nothing() -> None:
    report = judged(everywhere(0, 0), Reading(0, 0, 30 * DAY))
    assert report.status is Status.OK
    assert report.reasons == ("no traffic",)
    for name in report.error_ratio:
        assert report.error_ratio[name] == Figure(None, "no traffic")
        assert report.burn_rate[name] == Figure(None, "no traffic"), "a dash"
    assert report.remaining == report.events_left == Figure(None, "no traffic")
    assert report.exhausts_in == Figure(None, "no traffic")
    assert report.coverage == Figure(1.0), "known to be idle is known"
    assert [pair.failures_to_page for pair in report.pairs] == [None] * 4


def test_an_idle_window_spends_nothing_of_the_budget_of_the_rest() -> None:
    busy = steady(AT - 6 * HOUR, 5 * DAY, 60, 1000, 1)
    idle = History(busy.moments, ((AT - 5 * DAY, AT),))
    with_idle, without = assess(evidence_of(idle, MONTH, AT)), assess(evidence_of(busy, MONTH, AT))
    assert with_idle.error_ratio["1h"] == Figure(None, "no traffic")
    assert with_idle.remaining == without.remaining


def test_one_window_that_is_not_a_number_poisons_no_other() -> None:
    given = everywhere(1, 10_000) | {"5m": Reading(math.nan, math.nan, 300)}
    report = judged(given, Reading(1, 10_000, 30 * DAY))
    assert report.error_ratio["5m"].value is None
    assert "not a finite number" in (report.error_ratio["5m"].reason or "")
    assert report.remaining == Figure(0.9)
    assert report.burn_rate["1h"].value == pytest.approx(0.1)
    assert report.status is Status.OK


def test_a_quiet_or_unwatched_hour_inside_the_window_does_not_spoil_the_budget() -> None:
    moments = steady(AT, 2 * DAY, 60, 1000, 1).moments
    gap = History(moments, ((AT - 2 * DAY, AT - DAY), (AT - DAY + HOUR, AT)))
    report = assess(evidence_of(gap, MONTH, AT))
    assert report.remaining.value == pytest.approx(1 - 1 / 1001 / 0.001)
    assert report.coverage == Figure(47 / 720)


def test_totals_without_any_error_series_are_all_good() -> None:
    report = judged(everywhere(0, 1000), Reading(0, 1000, 30 * DAY))
    assert report.status is Status.OK
    assert report.reasons == ()
    assert report.error_ratio["5m"] == Figure(0.0)
    assert report.remaining == Figure(1.0)
    assert report.exhausts_in == Figure(None, "no burn")


def test_nothing_at_all_is_unknown_never_page_and_never_ok() -> None:
    report = judged(newest=None)
    assert report.status is Status.UNKNOWN
    assert report.reasons[0] == "no data"
    assert all(figure == Figure(None, "no data") for figure in report.error_ratio.values())


def test_failures_without_any_total_are_bad_data_and_no_burn() -> None:
    report = judged(everywhere(5, 0), Reading(5, 0, 30 * DAY))
    assert report.status is Status.UNKNOWN
    assert report.reasons[0].startswith("bad data")
    assert all((figure.reason or "").startswith("bad data") for figure in report.burn_rate.values())
    assert (report.remaining.reason or "").startswith("bad data")
    assert report.firing == ()


def test_bad_data_in_one_window_leaves_the_others() -> None:
    report = judged(everywhere(1, 10_000) | {"5m": Reading(5, 0, 300)}, Reading(1, 10_000, 30 * DAY))
    assert report.status is Status.OK
    assert (report.error_ratio["5m"].reason or "").startswith("bad data")
    assert report.error_ratio["1h"].value == pytest.approx(0.0001)


def test_more_good_than_total_counts_as_no_failures() -> None:
    report = judged(everywhere(-3, 1000), Reading(-3, 1000, 30 * DAY))
    assert report.error_ratio["1h"] == Figure(0.0)
    assert report.remaining == Figure(1.0)
    warned = assess(
        replace(evidence_of(steady(AT, DAY, 60, 10), MONTH, AT), remarks=("good exceeded total in 3 buckets",))
    )
    assert "good exceeded total in 3 buckets" in warned.reasons


def test_more_bad_than_total_is_clamped_and_said() -> None:
    report = judged(everywhere(2000, 1000), Reading(2000, 1000, 30 * DAY))
    assert report.error_ratio["1h"] == Figure(1.0)
    assert report.burn_rate["1h"].value == pytest.approx(1000)
    assert any("more bad than total" in reason for reason in report.reasons)


def test_a_target_that_went_away_is_stale_though_long_windows_keep_their_value() -> None:
    history = replace(steady(AT, DAY, 60, 100), watched=((AT - DAY, AT - 10 * MINUTE),))
    report = assess(replace(evidence_of(history, MONTH, AT), last=(Status.PAGE, AT - 10 * MINUTE)))
    assert report.status is Status.STALE
    assert report.error_ratio["5m"] == Figure(None, "no data")
    assert report.error_ratio["1d"] == Figure(0.0)
    assert report.newest == AT - 10 * MINUTE
    assert "10m" in report.reasons[0]
    assert "page at 2025-11-24T15:50:00Z" in report.reasons[0]


@pytest.mark.parametrize(
    ("age", "refresh", "scrape", "status"),
    [
        (180, 15, 15, Status.OK),
        (181, 15, 15, Status.STALE),
        (181, 60.5, None, Status.OK),
        (300, 100, None, Status.OK),
        (301, 100, None, Status.STALE),
        (900, 15, 300, Status.OK),
        (901, 15, 300, Status.STALE),
    ],
)
def test_stale_is_older_than_three_refreshes_three_scrapes_or_three_minutes(
    age: float, refresh: float, scrape: float | None, status: Status
) -> None:
    evidence = evidence_of(steady(AT, DAY, 60, 100), MONTH, AT)
    report = assess(replace(evidence, newest=AT - age, refresh=refresh, scrape_interval=scrape))
    assert report.status is status


def test_unknown_comes_before_stale_and_stale_before_page() -> None:
    assert judged(newest=AT - DAY).status is Status.UNKNOWN
    assert judged(everywhere(1000, 1000), newest=AT - DAY).status is Status.STALE
    assert judged(everywhere(1000, 1000)).status is Status.PAGE


def test_a_page_pair_decides_and_every_firing_pair_gives_a_reason() -> None:
    report = judged(everywhere(10, 1000))
    assert report.status is Status.PAGE, "10x is under 14.4x but over 6x"
    assert [pair.pair.severity for pair in report.firing] == ["page", "warn", "warn"]
    assert [reason.rsplit(" ", 1)[1] for reason in report.reasons[:3]] == ["6.0x", "3.0x", "1.00x"]


def test_a_ticket_pair_alone_warns() -> None:
    report = judged(everywhere(4, 1000))
    assert report.status is Status.WARN
    assert [pair.state for pair in report.pairs] == ["ok", "ok", "firing", "firing"]


def test_an_overspent_window_warns_while_nothing_burns() -> None:
    report = judged(everywhere(0, 1000), Reading(11, 10_000, 30 * DAY))
    assert report.status is Status.WARN
    assert "overspent" in report.reasons[0]


def test_a_young_overspent_window_does_not_warn_before_the_full_budget_is_gone() -> None:
    report = judged(everywhere(0, 1000), Reading(11, 10_000, DAY))
    assert report.remaining.value == pytest.approx(-0.1)
    assert report.remaining_full_window.value == pytest.approx(1 - 1.1 / 30)
    assert report.status is Status.OK


def test_low_coverage_alone_is_not_unknown() -> None:
    report = judged({"5m": Reading(0, 10, 15)}, Reading(0, 10, 15))
    assert report.status is Status.OK
    assert report.coverage.value == pytest.approx(15 / (30 * DAY))


def test_fractional_counts_are_cut_for_display() -> None:
    report = judged(everywhere(0, 0), Reading(0.3, 1999.2, 30 * DAY))
    assert report.events_left == Figure(1.0)
    noisy = judged(everywhere(0, 0), Reading(3, 999.9999999999999, 30 * DAY))
    assert noisy.events_left == Figure(-2.0)
    assert judged({"1h": Reading(0, 10_000.000000000002, HOUR)}).pairs[0].failures_to_page == 144


def test_while_the_ledger_fills_short_windows_count_and_the_budget_is_unknown() -> None:
    windows = {300: Reading(100, 1000, 300), HOUR: Reading(100, 1000, HOUR)}
    evidence = Evidence(slo_of(MONTH), AT, windows, Reading(9, 10, HOUR), AT, filling=0.129)
    report = assess(evidence)
    reason = Figure(None, "ledger 12 % filled")
    assert report.status is Status.PAGE
    assert report.remaining == report.remaining_full_window == report.seconds_left == report.events_left == reason
    assert report.error_ratio["window"] == report.burn_rate["window"] == report.exhausts_in == reason
    assert report.error_ratio["6h"] == reason, "not asked yet"
    calm = assess(replace(evidence, windows={300: Reading(0, 1000, 300)}))
    assert calm.status is Status.OK, "an overspent part takes no part"


def test_windows_longer_than_the_slos_own_are_null() -> None:
    report = assess(evidence_of(steady(AT, DAY, 60, 100), Promise("99.9", DAY), AT))
    assert report.error_ratio["3d"] == report.burn_rate["3d"] == Figure(None, "longer than the SLO's window")
    assert report.error_ratio["1d"] == Figure(0.0)
    assert len(report.pairs) == 2
    assert sum("longer than half" in reason for reason in report.reasons) == 2


def test_what_the_server_said_of_the_query_is_the_reason() -> None:
    said = "the server refused the query: parse error"
    report = assess(Evidence(slo_of(MONTH), AT, {}, NO_DATA, None, failure=said))
    assert report.status is Status.UNKNOWN
    assert report.reasons[0] == said
    assert report.error_ratio["5m"] == report.remaining == Figure(None, said)


def test_only_ratios_known_gives_no_events() -> None:
    history = steady(AT, DAY, 60, 999, 1)
    report = assess(evidence_of(history, replace(MONTH, counted=False), AT))
    assert report.weighting == "time-weighted"
    assert report.events_left == report.bad == report.total == Figure(None, "time-weighted")
    assert report.seconds_left.value is not None
    assert [pair.failures_to_page for pair in report.pairs] == [None] * 4


def test_gaps_of_a_trend_stay_gaps() -> None:
    trend = Trend(AT, 60, (1.0, None, 2.0))
    assert assess(replace(evidence_of(steady(AT, DAY, 60, 1), MONTH, AT), trend=trend)).trend is trend


numbers = (
    st.floats() | st.floats(0, 1e6) | st.sampled_from([0.0, -0.0, 5e-324, 1e308, math.inf, -math.inf, math.nan, -1.0])
)
readings: st.SearchStrategy[WindowReading] = st.builds(Reading, numbers, numbers, numbers) | st.builds(
    Missing, st.sampled_from(["no data", "the server said no"])
)


@given(
    promises,
    instants.map(float) | st.floats(0, 4e9),
    st.dictionaries(st.sampled_from(list(NAMED.values())), readings),
    readings,
    st.none() | numbers,
    st.tuples(numbers, st.none() | numbers, st.none() | numbers, st.none() | numbers),
)
def test_no_input_gives_nan_infinity_or_an_exception(
    promise: Promise,
    at: float,
    windows: dict[int, WindowReading],
    full: WindowReading,
    newest: float | None,
    pace: tuple[float, float | None, float | None, float | None],
) -> None:
    refresh, scrape, filling, until = pace
    last = (Status.OK, at)
    report = assess(
        Evidence(slo_of(promise), at, windows, full, newest, refresh, scrape, filling, last=last, until=until)
    )
    for figure in figures(report):
        assert (figure.value is None) != (figure.reason is None)
        assert figure.value is None or math.isfinite(figure.value)
    for pair in report.pairs:
        for seconds in (pair.fires_in, pair.clears_in):
            assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    assert report.coverage.value is None or 0 <= report.coverage.value <= 1
    assert report.remaining.value is None or report.remaining.value <= 1
    assert report.remaining_full_window.value is None or report.remaining_full_window.value <= 1
    assert all(figure.value is None or 0 <= figure.value <= 1 for figure in report.error_ratio.values())


@pytest.mark.parametrize("percent", ["99." + "9" * 20, "0." + "0" * 30 + "1"])
def test_an_absurd_objective_does_not_divide_by_zero(percent: str) -> None:
    report = assess(evidence_of(History((Moment(AT - 1, 1, 1),), ((AT - 60, AT),)), Promise(percent, 30 * DAY), AT))
    assert all(figure.value is None or math.isfinite(figure.value) for figure in figures(report))


@pytest.mark.parametrize("percent", ["0", "100", "-1", "101", "99." + "9" * 40])
def test_an_objective_without_a_budget_is_no_slo(percent: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 100 %"):
        slo_of(Promise(percent, 30 * DAY))


def test_low_traffic_is_said_once_for_all_paging_windows() -> None:
    report = judged({"1h": Reading(0, 10, HOUR), "5m": Reading(0, 1, 300), "6h": Reading(0, 60, 6 * HOUR),
                     "30m": Reading(0, 5, 1800)})  # fmt: skip
    assert report.reasons == ("low traffic: one failure within 1h or 6h pages",)
