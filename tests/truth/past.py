"""A past that is known: counters of services as a Prometheus would have scraped them, and what really happened.

Each service has targets with a scrape interval and a random phase. Targets restart (counters fall to zero), are
replaced (births and deaths of series), and miss one scrape in a hundred; error series of some appear with their first
error only. Traffic follows the hour of the day, errors come in bursts above a small share.

Truth is what the scrapes saw: increments between consecutive scraped samples of a series, dated at the later one; after
a reset the value itself; a series' first sample counts nothing.
"""

from __future__ import annotations

import math
import random
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

DAY = 86_400.0
CODES = (("200", 1.0), ("500", 0.7), ("503", 0.3))
"""Codes and their share: of the good requests, of the bad ones."""
MISSED = 0.01
"""Share of scrapes that fail."""
RESTARTS, ROLLOUTS, BURSTS = 1.0, 1.0, 6.0
"""A day: restarts of a target, rollouts of a service, bursts of errors in it."""


@dataclass(slots=True)
class Truth:
    """Increments of one kind of event of a service, by the moment of the sample that showed them."""

    times: array[float]
    totals: array[float]
    """Running totals; one longer than `times`."""

    @classmethod
    def of(cls, increments: list[tuple[float, int]]) -> Truth:
        """From increments in any order."""
        increments.sort()
        times = array("d", (at for at, _ in increments))
        return cls(times, array("d", accumulate((count for _, count in increments), initial=0)))

    def within(self, start: float, end: float) -> float:
        """Events of samples in (start, end]."""
        return self.totals[bisect_right(self.times, end)] - self.totals[bisect_right(self.times, start)]


@dataclass(slots=True)
class Column:
    """The samples of one series."""

    labels: str
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[int] = field(default_factory=lambda: array("q"))


@dataclass(slots=True)
class ServicePast:
    """One service: its series and the truth."""

    name: str
    columns: list[Column]
    bad: Truth
    total: Truth

    def ratio(self, start: float, end: float) -> float:
        """The true error ratio of samples in (start, end]; NaN without events."""
        total = self.total.within(start, end)
        return self.bad.within(start, end) / total if total else math.nan


@dataclass(frozen=True, slots=True)
class Setting:
    """How services are scraped."""

    name: str
    intervals: Sequence[float]
    """Seconds; each target of a service takes one in turn."""


SETTINGS = (
    Setting("15 s", (15.0,)),
    Setting("30 s", (30.0,)),
    Setting("60 s", (60.0,)),
    Setting("15 and 60 s in one SLO", (15.0, 60.0)),
)


def services(setting: Setting, seed: int, start: float, end: float, count: int) -> list[ServicePast]:
    """The past of `count` services between two moments (Unix seconds)."""
    return [_service(f"s{number:02d}", setting, f"{seed}/{number}", start, end) for number in range(count)]


def lines(past: Sequence[ServicePast], start: float, end: float, unit: float) -> Iterator[str]:
    """Exposition text of the samples in [start, end), a series at a time; times in seconds x `unit`."""
    places = 3 if unit == 1.0 else 0
    for service in past:
        for column in service.columns:
            low, high = _first(column.times, start), _first(column.times, end)
            head = f"http_requests_total{{{column.labels}}} "
            if low < high:
                rows = zip(column.values[low:high], column.times[low:high], strict=True)
                yield "".join([f"{head}{value} {at * unit:.{places}f}\n" for value, at in rows])


def _first(times: array[float], moment: float) -> int:
    return bisect_right(times, moment - 1e-6)


def _service(name: str, setting: Setting, seed: str, start: float, end: float) -> ServicePast:
    chance = random.Random(seed)
    load = _Load(chance, start, end)
    bad: list[tuple[float, int]] = []
    total: list[tuple[float, int]] = []
    columns: list[Column] = []
    for target in range(max(2, len(setting.intervals))):
        every = setting.intervals[target % len(setting.intervals)]
        born = start
        for life, died in enumerate([*_moments(chance, start, end, ROLLOUTS), end]):
            labels = f'service="{name}",pod="{target}-{life}"'
            columns += _life(chance, load, labels, every, born, died, bad, total)
            born = died + chance.uniform(0, 90)
    return ServicePast(name, columns, Truth.of(bad), Truth.of(total))


class _Load:
    """Requests a second of one target and the share of them that fail, by time."""

    def __init__(self, chance: random.Random, start: float, end: float) -> None:
        self.rate = 10 ** chance.uniform(0.0, 2.0)
        self.shift = chance.uniform(0, DAY)
        self.base = 10 ** chance.uniform(-3.5, -2.0)
        self.bursts = sorted(
            (at, at + chance.uniform(120, 5400), chance.uniform(0.02, 0.4))
            for at in _moments(chance, start, end, BURSTS)
        )

    def at(self, moment: float) -> tuple[float, float]:
        """Requests a second and the failing share."""
        rate = self.rate * (1 + 0.7 * math.sin((moment + self.shift) * 2 * math.pi / DAY))
        share = max((share for low, high, share in self.bursts if low <= moment < high), default=self.base)
        return rate, share


def _life(
    chance: random.Random,
    load: _Load,
    labels: str,
    every: float,
    born: float,
    died: float,
    bad: list[tuple[float, int]],
    total: list[tuple[float, int]],
) -> list[Column]:
    """The series of one target from birth to death."""
    lazy = chance.random() < 0.5
    made = [Column(f'{labels},code="{code}"') for code, _ in CODES]
    values = [0] * len(CODES)
    restarts = [*_moments(chance, born, died, RESTARTS), math.inf]
    at = math.ceil((born + chance.uniform(0, every)) * 1000) / 1000
    began = born
    while at < died:
        rate, share = load.at(at)
        if restarts[0] <= at:
            began = restarts.pop(0)
            values = [0] * len(CODES)
        lived, began = max(0.0, at - began), at
        for index, (_, part) in enumerate(CODES):
            mean = rate * lived * part * (share if index else 1 - share)
            values[index] += _poisson(chance, mean)
        if chance.random() >= MISSED:
            for index, column in enumerate(made):
                if not (lazy and index and not values[index] and not column.times):
                    _scrape(column, at, values[index], bad if index else None, total)
        at = round(at + every, 3)
    return [column for column in made if column.times]


def _scrape(
    column: Column, at: float, value: int, bad: list[tuple[float, int]] | None, total: list[tuple[float, int]]
) -> None:
    if column.values:
        last = column.values[-1]
        grown = value - last if value >= last else value
        if grown:
            total.append((at, grown))
            if bad is not None:
                bad.append((at, grown))
    column.times.append(at)
    column.values.append(value)


def _moments(chance: random.Random, start: float, end: float, per_day: float) -> list[float]:
    """Random moments at a mean rate."""
    found, at = [], start
    while (at := at + chance.expovariate(per_day / DAY)) < end:
        found.append(at)
    return found


def _poisson(chance: random.Random, mean: float) -> int:
    """A count with this mean; near enough to Poisson."""
    if mean > 40:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= chance.random()
    return count
