"""A canary and the full rollout after it are one deploy (docs/words.md, "Deploys"): one change of what runs.

CI tells of both, one after the other; what watches the running thing sees one rollout that takes long, in the midst of
which CI tells of its second half. Either way it began with the canary and ended when the whole did.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sreconsole.domain.deploy import Confidence, Deploy
from sreconsole.domain.release import same_release
from sreconsole.records import replace

WAITS = 7 * 86_400.0
"""Seconds for which a canary that CI told of may wait for the rest."""
SLACK = 900.0
"""Seconds after the end of a rollout that was seen within which CI tells of it (`deploy_history.NEAR`)."""
_TRUST: tuple[Confidence, ...] = ("exact", "manual", "inferred")


def completed(deploys: Sequence[Deploy]) -> list[Deploy]:
    """The same with each canary and what completes it as one. `deploys` are of one place, in the order of beginning."""
    made: list[Deploy] = []
    waiting: int | None = None  # where the canary stands that may still be completed
    for deploy in deploys:
        if deploy.kind == "restart":
            made.append(deploy)
        elif waiting is not None and _completes(deploy, made[waiting]):
            made[waiting] = _joined(made[waiting], deploy)
            waiting = waiting if _waits(deploy) else None
        else:
            made.append(deploy)
            waiting = len(made) - 1 if _waits(deploy) else None
    return made


def _waits(deploy: Deploy) -> bool:
    return deploy.kind == "canary" and (deploy.running or deploy.status == "succeeded")


def _completes(deploy: Deploy, canary: Deploy) -> bool:
    """Whether a deploy after a canary, with none of anything else between them, is its rest."""
    if deploy.kind not in ("deploy", "canary", "redeploy", "unknown") or not same_release(deploy, canary):
        return False
    begun = _begun(deploy)
    if canary.confidence == "inferred":
        return canary.finished_at is None or begun <= canary.finished_at + SLACK
    return begun - canary.at <= WAITS


def _joined(canary: Deploy, rest: Deploy) -> Deploy:
    """Both as one, under the id that the canary has had so far."""
    seen = canary.confidence == "inferred" and canary.finished_at is not None
    finished = canary.finished_at if seen else rest.finished_at
    if rest.running and not seen:
        finished = None
    best, other = sorted((canary, rest), key=lambda deploy: _TRUST.index(deploy.confidence))
    return replace(
        canary,
        status="succeeded" if seen and rest.running else rest.status,
        raw_status=rest.raw_status,
        finished_at=finished,
        sha=max((one.sha for one in (canary, rest) if one.sha), key=len, default=None),
        prev_sha=canary.prev_sha or rest.prev_sha,
        prev_version=canary.prev_version or rest.prev_version,
        actor=best.actor or other.actor,
        actor_is_bot=best.actor_is_bot if best.actor else other.actor_is_bot,
        url=rest.url or canary.url,
        message=rest.message or canary.message,
        commit_at=canary.commit_at if canary.commit_at is not None else rest.commit_at,
        attempt=max(canary.attempt, rest.attempt),
        confidence=best.confidence,
        margin=canary.margin if seen else rest.margin,
        sources=tuple(dict.fromkeys(chain(canary.sources, rest.sources))),
        remarks=tuple(dict.fromkeys(chain(canary.remarks, rest.remarks))),
    )


def _begun(deploy: Deploy) -> float:
    known = (deploy.created_at, deploy.started_at, deploy.finished_at)
    return min((time for time in known if time is not None), default=0.0)
