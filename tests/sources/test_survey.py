"""The scrape interval from counted samples: lasting series only, mixed ones told apart, missed scrapes forgiven."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.sources.survey import folds, interval


def counts(most: float, fewest: float, span: int = 1800) -> dict[str, dict[str, float]]:
    return {f"most{span}": {"total": most}, f"fewest{span}": {"total": fewest}}


@pytest.mark.parametrize("every", [1, 5, 10, 12, 15, 20, 30, 45, 60, 120])
@given(missed=st.floats(0, 0.03), edge=st.sampled_from([-1, 0, 1]))
def test_the_interval_is_found_whatever_the_phase_and_a_few_missed_scrapes(
    every: int, missed: float, edge: int
) -> None:
    most = math.floor(1800 / every) + edge
    fewest = math.ceil(most * (1 - missed))
    assert interval(counts(most, fewest)) == pytest.approx(every, abs=0 if every != 45 else 2)


def test_series_scraped_at_different_intervals_have_none() -> None:
    assert interval(counts(120, 30)) is None
    assert interval(counts(120, 60)) is None


def test_a_young_series_is_judged_by_five_minutes_and_a_newborn_one_not_at_all() -> None:
    assert interval({"most1800": {}, **counts(20, 20, 300)}) == 15.0
    assert interval({}) is None
    assert interval(counts(2, 2)) is None


def test_an_interval_that_was_just_changed_is_not_folded_over() -> None:
    assert interval({**counts(116, 116), **counts(5, 5, 300)}) is None
    assert interval({**counts(120, 119), **counts(20, 19, 300)}) == 15.0
    assert interval({**counts(30, 30), **counts(5, 5, 300)}) == 60.0
    assert interval({**counts(30, 30), **counts(4, 4, 300)}) == 60.0, "too few to contradict"


def test_one_minute_buckets_fold_only_where_the_interval_divides_them() -> None:
    assert [every for every in (1, 7, 10, 15, 30, 45, 60, 120) if folds(every)] == [1, 10, 15, 30, 60]
    assert not folds(None)
