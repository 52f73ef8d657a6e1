"""Deploys of Kubernetes Deployments: each change of the template is a ReplicaSet, made at a moment that is known.

A rollback re-uses the ReplicaSet of then, which makes nothing: that is seen by its replicas going from none to some.
Scaling changes how many replicas a set has, never which set has some. Source: the Deployment controller as described in
kubernetes.io/docs, "Deployments", and kube-state-metrics' list of metrics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sreconsole.domain.presence import HOUR, Run
from sreconsole.domain.rollout import Rollout
from sreconsole.records import dataclass

SOON = 3600
"""Seconds after the last old replica within which the new ones become ready, if they do."""
_FLOATING = ("latest", "main", "master", "stable", "edge", "dev")

Outcome = Literal["running", "succeeded", "failed", "cancelled", "unknown"]


@dataclass(frozen=True, slots=True)
class Rolled:
    """One coming of a ReplicaSet. Times are Unix seconds."""

    name: str
    before: str | None
    started: float
    finished: float | None
    outcome: Outcome
    margin: float = 0.0
    """Seconds by which `started` may be off; 0 where the ReplicaSet says when it was made."""


def rolled(
    rollouts: Sequence[Rollout],
    runs: Mapping[str, Sequence[Run]],
    ready: Mapping[str, Sequence[Run]] | None,
    created: Mapping[str, float],
    since: float,
    newest: int,
    step: int,
) -> list[Rolled]:
    """The rollouts of one Deployment, oldest first.

    `rollouts` are those told by replicas alone; `runs` when each set was to have some; `ready` when it had all it was
    to have, None where that is not told; `created` when it was made. All of that after `since`, up to the step `newest`
    of `step` seconds.
    """
    found: list[Rolled] = []
    told: set[str] = set()
    for rollout in rollouts:
        name, made = rollout.version, created.get(rollout.version)
        new = made is not None and made > since and runs[name][0][0] == rollout.first
        told |= {name} if new else set()
        started, margin = (made, 0.0) if new and made is not None else (rollout.started, rollout.margin)
        outcome, finished = _end(rollout, ready, newest, step)
        found.append(Rolled(name, rollout.before, started, finished, outcome, margin))
    order = sorted(created, key=lambda name: (created[name], name))
    for at, name in enumerate(order):
        if created[name] > since and name not in told:
            before = order[at - 1] if at else None
            outcome = "succeeded" if name in runs else "unknown"
            found.append(Rolled(name, before, created[name], None, outcome))
    return sorted(found, key=lambda one: (one.started, one.name))


def _end(
    rollout: Rollout, ready: Mapping[str, Sequence[Run]] | None, newest: int, step: int
) -> tuple[Outcome, float | None]:
    """What became of it, and when: all replicas ready and no others left."""
    if rollout.outcome != "succeeded":
        return rollout.outcome, rollout.finished
    if rollout.finished is None:  # still beside another after a day: what it waits for is not known
        return "unknown", None
    if ready is None:
        return "succeeded", None
    until = rollout.finished + SOON
    for first, last in ready.get(rollout.version, ()):
        at = max(float(first - step), rollout.finished)
        if last >= rollout.finished and at <= until:
            return "succeeded", at
    if newest < until:
        return "running", None
    return "unknown", None


def hash_of(replicaset: str) -> str:
    """The last part of a ReplicaSet's name: the hash of its template."""
    return replicaset.rpartition("-")[2] or replicaset


def owner_of(pod: str) -> str:
    """The ReplicaSet that a pod's name begins with."""
    return pod.rpartition("-")[0]


def image_version(deployment: str, images: Iterable[tuple[str, str]]) -> str | None:
    """What the image of a Deployment's own container calls its version, of (container, image) of its pods.

    Its own container is the only one, or the one named as the Deployment or as whose image the Deployment is named.
    None: it cannot be told which, or the tag is one that moves.
    """
    by_container = dict(sorted(images))
    mine = [name for name in by_container if name == deployment]
    mine = mine or [name for name, image in by_container.items() if _repository(image) == deployment]
    mine = mine or list(by_container)
    found = {_tag(by_container[name]) for name in mine}
    return found.pop() if len(found) == 1 else None


def _repository(image: str) -> str:
    return re.split(r"[:@]", image.rpartition("/")[2])[0]


def _tag(image: str) -> str | None:
    name, _, digest = image.rpartition("/")[2].partition("@")
    tag = name.partition(":")[2]
    if tag and tag not in _FLOATING:
        return tag
    return digest.partition(":")[2][:12] or None


__all__ = ["HOUR", "Rolled", "hash_of", "image_version", "owner_of", "rolled"]
