"""The judgement of SLOs against the oracle, over random histories."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sreconsole.domain.assess import assess
from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from tests.domain.given_slos import evidence_of, histories, instants, promises, rules
from tests.domain.oracle import NAMED, History, Promise, Rule, Value, Verdict, default_rules, judge

FEW = settings(max_examples=150, deadline=None)


def agree(what: str, figure: Figure, expected: Value, *, exact: bool = False) -> None:
    """The figure is the expected number, or missing for the expected reason."""
    if isinstance(expected, str):
        assert figure == Figure(None, expected), what
        return
    assert figure.reason is None, f"{what}: {figure.reason}, expected {float(expected)}"
    assert figure.value is not None, what
    if exact:
        assert figure.value == expected, what
    else:
        assert figure.value == pytest.approx(float(expected), rel=1e-9, abs=1e-9), what


def agree_in_all(report: SloReport, verdict: Verdict, budget: Fraction) -> None:
    names = {seconds: name for name, seconds in NAMED.items()}
    assert set(report.error_ratio) == {names.get(s) or format_duration(s) for s in verdict.ratios} | {"window"}
    assert set(report.burn_rate) == set(report.error_ratio)
    for seconds, value in {**verdict.ratios, 0: verdict.full}.items():
        name = "window" if seconds == 0 else names.get(seconds) or format_duration(seconds)
        agree(f"error ratio {name}", report.error_ratio[name], value)
        agree(f"burn {name}", report.burn_rate[name], value if isinstance(value, str) else value / budget)
    agree("remaining", report.remaining, verdict.remaining)
    agree("remaining_full_window", report.remaining_full_window, verdict.remaining_full_window)
    agree("seconds_left", report.seconds_left, verdict.seconds_left, exact=True)
    agree("events_left", report.events_left, verdict.events_left, exact=True)
    agree("exhausts_in", report.exhausts_in, verdict.exhausts_in)
    agree("coverage", report.coverage, verdict.coverage)
    assert [pair.state for pair in report.pairs] == verdict.states
    assert [pair.failures_to_page for pair in report.pairs] == verdict.failures
    assert [pair.can_fire for pair in report.pairs] == verdict.can_fire
    assert report.status.value == verdict.status


def on_the_edge(verdict: Verdict) -> bool:
    """Whether a budget is spent to within a billionth: there the noise of binary counts may decide."""
    left = (verdict.remaining, verdict.remaining_full_window)
    return any(not isinstance(value, str) and 0 < abs(value) < Fraction("1e-9") for value in left)


def as_kept(report: SloReport) -> list[Rule]:
    """The default rules, their factors as the report keeps them: those of the table, to six places."""
    rules = default_rules(report.window_seconds)
    kept = [Fraction(str(pair.pair.factor)) for pair in report.pairs]
    assert all(abs(rule.factor - factor) < Fraction("5.1e-7") for rule, factor in zip(rules, kept, strict=True))
    return [replace(rule, factor=factor) for rule, factor in zip(rules, kept, strict=True)]


@FEW
@given(st.data(), promises, instants)
def test_every_figure_agrees_with_counting_single_events(data: st.DataObject, promise: Promise, at: int) -> None:
    compare(data, promise, at)


@pytest.mark.prove
@settings(max_examples=20_000, deadline=None)
@given(st.data(), promises, instants)
def test_every_figure_agrees_with_counting_single_events_in_many_histories(
    data: st.DataObject, promise: Promise, at: int
) -> None:
    compare(data, promise, at)


def compare(data: st.DataObject, promise: Promise, at: int) -> None:
    """Draw a history; the report and the oracle's verdict agree."""
    history = data.draw(histories(at))
    assume(at > promise.bounds(at)[0])
    report = assess(evidence_of(history, promise, at))
    assert report.window_seconds == promise.bounds(at)[2]
    verdict = judge(history, promise, at, rules=as_kept(report))
    assume(not on_the_edge(verdict))
    agree_in_all(report, verdict, promise.budget)


@FEW
@given(st.data(), promises, instants, rules)
def test_overridden_windows_agree_too(data: st.DataObject, promise: Promise, at: int, own: list[Rule]) -> None:
    history = data.draw(histories(at))
    assume(at > promise.bounds(at)[0])
    report = assess(evidence_of(history, promise, at, own))
    verdict = judge(history, promise, at, rules=own)
    assume(not on_the_edge(verdict))
    agree_in_all(report, verdict, promise.budget)


@FEW
@given(st.data(), promises, instants, st.integers(0, 99))
def test_while_history_is_fetched_the_budget_is_unknown_and_takes_no_part(
    data: st.DataObject, promise: Promise, at: int, percent: int
) -> None:
    history = data.draw(histories(at))
    assume(at > promise.bounds(at)[0])
    reason = f"ledger {percent} % filled"
    report = assess(replace(evidence_of(history, promise, at), filling=percent / 100 + 0.001))
    agree_in_all(report, judge(history, promise, at, rules=as_kept(report), filling=reason), promise.budget)


@FEW
@given(st.data(), promises, instants, st.integers(1, 600), st.none() | st.integers(1, 600))
def test_staleness_follows_refresh_and_scrape_interval(
    data: st.DataObject, promise: Promise, at: int, refresh: int, scrape: int | None
) -> None:
    history = data.draw(histories(at))
    assume(at > promise.bounds(at)[0])
    verdict = judge(history, promise, at, refresh=refresh, scrape=scrape)
    report = assess(replace(evidence_of(history, promise, at), refresh=refresh, scrape_interval=scrape))
    assert report.status.value == verdict.status


@FEW
@given(st.data(), promises, instants)
def test_every_unknown_has_a_reason_and_every_number_is_finite(data: st.DataObject, promise: Promise, at: int) -> None:
    report = assess(evidence_of(data.draw(histories(at)), promise, at))
    for figure in figures(report):
        assert (figure.value is None) != (figure.reason is None)
        assert figure.value is None or math.isfinite(figure.value)
        assert figure.reason != ""


def figures(report: SloReport) -> list[Figure]:
    """Every figure of a report."""
    single = ["remaining", "remaining_full_window", "seconds_left", "events_left", "exhausts_in", "coverage"]
    return [
        *report.error_ratio.values(),
        *report.burn_rate.values(),
        *(getattr(report, name) for name in [*single, "bad", "total"]),
        *(figure for pair in report.pairs for figure in (pair.long_burn, pair.short_burn)),
    ]


def test_the_oracle_itself_on_an_example_by_hand() -> None:
    at = 1_000_000_000
    history = History(moments=(), watched=((at - 600, at - 300), (at - 100, at)))
    assert history.count(at - 400, at) == (0, 0, 200)
    assert history.newest(at) == at
    verdict = judge(history, Promise("99.9", 2_592_000), at)
    assert verdict.status == "ok"
    assert verdict.ratios[300] == "no traffic"
    assert verdict.coverage == Fraction(400, 2_592_000)
