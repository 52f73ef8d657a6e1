"""Deploys that a Prometheus sees: versions that come and go in `*_build_info`, ReplicaSets in kube-state-metrics.

It tells what was seen. What is a rollback or a redeploy, and what others say of the same deploy, is decided where all
sources come together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from sreconsole.config.model import DeployMetric
from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.domain.deploy import Deploy
from sreconsole.errors import QueryRejected
from sreconsole.sources.build_info import BuildInfo, environment
from sreconsole.sources.replicaset_rollouts import ReplicaSetRollouts
from sreconsole.sources.replicasets import ReplicaSets
from sreconsole.sources.rollouts import Followed, MetricRollouts
from sreconsole.sources.sightings import Partial

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi


class PrometheusDeploys:
    """What one server tells of deploys: each configured metric, and its ReplicaSets."""

    kind = "prometheus"

    def __init__(
        self, settings: Settings, metrics: Iterable[DeployMetric], kubernetes: bool, api: Callable[[], PromApi]
    ) -> None:
        """`api` makes the connection when the first question needs it."""
        self.name = settings.name
        self.partial: str | None = None
        """Why the newest answers are not whole: nothing was concluded from them."""
        self._make = api
        interval = settings.scrape_interval
        named = environment(settings.external_labels)
        made: list[Followed] = [
            MetricRollouts(BuildInfo(metric), self._api_made, interval, self.name, named) for metric in metrics
        ]
        if kubernetes:
            made.append(ReplicaSetRollouts(ReplicaSets(), self._api_made, interval, self.name, named))
        self._followed = made
        self._refused: dict[str, str] = {}
        self._deploys: tuple[Deploy, ...] = ()

    @cached_property
    def api(self) -> PromApi:
        """The server's HTTP API."""
        return self._make()

    def _api_made(self) -> PromApi:
        return self.api

    @property
    def truncated(self) -> bool:
        """Whether there is more than is read: deploys may be missing."""
        return any(each.truncated for each in self._followed)

    def deploys(self) -> Sequence[Deploy]:
        """What is known by now; the same object until it differs."""
        return self._deploys

    def progress(self) -> float | None:
        """Share of the history that is fetched; None: all."""
        shares = [share for each in self._followed if (share := each.progress()) is not None]
        return min(shares) if shares else None

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        notes = [f"deploys by {key}: {said}" for key, said in self._refused.items()]
        for each in self._followed:
            asked = each.newest and not each.lacking  # for all of the look-back
            if asked and not any(each.presence.places() if each.presence else ()):
                notes.append(each.nothing)
            if each.truncated:
                notes.append(f"deploys by {each.watch.key}: too many label sets, the rest is left out")
        return tuple(notes)

    async def poll(self, now: float) -> None:
        """Take up what was seen until `now`, Unix seconds at the server. Raises SourceError."""
        self.partial = None
        for each in self._followed:
            try:
                await each.follow(now)
                await each.complete()
            except QueryRejected as error:
                self._refused[each.watch.key] = str(error)
                if len(self._refused) == len(self._followed):
                    raise
            except Partial as said:
                self.partial = f"no deploys are concluded from partial answers: {said}"
            else:
                self._refused.pop(each.watch.key, None)
        await self._conclude()

    async def fill(self) -> bool:
        """Fetch one piece of the days before, newest first; False when nothing is left. Raises SourceError."""
        behind = [each for each in self._followed if each.lacking and each.watch.key not in self._refused]
        if not behind:
            return False
        each = max(behind, key=lambda one: one.since)
        try:
            await each.fill()
            await each.complete()
        except Partial as said:
            self.partial = f"no deploys are concluded from partial answers: {said}"
            return False
        await self._conclude()
        return any(one.lacking for one in behind)

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        if "api" in self.__dict__:
            await self.api.aclose()

    async def _conclude(self) -> None:
        differs = False
        for each in self._followed:
            differs |= await each.conclude()
        if differs:
            self._deploys = tuple(chain.from_iterable(each.deploys() for each in self._followed))
