"""The rules of deploys: one of several sightings, kinds by what ran before, nothing lost and nothing doubled."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import NEAR, as_of, first_told, history, listed, put_together, told_apart
from sreconsole.domain.release import Releases, same_release

T0 = 1_763_856_000.0
SHA = "abcdef0123456789abcdef0123456789abcdef01"


def deploy(source: str, version: str = "v1", at: float = 0.0, **more: object) -> Deploy:
    told = {"finished_at": T0 + at, "sources": (source,), "environment": "prod"} | more
    return Deploy(f"{source}:{version}@{at:g}", "checkout", version, **told)  # type: ignore[arg-type]


def kinds(*deploys: Deploy) -> list[str]:
    return [one.kind for one in told_apart(deploys)]


def test_two_sources_that_tell_of_the_same_version_within_a_quarter_of_an_hour_tell_of_one_deploy() -> None:
    ci = deploy("ci", "v2", 0.0, started_at=T0 - 60, actor="ana", commit_at=T0 - 900, sha=SHA)
    seen = deploy("prom", "v2", 240, started_at=T0 + 30, confidence="inferred", margin=15.0)
    (one,) = put_together([ci, seen])
    assert (one.id, one.sources, one.confidence) == (ci.id, ("ci", "prom"), "exact")
    assert (one.started_at, one.finished_at, one.margin) == (T0 - 60, T0 + 240, 15.0)  # what runs knows when it ran
    assert (one.actor, one.commit_at, one.sha) == ("ana", T0 - 900, SHA)
    for part in (replace(seen, finished_at=T0 + NEAR + 1, started_at=T0 + NEAR + 0), deploy("prom", "v3", 60)):
        assert len(put_together([ci, part])) == 2


def test_commits_tell_more_than_versions() -> None:
    ci = deploy("ci", "latest", sha=SHA)
    assert len(put_together([ci, deploy("prom", "v2", 60, sha=SHA[:7])])) == 1
    assert len(put_together([ci, deploy("prom", SHA[:12], 60)])) == 1
    assert len(put_together([ci, deploy("prom", "latest", 60, sha="1" * 40)])) == 2
    assert len(put_together([ci, deploy("prom", "latest", 60, sha=SHA[:7]), deploy("k8s", "latest", 90)])) == 1


def test_what_one_source_tells_apart_stays_apart() -> None:
    twice = [deploy("ci", "v1", 0), deploy("ci", "v1", 300)]
    assert put_together(twice) == twice
    seen = deploy("prom", "v1", 310, confidence="inferred")
    assert [one.sources for one in put_together([*twice, seen])] == [("ci",), ("ci", "prom")]


def test_a_failure_told_by_ci_is_not_made_good_by_what_was_seen() -> None:
    failed = deploy("ci", "v2", status="failed")
    (one,) = put_together([failed, deploy("prom", "v2", 30, confidence="inferred")])
    assert one.status == "failed"
    (one,) = put_together(
        [replace(failed, status="running", finished_at=None, started_at=T0), deploy("prom", "v2", 30)]
    )
    assert (one.status, one.finished_at) == ("succeeded", T0 + 30)


def test_a_quarter_of_an_hour_is_the_limit() -> None:
    ci = deploy("ci", "v2")
    assert len(put_together([ci, deploy("prom", "v2", 900)])) == 1
    assert len(put_together([ci, deploy("prom", "v2", 901)])) == 2


def test_what_ci_says_of_the_end_is_not_overruled_by_what_was_inferred() -> None:
    withdrawn = deploy("prom", "v2", 600, status="cancelled", confidence="inferred")
    (one,) = put_together([deploy("ci", "v2"), withdrawn])
    assert one.status == "succeeded"
    (one,) = put_together([deploy("ci", "v2"), replace(withdrawn, confidence="exact")])
    assert one.status == "cancelled"


def test_an_unnamed_environment_is_the_only_named_one_of_production() -> None:
    named, unnamed = deploy("ci", "v2"), deploy("prom", "v2", 30, environment="")
    (one,) = history([named, unnamed])
    assert (one.environment, one.sources) == ("prod", ("ci", "prom"))
    assert len(history([named, unnamed, deploy("ci", "v2", 5, environment="prod-us")])) == 3
    staging = deploy("ci", "v2", environment="staging", is_prod=False)
    assert len(history([staging, unnamed])) == 2


def test_kinds_by_what_ran_before() -> None:
    assert kinds(deploy("ci", "v1"), deploy("ci", "v2", 1000), deploy("ci", "v1", 2000)) == [
        "deploy",
        "deploy",
        "rollback",
    ]
    assert kinds(deploy("ci", "v1"), deploy("ci", "v1", 1000)) == ["deploy", "redeploy"]
    failed = deploy("ci", "v2", 1000, status="failed")
    assert kinds(deploy("ci", "v1"), failed, deploy("ci", "v1", 2000)) == ["deploy", "deploy", "redeploy"]
    assert kinds(deploy("ci", "v1"), failed, deploy("ci", "v2", 2000)) == ["deploy", "deploy", "deploy"]
    said = deploy("ci", "v9", 1000, kind="rollback")
    assert kinds(deploy("ci", "v1"), said) == ["deploy", "rollback"]
    restart = deploy("prom", "v1", 1000, kind="restart")
    assert kinds(deploy("ci", "v1"), restart, deploy("ci", "v2", 2000)) == ["deploy", "restart", "deploy"]


def test_what_ran_before_all_that_is_listed_counts_too() -> None:
    past = [deploy("", "v1", -9_000_000), deploy("", "v2", -8_000_000)]
    (one,) = told_apart([deploy("ci", "v1")], past)
    assert (one.kind, one.prev_version) == ("rollback", "v2")
    (one,) = told_apart([deploy("ci", "v2")], past)
    assert one.kind == "redeploy"


def test_an_attempt_after_one_that_failed_is_the_next() -> None:
    tries = [deploy("ci", "v2", n * 1000.0, status="failed") for n in range(2)]
    told = told_apart([*tries, deploy("ci", "v2", 5000), deploy("ci", "v2", 9000)])
    assert [one.attempt for one in told] == [1, 2, 3, 1]
    assert told_apart([deploy("ci", "v1"), deploy("ci", "v2", 1000)])[1].prev_version == "v1"


def test_a_running_deploy_is_compared_with_what_runs_now() -> None:
    running = deploy("ci", "v1", status="running", started_at=T0 - 5000, finished_at=None)
    told = told_apart([deploy("ci", "v1", -9000), running, deploy("ci", "v2", -6000)])
    assert [(one.version, one.kind) for one in told][-1] == ("v1", "rollback")


def test_as_of_a_moment() -> None:
    one = deploy("ci", "v2", 600, started_at=T0)
    assert as_of(one, T0 - 1) is None
    during = as_of(one, T0 + 300)
    assert during is not None
    assert (during.status, during.finished_at) == ("running", None)
    assert as_of(one, T0 + 600) is one
    assert as_of(deploy("ci", "v2"), T0 - 1) is None  # nobody knows when it began
    going = replace(one, status="running", finished_at=None)
    assert as_of(going, T0) is going
    assert as_of(going, T0 - 1) is None


TIMES = st.one_of(st.none(), st.integers(0, 40).map(lambda step: T0 + step * 180.0))
VERSIONS = st.sampled_from(["v1", "v2", "latest", SHA[:8]])
SHAS = st.sampled_from([None, None, SHA, SHA[:7], SHA[:9], "1234567", "1234567aa", "1234567bb"])


@st.composite
def sightings(draw: st.DrawFn) -> list[Deploy]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        source = draw(st.sampled_from(["ci", "prom", "k8s"]))
        found.append(
            Deploy(
                f"{source}:{number}",
                "checkout",
                draw(VERSIONS),
                environment=draw(st.sampled_from(["prod", "prod", "", "staging"])),
                status=draw(st.sampled_from(["succeeded", "succeeded", "failed", "running", "queued", "unknown"])),
                kind=draw(st.sampled_from(["deploy", "deploy", "deploy", "restart", "rollback"])),
                created_at=draw(TIMES),
                started_at=draw(TIMES),
                finished_at=draw(TIMES),
                sha=draw(SHAS),
                confidence=draw(st.sampled_from(["exact", "inferred"])),
                sources=(source,),
            )
        )
    return found


@given(sightings())
def test_no_sighting_is_lost_or_doubled(told: list[Deploy]) -> None:
    made = put_together(told)
    assert sorted(source for one in made for source in one.sources) == sorted(one.sources[0] for one in told)
    assert {one.id for one in made} <= {one.id for one in told}
    assert len({one.id for one in made}) == len(made)
    assert len(history(told)) == len(history(list(reversed(told))))


@given(sightings())
def test_putting_together_again_changes_nothing(told: list[Deploy]) -> None:
    made = put_together(told)
    assert put_together(made) == made


@given(sightings(), st.randoms())
def test_the_order_in_which_sources_tell_does_not_matter(told: list[Deploy], chance: object) -> None:
    mixed = list(told)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert put_together(mixed) == put_together(told)
    assert sorted(map(repr, history(mixed))) == sorted(map(repr, history(told)))


@given(sightings())
def test_what_is_put_together_lies_near_and_is_of_different_sources(told: list[Deploy]) -> None:
    by_id = {one.id: one for one in told}
    for one in put_together(told):
        assert len(set(one.sources)) == len(one.sources)
        begun = first_told(one)
        assert begun in {first_told(each) for each in told}
        assert abs(first_told(by_id[one.id]) - begun) <= NEAR * 2 or len(one.sources) == 1


@given(sightings())
def test_what_ran_is_found_as_the_rule_says(told: list[Deploy]) -> None:
    ran = Releases()
    seen: list[Deploy] = []
    for one in told:
        assert (one in ran) == any(same_release(one, other) for other in seen)
        ran.add(one)
        seen.append(one)


def test_the_list_has_running_ones_first_then_the_newest() -> None:
    some = [deploy("ci", "v1"), deploy("ci", "v2", 10), deploy("ci", "v3", -50, status="running")]
    for order in permutations(some):
        assert [one.version for one in listed(order)] == ["v3", "v2", "v1"]
