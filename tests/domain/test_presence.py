"""The memory of sightings: in whatever order they come, and by the hour where nothing happened."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.presence import HOUR, Place, Presence, add_run, runs_of
from sreconsole.domain.rollout import rollouts

STEP = 60
ZERO = 1_790_000_000 // HOUR * HOUR
HERE = Place("checkout", "prod")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6)), max_size=20))
def test_runs_are_the_sightings_whatever_their_order(pieces: list[tuple[int, int]]) -> None:
    runs: list[tuple[int, int]] = []
    seen: set[int] = set()
    for first, more in pieces:
        newest = runs[-1] if runs else None
        before = list(runs)
        changed = add_run(runs, first * STEP, (first + more) * STEP, STEP)
        seen |= {time * STEP for time in range(first, first + more + 1)}
        grown = newest is not None and runs[:-1] == before[:-1] and runs[-1][0] == newest[0]
        assert changed == (runs != before and not grown)
        assert runs == runs_of(sorted(seen), STEP)


def _days(chance: random.Random, hours: int) -> dict[str, list[int]]:
    """Sightings of versions that follow, overlap, come back and are not seen for a while."""
    total = hours * 60
    seen: dict[str, set[int]] = {}
    starts = sorted(chance.sample(range(total), chance.randint(1, 5)))
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else total
        first = max(0, start - chance.choice([0, 3, 8, 30, 90])) if index else 0
        last = min(total, end + chance.choice([-20, 0, 4]))
        seen.setdefault(f"v{chance.randint(1, 3)}", set()).update(range(first, last + 1))
    for _ in range(chance.randint(0, 3)):
        gone = chance.randrange(total)
        away = set(range(gone, gone + chance.choice([1, 4, 20, 90, 240])))
        for each in seen.values() if chance.random() < 0.5 else [chance.choice(list(seen.values()))]:
            each -= away
    return {version: [ZERO + minute * STEP for minute in sorted(each)] for version, each in seen.items() if each}


@settings(max_examples=300)
@given(st.integers(0, 10**9), st.booleans())
def test_hours_looked_into_where_wanted_tell_what_all_steps_tell(seed: int, newest_first: bool) -> None:
    chance = random.Random(seed)
    hours = 40
    seen = _days(chance, hours)
    coarse = Presence(STEP)
    edges = sorted({0, hours + 1, *(chance.randrange(hours) for _ in range(3))})
    spans = [(ZERO + a * HOUR, ZERO + b * HOUR) for a, b in pairwise(edges)]
    recent = spans.pop()  # followed step by step
    for version, times in seen.items():
        coarse.saw(HERE, version, [time for time in times if recent[0] < time <= recent[1]])
    for start, end in reversed(spans) if newest_first else spans:
        for version, times in seen.items():
            ends = sorted({-(-time // HOUR) * HOUR for time in times if start < time <= end})
            coarse.saw_hours(HERE, version, ends)
        while wanted := coarse.wanted(HERE):
            last = wanted[-1]
            for version, times in seen.items():
                coarse.saw(HERE, version, [time for time in times if last - HOUR < time <= last])
            coarse.looked([HERE.service], last, last)
    # a step at the very beginning belongs to no hour that was asked for
    known = {version: [t for t in times if t > ZERO] for version, times in seen.items()}
    fine = Presence(STEP)
    for version, times in known.items():
        fine.saw(HERE, version, times)
    told = rollouts(fine.runs(HERE), STEP, 0)
    assert rollouts(coarse.runs(HERE), STEP, 0) == told


def test_calm_hours_are_not_looked_into() -> None:
    presence = Presence(STEP)
    day = range(ZERO + HOUR, ZERO + 25 * HOUR, HOUR)
    presence.saw_hours(HERE, "v1", day)
    assert presence.wanted(HERE) == []
    presence.saw_hours(HERE, "v2", day[20:])
    presence.saw_hours(HERE, "v3", day[5:6])
    # where v3 was, beside it, and where v2 comes: not where both go on and on
    assert presence.wanted(HERE) == [*day[4:7], *day[19:24]]
    presence.saw_hours(HERE, "v1", range(day[-1] + HOUR, day[-1] + 21 * HOUR, HOUR))
    presence.saw_hours(HERE, "v2", range(day[-1] + HOUR, day[-1] + 21 * HOUR, HOUR))
    assert presence.wanted(HERE) == [*day[4:7], *day[19:23], *range(day[-1] + 18 * HOUR, day[-1] + 21 * HOUR, HOUR)]
    presence.looked(["other"], day[0], day[-1])
    assert presence.wanted(HERE)
    presence.looked([HERE.service], day[0], day[-1] + 40 * HOUR)
    assert presence.wanted(HERE) == []


def test_only_what_happens_is_a_change() -> None:
    presence = Presence(STEP)
    presence.saw(HERE, "v1", range(ZERO, ZERO + HOUR, STEP))
    assert presence.changed() == {HERE}
    presence.saw(HERE, "v1", range(ZERO + HOUR - 15 * STEP, ZERO + HOUR + STEP, STEP))
    assert presence.changed() == set()
    presence.saw(HERE, "v2", [ZERO + HOUR])
    assert presence.changed() == {HERE}
    assert presence.changed() == set()


def test_what_is_long_gone_is_forgotten() -> None:
    presence = Presence(STEP)
    presence.saw(HERE, "v1", [ZERO])
    presence.saw_hours(Place("search"), "v1", [ZERO])
    presence.looked(["search"], ZERO, ZERO)
    presence.saw(HERE, "v2", [ZERO + HOUR])
    assert presence.sets == 3
    presence.changed()
    presence.forget(ZERO + STEP)
    assert (list(presence.places()), presence.sets) == ([HERE], 1)
    assert presence.runs(HERE) == {"v2": [(ZERO + HOUR, ZERO + HOUR)]}
    assert presence.changed() == {HERE, Place("search")}
