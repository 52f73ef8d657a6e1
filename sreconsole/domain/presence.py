"""Which versions of what were there when: a memory of sightings, by the hour where all was calm, finer where not.

Times are ends of steps: what was seen at `t` was there within (t - step, t]. Sightings only add up, in any order, so
that a past fetched newest first and a past followed as it happened end as the same memory.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

HOUR = 3600
STEADY = 3
"""Hours before and after in which the same several versions were seen, for an hour to have nothing more to tell."""


class Place(NamedTuple):
    """Where a version can be: raw names, as the source has them."""

    service: str
    environment: str = ""
    namespace: str = ""


Run = tuple[int, int]
"""First and last step of an unbroken sighting, both seen."""


def add_run(runs: list[Run], first: int, last: int, step: int) -> bool:
    """Put a run among sorted ones, joining what touches; whether anything but the end of the newest changed."""
    if not runs or first > runs[-1][1] + step:
        runs.append((first, last))
        return True
    if first >= runs[-1][0]:
        runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        return False
    low = bisect_left(runs, first - step, key=lambda run: run[1])
    high = low
    while high < len(runs) and runs[high][0] <= last + step:
        first, last = min(first, runs[high][0]), max(last, runs[high][1])
        high += 1
    if runs[low:high] == [(first, last)]:
        return False
    runs[low:high] = [(first, last)]
    return True


def runs_of(times: Iterable[int], step: int) -> list[Run]:
    """Runs of ascending sightings."""
    runs: list[Run] = []
    for time in times:
        if runs and time <= runs[-1][1] + step:
            runs[-1] = (runs[-1][0], time)
        else:
            runs.append((time, time))
    return runs


class Presence:
    """Sightings by place and version: of hours, and of steps of `step` seconds (a divisor of the hour)."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.sets = 0
        """Places and versions that are remembered."""
        self._fine: dict[Place, dict[str, list[Run]]] = {}
        self._hours: dict[Place, dict[str, list[Run]]] = {}
        self._looked: dict[str, set[int]] = {}
        """Hours (their ends) of a service that were looked at step by step, apart from those never seen as hours."""
        self._changed: set[Place] = set()

    def places(self) -> Iterable[Place]:
        """Everything remembered."""
        return self._fine.keys() | self._hours.keys()

    def knows(self, place: Place, version: str) -> bool:
        """Whether a version was ever seen at a place."""
        return version in self._fine.get(place, ()) or version in self._hours.get(place, ())

    def versions(self, place: Place) -> int:
        """How many were seen at a place."""
        return len(self._fine.get(place, {}).keys() | self._hours.get(place, {}).keys())

    def saw(self, place: Place, version: str, times: Iterable[int]) -> None:
        """A version was there within the steps that end at these ascending times."""
        self._add(self._fine, place, version, times, self.step)

    def saw_hours(self, place: Place, version: str, ends: Iterable[int]) -> None:
        """A version was there at some time within each of the hours that end at these ascending times."""
        self._add(self._hours, place, version, ends, HOUR)

    def looked(self, services: Iterable[str], first: int, last: int) -> None:
        """All steps of the hours that end at `first` to `last` are known of these services."""
        for service in services:
            self._looked.setdefault(service, set()).update(range(first, last + 1, HOUR))

    def changed(self) -> set[Place]:
        """Places where more happened than that what was there is still there; asked once, then forgotten."""
        changed, self._changed = self._changed, set()
        return changed

    def wanted(self, place: Place) -> list[int]:
        """Hours (their ends, ascending) in which step by step may tell more: several versions, or another than before.

        An hour in which the one version was seen that was also there before and after can hide nothing: where it was
        not seen for a while, nothing else was. Nor is one looked into amid hours with the same several versions.
        """
        if not self._hours.get(place) or self.versions(place) < 2:
            return []
        seen = self._by_hour(place)
        coarse = {end for runs in self._hours[place].values() for end in _ends(runs, HOUR)}
        coarse -= self._looked.get(place.service, set())
        order = sorted(seen)
        wanted = []
        for at, end in enumerate(order):
            reach = 1 if len(seen[end]) == 1 else STEADY
            around = order[max(0, at - reach) : at + reach + 1]
            whole = reach == 1 or len(around) == 2 * reach + 1
            if end in coarse and not (whole and all(seen[other] == seen[end] for other in around)):
                wanted.append(end)
        return wanted

    def runs(self, place: Place, since: float = 0) -> dict[str, list[Run]]:
        """What is known of each version after `since` (Unix seconds), for places where no hour is wanted."""
        looked = self._looked.get(place.service, set())
        known = {version: list(runs) for version, runs in self._fine.get(place, {}).items()}
        for version, hours in self._hours.get(place, {}).items():
            runs = known.setdefault(version, [])
            for first, last in _without(hours, looked):
                add_run(runs, first - HOUR + self.step, last, self.step)
        return {version: cut for version, runs in known.items() if (cut := _since(runs, since, self.step))}

    def forget(self, before: float) -> None:
        """Drop runs that ended before then (Unix seconds)."""
        for memory in (self._fine, self._hours):
            for place in list(memory):
                kept = {
                    version: left
                    for version, runs in memory[place].items()
                    if (left := [run for run in runs if run[1] >= before])
                }
                self._changed |= {place} if kept != memory[place] else set()
                memory[place] = kept
                if not kept:
                    del memory[place]
        for service, hours in list(self._looked.items()):
            self._looked[service] = {end for end in hours if end >= before}
            if not self._looked[service]:
                del self._looked[service]
        self.sets = sum(self.versions(place) for place in self.places())

    def _add(
        self,
        memory: dict[Place, dict[str, list[Run]]],
        place: Place,
        version: str,
        times: Iterable[int],
        step: int,
    ) -> None:
        self.sets += not self.knows(place, version)
        runs = memory.setdefault(place, {}).setdefault(version, [])
        for first, last in runs_of(times, step):
            if add_run(runs, first, last, step):
                self._changed.add(place)

    def _by_hour(self, place: Place) -> Mapping[int, set[str]]:
        """The versions seen in each hour that has any."""
        seen: dict[int, set[str]] = {}
        for version, runs in self._hours.get(place, {}).items():
            for end in _ends(runs, HOUR):
                seen.setdefault(end, set()).add(version)
        for version, runs in self._fine.get(place, {}).items():
            for first, last in runs:
                for end in range(_hour_of(first), _hour_of(last) + 1, HOUR):
                    seen.setdefault(end, set()).add(version)
        return seen


def _hour_of(time: int) -> int:
    """End of the hour that a step lies in."""
    return -(-time // HOUR) * HOUR


def _ends(runs: Sequence[Run], step: int) -> Iterable[int]:
    return (end for first, last in runs for end in range(first, last + 1, step))


def _without(hours: Sequence[Run], out: set[int]) -> Iterable[Run]:
    """Runs of hours without some of them."""
    for first, last in hours:
        if not out:
            yield first, last
            continue
        yield from runs_of((end for end in range(first, last + 1, HOUR) if end not in out), HOUR)


def _since(runs: Sequence[Run], since: float, step: int) -> list[Run]:
    """The part of runs that lies after a moment."""
    start = int(since // step + 1) * step
    return [(max(first, start), last) for first, last in runs if last >= start]
