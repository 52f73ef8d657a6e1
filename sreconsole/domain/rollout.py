"""Deploys concluded from what was seen: a version that comes where another was, and what becomes of both.

What counts is what is seen of others meanwhile. A version that is not seen while nothing else is seen either has not
gone: the target was down, a scrape was missed, it was scaled to nothing. So neither restarts, autoscaling, staleness
nor gaps make a deploy. The rules, with their figures, are in docs/words.md, "Deploys". Times are ends of steps, as in
`domain.presence`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Literal

from sreconsole.domain.presence import Run, add_run
from sreconsole.records import dataclass

GRACE = 300
"""Seconds: a version that others were seen without for no longer has not been away (a missed scrape, a crash)."""
INTERRUPTED = 3600
"""Seconds within which a version that comes back beside the one it was to replace goes on with the same attempt."""
CANARY = 600
"""Seconds beside the one before it from which on a new version is a canary."""
LONGEST = 86_400
"""Seconds after which two versions beside each other are no rollout any more."""

Outcome = Literal["running", "succeeded", "cancelled", "unknown"]


@dataclass(frozen=True, slots=True)
class Rollout:
    """One coming of a version. Times are Unix seconds."""

    version: str
    before: str
    """The version that was there; of several the one that was there longest."""
    first: int
    """The step in which it was first seen."""
    started: float
    finished: float | None
    outcome: Outcome
    canary: bool = False
    margin: float = 0.0
    """Seconds by which `started` may be too late or too early."""
    beside: tuple[str, ...] = ()
    """Versions that are still there after a day."""


@dataclass(slots=True)
class _Spell:
    """A version being there, short absences included."""

    version: str
    first: int
    last: float
    """Infinite while it is there as far as is known."""


def rollouts(runs: Mapping[str, Sequence[Run]], step: int, since: float) -> list[Rollout]:
    """The rollouts at one place, in the order of their beginning.

    `runs` are the sightings of each version, sorted; all that happened after `since` is known. What was there first is
    where the story begins, no rollout; nor is what appeared within an hour after `since`: it may only have come back.
    """
    if len(runs) < 2:
        return []
    observed = Observed(runs, step)
    spells = _spells(runs, observed, max(GRACE, 3 * step))
    begin = max(observed.first + max(GRACE, 3 * step), since + INTERRUPTED)
    return [_rollout(spell, spells, observed, step) for spell in spells if spell.first > begin]


class Observed:
    """When anything was seen at a place."""

    def __init__(self, runs: Mapping[str, Sequence[Run]], step: int) -> None:
        union: list[Run] = []
        for first, last in sorted(run for each in runs.values() for run in each):
            add_run(union, first, last, step)
        self.step = step
        self._union = union
        self._firsts = [first for first, _ in union]
        self._before = list(accumulate((last - first + step for first, last in union), initial=0))
        self.first, self.last = union[0][0], union[-1][1]

    def seconds(self, after: float, before: float = math.inf) -> float:
        """Seconds of steps with sightings strictly between two steps."""
        return max(0.0, self._until(before - self.step) - self._until(after))

    def last_before(self, time: int) -> int:
        """The last step with a sighting before this one."""
        at = bisect_right(self._firsts, time - self.step) - 1
        return min(self._union[at][1], time - self.step) if at >= 0 else time - self.step

    def _until(self, time: float) -> float:
        """Seconds of steps with sightings up to this one."""
        at = bisect_right(self._firsts, time) - 1
        if at < 0:
            return 0.0
        first, last = self._union[at]
        return self._before[at] + min(last, time) - first + self.step


def _spells(runs: Mapping[str, Sequence[Run]], observed: Observed, grace: float) -> list[_Spell]:
    """When each version was there, in the order of beginning."""
    found: dict[str, list[_Spell]] = {}
    for version, each in runs.items():
        mine = found.setdefault(version, [])
        for first, last in each:
            if mine and observed.seconds(mine[-1].last, first) <= grace:
                mine[-1].last = last
            else:
                mine.append(_Spell(version, first, last))
        if observed.seconds(mine[-1].last) <= grace:
            mine[-1].last = math.inf
    joined = [
        spell
        for version, mine in found.items()
        for spell in _joined(mine, [each for other, all_ in found.items() if other != version for each in all_])
    ]
    return sorted(joined, key=lambda spell: (spell.first, spell.version))


def _joined(mine: Sequence[_Spell], others: Sequence[_Spell]) -> list[_Spell]:
    """Spells of one version as one where it was interrupted while what it was to replace went on."""
    joined: list[_Spell] = []
    for spell in mine:
        if joined and spell.first - joined[-1].last <= INTERRUPTED:
            start = joined[-1].first
            if any(other.first <= start and other.last >= spell.first for other in others):
                joined[-1] = _Spell(spell.version, start, spell.last)
                continue
        joined.append(spell)
    return joined


def _rollout(spell: _Spell, spells: Sequence[_Spell], observed: Observed, step: int) -> Rollout:
    earlier = [other for other in spells if other.version != spell.version and other.first < spell.first]
    olds = [other for other in earlier if other.last >= spell.first]
    before = min(olds, key=lambda old: old.first) if olds else max(earlier, key=lambda old: old.last)
    longest = max((old.last for old in olds), default=float(spell.first))
    outcome: Outcome
    finished: float | None
    beside: tuple[str, ...] = ()
    if spell.last < longest:
        outcome, finished, until = "cancelled", spell.last, spell.last
    elif longest < math.inf:
        outcome, finished, until = "succeeded", longest, longest
    else:
        outcome, finished, until = "running", None, float(observed.last)
        if until - spell.first > LONGEST:
            outcome = "succeeded"
            beside = tuple(old.version for old in olds if old.last == math.inf)
    return Rollout(
        spell.version,
        before.version,
        spell.first,
        float(spell.first - step),
        finished,
        outcome,
        until - spell.first > CANARY,
        float(max(step, spell.first - observed.last_before(spell.first))),
        beside,
    )
