"""When pairs fire and clear, against a plain simulation that slides both windows minute by minute."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.counts import Counts, Past
from sreconsole.domain.crossing import Rate, crossing, rate

NOW = 360_000
PAIRS = (
    WindowPair(3_600, 300, 14.4, "page"),
    WindowPair(1_800, 300, 6.0, "page"),
    WindowPair(3_600, 1_800, 2.0, "warn"),
    WindowPair(600, 60, 1.0, "warn"),
)
BUDGET = 1 / 1024
MINUTES = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(0, 40), st.integers(0, 600)).map(lambda one: (min(one), one[1]))),
    min_size=1,
    max_size=90,
)


def past_of(minutes: list[tuple[int, int] | None]) -> tuple[Past, Counts]:
    counts = Counts(
        NOW - 60 * len(minutes),
        60,
        [0.0 if one is None else float(one[0]) for one in minutes],
        [None if one is None else float(one[1]) for one in minutes],
    )
    return Past.of(counts), counts


def burns_above(pair: WindowPair, counts: Counts, ahead: tuple[int, int], s: Fraction) -> bool:
    """Both windows that end `s` seconds from now, event by event: exact, and slow."""

    def above(length: int) -> bool:
        start, end = NOW + s - length, NOW + s
        bad = total = Fraction(0)
        for low, high, failed, events in counts.known():
            inside = max(Fraction(0), min(Fraction(high), end) - max(Fraction(low), start)) / int(high - low)
            bad, total = bad + inside * Fraction(failed), total + inside * Fraction(events)
        coming: Fraction = (end - max(Fraction(NOW), start)) / 60
        bad, total = bad + coming * ahead[0], total + coming * ahead[1]
        return bad > Fraction(pair.factor) * Fraction(BUDGET) * total

    return above(pair.long) and above(pair.short)


@settings(max_examples=150, deadline=None)
@given(MINUTES, st.sampled_from(PAIRS), st.tuples(st.integers(0, 40), st.integers(40, 600)))
def test_the_moment_is_that_of_a_simulation(
    minutes: list[tuple[int, int] | None], pair: WindowPair, ahead: tuple[int, int]
) -> None:
    past, counts = past_of(minutes)
    found = crossing(pair, BUDGET, past, NOW, Rate(ahead[0] / 60, ahead[1] / 60), 10 * pair.long)
    first = burns_above(pair, counts, ahead, Fraction(0))
    until = pair.long + 600 if found is None else found - 1e-6
    for s in range(60, int(until) + 1, 60):
        assert burns_above(pair, counts, ahead, Fraction(s)) == first or near(pair, counts, ahead, s)
    if found is not None:
        assert any(
            burns_above(pair, counts, ahead, Fraction(found) + Fraction(step, 1000)) != first
            for step in (1, 10, 100, 1000)
        )


def near(pair: WindowPair, counts: Counts, ahead: tuple[int, int], s: int) -> bool:
    """Whether the two sides are equal at this second: then rounding may tell either."""
    step = Fraction(1, 1000)
    return burns_above(pair, counts, ahead, s - step) != burns_above(pair, counts, ahead, s + step)


def test_a_steady_burn_from_nothing_fires_when_the_long_window_holds_enough() -> None:
    """20x from now on after an hour without errors: 14.4x of the hour is reached after 60 min x 14.4 / 20."""
    past, _ = past_of([(0, 1024)] * 60)
    found = crossing(PAIRS[0], BUDGET, past, NOW, Rate(20 / 60, 1024 / 60), 30 * 86_400)
    assert found is not None
    assert abs(found - 3_600 * 14.4 / 20) < 1e-6


def test_it_clears_when_the_short_window_has_let_go() -> None:
    """An hour at 100x, then nothing: five minutes hold 14.4x once 14.4 % of them are bad."""
    past, _ = past_of([(100, 1024)] * 60)
    found = crossing(PAIRS[0], BUDGET, past, NOW, Rate(0, 1024 / 60), 30 * 86_400)
    assert found is not None
    assert abs(found - 300 * (1 - 0.144)) < 1e-6


def test_what_never_crosses_is_none() -> None:
    calm, _ = past_of([(0, 1024)] * 60)
    bad, _ = past_of([(100, 1024)] * 60)
    assert crossing(PAIRS[0], BUDGET, calm, NOW, Rate(10 / 60, 1024 / 60), 30 * 86_400) is None
    assert crossing(PAIRS[0], BUDGET, bad, NOW, Rate(100 / 60, 1024 / 60), 30 * 86_400) is None
    assert crossing(PAIRS[0], BUDGET, calm, NOW, Rate(20 / 60, 1024 / 60), 600) is None, "not within ten minutes"


def test_the_newest_minutes() -> None:
    past, _ = past_of([(100, 1024)] * 55 + [(6, 600)] * 4 + [None])
    found = rate(past, NOW)
    assert found is not None
    assert found.bad == pytest.approx((4 * 6 + 100) / 300)
    assert found.total == pytest.approx((4 * 600 + 1024) / 300)
    assert rate(Past(()), NOW) is None
    assert rate(past_of([(0, 0)] * 20)[0], NOW) is None, "no traffic"
    assert rate(past, NOW + 600) is None, "too old"


def test_narrow_buckets_stand_for_wide_ones_where_they_know_all() -> None:
    hours = Counts(0, 3_600, [10.0, 20.0, 99.0], [100.0, 200.0, None])
    fives = Counts(3_600, 300, [1.0] * 11 + [9.0] + [2.0] * 3, [10.0] * 11 + [90.0] + [20.0] * 3)
    past = Past.of(hours, None, fives)
    assert past.within(0, 3_600) == (10, 100, 3_600)
    assert past.within(3_600, 7_200) == (20, 200, 3_600)
    assert past.within(3_600, 3_900) == (1, 10, 300), "as the narrow ones have it"
    assert past.within(7_200, 10_800) == (6, 60, 900)
    holed = Counts(3_600, 300, [1.0] * 12, [10.0] * 5 + [None] + [10.0] * 6)
    assert Past.of(hours, holed).within(3_600, 5_400) == (10, 100, 1_800), "an hour that they know in part"
