"""How often a source is asked: bounds that hold whatever happens, slower for slow answers, never in step."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.engine.pace import Pace

REFRESHES = st.sampled_from([1.0, 5.0, 15.0, 60.0, 300.0])
EVENTS = st.lists(
    st.tuples(st.sampled_from(["answer", "failure"]), st.floats(0, 200), st.none() | st.floats(0, 1e6)), max_size=60
)


def longest(refresh: float) -> float:
    return max(2 * refresh, 60.0)


def after(pace: Pace, what: str, took: float, retry_after: float | None) -> None:
    if what == "answer":
        pace.answered(took)
    else:
        pace.failed(took, retry_after)


@given(REFRESHES, EVENTS, st.integers())
def test_a_wait_is_never_longer_than_two_refreshes_or_a_minute_and_never_short(
    refresh: float, events: list[tuple[str, float, float | None]], seed: int
) -> None:
    pace = Pace(refresh, Random(seed))
    for number, event in enumerate(events):
        after(pace, *event)
        wait = pace.wait()
        assert wait <= longest(refresh)
        assert wait >= refresh * (0.9 if number else 0.5)


@given(REFRESHES, EVENTS)
def test_a_few_quick_answers_bring_the_configured_pace_back(
    refresh: float, events: list[tuple[str, float, float | None]]
) -> None:
    pace = Pace(refresh, Random(1))
    for event in events:
        after(pace, *event)
    for _ in range(7):
        pace.answered(0.01)
    assert not pace.slow
    assert pace.note() is None
    assert pace.wait() <= refresh


@given(REFRESHES, st.floats(0.51, 0.99), st.integers(1, 20))
def test_slow_answers_make_it_ask_less_and_say_so(refresh: float, share: float, times: int) -> None:
    pace = Pace(refresh, Random(1))
    took = refresh * share
    everies = []
    for _ in range(times):
        pace.answered(took)
        everies.append(pace.every())
    assert everies == sorted(everies)
    assert everies[0] == min(2 * refresh, longest(refresh))
    assert pace.slow
    if times >= 4:
        assert took <= pace.every() / 8 or pace.every() == longest(refresh), "no more than an eighth of its time"


def test_the_words_for_a_slow_server() -> None:
    pace = Pace(15.0, Random(1))
    for _ in range(3):
        pace.answered(8.0)
    assert pace.note() == "asking every 1m: answers take 8s"
    pace.answered(0.1)
    assert pace.note() == "asking every 30s: answers take 8s", "step by step"
    pace.answered(6.0)
    assert pace.every() == 30.0, "neither slow nor quick: as it is"


def test_the_first_asking_asks_for_more_and_is_no_measure() -> None:
    pace = Pace(15.0, Random(1))
    pace.answered(9.0, cold=True)
    assert not pace.slow
    pace.answered(9.0)
    assert pace.slow


@pytest.mark.parametrize(("refresh", "waits"), [(15.0, [15, 30, 60, 60, 60]), (60.0, [60, 120, 120]), (1.0, [1, 2, 4])])
def test_failures_back_off(refresh: float, waits: list[float]) -> None:
    pace = Pace(refresh, Random(1))
    pace.wait()  # the first spreads wider
    for wait in waits:
        pace.failed(0.01)
        assert 0.9 * wait <= pace.wait() <= wait
    pace.answered(0.01)
    assert pace.wait() <= refresh


def test_a_server_that_is_back_is_asked_as_before_its_failures() -> None:
    pace = Pace(15.0, Random(1))
    for _ in range(3):
        pace.failed(10.0)
    assert pace.every() == 60.0, "each took its time"
    pace.answered(2.0)
    assert pace.every() == 15.0
    pace.answered(8.0)
    pace.failed(10.0)
    assert pace.every() == 60.0
    pace.answered(6.0)
    assert pace.every() == 30.0, "it was slow already"
    pace.failed(10.0)
    pace.answered(9.0)
    assert pace.every() == 60.0, "and still is"


def test_what_the_server_asks_for_is_honoured_up_to_the_bound() -> None:
    pace = Pace(15.0, Random(1))
    pace.wait()
    pace.failed(0.01, 40.0)
    assert 36 <= pace.wait() <= 40
    pace.failed(0.01, 86_400.0)
    assert 54 <= pace.wait() <= 60


@given(st.sampled_from([None, 5.0, 15.0, 30.0, 60.0, 300.0, 3600.0]))
def test_no_more_often_than_samples_arrive(spacing: float | None) -> None:
    pace = Pace(15.0, Random(1))
    pace.wait(spacing)
    pace.answered(0.01)
    wanted = min(max(15.0, spacing or 0.0), 300.0)
    assert pace.every(spacing) == wanted
    assert 0.9 * wanted <= pace.wait(spacing) <= wanted
    pace.failed(0.01)
    assert pace.wait(spacing) <= 15.0, "a failure is looked after at the pace of the refresh"


def test_consoles_started_together_do_not_ask_in_step() -> None:
    paces = [Pace(15.0, Random(seed)) for seed in range(200)]
    at = sorted(pace.wait() for pace in paces)
    assert at[-1] - at[0] > 6, "spread over half a refresh after the first asking"
    in_a_second = [sum(start <= moment < start + 1 for moment in at) for start in range(7, 15)]
    assert max(in_a_second) < 60
    later = [moment + pace.wait() for moment, pace in zip(at, paces, strict=True)]
    assert len({round(moment, 3) for moment in later}) > 190
