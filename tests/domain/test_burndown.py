"""How a budget is spent and comes back: against sums over single buckets, and against the budget of the reports."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.burndown import BEYOND, NOT_MEASURED, Loss, course, grant, losses, outlook
from sreconsole.domain.counts import Counts, Past
from sreconsole.domain.reading import Figure

HOUR, DAY = 3_600, 86_400
END = 500 * HOUR
HOURS = st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 50), st.integers(50, 5_000))), min_size=24, max_size=24)


def hours(values: Sequence[tuple[int, int] | None]) -> Counts:
    bad = [0.0 if value is None else float(value[0]) for value in values]
    return Counts(END - len(values) * HOUR, HOUR, bad, [None if value is None else float(value[1]) for value in values])


@given(HOURS)
def test_the_course_ends_at_what_is_left(values: list[tuple[int, int] | None]) -> None:
    counts = hours(values)
    known: list[tuple[int, int]] = [value for value in values if value is not None]
    total = sum(one[1] for one in known)
    allowed = grant(0.01, total, DAY)
    assert (allowed is None) == (not known)
    if allowed is None:
        return
    points = course(Past.of(counts), END - DAY, END, allowed, HOUR)
    (begin, whole), *after = points
    assert begin == END - DAY
    assert whole == 1
    assert [share is None for _, share in after] == [value is None for value in values]
    said = [share for _, share in points if share is not None]
    assert said == sorted(said, reverse=True)
    spent = sum(bad for bad, _ in known) / allowed
    assert math.isclose(said[-1], 1 - spent, abs_tol=1e-9)


@given(HOURS, st.integers(1, 24))
def test_what_comes_back_is_what_leaves(values: list[tuple[int, int] | None], ahead: int) -> None:
    past = Past.of(hours(values))
    told = outlook(past, END, DAY, 100.0, Figure.known(0.5), Figure.known(2.0), ahead * HOUR)
    leaving = [value for value in values[:ahead] if value is not None]
    if not leaving:
        assert told.back == Figure.missing(NOT_MEASURED)
    else:
        assert math.isclose(told.back.value or 0.0, sum(bad for bad, _ in leaving) / 100, abs_tol=1e-9)
    assert told.spent == Figure.known(2.0 * ahead / 24)
    assert told.left.value is not None
    assert math.isclose(told.left.value, 0.5 + (told.back.value or 0.0) - 2.0 * ahead / 24, abs_tol=1e-9)


def test_what_is_not_known_stays_so() -> None:
    past = Past.of(hours([(5, 100)] * 24))
    unknown, none = Figure.missing("no traffic"), Figure.missing("ledger 12 % filled")
    assert outlook(past, END, DAY, 100.0, Figure.known(0.5), unknown, HOUR).left == unknown
    assert outlook(past, END, DAY, 100.0, none, Figure.known(1.0), HOUR).left == none
    assert outlook(past, END, DAY, 100.0, Figure.known(0.5), Figure.known(1.0), 2 * DAY).back == Figure.missing(BEYOND)
    assert grant(0.01, 0.0, DAY) is None


def test_a_calendar_budget_grants_for_the_whole_period() -> None:
    """Half of the period has passed with a tenth of its requests' budget spent: 5 % of the whole."""
    allowed = grant(0.01, 50_000.0, 2 * DAY, DAY)
    assert allowed == 1_000.0
    points = course(Past.of(hours([(50, 50_000)] + [(0, 0)] * 23)), END - DAY, END, allowed, HOUR)
    assert points[-1] == (END, 0.95)


def test_the_dearest_stretches() -> None:
    values: list[tuple[int, int] | None] = [(0, 100)] * 24
    values[3], values[4], values[10] = (20, 100), (30, 100), (40, 100)
    begin = END - DAY
    assert losses(Past.of(hours(values)), begin, END, 1_000.0) == [
        Loss(begin + 3 * HOUR, begin + 5 * HOUR, 0.05),
        Loss(begin + 10 * HOUR, begin + 11 * HOUR, 0.04),
    ]
