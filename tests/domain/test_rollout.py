"""What versions that come and go amount to, against a plain oracle and by worked cases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.presence import Run, runs_of
from sreconsole.domain.rollout import CANARY, GRACE, INTERRUPTED, LONGEST, Observed, Rollout, rollouts

STEP = 60
ZERO = 1_790_000_040 // STEP * STEP


def at(minute: int) -> int:
    return ZERO + minute * STEP


def seen(**versions: Sequence[tuple[int, int]]) -> dict[str, list[Run]]:
    """Runs in minutes, both ends seen."""
    return {version: [(at(first), at(last)) for first, last in runs] for version, runs in versions.items()}


def found(runs: Mapping[str, Sequence[Run]]) -> list[Rollout]:
    return rollouts(runs, STEP, ZERO - 10 * INTERRUPTED)


def told(runs: Mapping[str, Sequence[Run]]) -> list[tuple[str, str, str, int, int | None]]:
    """Version, the one before, outcome, first and last minute."""
    return [
        (
            one.version,
            one.before,
            one.outcome,
            (one.first - ZERO) // STEP,
            None if one.finished is None else round((one.finished - ZERO) / STEP),
        )
        for one in found(runs)
    ]


def test_a_rollout_begins_with_the_new_and_ends_with_the_old() -> None:
    (one,) = found(seen(v1=[(0, 105)], v2=[(101, 300)]))
    assert (one.version, one.before, one.outcome, one.canary) == ("v2", "v1", "succeeded", False)
    assert one.started == at(100)  # the first sample came after the step before ended
    assert one.finished == at(105)
    assert one.margin == STEP


def test_a_rollout_runs_until_the_old_was_missing_for_a_while() -> None:
    assert told(seen(v1=[(0, 105)], v2=[(101, 105)])) == [("v2", "v1", "running", 101, None)]
    still = 105 + GRACE // STEP
    assert told(seen(v1=[(0, 105)], v2=[(101, still)])) == [("v2", "v1", "running", 101, None)]
    assert told(seen(v1=[(0, 105)], v2=[(101, still + 1)])) == [("v2", "v1", "succeeded", 101, 105)]


def test_a_recreated_service_is_down_between_and_that_is_the_margin() -> None:
    (one,) = found(seen(v1=[(0, 100)], v2=[(130, 300)]))
    assert (one.outcome, one.first, one.finished, one.margin) == ("succeeded", at(130), at(130), 30 * STEP)


def test_what_was_there_first_did_not_come() -> None:
    assert told(seen(v1=[(0, 300)])) == []
    assert told(seen(v1=[(0, 300)], v2=[(GRACE // STEP, 300)])) == []  # all of them were found one after the other
    assert told(seen(v1=[(0, 300)], v2=[(GRACE // STEP + 1, 300)])) != []


def test_what_appears_soon_after_knowledge_begins_may_have_been_there() -> None:
    runs = seen(v1=[(0, 300)], v2=[(50, 300)])
    assert rollouts(runs, STEP, ZERO) == []
    assert rollouts(runs, STEP, ZERO - 660) != []


def test_nothing_seen_is_nothing_gone() -> None:
    assert told(seen(v1=[(0, 100), (160, 300)])) == []
    assert told(seen(v1=[(0, 100), (160, 300)], v0=[(0, 98)])) == []
    both = seen(v1=[(0, 100), (400, 600)], v2=[(50, 100), (403, 600)])
    assert told(both) == [("v2", "v1", "running", 50, None)]


def test_a_version_that_comes_back_after_another_is_a_deploy() -> None:
    runs = seen(v1=[(0, 105), (196, 400)], v2=[(101, 200)])
    assert told(runs) == [("v2", "v1", "succeeded", 101, 105), ("v1", "v2", "succeeded", 196, 200)]


def test_one_that_was_away_shortly_was_not_away() -> None:
    runs = seen(v1=[(0, 105), (106 + GRACE // STEP, 400)], v2=[(101, 130)])
    assert told(runs) == [("v2", "v1", "cancelled", 101, 130)]
    runs = seen(v1=[(0, 105), (107 + GRACE // STEP, 400)], v2=[(101, 130)])
    assert [one[0] for one in told(runs)] == ["v2", "v1"]


def test_canaries_are_promoted_withdrawn_or_go_on() -> None:
    long = 101 + CANARY // STEP
    assert not found(seen(v1=[(0, long)], v2=[(101, 400)]))[0].canary
    (promoted,) = found(seen(v1=[(0, long + 1)], v2=[(101, 400)]))
    assert (promoted.canary, promoted.outcome, promoted.finished) == (True, "succeeded", at(long + 1))
    (withdrawn,) = found(seen(v1=[(0, 400)], v2=[(101, 200)]))
    assert (withdrawn.canary, withdrawn.outcome, withdrawn.finished) == (True, "cancelled", at(200))
    (running,) = found(seen(v1=[(0, 400)], v2=[(101, 400)]))
    assert (running.canary, running.outcome, running.finished) == (True, "running", None)


def test_a_canary_that_is_interrupted_is_one() -> None:
    hour = INTERRUPTED // STEP
    assert len(found(seen(v1=[(0, 900)], v2=[(101, 200), (200 + hour, 900)]))) == 1
    assert len(found(seen(v1=[(0, 900)], v2=[(101, 200), (201 + hour, 900)]))) == 2
    # one of two that were always there side by side, and was down
    assert found(seen(v1=[(0, 900)], v2=[(0, 200), (250, 900)])) == []


def test_after_a_day_beside_each_other_it_is_no_rollout_any_more() -> None:
    day = LONGEST // STEP
    (one,) = found(seen(v1=[(0, 101 + day)], v2=[(101, 101 + day)]))
    assert (one.outcome, one.beside) == ("running", ())
    (one,) = found(seen(v1=[(0, 102 + day)], v2=[(101, 102 + day)]))
    assert (one.outcome, one.finished, one.beside, one.canary) == ("succeeded", None, ("v1",), True)


def test_a_third_version_takes_over_from_both() -> None:
    runs = seen(v1=[(0, 110)], v2=[(101, 108)], v3=[(103, 400)])
    assert told(runs) == [("v2", "v1", "cancelled", 101, 108), ("v3", "v1", "succeeded", 103, 110)]
    runs = seen(v1=[(0, 105)], v2=[(101, 108)], v3=[(103, 400)])
    assert told(runs) == [("v2", "v1", "succeeded", 101, 105), ("v3", "v1", "succeeded", 103, 108)]


@pytest.mark.parametrize("step", [60, 300, 3600])
def test_longer_steps_have_longer_grace(step: int) -> None:
    def run(*pairs: tuple[int, int]) -> list[Run]:
        return [(ZERO // step * step + first * step, ZERO // step * step + last * step) for first, last in pairs]

    runs = {"v1": run((0, 105), (108, 400)), "v2": run((101, 130))}
    assert [one.version for one in rollouts(runs, step, 0)] == ["v2"]


minutes = st.integers(0, 600)
sightings = st.sets(minutes, min_size=1, max_size=60)
versions = st.dictionaries(st.sampled_from(["v1", "v2", "v3"]), sightings, min_size=1)


@given(sightings)
def test_one_version_never_is_a_rollout(minutes: set[int]) -> None:
    assert told({"v1": runs_of(sorted(map(at, minutes)), STEP)}) == []


@given(versions, minutes, minutes)
def test_the_time_that_anything_was_seen(seen: dict[str, set[int]], one: int, other: int) -> None:
    runs = {version: runs_of(sorted(map(at, each)), STEP) for version, each in seen.items()}
    everything = set().union(*seen.values())
    observed = Observed(runs, STEP)
    assert observed.seconds(at(one), at(other)) == STEP * len([m for m in everything if one < m < other])
    assert observed.seconds(at(one)) == STEP * len([m for m in everything if m > one])
    assert (observed.first, observed.last) == (at(min(everything)), at(max(everything)))
    if earlier := [m for m in everything if m < one]:
        assert observed.last_before(at(one)) == at(max(earlier))


@given(versions, st.integers(1, 5))
def test_rollouts_make_sense(seen: dict[str, set[int]], days: int) -> None:
    runs = {version: runs_of(sorted(map(at, each)), STEP) for version, each in seen.items()}
    first = min(min(each) for each in seen.values())
    for one in found(runs):
        assert one.version != one.before
        assert one.first in {begin for begin, _ in runs[one.version]}
        assert one.first > at(first) + GRACE
        assert one.started == one.first - STEP
        assert one.margin >= STEP
        assert (one.finished is None) == (one.outcome == "running")
        assert one.finished is None or (one.finished >= one.first and one.finished < math.inf)
    later = {version: [(a + days * 86_400, b + days * 86_400) for a, b in each] for version, each in runs.items()}
    assert [(one.version, one.outcome) for one in found(later)] == [(one.version, one.outcome) for one in found(runs)]


@given(versions, minutes)
def test_what_was_told_stays_told(seen: dict[str, set[int]], now: int) -> None:
    """A rollout that was once shown is not taken back when more is seen, only its outcome changes."""
    whole = {version: runs_of(sorted(map(at, each)), STEP) for version, each in seen.items()}
    until_now = {
        version: runs_of(sorted(at(m) for m in each if m <= now), STEP)
        for version, each in seen.items()
        if any(m <= now for m in each)
    }
    if not until_now:
        return
    before = {(one.version, one.first) for one in found(until_now)}
    assert before <= {(one.version, one.first) for one in found(whole)}
