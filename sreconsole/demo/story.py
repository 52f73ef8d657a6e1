"""What happens in the estate: counts of bad and total events of every SLO at any time, without state or clock.

Everything follows from (seed, origin, zone). Hours are defined first and split into minutes (hours touched by an
outage: minutes first, then added up), so buckets of 1 m, 5 m and 1 h and the counters on /metrics always agree.
"""

from __future__ import annotations

from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sreconsole.demo.cast import CAST, SAMPLE, Promise, Service
from sreconsole.demo.chance import chance
from sreconsole.demo.scenes import LEAD, drift, incident
from sreconsole.demo.traffic import MINUTES, Traffic

if TYPE_CHECKING:
    from sreconsole.demo.releases import Releases

HISTORY = 32 * 86_400
"""Seconds of the past that are known before the origin: more than any month."""
Counts = tuple[int, int]
"""Bad and total events."""
_MILLION = 1_000_000


class _Hour(NamedTuple):
    bad: int
    total: int
    phase: int
    """Shifts the bad events within the hour."""
    split: list[int] | None = None
    """Bad events in its first 0..60 minutes, where an outage reaches into it."""


class Track:
    """One SLO: its counts by bucket, and as counters that never fall."""

    def __init__(self, promise: Promise, traffic: Traffic, seed: int, stream: int, origin: int) -> None:
        self.service = traffic.service
        self.promise = promise
        self._traffic = traffic
        self._seed = seed
        self._stream = stream
        self._origin = origin // 60
        self._epoch = (origin - HISTORY) // 3600
        self._sums: list[Counts] = [(0, 0)]
        self._hours: dict[int, _Hour] = {}
        self._budget = promise.budget
        self._troubled = {
            minute // MINUTES
            for flare in promise.flares
            for minute in range(self._origin + flare.begins, self._origin + flare.begins + flare.minutes)
        }

    def bucket(self, start: int, width: int) -> Counts:
        """Counts in [start, start + width), Unix seconds; whole minutes that do not cross a full hour."""
        hour, offset = divmod(start, 3600)
        if width == 3600 and not offset:
            whole = self._hour(hour)
            return whole.bad, whole.total
        before = self._within(hour, offset // 60)
        after = self._within(hour, (offset + width) // 60)
        return after[0] - before[0], after[1] - before[1]

    def counters(self, at: float) -> Counts:
        """Events from the beginning of the history until `at`: whole numbers that only grow."""
        hour, offset = divmod(at, 3600)
        minute, seconds = divmod(offset, 60)
        bad, total = self._until(int(hour))
        bad_before, before = self._within(int(hour), int(minute))
        bad_after, after = self._within(int(hour), int(minute) + 1)
        now = (after - before) * int(seconds * _MILLION) // (60 * _MILLION)
        failed = (bad_after - bad_before) * now // (after - before) if after > before else 0
        return bad + bad_before + failed, total + before + now

    def gauge(self, at: float) -> int:
        """A probe's value: 0 in as many samples of a minute as it has bad events, else 1."""
        start = int(at // 60) * 60
        return 0 if (at - start) // SAMPLE < self.bucket(start, 60)[0] else 1

    def _until(self, hour: int) -> Counts:
        """Counts from the beginning of the history until an hour begins."""
        while len(self._sums) <= hour - self._epoch:
            last = self._hour(self._epoch + len(self._sums) - 1)
            self._sums.append((self._sums[-1][0] + last.bad, self._sums[-1][1] + last.total))
        return self._sums[max(0, hour - self._epoch)]

    def _within(self, hour: int, minutes: int) -> Counts:
        """Counts in the first minutes of an hour."""
        passed, whole = self._traffic.within(hour, minutes), self._hour(hour)
        if whole.split is not None:
            return whole.split[minutes], passed
        return (whole.bad * passed + whole.phase) // whole.total if whole.bad else 0, passed

    def _hour(self, hour: int) -> _Hour:
        known = self._hours.get(hour)
        if known is None:
            known = self._hours[hour] = self._live(hour)
        return known

    def _live(self, hour: int) -> _Hour:
        total, ordinary = self._traffic.hour(hour), self._ratio(hour)
        if hour in self._troubled or (self.promise.incident and (hour + 1) * MINUTES - self._origin > -LEAD):
            split = self._minutes(hour, ordinary)
            return _Hour(split[-1], total, 0, split)
        bad = int(total * ordinary + chance(self._seed, self._stream + 1, hour))
        return _Hour(bad, total, int(chance(self._seed, self._stream + 2, hour) * total))

    def _minutes(self, hour: int, ordinary: float) -> list[int]:
        """Bad events in the first 0..60 minutes of an hour that an outage reaches into."""
        split = [0]
        for k in range(MINUTES):
            minute = hour * MINUTES + k
            count = self._traffic.within(hour, k + 1) - self._traffic.within(hour, k)
            draw = chance(self._seed, self._stream + 3, minute)
            split.append(split[-1] + int(count * min(1.0, ordinary + self._trouble(minute)) + draw * 0.999))
        return split

    def _trouble(self, minute: int) -> float:
        relative = minute - self._origin
        ratio = sum(flare.at(relative) for flare in self.promise.flares)
        if self.promise.incident:
            ratio += self.promise.incident * incident(self._seed, relative)
        return ratio

    def _ratio(self, hour: int) -> float:
        """Share of bad events in an ordinary hour."""
        burn = self.promise.burn * (0.5 + chance(self._seed, self._stream, hour))
        if self.promise.drifts:
            burn += drift(hour * MINUTES - self._origin) * (0.97 + 0.06 * chance(self._seed, self._stream + 4, hour))
        return burn * self._budget


class Story:
    """The whole estate from a seed and an origin (Unix seconds, a full minute: when the estate starts)."""

    def __init__(self, seed: int, origin: int, zone: tzinfo) -> None:
        self.seed = seed
        self.origin = origin
        self.zone = zone
        self.services: tuple[Service, ...] = CAST
        self.tracks: dict[tuple[str, str], Track] = {}
        """By service and SLO; a mute service has none."""
        for number, service in enumerate(CAST):
            if service.mute:
                continue
            traffic = Traffic(service, seed, number * 100, zone)
            for place, promise in enumerate(service.promises):
                stream = number * 100 + 10 * (place + 1)
                self.tracks[service.name, promise.name] = Track(promise, traffic, seed, stream, origin)

    @cached_property
    def releases(self) -> Releases:
        """What was deployed, and what will be."""
        from sreconsole.demo.releases import Releases

        return Releases(self.seed, self.origin, self.zone)
