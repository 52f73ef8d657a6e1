"""What all sources know of deploys, put together: tied to services, told apart, in the order of the list."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import chain

from sreconsole.config.model import Config
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import NEAR, as_of, first_told, history, place
from sreconsole.domain.namespace import Namespaces
from sreconsole.domain.owners import Owners
from sreconsole.engine.deploys_memory import DeployMemory
from sreconsole.engine.feed import DeployFeed
from sreconsole.records import replace
from sreconsole.turns import Turns, give_way

SHOWN = 30 * 86_400.0
"""Seconds for which a deploy is listed."""
LOOK = 3600.0
"""Seconds after which is looked for what has become too old to be listed."""
_NOTHING: Mapping[str, tuple[Deploy, ...]] = {}


_Rank = tuple[bool, float, str, str, Deploy]
"""The place of a deploy in the list, and it; no two have the same id."""


class DeployBoard:
    """Deploys of every source. What it holds stays the same object until it differs."""

    def __init__(
        self,
        config: Config,
        feeds: Mapping[str, DeployFeed],
        memory: DeployMemory | None = None,
        *,
        past: bool = False,
    ) -> None:
        """`memory`: what was told before; `past`: the clock stands at a moment of the past, and all is as it was known
        then."""
        self.config, self.feeds, self.memory = config, feeds, memory
        self.deploys: tuple[Deploy, ...] = ()
        self._past = past
        self._owners: Owners | None = None
        self._told: tuple[object, ...] = ()
        self._looked = 0.0
        self._tied: dict[str, tuple[Deploy, Deploy | None]] = {}
        """By id: as its source told it, and tied to its service; None: not wanted."""
        self._services: dict[str, tuple[tuple[Deploy, ...], list[Deploy]]] = {}
        """By service: what was told of it, and what that comes to."""
        self._ranked: list[_Rank] = []
        """All of them in the order of the list."""
        self._ran: tuple[object, dict[str, list[Deploy]]] = (None, {})

    async def take(self, owners: Owners, now: float) -> None:
        """Look at every feed again; `owners` tell whose a deploy is."""
        memory = self.memory
        if memory is not None:
            memory.take(self.config, self.feeds)
        told = tuple(feed.deploys() for feed in self.feeds.values())
        recalled = memory.recalled if memory is not None else _NOTHING
        moved = owners is not self._owners
        if not moved and _identical((*told, recalled), self._told) and now - self._looked < LOOK:
            return
        live = {deploy.id for deploy in chain.from_iterable(told)}
        lost = [
            _forgotten(deploys, recalled.get(name, ()), live) for name, deploys in zip(self.feeds, told, strict=True)
        ]
        sorted_out = await self._sort_out((*told, *lost), owners, moved, now)
        again = moved or self._ran[0] is not recalled
        if again:
            self._ran = recalled, self._ran_before(owners, now)
        self._owners, self._told, self._looked = owners, (*told, recalled), now
        await self._settle(sorted_out, again=again)
        shown = bisect_right(self._ranked, SHOWN - now, key=lambda rank: rank[1] if rank[0] else -math.inf)
        found = tuple(rank[-1] for rank in self._ranked[:shown])
        if not _identical(found, self.deploys):
            self.deploys = found

    async def _settle(self, sorted_out: Mapping[str, list[Deploy]], *, again: bool) -> None:
        """Put together anew what is told of a service where that differs, and give it its places in the list."""
        turns, before = Turns(), self._services
        self._services = {}
        moved = before.keys() - sorted_out.keys()
        ranked: list[_Rank] = []
        for service, sightings in sorted_out.items():
            key, had = tuple(sightings), before.get(service)
            if again or had is None or not _identical(had[0], key):
                had = key, self._settled(service, key, had)
                moved.add(service)
                ranked += [(*place(deploy), deploy) for deploy in had[1]]
            self._services[service] = had
            await turns.take()
        if moved:
            # What stands where it stood is sorted already: that is quick.
            ranked = [rank for rank in self._ranked if rank[-1].service not in moved] + sorted(ranked)
            await give_way()
            ranked.sort()
            self._ranked = ranked

    def _ran_before(self, owners: Owners, now: float) -> dict[str, list[Deploy]]:
        """What ran earlier on, by service."""
        found: dict[str, list[Deploy]] = {}
        for deploy in self.memory.ran if self.memory is not None else ():
            tied = self._tie(deploy, owners, now)
            if tied is not None:
                found.setdefault(tied.service, []).append(tied)
        return found

    async def _sort_out(
        self, told: Sequence[Sequence[Deploy]], owners: Owners, moved: bool, now: float
    ) -> dict[str, list[Deploy]]:
        """What was told, by service."""
        before, self._tied = {} if moved or self._past else self._tied, {}
        turns = Turns()
        found: dict[str, list[Deploy]] = {}
        for deploy in chain.from_iterable(told):
            kept = before.get(deploy.id)
            if kept is None or kept[0] is not deploy:
                kept = deploy, self._tie(deploy, owners, now)
            self._tied[deploy.id] = kept
            if kept[1] is not None:
                found.setdefault(kept[1].service, []).append(kept[1])
            await turns.take()
        return found

    def _tie(self, deploy: Deploy, owners: Owners, now: float) -> Deploy | None:
        """With its service; None where the config does not want it, or it had not begun."""
        wanted = self.config.deploys
        if any(fnmatchcase(deploy.environment or deploy.namespace, glob) for glob in wanted.ignore):
            return None
        service = owners.called(deploy.service)
        prod = not deploy.environment or any(fnmatchcase(deploy.environment, glob) for glob in wanted.prod)
        owned = service is not None
        tied = replace(deploy, service=service or deploy.service, is_prod=prod, owned=owned)
        return as_of(tied, now) if self._past else tied

    def _settled(
        self, service: str, sightings: tuple[Deploy, ...], before: tuple[tuple[Deploy, ...], list[Deploy]] | None
    ) -> list[Deploy]:
        """The history of one service; what did not change is the same object."""
        had = {deploy.id: deploy for deploy in before[1]} if before is not None else {}
        ran = self._ran[1].get(service, ())
        spaces = Namespaces(chain(sightings, ran), self.config.deploys.prod)
        made = history(spaces.placed(sightings), spaces.placed(ran))
        return [had[deploy.id] if had.get(deploy.id) == deploy else deploy for deploy in made]


def _forgotten(told: Sequence[Deploy], recalled: Sequence[Deploy], live: Collection[str]) -> list[Deploy]:
    """What a source told once and tells no more. What was inferred may be told a little otherwise by now, as it is
    seen from other samples."""
    lost = [deploy for deploy in recalled if deploy.id not in live]
    if not any(deploy.confidence == "inferred" for deploy in lost):
        return lost
    times: dict[tuple[str, ...], list[float]] = {}
    for deploy in told:
        times.setdefault(_what(deploy), []).append(first_told(deploy))
    return [
        deploy
        for deploy in lost
        if deploy.confidence != "inferred"
        or all(abs(first_told(deploy) - time) > NEAR for time in times.get(_what(deploy), ()))
    ]


def _what(deploy: Deploy) -> tuple[str, ...]:
    return deploy.service, deploy.environment, deploy.namespace, deploy.version, deploy.kind


def _identical(one: Sequence[object], other: Sequence[object]) -> bool:
    return one is other or (len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True)))
