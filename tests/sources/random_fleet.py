"""Fleets to which anything happens, and what of it are deploys."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

from tests.sources.deploying import NOW, Cluster, Fleet

HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A deploy that happened; times are the truth's."""

    service: str
    start: float
    version: str
    status: str
    finish: float


@dataclass
class Story:
    """What happened to a fleet, and the series of it."""

    seed: int
    days: float = 8
    services: int = 10
    fleet: Fleet = field(default_factory=lambda: Fleet(every=60.0))
    events: list[Event] = field(default_factory=list)
    noise: int = 0
    """Things that happened and are no deploys."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        begin = NOW - self.days * DAY
        # Prometheus itself was away, twice
        self.away = [
            (at, at + self.chance.uniform(0.3, 2) * HOUR)
            for at in (begin + 0.28 * self.days * DAY, begin + 0.66 * self.days * DAY)
        ]
        self.noise += 2
        for index in range(self.services):
            self._service(f"svc-{index}", begin)
        self.events.sort()

    def _service(self, name: str, begin: float) -> None:
        """The story of one service: (version, birth) of what runs, until something takes its place."""
        chance = self.chance
        size = chance.randint(1, 4)
        running = [("v0", begin + chance.uniform(0, 120)) for _ in range(size)]
        at, number = begin + chance.uniform(3, 20) * HOUR, 0
        versions = ["v0"]
        while at < NOW - 3 * HOUR:
            at = self._clear(at)
            what = chance.choice(
                ["deploy", "deploy", "recreate", "promoted", "withdrawn", "back", "restart", "scale", "down"]
            )
            now = running[0][0]
            if what in ("restart", "scale", "down"):
                self.noise += 1
                running, at = self._noise(name, what, running, at)
            elif what == "withdrawn":
                number += 1
                versions.append(f"v{number}")
                end = at + chance.choice([chance.uniform(3, 9) * 60, chance.uniform(0.3, 5) * HOUR])
                end = min(end, NOW - 1.5 * HOUR)
                self._put(name, f"v{number}", at, end)
                self.events.append(Event(name, at, f"v{number}", "cancelled", end))
                at = end
            else:
                old = [version for version in versions if version != now]
                if what == "back" and old:
                    version = chance.choice(old)
                else:
                    number += 1
                    version = f"v{number}"
                    versions.append(version)
                running, at = self._replaced(name, what, running, version, at)
            at += chance.uniform(1.6, 30) * HOUR
        for version, born in running:
            self._put(name, version, born, NOW + DAY)

    def _replaced(
        self, name: str, what: str, running: list[tuple[str, float]], version: str, at: float
    ) -> tuple[list[tuple[str, float]], float]:
        chance = self.chance
        pause = takes = 0.0
        first = at
        if what == "recreate":
            pause = chance.uniform(0, 900)
        elif what == "promoted":
            takes = chance.uniform(0.3, 5) * HOUR
        else:
            takes = chance.uniform(70, 480)
        takes = min(takes, NOW - 1.5 * HOUR - at)
        ends = [at + takes * (index + 1) / len(running) for index in range(len(running))]
        for (old, born), end in zip(running, ends, strict=True):
            self._put(name, old, born, end)
        size = chance.randint(1, 4)
        born_at = [at + pause + takes * index / size for index in range(size)]
        self.events.append(Event(name, first + pause, version, "succeeded", max(ends[-1], first + pause)))
        return [(version, born) for born in born_at], max(ends[-1], born_at[-1])

    def _noise(
        self, name: str, what: str, running: list[tuple[str, float]], at: float
    ) -> tuple[list[tuple[str, float]], float]:
        chance, version = self.chance, running[0][0]
        if what == "restart":
            for old, born in running:
                self._put(name, old, born, at)
            return [(version, at + chance.uniform(1, 100)) for _ in running], at + 100
        if what == "scale":
            for _ in range(chance.randint(1, 6)):
                self._put(name, version, at + chance.uniform(0, 600), at + chance.uniform(1, 8) * HOUR)
            return running, at + 10 * HOUR
        gone = chance.choice([0.02, 0.1, 1.0, 9.0]) * HOUR
        for old, born in running:
            self._put(name, old, born, at)
        return [(version, at + gone + chance.uniform(0, 60)) for _ in running], at + gone + 60

    def _put(self, name: str, version: str, start: float, end: float) -> None:
        self.fleet.instance(name, version, start, end, gaps=self.away)

    def _clear(self, at: float) -> float:
        """Not while Prometheus is away: what nobody saw cannot be found."""
        for since, until in self.away:
            if since - 6.5 * HOUR < at < until + 900:
                return until + 900
        return at


def rolled(story: Story, seed: int) -> tuple[Cluster, list[tuple[str, float, str]]]:
    """Deployments with rollouts, rollbacks and autoscaling: (Deployment, beginning, hash) of each rollout."""
    chance = random.Random(seed)
    begin = NOW - story.days * DAY
    edges = [begin, *sorted(begin + chance.uniform(0.5, story.days - 0.5) * DAY for _ in range(3)), NOW]
    lives = [(f"ksm-{n}", a + chance.uniform(5, 120), b) for n, (a, b) in enumerate(pairwise(edges))]
    kube, events = Cluster(lives, every=60.0), []
    for index in range(story.services // 2 + 1):
        name, number = f"app-{index}", 0
        sets: dict[str, tuple[float, list[tuple[float, int]]]] = {"h0": (begin - 50 * DAY, [(begin - 50 * DAY, 3)])}
        now, at = "h0", begin + chance.uniform(3, 20) * HOUR
        while at < NOW - 3 * HOUR:
            at = story._clear(at)
            what = chance.choice(["new", "new", "back", "scale", "zero"])
            old = [code for code in sets if code != now]
            if what == "scale":
                sets[now][1].extend([(at, chance.randint(4, 9)), (at + HOUR, 3)])
            elif what == "zero":
                sets[now][1].extend([(at, 0), (at + chance.uniform(0.1, 1.4) * HOUR, 3)])
            else:
                if what == "new" or not old:
                    number += 1
                    code = f"h{number}"
                    sets[code] = (at, [(at, 3)])
                else:
                    code = chance.choice(old)
                    sets[code][1].append((at, 3))
                sets[now][1].append((at + chance.uniform(60, 400), 0))
                events.append((name, at, code))
                now = code
            at += chance.uniform(1.7, 20) * HOUR
        for code, (created, replicas) in sets.items():
            kube.replicaset(name, code, created, replicas)
    return kube, events
