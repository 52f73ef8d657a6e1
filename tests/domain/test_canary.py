"""A canary and the rollout that completes it are one deploy, and only those."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.canary import SLACK, WAITS, completed
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import history

T0 = 1_763_856_000.0
HOUR = 3600.0


def deploy(version: str, at: float, source: str = "ci", **more: object) -> Deploy:
    told = {"finished_at": T0 + at, "sources": (source,), "environment": "prod"} | more
    return Deploy(f"{source}:{version}@{at:g}", "checkout", version, **told)  # type: ignore[arg-type]


def told(*deploys: Deploy) -> list[tuple[str, str, str]]:
    return [(one.version, one.kind, one.status) for one in history(deploys)]


BEFORE = deploy("v1", -9 * HOUR)
CANARY = deploy("v2", 0, kind="canary", started_at=T0 - 120, actor="ana")


def test_ci_tells_of_a_canary_and_then_of_the_whole() -> None:
    (_, one) = history([BEFORE, CANARY, deploy("v2", 2 * HOUR, started_at=T0 + 2 * HOUR - 300, url="https://ci/2")])
    assert (one.id, one.kind, one.status, one.prev_version) == (CANARY.id, "canary", "succeeded", "v1")
    assert (one.started_at, one.finished_at) == (T0 - 120, T0 + 2 * HOUR)
    assert (one.actor, one.url, one.sources) == ("ana", "https://ci/2", ("ci",))


def test_in_steps_it_is_one_too_and_the_next_of_the_same_is_none_of_it() -> None:
    half = deploy("v2", HOUR, kind="canary")
    whole, again = deploy("v2", 2 * HOUR), deploy("v2", 5 * HOUR)
    assert told(BEFORE, CANARY, half, whole, again) == [
        ("v1", "deploy", "succeeded"),
        ("v2", "canary", "succeeded"),
        ("v2", "redeploy", "succeeded"),
    ]


def test_a_whole_that_runs_or_fails_says_how_it_goes() -> None:
    running = deploy("v2", HOUR, status="running", started_at=T0 + HOUR, finished_at=None)
    (_, one) = history([BEFORE, CANARY, running])
    assert (one.status, one.started_at, one.finished_at) == ("running", T0 - 120, None)
    failed = deploy("v2", HOUR, status="failed")
    assert told(BEFORE, CANARY, failed, deploy("v2", 2 * HOUR))[1:] == [
        ("v2", "canary", "failed"),
        ("v2", "deploy", "succeeded"),
    ]


@pytest.mark.parametrize("gap", [-1, 1])
def test_a_canary_waits_a_week(gap: float) -> None:
    found = told(BEFORE, CANARY, deploy("v2", WAITS + gap))
    assert len(found) == (2 if gap < 0 else 3)


def test_what_comes_between_parts_them() -> None:
    found = told(BEFORE, CANARY, deploy("v1", HOUR), deploy("v2", 2 * HOUR))
    assert [kind for _, kind, _ in found] == ["deploy", "canary", "rollback", "rollback"]
    withdrawn = replace(CANARY, status="cancelled")
    assert told(BEFORE, withdrawn, deploy("v2", 2 * HOUR))[2] == ("v2", "deploy", "succeeded")
    restart = deploy("v1", HOUR, "prom", kind="restart", confidence="inferred")
    assert len(told(BEFORE, CANARY, restart, deploy("v2", 2 * HOUR))) == 3


def test_the_rollout_that_a_prometheus_saw_is_what_ci_tells_the_end_of() -> None:
    seen = deploy(
        "v2",
        2 * HOUR,
        "prom",
        kind="canary",
        confidence="inferred",
        started_at=T0,
        margin=60.0,
        finished_at=T0 + 2 * HOUR,
    )
    ci = deploy("v2", 2 * HOUR - 60, actor="ana")
    (_, one) = history([BEFORE, seen, ci])
    assert (one.sources, one.actor, one.confidence, one.status) == (("prom", "ci"), "ana", "exact", "succeeded")
    assert (one.started_at, one.finished_at, one.margin) == (T0, T0 + 2 * HOUR, 60.0)
    both = [BEFORE, CANARY, replace(seen, started_at=T0 + 30), ci]
    (_, one) = history(both)
    assert (one.sources, one.started_at) == (("ci", "prom"), T0 - 120)
    late = deploy("v2", 2 * HOUR + SLACK + 60)
    assert told(BEFORE, seen, late)[2] == ("v2", "redeploy", "succeeded")


KINDS = st.sampled_from(["deploy", "canary", "rollback", "restart", "redeploy", "config"])
STATUSES = st.sampled_from(["succeeded", "succeeded", "failed", "running", "cancelled"])


@st.composite
def some(draw: st.DrawFn) -> list[Deploy]:
    return [
        deploy(
            draw(st.sampled_from(["v1", "v2"])),
            600.0 * place + draw(st.floats(0, 500)),
            draw(st.sampled_from(["ci", "prom"])),
            kind=draw(KINDS),
            status=draw(STATUSES),
            confidence=draw(st.sampled_from(["exact", "inferred"])),
        )
        for place in range(draw(st.integers(0, 10)))
    ]


@given(some())
def test_only_what_follows_a_canary_is_taken_up(deploys: list[Deploy]) -> None:
    made = completed(deploys)
    assert [one for one in made if one.kind != "canary"] == [
        one for one in deploys if one.kind != "canary" and one.id in {each.id for each in made}
    ]
    assert {one.id for one in made} <= {one.id for one in deploys}
    gone = [one for one in deploys if one.id not in {each.id for each in made}]
    assert all(one.kind in ("deploy", "canary", "redeploy") for one in gone)
    if all(one.kind != "canary" for one in deploys):
        assert made == deploys
