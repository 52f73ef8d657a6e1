"""The rules that make a history of what sources tell of deploys (docs/words.md, "Deploys").

Several sources tell of the same deploy: what goes to the same service and environment with the same version within
`NEAR` is one. In what is left, the version that runs and those that ran before tell a redeploy and a rollback from a
deploy; an attempt that failed is listed and never counts as what runs. Rules: DORA's definition of a deployment (a
change of version that reaches an environment), and Datadog's published one of a rollback.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from sreconsole.domain.canary import completed
from sreconsole.domain.deploy import Confidence, Deploy
from sreconsole.domain.release import Releases, other_commit, same_release
from sreconsole.records import replace

NEAR = 900.0
"""Seconds within which two sources are taken to tell of the same deploy."""
_ENDED_BADLY = ("failed", "cancelled")
_TRUST: dict[Confidence, int] = {"exact": 0, "manual": 1, "inferred": 2}


def history(sightings: Iterable[Deploy], before: Iterable[Deploy] = ()) -> list[Deploy]:
    """Every deploy of one service, oldest first, of what sources tell of it in any order.

    `before`: successful deploys from earlier on, of which only what ran is wanted.
    """
    sightings, before = list(sightings), list(before)
    only = _only_production(chain(sightings, before))
    lanes: dict[str, tuple[list[Deploy], list[Deploy]]] = {}
    for part, deploys in enumerate((sightings, before)):
        for deploy in deploys:
            lanes.setdefault(deploy.environment or only, ([], []))[part].append(deploy)
    return [deploy for now, past in lanes.values() for deploy in told_apart(completed(put_together(now)), past)]


def put_together(sightings: Iterable[Deploy]) -> list[Deploy]:
    """One deploy for all sightings of it, oldest first; all are of one service and environment.

    What one source tells apart stays apart. The order in which sightings come does not matter.
    """
    found = sorted(sightings, key=_place)
    while True:
        groups: list[list[Deploy]] = []
        open_ones: list[tuple[float, list[Deploy]]] = []
        for deploy in found:
            at = first_told(deploy)
            open_ones = [one for one in open_ones if at - one[0] <= NEAR]
            group = next((one for _, one in reversed(open_ones) if _fits(deploy, one)), None)
            if group is None:
                group = []
                groups.append(group)
                open_ones.append((at, group))
            group.append(deploy)
        if len(groups) == len(found):
            return found
        found = sorted((_one(group) for group in groups), key=_place)


def told_apart(deploys: Iterable[Deploy], before: Iterable[Deploy] = ()) -> list[Deploy]:
    """The same with kind, previous version and attempt, in the order in which they ended, running ones last."""
    ran = Releases()
    running: Deploy | None = None
    for deploy in sorted(before, key=_place):
        ran.add(deploy)
        running = deploy
    told: list[Deploy] = []
    failed: Deploy | None = None
    for deploy in sorted(deploys, key=_order):
        made = _told(deploy, running, ran)
        if failed is not None and deploy.attempt == 1 and same_release(failed, deploy):
            made = replace(made, attempt=failed.attempt + 1)
        told.append(deploy if made == deploy else made)
        if made.kind != "restart":
            failed = made if made.status in _ENDED_BADLY else None
        if made.status == "succeeded" and made.kind != "restart":
            ran.add(deploy)
            running = deploy
    return told


def as_of(deploy: Deploy, at: float) -> Deploy | None:
    """The deploy as it was known at a moment (Unix seconds): running where it ended later, None where it had not
    begun."""
    begun = deploy.started_at if deploy.started_at is not None else deploy.created_at
    if deploy.finished_at is None:
        return deploy if begun is None or begun <= at else None
    if deploy.finished_at <= at:
        return deploy
    if begun is None or begun > at:
        return None
    return replace(deploy, status="running", raw_status="", finished_at=None)


def first_told(deploy: Deploy) -> float:
    """The earliest of its times; 0 where none is known."""
    known = (deploy.created_at, deploy.started_at, deploy.finished_at)
    return min((time for time in known if time is not None), default=0.0)


def listed(deploys: Iterable[Deploy]) -> list[Deploy]:
    """In the order of the list: running ones first, then the newest first."""
    return sorted(deploys, key=place)


def place(deploy: Deploy) -> tuple[bool, float, str, str]:
    """What the list is sorted by."""
    return not deploy.running, -deploy.at, deploy.service, deploy.id


def _told(deploy: Deploy, running: Deploy | None, ran: Releases) -> Deploy:
    """With kind and previous version, as far as the source does not say them itself."""
    if running is None:
        return deploy
    kind = deploy.kind
    if kind in ("deploy", "unknown"):
        if same_release(deploy, running):
            kind = "redeploy"
        elif deploy in ran:
            kind = "rollback"
        else:
            kind = "deploy"
    return replace(
        deploy,
        kind=kind,
        prev_version=deploy.prev_version or running.version,
        prev_sha=deploy.prev_sha or running.sha,
    )


def _only_production(deploys: Iterable[Deploy]) -> str:
    """The environment that is meant where none is named: the only named one of production; else none."""
    named = {deploy.environment for deploy in deploys if deploy.is_prod and deploy.environment}
    return named.pop() if len(named) == 1 else ""


def _fits(deploy: Deploy, group: Sequence[Deploy]) -> bool:
    """Whether a sighting may be of the deploy that the others tell of."""
    if any(set(deploy.sources) & set(one.sources) for one in group):
        return False
    if (deploy.kind == "restart") != (group[0].kind == "restart") or any(other_commit(deploy, one) for one in group):
        return False
    return any(same_release(deploy, one) for one in group)


def _one(group: Sequence[Deploy]) -> Deploy:
    """What all of them say of one deploy. CI knows who and what; what watches the running thing knows when it ran."""
    if len(group) == 1:
        return group[0]
    by_trust = sorted(group, key=lambda deploy: (_TRUST[deploy.confidence], *_place(deploy)))
    best, nearest = by_trust[0], by_trust[-1]
    started = _least(deploy.started_at for deploy in group)
    ended = [deploy for deploy in reversed(by_trust) if deploy.finished_at is not None]
    finished = ended[0].finished_at if ended else None
    status = _status(by_trust)
    if status.running or (started is not None and finished is not None and finished < started):
        finished = None
    created = _least(first_told(deploy) or None for deploy in group)
    return replace(
        best,
        status=status.status,
        raw_status=status.raw_status,
        kind=next((deploy.kind for deploy in by_trust if deploy.kind not in ("deploy", "unknown")), best.kind),
        environment=next((deploy.environment for deploy in by_trust if deploy.environment), ""),
        created_at=created,
        started_at=started,
        finished_at=finished,
        sha=max((deploy.sha for deploy in by_trust if deploy.sha), key=len, default=None),
        prev_sha=_first(deploy.prev_sha for deploy in by_trust),
        prev_version=_first(deploy.prev_version for deploy in by_trust),
        actor=_first(deploy.actor for deploy in by_trust),
        actor_is_bot=next((deploy.actor_is_bot for deploy in by_trust if deploy.actor), best.actor_is_bot),
        url=_first(deploy.url for deploy in by_trust),
        message=_first(deploy.message or None for deploy in by_trust) or "",
        commit_at=_least(deploy.commit_at for deploy in group),
        oldest_commit_at=_least(deploy.oldest_commit_at for deploy in group),
        attempt=max(deploy.attempt for deploy in group),
        margin=nearest.margin if finished is not None and nearest.finished_at == finished else best.margin,
        sources=tuple(dict.fromkeys(chain.from_iterable(deploy.sources for deploy in sorted(group, key=_place)))),
        remarks=tuple(dict.fromkeys(chain.from_iterable(deploy.remarks for deploy in by_trust))),
    )


def _status(by_trust: Sequence[Deploy]) -> Deploy:
    """The one whose status holds: the most trusted that says how it ended, else the most trusted that says anything."""
    for wanted in (_ENDED_BADLY, ("succeeded",), ("running",), ("queued",)):
        for deploy in by_trust:
            if deploy.status in wanted and (wanted != _ENDED_BADLY or deploy.confidence == "exact"):
                return deploy
    return by_trust[0]


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _least(times: Iterable[float | None]) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _place(deploy: Deploy) -> tuple[float, str, str]:
    return first_told(deploy), deploy.sources[0] if deploy.sources else "", deploy.id


def _order(deploy: Deploy) -> tuple[float, float, str]:
    return math.inf if deploy.running else deploy.at, first_told(deploy), deploy.id
