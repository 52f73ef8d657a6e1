"""Newer Alertmanagers, Mimir and Grafana: what their answers look like, and what becomes of them here."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sreconsole.config.model import HttpConfig
from sreconsole.domain.selector import Matcher
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from sreconsole.sources.alertmanager import base_url
from tests.servers.faults import FaultServer
from tests.sources import newer_alertmanager as newer
from tests.sources.alerting import alert, cluster_of, failure, group, named, read, serving, silence

MATCHER = {"name": "a", "value": "b", "isRegex": False, "isEqual": True}


async def test_every_state_and_reason() -> None:
    with FaultServer(serving(newer.GROUPS, newer.SILENCES)) as server:
        found = await read(server.url)
    assert {alert.name: alert.state for alert in found.alerts} == {
        "Batch": "muted",
        "Live": "firing",
        "Future": "firing",
        "New": "firing",
        "Both": "silenced",
    }
    assert named(found, "Batch").muted_by == ("nights", "weekends")
    assert named(found, "Both").silenced_by == (newer.SILENCE,)
    assert named(found, "Both").inhibited_by == ("bbbbbbbbbbbbbbbb",)
    assert named(found, "Batch").severity == "page"
    assert not named(found, "Batch").pages
    assert named(found, "Future").pages, "a state we do not know hides nothing"
    assert named(found, "Batch").since == pytest.approx(1_795_402_800.123456)
    assert (found.partial, found.notes, found.silences_missing) == (None, (), None)


async def test_names_in_any_script_survive() -> None:
    with FaultServer(serving(newer.GROUPS, newer.SILENCES)) as server:
        found = await read(server.url)
    assert named(found, "Batch").raw["http.status"] == "500"
    assert named(found, "Batch").labels["Größe ü"] == "groß"
    (active,) = [silence for silence in found.silences if silence.id == newer.SILENCE]
    assert active.matchers == (
        Matcher("http.status", "=~", "5.."),
        Matcher("Größe ü", "!=", "klein"),
        Matcher("env", "!~", "test|dev"),
        Matcher("job", "=", ""),
        Matcher("zone", "=", "a"),
    )


async def test_silences_by_state_and_age() -> None:
    with FaultServer(serving(newer.GROUPS, newer.SILENCES)) as server:
        found = await read(server.url)
    assert {silence.id: silence.state for silence in found.silences} == {newer.SILENCE: "active", "future": "pending"}
    assert {silence.id: silence.mutes_now for silence in found.silences} == {newer.SILENCE: 2, "future": 0}


async def test_muted_for_one_receiver_only_still_fires() -> None:
    muted = group(newer.MUTED, receiver="quiet")
    loud = group({**newer.MUTED, "status": {**newer.LIVE["status"]}}, receiver="pager")
    for groups in ([muted, loud], [loud, muted]):
        with FaultServer(serving(groups)) as server:
            found = named(await read(server.url), "Batch")
        assert (found.state, found.muted_by) == ("firing", ())
        assert found.receivers == ("pager", "quiet")


async def test_members_that_differ_the_loud_one_counts() -> None:
    fires = alert({"alertname": "A"}, fingerprint="a" * 16, startsAt="2026-11-23T03:00:10Z")
    quiet = {**fires, "startsAt": "2026-11-23T03:00:00Z"}
    inhibited = {**quiet, "status": {"state": "suppressed", "silencedBy": [], "inhibitedBy": ["b" * 16]}}
    silenced = {**quiet, "status": {"state": "suppressed", "silencedBy": ["s"], "inhibitedBy": []}}
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        (fires, silenced, "firing"),
        (silenced, fires, "firing"),
        (inhibited, silenced, "silenced"),
        (inhibited, inhibited, "inhibited"),
    ]
    for one, other, state in cases:
        with FaultServer(serving([group(one)])) as first, FaultServer(serving([group(other)])) as second:
            found = named(await read(first.url, second.url), "A")
        assert (found.state, found.since) == (state, 1_795_402_800.0)
        assert found.silenced_by == (("s",) if state == "silenced" else ())


async def test_of_one_silence_told_twice_the_newer_counts() -> None:
    old = silence("s", [MATCHER], updatedAt="2026-11-23T03:00:00Z", comment="old")
    new = silence("s", [MATCHER], updatedAt="2026-11-23T03:00:00.500Z", comment="new")
    for pair in ((old, new), (new, old)):
        with FaultServer(serving([], [pair[0]])) as first, FaultServer(serving([], [pair[1]])) as second:
            (found,) = (await read(first.url, second.url)).silences
        assert found.comment == "new"


async def test_silences_that_the_api_cannot_tell_leave_alerts_live() -> None:
    server_answers = serving(newer.GROUPS, newer.SILENCES)
    with FaultServer(server_answers) as server:
        async with cluster_of(server.url) as asked:
            before = await asked.read(time.time())
            server.respond = serving(newer.GROUPS, newer.SEVERAL_SETS)
            found = await asked.read(time.time())
    assert found.alerts is before.alerts
    assert found.silences is before.silences, "the last known ones stay, and it is said that they are old"
    assert found.parts == (1, 1), "its alerts are whole"
    for said in (found.partial, found.silences_missing):
        assert said is not None
        assert "silences are not known" in said
        assert "a silence with several matcher sets" in said


REFUSALS: list[tuple[str, Any, type[SourceError], list[str]]] = [
    ("busy", newer.TOO_MANY, Unreachable, ["too many at once (503)"]),
    ("no tenant", newer.NO_TENANT, Denied, ["X-Scope-OrgID", "source am"]),
    ("forbidden", newer.GRAFANA_FORBIDDEN, Denied, ["403", "additional permissions"]),
    ("not ready", newer.GRAFANA_NOT_READY, BadAnswer, ["(409)", "Alertmanager wasn't ready"]),
    ("bare string", (500, '"boom"\n'), BadAnswer, ["(500)", "“boom”"]),
    ("object", (422, '{"code":602,"message":"x in query"}'), BadAnswer, ["(422)", "“x in query”"]),
    ("login", (200, "<!doctype html><title>Sign in</title><input type=password>", "text/html"), Denied, ["login page"]),
    ("other JSON", (200, '{"status":"success"}'), BadAnswer, ["not the Alertmanager API's"]),
    ("other list", (200, "[1,2]"), BadAnswer, ["not the Alertmanager API's"]),
]


@pytest.mark.parametrize(("said", "kind", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
async def test_a_refusal_is_one_sentence(said: Any, kind: type[SourceError], words: list[str]) -> None:
    with FaultServer(serving(said, said)) as server:
        error = await failure(server.url)
    assert type(error) is kind
    assert [word for word in words if word not in str(error)] == []
    assert server.url in str(error)


async def test_a_busy_server_is_left_alone_for_a_while() -> None:
    with FaultServer(serving(newer.TOO_MANY, newer.TOO_MANY)) as server:
        assert (await failure(server.url)).retry_after == 30.0
    with FaultServer(serving(newer.GROUPS)) as well, FaultServer(serving(newer.TOO_MANY, newer.TOO_MANY)) as busy:
        async with cluster_of(busy.url, well.url) as asked:
            found = await asked.read(time.time())
            assert "too many at once" in (found.partial or "")
            asked_before = len(busy.requests)
            again = await asked.read(time.time())
            assert len(busy.requests) == asked_before
            assert again.partial == found.partial
            assert again.parts == (1, 2)
            well.respond = serving((500, '"boom"'))
            busy.respond = serving([group(newer.LIVE)])
            last = await asked.read(time.time())
            assert [one.name for one in last.alerts] == ["Live"], "it is asked after all when nobody else tells"
            assert last.parts == (1, 2)


async def test_a_tenant_without_an_alertmanager_is_not_down() -> None:
    with FaultServer(serving(newer.NOT_SET_UP, newer.NOT_SET_UP)) as server:
        found = await read(server.url, flavour="mimir")
    assert (found.alerts, found.silences, found.partial, found.silences_missing) == ((), (), None, None)
    assert found.notes == (f"{server.url}/alertmanager is not set up for this tenant: it has no alerts",)


PLACES = [
    ("http://am:9093", "prometheus", "http://am:9093"),
    ("http://am:9093/pre/", "prometheus", "http://am:9093/pre"),
    ("http://mimir", "mimir", "http://mimir/alertmanager"),
    ("http://mimir/", "mimir", "http://mimir/alertmanager"),
    ("http://mimir/am", "mimir", "http://mimir/am"),
    ("http://graf:3000", "grafana", "http://graf:3000/api/alertmanager/grafana"),
    ("http://graf:3000/sub/", "grafana", "http://graf:3000/sub/api/alertmanager/grafana"),
    ("http://graf:3000/api/alertmanager/P1D2/", "grafana", "http://graf:3000/api/alertmanager/P1D2"),
]


@pytest.mark.parametrize(("url", "flavour", "base"), PLACES)
def test_where_each_flavour_has_its_api(url: str, flavour: str, base: str) -> None:
    assert base_url(url, flavour) == base


@pytest.mark.parametrize("groups", [[], "null", [{"labels": {}, "receiver": {"name": "x"}, "alerts": None}]])
async def test_an_empty_list_in_any_of_gos_spellings(groups: Any) -> None:
    with FaultServer(serving(groups, "null")) as server:
        found = await read(server.url)
    assert (found.alerts, found.silences, found.partial, found.notes) == ((), (), None, ())


async def test_what_is_asked_of_each_flavour() -> None:
    http = HttpConfig(headers={"X-Scope-OrgID": ("team-a",)})
    for flavour, path in (
        ("prometheus", ""),
        ("mimir", "/alertmanager"),
        ("grafana", "/api/alertmanager/grafana"),
    ):
        with FaultServer(serving(newer.GROUPS, newer.SILENCES)) as server:
            async with cluster_of(server.url, flavour=flavour, http=http) as asked:  # type: ignore[arg-type]
                await asked.read(time.time())
        assert sorted(request.target for request in server.requests) == [
            f"{path}/api/v2/alerts/groups",
            f"{path}/api/v2/silences",
        ]
        assert {request.header("x-scope-orgid") for request in server.requests} == {"team-a"}
