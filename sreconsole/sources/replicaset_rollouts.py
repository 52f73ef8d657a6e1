"""Deploys by ReplicaSets: sightings of those that have replicas, with what else kube-state-metrics tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sreconsole.domain.cleaning import clean
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.presence import Place
from sreconsole.domain.replicaset import Rolled, hash_of, image_version, rolled
from sreconsole.domain.rollout import rollouts
from sreconsole.errors import QueryRejected
from sreconsole.records import replace
from sreconsole.sources.replicasets import ReplicaSets
from sreconsole.sources.rollouts import LABEL, Followed
from sreconsole.sources.sightings import Partial

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi

YOUNG = 900.0
"""Seconds for which the images of a new ReplicaSet's pods may not be known yet."""
IMAGES_OF = 86_400
"""Seconds of rollouts whose images are asked for at once."""
AT_ONCE = 50
"""ReplicaSets whose images are asked for at once."""


class ReplicaSetRollouts(Followed):
    """ReplicaSets of Deployments."""

    nothing = "no rollouts: the source has no kube_replicaset_owner and kube_replicaset_spec_replicas"

    def __init__(
        self, watch: ReplicaSets, api: Callable[[], PromApi], interval: float | None, source: str, named: str
    ) -> None:
        super().__init__(watch, api, interval, source, named)
        self._sets = watch
        self._tried: dict[tuple[str, str], float] = {}
        self._lack: dict[tuple[str, str], tuple[float, Place]] = {}
        """ReplicaSets whose images are not known: when they began."""
        self._touched: set[Place] = set()

    async def piece(self, start: int, end: int) -> None:
        """When the ReplicaSets of the piece were made."""
        await self._look_created(start, end)

    async def finer(self, start: int, end: int, services: Sequence[str]) -> None:
        """Which were ready; and at the newest end when they were made."""
        said = await self._sets.look_ready(self._api(), start, end, self.step, services)
        if said:
            raise Partial(said[0])
        if not services:
            await self._look_created(start, end)

    async def _look_created(self, start: int, end: int) -> None:
        before = {place: len(sets) for place, sets in self._sets.created.items()}
        if said := await self._sets.look_created(self._api(), start, end):
            raise Partial(said[0])
        self._touched |= {place for place, sets in self._sets.created.items() if len(sets) != before.get(place)}

    async def complete(self) -> None:
        """Images of ReplicaSets that began, those of a day at once, the newest first."""
        lack = {which: told for which, told in self._lack.items() if self._worth(which, told[0])}
        if not lack:
            return
        newest = max(began for began, _ in lack.values())
        those = [which for which, (began, _) in lack.items() if began > newest - IMAGES_OF][:AT_ONCE]
        at = min(float(self.newest), newest + 3600)
        for which in those:
            self._tried[which] = self.newest
            self._touched.add(lack[which][1])
        with suppress(QueryRejected):  # versions are then called by the hashes of their templates
            await self._sets.look_images(self._api(), those, at, IMAGES_OF + 3600)

    def _worth(self, which: tuple[str, str], began: float) -> bool:
        """Whether asking may tell: never asked, or asked when its pods were young."""
        tried = self._tried.get(which)
        return which not in self._sets.images and (tried is None or tried < began + YOUNG < self.newest)

    def touched(self) -> set[Place]:
        """Places with ReplicaSets of which something new is known."""
        touched, self._touched = self._touched, set()
        return touched

    def told(self) -> set[Place]:
        """Places with ReplicaSets that were made."""
        return set(self._sets.created)

    def forget(self, before: float) -> None:
        """Drop what was long ago (Unix seconds)."""
        super().forget(before)
        self._sets.forget(before)
        self._tried = {which: at for which, at in self._tried.items() if at >= before}

    def _found(self, place: Place) -> list[Deploy]:
        assert self.presence is not None
        runs = self.presence.runs(place, self.since)
        ready = self._sets.ready.get(place, {}) if self._sets.ready else None
        told = rollouts(runs, self.step, self.since)
        found = rolled(told, runs, ready, self._sets.created.get(place, {}), self.since, self.newest, self.step)
        return [self._of(place, one) for one in found]

    def _of(self, place: Place, one: Rolled) -> Deploy:
        which = place.namespace, one.name
        if which not in self._sets.images:
            self._lack[which] = (one.started, place)
        else:
            self._lack.pop(which, None)
        made = self._deploy(
            place, self._version(place, one.name), f"{one.name}\n{one.started:.0f}", one.started, one.outcome
        )
        return replace(
            made,
            finished_at=one.finished,
            prev_version=clean(self._version(place, one.before), LABEL) if one.before else None,
            margin=one.margin,
            raw_status=one.name if one.outcome == "unknown" else "",
        )

    def _version(self, place: Place, name: str) -> str:
        images = self._sets.images.get((place.namespace, name), ())
        return image_version(place.service, images) or hash_of(name)
