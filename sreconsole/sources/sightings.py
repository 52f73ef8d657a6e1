"""Follows which versions are where: the last minutes at each refresh, the days before once, newest first.

A day is asked for by the hour, in one request. Where an hour holds more than one version, or another than the hour
before, it is asked for again step by step, for those services only. An answer that may be partial is not believed: what
it lacks would look as if it had gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from sreconsole.domain.presence import HOUR, Place, Presence
from sreconsole.domain.selector import Selector
from sreconsole.errors import QueryRejected, Unreachable
from sreconsole.sources import turns
from sreconsole.sources.build_info import ranged
from sreconsole.sources.promapi import Matrix, PromApi

LOOK_BACK = 30 * 86_400
TAIL = 900
"""Seconds asked for again at each refresh: samples come late."""
MISSED = 7200
"""Seconds without an answer after which the time between is fetched as history is."""
DAY = 24 * HOUR
STEPS = (60, 120, 180, 240, 300, 600, 900, 1200, 1800, 3600)
MOST_SETS, MOST_KEPT = 2_000, 20_000
"""Label sets of one answer that are read, and of all answers."""
AT_ONCE = 25
"""Services that are looked at step by step in one request."""


class Watch(Protocol):
    """What is watched: `sources.build_info.BuildInfo`, `sources.replicasets.ReplicaSets`."""

    key: str

    @property
    def sampled(self) -> Selector:
        """Series whose samples tell the scrape interval."""
        ...

    def present(self, seconds: int, services: Iterable[str] = ()) -> str:
        """The query for what was there in the last `seconds`."""
        ...

    def seen(self, labels: Mapping[str, str]) -> tuple[Place, str] | None:
        """What a series of the answer stands for."""
        ...


class Partial(Exception):
    """An answer came with warnings; `str()` says which."""


class Sightings:
    """One watch at one server. `api` makes the connection when the first question needs it."""

    def __init__(self, watch: Watch, api: Callable[[], PromApi], interval: float | None = None) -> None:
        """`interval`: seconds between samples where they are configured."""
        self.watch = watch
        self.truncated = False
        """Whether there were more label sets than are read."""
        self.presence: Presence | None = None
        """None before the first answer."""
        self.taking = asyncio.Lock()
        """Held while an answer is taken up: what is remembered of it is then not whole."""
        self._api, self._interval = api, interval
        self._covered: int | None = None
        self._holes: list[tuple[int, int]] = []
        """What is yet to be fetched by the hour, ascending."""
        self._whole = 0
        self._from = 0
        self._span = DAY
        self._wanted: dict[Place, list[int]] = {}

    @property
    def step(self) -> int:
        """Seconds between two sightings."""
        return self.presence.step if self.presence is not None else STEPS[0]

    @property
    def since(self) -> float:
        """The moment after which nothing is yet to be fetched."""
        return float(self._holes[-1][1] if self._holes else self._from)

    @property
    def newest(self) -> int:
        """The newest step that was answered for."""
        return self._covered or 0

    @property
    def lacking(self) -> bool:
        """Whether there is history to fetch."""
        return bool(self._wanted or self._holes)

    def progress(self) -> float | None:
        """Share of the history that is fetched; None: all."""
        if self._covered is None or not self._whole or not self.lacking:
            return None
        return 1 - sum(end - start for start, end in self._holes) / self._whole

    def settled(self, place: Place) -> bool:
        """Whether no hour of a place is yet to be looked at step by step."""
        return place not in self._wanted

    async def follow(self, now: float) -> None:
        """Take up what was seen since the last time. Raises SourceError, Partial."""
        presence = self.presence or Presence(await self._found_step(now))
        step = presence.step
        end = int(now // step) * step
        start = _hour(end - TAIL) if self._covered is None else self._covered - TAIL
        gap = None
        if self._covered is None:
            gap = (_hour(end - LOOK_BACK), start)
        elif end - start > MISSED:
            gap = (_hour(start), _hour(end - TAIL))
            start = gap[1]
        await self._look(presence, start, end, ())
        if gap is not None and gap[1] > gap[0]:
            self._holes.append(gap)
            self._whole = sum(there - here for here, there in self._holes)
            self._from = self._from or gap[0]
        self.presence, self._covered = presence, end
        self._from = max(self._from, _hour(end - LOOK_BACK))
        self._holes = [(max(here, self._from), there) for here, there in self._holes if there > self._from]

    async def fill(self) -> bool:
        """Fetch one piece of history; False when nothing is left. Raises SourceError, Partial."""
        if self.presence is None:
            return False
        if self._wanted:
            await self._refine(self.presence)
        elif self._holes:
            await self._by_hour(self.presence)
        return self.lacking

    def want(self, places: Iterable[Place]) -> None:
        """Find out what is yet to be looked at step by step at some places."""
        for place in places:
            if self.presence is not None and (hours := self.presence.wanted(place)):
                self._wanted[place] = hours
            else:
                self._wanted.pop(place, None)

    async def piece(self, start: int, end: int) -> None:
        """A piece of history was fetched by the hour; overridden by who wants more of it."""

    async def finer(self, start: int, end: int, services: Sequence[str]) -> None:
        """A time was looked at step by step, of some services or (none named) all; overridden by who wants more."""

    async def _look(self, presence: Presence, start: int, end: int, services: Sequence[str]) -> None:
        """Step by step over (start, end]."""
        step = presence.step
        query = self.watch.present(step, services)
        answer = await self._api().query_range(query, start + step, end, step, timeout=30.0)
        _refuse_partial(answer.warnings)
        await self.finer(start, end, services)
        await self._take(presence, answer, presence.saw)

    async def _by_hour(self, presence: Presence) -> None:
        """The newest piece of what is lacking."""
        here, end = self._holes[-1]
        start = max(here, end - self._span)
        try:
            query = self.watch.present(HOUR)
            answer = await self._api().query_range(query, start + HOUR, end, HOUR, timeout=30.0)
            _refuse_partial(answer.warnings)
            await self.piece(start, end)
        except (QueryRejected, Unreachable):
            self._span = max(HOUR, self._span // 2 // HOUR * HOUR)
            raise
        await self._take(presence, answer, presence.saw_hours)
        self._holes = [
            left
            for hole in self._holes
            for left in ((hole[0], min(hole[1], start)), (max(hole[0], end), hole[1]))
            if left[1] > left[0]
        ]
        self.want([place for place in presence.places() if presence.versions(place) > 1])

    async def _refine(self, presence: Presence) -> None:
        """Step by step where it is wanted: the newest hours of up to a day."""
        last = max(hours[-1] for hours in self._wanted.values())
        recent = {place: [end for end in hours if end > last - DAY] for place, hours in self._wanted.items() if hours}
        places = sorted((place for place in recent if recent[place]), key=lambda place: (-recent[place][-1], place))
        services = list(dict.fromkeys(place.service for place in places))[:AT_ONCE]
        hours = [end for place in places if place.service in services for end in recent[place]]
        first, last = min(hours), max(hours)
        await self._look(presence, first - HOUR, last, services)
        presence.looked(services, first, last)
        self.want([place for place in self._wanted if place.service in services])

    async def _take(self, presence: Presence, answer: Matrix, saw: Callable[[Place, str, Iterable[int]], None]) -> None:
        """Remember what an answer shows."""
        series = answer.series
        if len(series) > MOST_SETS:
            self.truncated = True
            series = sorted(series, key=lambda one: self._unknown(presence, one.labels))[:MOST_SETS]

        def take(index: int) -> bool:
            labels, times = series[index].labels, series[index].times
            seen = self.watch.seen(labels)
            if seen is None:
                return True
            if presence.sets >= MOST_KEPT and not presence.knows(*seen):
                self.truncated = True
                return True
            saw(*seen, map(round, times))
            return True

        async with self.taking:
            await turns.each(range(len(series)), take)

    def _unknown(self, presence: Presence, labels: Mapping[str, str]) -> tuple[bool, tuple[str, ...]]:
        seen = self.watch.seen(labels)
        return seen is None or not presence.knows(*seen), (*seen[0], seen[1]) if seen else ()

    async def _found_step(self, now: float) -> int:
        """Seconds between two looks: a minute, or the scrape interval where that is longer."""
        interval = self._interval
        if interval is None:
            counted = f"max(count_over_time({ranged(self.watch.sampled, HOUR)}))"
            items = (await self._api().query(counted, now)).items
            interval = HOUR / items[0][1] if items and items[0][1] > 0 else STEPS[0]
        return next((step for step in STEPS if step >= interval * 0.95), STEPS[-1])


def _refuse_partial(warnings: Sequence[str]) -> None:
    if warnings:
        raise Partial(warnings[0])


def _hour(time: float) -> int:
    return int(time // HOUR) * HOUR
