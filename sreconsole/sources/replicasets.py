"""What kube-state-metrics tells of ReplicaSets: which have replicas, which are ready, when they were made, their image.

Everything is grouped by what it is about, so that a kube-state-metrics that is replaced changes nothing. The owner
comes from `kube_replicaset_owner`; matching is by `and`, which no doubled series can make fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sreconsole.domain.presence import Place, Run, add_run, runs_of
from sreconsole.domain.replicaset import owner_of
from sreconsole.domain.selector import Matcher, Selector
from sreconsole.sources.build_info import PLACES, environment, ranged
from sreconsole.sources.promql import one_of, re2_escape

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi

_SET = "namespace, replicaset"
_PLACES = ", ".join(PLACES)
_OWNED = Matcher("owner_kind", "=", "Deployment")


class ReplicaSets:
    """ReplicaSets of Deployments at one Prometheus, and what was told of them so far."""

    key = "kube_replicaset"

    def __init__(self) -> None:
        self.ready: dict[Place, dict[str, list[Run]]] = {}
        """When each had all its replicas ready."""
        self.created: dict[Place, dict[str, float]] = {}
        """When each was made, Unix seconds."""
        self.images: dict[tuple[str, str], set[tuple[str, str]]] = {}
        """Container and image of the pods of a namespace's ReplicaSet."""

    @property
    def sampled(self) -> Selector:
        """Series whose samples tell the scrape interval."""
        return Selector("kube_replicaset_owner", (_OWNED,))

    def present(self, seconds: int, services: Iterable[str] = ()) -> str:
        """Which ReplicaSets were to have replicas in the last `seconds`; `services`: of these Deployments only."""
        return f"{self._owners(seconds, services)} and on ({_SET}) ({_replicas('max', 'spec_replicas', seconds)} > 0)"

    def seen(self, labels: Mapping[str, str]) -> tuple[Place, str] | None:
        """What a series of an answer stands for; None: it names no Deployment or no ReplicaSet."""
        owner, name = labels.get("owner_name", ""), labels.get("replicaset", "")
        if not owner or not name:
            return None
        return Place(owner, environment(labels), labels.get("namespace", "")), name

    async def look_ready(
        self, api: PromApi, start: int, end: int, step: int, services: Iterable[str]
    ) -> tuple[str, ...]:
        """Take up which were ready in the steps that end at start + step to end; the server's warnings."""
        spec, ready = _replicas("max", "spec_replicas", step), _replicas("min", "status_ready_replicas", step)
        expression = f"{self._owners(step, services)} and on ({_SET}) ({ready} >= ({spec} > 0))"
        answer = await api.query_range(expression, start + step, end, step, timeout=30.0)
        for series in answer.series if not answer.warnings else ():
            if (found := self.seen(series.labels)) is not None:
                runs = self.ready.setdefault(found[0], {}).setdefault(found[1], [])
                for first, last in runs_of(map(round, series.times), step):
                    add_run(runs, first, last, step)
        return answer.warnings

    async def look_created(self, api: PromApi, start: int, end: int) -> tuple[str, ...]:
        """Take up which were made from an hour before `start` to `end`; the server's warnings."""
        made = f"max by ({_SET}, {_PLACES}) (max_over_time({ranged(Selector('kube_replicaset_created'), end - start)}))"
        owners = self._owners(end - start, ())
        answer = await api.query(f"{made} >= {start - 3600} and on ({_SET}) {owners}", end, timeout=30.0)
        for labels, value in answer.items if not answer.warnings else ():
            name = labels.get("replicaset", "")
            # A Deployment's ReplicaSet is called as the Deployment, with the hash of its template behind.
            if (found := self.seen({**labels, "owner_name": name.rpartition("-")[0]})) is not None and value > 0:
                self.created.setdefault(found[0], {})[name] = value
        return answer.warnings

    async def look_images(self, api: PromApi, sets: Iterable[tuple[str, str]], at: float, seconds: int) -> None:
        """Take up the images of pods of some ReplicaSets (namespace and name) in the `seconds` before `at`."""
        wanted = set(sets)
        names = "|".join(sorted({re2_escape(name) for _, name in wanted}))
        spaces = [one_of("namespace", {space for space, _ in wanted})]
        pods = Selector("kube_pod_container_info", (*spaces, Matcher("pod", "=~", f"(?:{names})-[^-]+")))
        expression = f"count by (namespace, pod, container, image) (count_over_time({ranged(pods, seconds)}))"
        for labels, _ in (await api.query(expression, at, timeout=30.0)).items:
            which = labels.get("namespace", ""), owner_of(labels.get("pod", ""))
            if which in wanted and labels.get("image"):
                self.images.setdefault(which, set()).add((labels.get("container", ""), labels["image"]))

    def forget(self, before: float) -> None:
        """Drop what was long ago (Unix seconds)."""
        for place, sets in list(self.created.items()):
            self.created[place] = {name: made for name, made in sets.items() if made >= before}
        for place, found in list(self.ready.items()):
            kept = {name: left for name, runs in found.items() if (left := [run for run in runs if run[1] >= before])}
            self.ready[place] = kept

    def _owners(self, seconds: int, services: Iterable[str]) -> str:
        names = tuple(services)
        matchers = (_OWNED, one_of("owner_name", names)) if names else (_OWNED,)
        owner = ranged(Selector("kube_replicaset_owner", matchers), seconds)
        return f"max by (owner_name, replicaset, {_PLACES}) (count_over_time({owner}))"


def _replicas(which: str, metric: str, seconds: int) -> str:
    """The most or fewest replicas of each ReplicaSet in the last `seconds`."""
    selector = Selector(f"kube_replicaset_{metric}", ())
    return f"max by ({_SET}) ({which}_over_time({ranged(selector, seconds)}))"
