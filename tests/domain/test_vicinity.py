"""The time around status changes: a day to either side, in pieces that do not touch, to whole steps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.vicinity import DAY, STEP, vicinity

MOMENTS = st.lists(st.floats(1e9, 1e9 + 30 * DAY), max_size=20)


@given(MOMENTS)
def test_each_moment_has_a_day_to_either_side(moments: list[float]) -> None:
    spans = vicinity(moments)
    for moment in moments:
        assert sum(start <= moment - DAY and moment + DAY <= end for start, end in spans) == 1


@given(MOMENTS)
def test_spans_are_whole_steps_apart_and_no_longer_than_they_must_be(moments: list[float]) -> None:
    spans = vicinity(moments)
    assert all(start % STEP == end % STEP == 0 for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    for start, end in spans:
        assert any(abs(start - (moment - DAY)) < STEP for moment in moments)
        assert any(abs(end - (moment + DAY)) < STEP for moment in moments)


@given(MOMENTS)
def test_the_order_of_moments_does_not_matter(moments: list[float]) -> None:
    assert vicinity(moments) == vicinity(reversed(moments)) == vicinity([*moments, *moments])


def test_no_change_has_no_vicinity() -> None:
    assert vicinity([]) == ()
