"""Sightings of one watch, and the deploys they amount to; here for metrics that tell versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from sreconsole.domain.cleaning import clean
from sreconsole.domain.deploy import Deploy, DeployStatus
from sreconsole.domain.presence import Place
from sreconsole.domain.rollout import Rollout, rollouts
from sreconsole.records import replace
from sreconsole.sources.build_info import BuildInfo
from sreconsole.sources.sightings import LOOK_BACK, Sightings, Watch
from sreconsole.turns import Turns

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi

SAME = 900.0
"""Seconds by which the beginning of a rollout may move as samples come late; it is still the same."""
RECENT = 7200.0
"""Seconds after which what became of a rollout that ended does not change any more."""
LABEL = 200
"""Characters of a service or version."""


class Followed(Sightings):
    """Sightings, and the deploys they amount to."""

    nothing = ""
    """What to say where nothing is ever seen."""

    def __init__(
        self,
        watch: Watch,
        api: Callable[[], PromApi],
        interval: float | None,
        source: str,
        named: str,
    ) -> None:
        """`source` is the source's name; `named` the environment where no label names one."""
        super().__init__(watch, api, interval)
        self._source, self._named = source, named
        self._known: dict[Place, tuple[Deploy, ...]] = {}
        self._open: set[Place] = set()
        self._concluded_since = -1.0
        self._forgotten = 0.0

    def deploys(self) -> Iterator[Deploy]:
        """In no order."""
        return chain.from_iterable(self._known.values())

    async def complete(self) -> None:
        """Ask for what is told of deploys apart from sightings."""

    async def conclude(self) -> bool:
        """Work out the deploys of places where something happened; whether any differs."""
        async with self.taking:
            return await self._conclude()

    async def _conclude(self) -> bool:
        if self.presence is None:
            return False
        if self.newest - self._forgotten > 3600:
            self._forgotten = self.newest
            self.forget(self.newest - LOOK_BACK - 86_400)
        places = self.presence.changed() | self._open | self.touched()
        if self.since != self._concluded_since:
            places |= {place for place in self.presence.places() if self.presence.versions(place) > 1} | self.told()
            self._concluded_since = self.since
        differs, turns = False, Turns()
        for place in places:
            await turns.take()
            differs |= self._look_at(place)
        return differs

    def _look_at(self, place: Place) -> bool:
        """Work out the deploys of one place; whether they differ."""
        if not self.settled(place):
            self._open.add(place)
            return False
        before = self._known.get(place, ())
        found = _sorted(self._kept(before, self._found(place)))
        ended = (deploy.finished_at for deploy in found)
        unfinished = any(end is None or self.newest - end < RECENT for end in ended)
        (self._open.add if unfinished else self._open.discard)(place)
        if found == before:
            return False
        self._known[place] = found
        return True

    def forget(self, before: float) -> None:
        """Drop what was long ago (Unix seconds)."""
        if self.presence is not None:
            self.presence.forget(before)
        for place, deploys in list(self._known.items()):
            if any(deploy.at < before for deploy in deploys):
                self._known[place] = tuple(deploy for deploy in deploys if deploy.at >= before)
                self._open.add(place)

    def touched(self) -> set[Place]:
        """Places of which something beside sightings was told; asked once, then forgotten."""
        return set()

    def told(self) -> set[Place]:
        """All such places."""
        return set()

    def _found(self, place: Place) -> list[Deploy]:
        raise NotImplementedError

    def _kept(self, before: Sequence[Deploy], found: list[Deploy]) -> list[Deploy]:
        """Deploys found anew under the ids they have, and those from before the time that is known now."""
        named: dict[str, list[Deploy]] = {}
        for deploy in before:
            named.setdefault(deploy.version, []).append(deploy)
        kept: list[Deploy] = []
        again: set[str] = set()
        for deploy in found:
            near = (old for old in named.get(deploy.version, ()) if abs(_began(old) - _began(deploy)) <= SAME)
            old = next((old for old in near if old.id not in again), None)
            same = deploy if old is None else replace(deploy, id=old.id)
            again.add(same.id)
            kept.append(old if old is not None and old == same else same)
        return kept + [old for old in before if _began(old) <= self.since and old.id not in again]

    def _deploy(self, place: Place, version: str, key: str, started: float, status: DeployStatus) -> Deploy:
        text = "\n".join((self.watch.key, *place, key))
        return Deploy(
            f"{self._source}:{sha256(text.encode()).hexdigest()[:16]}",
            clean(place.service, LABEL),
            clean(version, LABEL),
            clean(place.environment or self._named, LABEL),
            clean(place.namespace, LABEL),
            status=status,
            started_at=started,
            confidence="inferred",
            sources=(self._source,),
        )


class MetricRollouts(Followed):
    """Versions in a build_info metric."""

    def __init__(
        self, watch: BuildInfo, api: Callable[[], PromApi], interval: float | None, source: str, named: str
    ) -> None:
        super().__init__(watch, api, interval, source, named)
        metric = watch.metric
        self.nothing = (
            f"no deploys: {source} has no {metric.build_info} with the labels {metric.service_label} and "
            f"{metric.version_label}"
        )

    def _found(self, place: Place) -> list[Deploy]:
        assert self.presence is not None
        runs = self.presence.runs(place, self.since)
        return [self._of(place, rollout) for rollout in rollouts(runs, self.step, self.since)]

    def _of(self, place: Place, rollout: Rollout) -> Deploy:
        made = self._deploy(
            place, rollout.version, f"{rollout.version}\n{rollout.first}", rollout.started, rollout.outcome
        )
        beside = ", ".join(clean(version, LABEL) for version in rollout.beside)
        return replace(
            made,
            kind="canary" if rollout.canary else "deploy",
            finished_at=rollout.finished,
            prev_version=clean(rollout.before, LABEL),
            margin=rollout.margin,
            raw_status="withdrawn" if rollout.outcome == "cancelled" else "",
            message=f"runs beside {beside}" if beside else "",
        )


def _began(deploy: Deploy) -> float:
    return deploy.started_at or 0.0


def _sorted(deploys: Iterable[Deploy]) -> tuple[Deploy, ...]:
    return tuple(sorted(deploys, key=lambda deploy: (_began(deploy), deploy.id)))
