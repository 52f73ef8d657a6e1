"""The releases of the estate: a month of deploys, the bad ones that its outages come from, and those still to come.

What a pipeline writes down of itself: when it began, how it ended, who it was. That a deploy was a rollback, or the
same version once more, is for the reader to find out. Everything follows from the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Literal

from sreconsole.demo.chance import chance
from sreconsole.demo.crew import BOT, CREW, PIPELINES, Pipeline
from sreconsole.demo.scenes import begins
from sreconsole.records import dataclass, replace

DAY = 86_400
PAST = 30
"""Days of releases before the origin."""
EVERY = 17
"""Minutes between releases of other services while the story goes on, before jitter."""
INCIDENT = "checkout"
"""The service whose bad releases are the story's incidents."""
RUNNING = ("recommendations", -5.2, 11.0)
"""What is under way at the origin: the service, the minute it began, the minutes it takes."""
_STREAM = 1_000
_HOUR, _MINUTE = 3600, 60
Outcome = Literal["succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Release:
    """One run of a pipeline. Times are Unix seconds."""

    service: str
    number: int
    """Of the version."""
    started: float
    finished: float
    outcome: Outcome = "succeeded"
    actor: str = ""
    message: str = ""
    kind: str = ""
    """Where the pipeline says it itself: canary, config."""
    environment: str = "prod"
    run: int = 0
    """Of the pipelines of its service, ascending."""

    @property
    def version(self) -> str:
        """What people call it."""
        return f"v{self.number}"

    @property
    def goes_live(self) -> bool:
        """Whether its version is the one that runs afterwards."""
        return self.outcome == "succeeded" and self.environment == "prod"


class Releases:
    """Those of one story."""

    def __init__(self, seed: int, origin: int, zone: tzinfo) -> None:
        self._seed, self._origin, self._zone = seed, origin, zone
        self._numbers = {pipeline.service: pipeline.version for pipeline in PIPELINES}
        """The version that was last made of each service."""
        self._runs: dict[str, int] = {}
        self._turn, self._number = 0, 0
        self._ahead: list[Release] = []
        """Made, but not begun when it was last looked."""
        self._known: list[Release] = []
        self._until = float("-inf")
        past = [release for place, pipeline in enumerate(PIPELINES) for release in self._past(place, pipeline)]
        self._take(past)

    def until(self, at: float) -> list[Release]:
        """Every release that has begun, in the order of their beginnings."""
        if at > self._until:
            self._until = at
            self._make(at)
            begun = [release for release in self._ahead if release.started <= at]
            if begun:
                self._ahead = [release for release in self._ahead if release.started > at]
                self._known = sorted([*self._known, *begun], key=lambda release: release.started)
            return list(self._known)
        return [release for release in self._known if release.started <= at]

    def running(self, service: str, at: float) -> str:
        """The version of a service that runs at a moment."""
        live = [
            release
            for release in self.until(at)
            if release.service == service and release.goes_live and release.finished <= at
        ]
        return max(live, key=lambda release: release.finished).version if live else "v1"

    def _past(self, place: int, pipeline: Pipeline) -> list[Release]:
        """A month of one service: on working days, in working hours, the newest version last."""
        made: list[Release] = []
        for days in range(PAST, -1, -1):
            local = datetime.fromtimestamp(self._origin - days * DAY, UTC).astimezone(self._zone)
            draw = chance(self._seed, _STREAM + place, days)
            if local.weekday() >= 5 or draw >= pipeline.daily:
                continue
            hour = 9.2 + 7.5 * chance(self._seed, _STREAM + 50 + place, days)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
            started = midnight + int(hour * _HOUR)
            if started < self._origin - 1.5 * _HOUR:
                made += self._attempts(place, pipeline, days, started)
        for flare, minutes in pipeline.outages:
            made = _without(made, self._origin - flare * DAY)
            made += _outage(self._origin + round(-flare * 1440) * _MINUTE, minutes * _MINUTE, pipeline)
        return self._numbered(sorted(made, key=lambda release: release.started), pipeline)

    def _attempts(self, place: int, pipeline: Pipeline, days: int, started: float) -> Iterator[Release]:
        """A release as it mostly goes, and as it sometimes goes. `number` is how many versions it is ahead."""
        luck = chance(self._seed, _STREAM + 100 + place, days)
        takes = pipeline.minutes * _MINUTE * (0.7 + 0.6 * chance(self._seed, _STREAM + 150 + place, days))
        who = int(chance(self._seed, _STREAM + 200 + place, days) * len(CREW))
        what = int(chance(self._seed, _STREAM + 250 + place, days) * len(pipeline.messages))
        bot = luck > 0.86
        usual = Release(
            pipeline.service,
            1,
            started,
            started + int(takes),
            actor=BOT if bot else CREW[who],
            message="update dependencies" if bot else pipeline.messages[what],
        )
        later = started + int(takes) + 1500
        if luck < 0.07:
            yield replace(usual, outcome="failed", finished=started + int(takes * 0.6))
            yield replace(usual, number=0, started=later, finished=later + int(takes))
        elif luck < 0.11:
            yield replace(usual, outcome="cancelled", finished=started + int(takes * 0.3))
            yield replace(usual, number=0, started=later, finished=later + int(takes))
        elif luck < 0.17:
            yield usual
            yield replace(usual, number=0, started=later, finished=later + 95, message="feature flags", kind="config")
        elif luck < 0.22:
            yield usual
            yield replace(usual, number=0, started=later, finished=later + int(takes), message="new certificates")
        elif pipeline.canary:
            yield replace(usual, kind="canary", finished=started + 1200 + int(takes))
        else:
            if luck > 0.7 and not bot:
                yield replace(usual, number=0, environment="staging", started=started - 2900, finished=started - 2700)
                yield usual
            else:
                yield usual

    def _numbered(self, releases: list[Release], pipeline: Pipeline) -> list[Release]:
        """With versions that end with the one which runs at the origin. A negative `number` goes back that far."""
        number, made = pipeline.version - sum(max(0, release.number) for release in releases), []
        for release in releases:
            number += max(0, release.number)
            ahead = 1 if release.environment == "staging" else 0
            made.append(replace(release, number=number + min(0, release.number) + ahead))
        return made

    def _make(self, at: float) -> None:
        """What begins until a moment, and a little beyond."""
        while self._origin + (self._turn * EVERY - 10) * _MINUTE <= at:
            self._take([self._other(self._turn)])
            self._turn += 1
        while self._origin + begins(self._seed, self._number) * _MINUTE - 10 * _MINUTE <= at:
            self._take(self._incident(self._number))
            self._number += 1

    def _other(self, turn: int) -> Release:
        """A release of another service while the story goes on."""
        others = [pipeline for pipeline in PIPELINES if pipeline.service != INCIDENT and pipeline.daily]
        pipeline = others[int(chance(self._seed, _STREAM + 300, turn) * len(others))]
        minute = turn * EVERY + 8 * chance(self._seed, _STREAM + 301, turn)
        takes = pipeline.minutes * (0.7 + 0.6 * chance(self._seed, _STREAM + 302, turn))
        if turn == 0:
            name, minute, takes = RUNNING
            pipeline = next(one for one in PIPELINES if one.service == name)
        failed = turn > 0 and chance(self._seed, _STREAM + 303, turn) < 0.12
        self._numbers[pipeline.service] += 1
        started = self._origin + int(minute * _MINUTE)
        return Release(
            pipeline.service,
            self._numbers[pipeline.service],
            started,
            started + int(takes * _MINUTE),
            "failed" if failed else "succeeded",
            CREW[int(chance(self._seed, _STREAM + 304, turn) * len(CREW))],
            pipeline.messages[int(chance(self._seed, _STREAM + 305, turn) * len(pipeline.messages))],
        )

    def _incident(self, number: int) -> list[Release]:
        """A bad release of checkout, live a minute before it is felt, and its rollback five minutes later."""
        begun = self._origin + begins(self._seed, number) * _MINUTE
        good = next(pipeline for pipeline in PIPELINES if pipeline.service == INCIDENT)
        self._numbers[INCIDENT] += 1
        bad, reason = self._numbers[INCIDENT], good.messages[number % len(good.messages)]
        return [
            Release(INCIDENT, bad, begun - 216, begun - 60, actor="bea", message=reason),
            Release(
                INCIDENT,
                good.version,
                begun + 138,
                begun + 240,
                actor="ana",
                message=f"roll back: checkout fails since v{bad}",
            ),
        ]

    def _take(self, releases: list[Release]) -> None:
        for release in releases:
            run = self._runs[release.service] = self._runs.get(release.service, 300) + 1
            self._ahead.append(replace(release, run=run))


def _outage(begun: float, lasted: float, pipeline: Pipeline) -> list[Release]:
    """The bad release that an outage of the past began with, and the rollback that ended it."""
    return [
        Release(pipeline.service, 1, begun - 190, begun - 40, actor="carl", message=pipeline.messages[0]),
        Release(pipeline.service, -1, begun + lasted - 130, begun + lasted, actor="dora", message="roll back"),
        Release(
            pipeline.service,
            1,
            begun + lasted + 5 * _HOUR,
            begun + lasted + 5 * _HOUR + 170,
            actor="carl",
            message="fix",
        ),
    ]


def _without(releases: list[Release], moment: float) -> list[Release]:
    """Without those of the same half day, which would come between an outage and its rollback."""
    return [release for release in releases if abs(release.started - moment) > DAY / 2]
