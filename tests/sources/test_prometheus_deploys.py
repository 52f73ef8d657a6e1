"""Deploys seen by a real Prometheus: every one found once, none invented, however they are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sreconsole.config.model import DeployMetric, HttpConfig, PrometheusSource
from sreconsole.domain.deploy import Deploy
from sreconsole.errors import SourceError
from sreconsole.sources import sightings
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import Matrix, PromApi
from sreconsole.sources.prometheus_deploys import PrometheusDeploys
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy
from tests.servers.victoriametrics import VictoriaMetricsServer
from tests.sources.deploying import BUILD_INFO, NOW, Cluster, Fleet, asking, cold, followed, told, whole

pytestmark = pytest.mark.xdist_group("prometheus-deploys")

HOUR, DAY = 3600.0, 86_400.0
START = NOW - 4.5 * DAY


def services() -> Fleet:
    """What happens to services that have a build_info."""
    fleet = Fleet()
    # three versions one after the other, and back to the second
    for index in range(3):
        turn = 80.0 * index
        fleet.instance("checkout", "v1", START, NOW - 4 * DAY + turn)
        fleet.instance("checkout", "v2", NOW - 4 * DAY + turn, NOW - 30 * HOUR + turn)
        fleet.instance("checkout", "v3", NOW - 30 * HOUR + turn, NOW - 29.5 * HOUR + turn)
        fleet.instance("checkout", "v2", NOW - 29.5 * HOUR + turn)
    # scaled from two to nine and back every few hours, and to nothing for a night
    for index in range(9):
        for day in range(4):
            born = NOW - (4.2 - day) * DAY + index * 900
            fleet.instance("scaled", "s1", born, born + 8 * HOUR)
    # every instance replaced by one of the same version; a target that was down for an hour; scrapes missed
    for index in range(4):
        fleet.instance("restarted", "r1", START, NOW - 2 * DAY)
        fleet.instance("restarted", "r1", NOW - 2 * DAY + 15 * index)
    down = [(NOW - 3 * DAY, NOW - 3 * DAY + HOUR), (NOW - 7 * HOUR, NOW - 6.9 * HOUR)]
    fleet.instance("flaky", "f1", START, gaps=down)
    # canaries: promoted after two hours, withdrawn after one, interrupted, going on
    fleet.instance("search", "c1", START, NOW - 2 * DAY + 2 * HOUR)
    fleet.instance("search", "c2", NOW - 2 * DAY)
    fleet.instance("search", "c3", NOW - 20 * HOUR, NOW - 19 * HOUR)
    fleet.instance("search", "c4", NOW - 5 * HOUR, gaps=[(NOW - 3 * HOUR, NOW - 2.2 * HOUR)])
    # recreated: nothing runs between
    fleet.instance("batch", "b1", START, NOW - 26 * HOUR)
    fleet.instance("batch", "b2", NOW - 26 * HOUR + 200)
    # the same service in two environments, each with its own time
    for environment, shift in (("staging", 6 * HOUR), ("prod", 3 * HOUR)):
        labels = {"environment": environment}
        fleet.instance("web", "w1", START, NOW - shift + 120, labels=labels)
        fleet.instance("web", "w2", NOW - shift, labels=labels)
    # a new service; one without a version
    fleet.instance("fresh", "n1", NOW - 50 * HOUR)
    fleet.instance("nameless", "", START)
    return fleet


SERVICES = [
    ("checkout", "", "v2", "deploy", "succeeded"),
    ("search", "", "c2", "canary", "succeeded"),
    ("checkout", "", "v3", "deploy", "succeeded"),
    ("checkout", "", "v2", "deploy", "succeeded"),
    ("batch", "", "b2", "deploy", "succeeded"),
    ("search", "", "c3", "canary", "cancelled"),
    ("web", "staging", "w2", "deploy", "succeeded"),
    ("search", "", "c4", "canary", "running"),
    ("web", "prod", "w2", "deploy", "succeeded"),
]


def cluster() -> Cluster:
    """What happens to Deployments; kube-state-metrics is replaced twice, and away for an hour once."""
    lives = [
        ("ksm-1", START, NOW - 3 * DAY),
        ("ksm-2", NOW - 3 * DAY + HOUR, NOW - 28 * HOUR),
        ("ksm-3", NOW - 28 * HOUR + 40, NOW),
    ]
    kube = Cluster(lives, every=60.0)
    first, second, again = NOW - 4 * DAY, NOW - 30 * HOUR, NOW - 6 * HOUR
    kube.replicaset(
        "checkout", "aaaa", START - 50 * DAY, [(0, 3), (first + 60, 1), (first + 120, 0), (again, 1), (again + 60, 3)],
        image="reg/checkout:v1",
    )  # fmt: skip
    kube.replicaset(
        "checkout",
        "bbbb",
        first,
        [(first, 1), (first + 60, 3), (second + 90, 0)],
        image="reg:5000/x/checkout:v2@sha256:1",
    )
    kube.replicaset("checkout", "cccc", second, [(second, 3), (again + 90, 0)], image="reg/checkout:v3")
    # autoscaled from three to nine and back, to nothing and back
    scaling = [(START, 3)]
    for day in range(4):
        scaling += [(START + day * DAY + 8 * HOUR, 9), (START + day * DAY + 20 * HOUR, 3)]
    kube.replicaset("scaled", "dddd", START - 50 * DAY, [*scaling, (NOW - 20 * HOUR, 0), (NOW - 8 * HOUR, 3)])
    # never ready, and one that is still rolling; one made by something else
    stuck = NOW - 10 * HOUR
    kube.replicaset("broken", "eeee", START - 50 * DAY, [(0, 2), (stuck + 120, 0)])
    kube.replicaset("broken", "ffff", stuck, [(stuck, 2)], lag=10 * DAY)
    kube.replicaset("rolling", "gggg", START - 50 * DAY, [(0, 4), (NOW - 200, 3)], image="reg/rolling:1")
    kube.replicaset("rolling", "hhhh", NOW - 300, [(NOW - 300, 1)], image="reg/rolling:2")
    kube.replicaset("argo", "iiii", NOW - 2 * DAY, [(NOW - 2 * DAY, 1)], kind="Rollout")
    # made and gone while kube-state-metrics was away; the next one tells of it
    away = NOW - 3 * DAY + 600
    kube.replicaset("quick", "jjjj", START - 50 * DAY, [(0, 1), (away + 60, 0)])
    kube.replicaset("quick", "kkkk", away, [(away, 1), (away + 1800, 0)])
    kube.replicaset("quick", "llll", away + 1800, [(away + 1800, 1)])
    return kube


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("deploys") / "data"
    backfill(data, openmetrics([*services().series, *cluster().series]))
    with PrometheusServer(data) as server:
        yield server.url


@asynccontextmanager
async def having(deploys: PrometheusDeploys) -> AsyncIterator[PrometheusDeploys]:
    try:
        yield deploys
    finally:
        await deploys.aclose()


async def all_of(url: str, now: float = NOW, kubernetes: bool = False) -> Sequence[Deploy]:
    metrics = () if kubernetes else (BUILD_INFO,)
    async with having(asking(url, metrics, kubernetes)) as deploys:
        return whole(await cold(deploys, now))


async def test_every_deploy_is_found_once_and_none_is_invented(url: str) -> None:
    found = await all_of(url)
    assert told(found) == SERVICES
    assert len({one.id for one in found}) == len(found)
    assert {one.confidence for one in found} == {"inferred"}


async def test_times_are_those_of_the_first_and_the_last_sample(url: str) -> None:
    found = {(one.service, one.version, one.environment): one for one in await all_of(url)}
    third = found["checkout", "v3", ""]
    assert third.started_at == pytest.approx(NOW - 30 * HOUR, abs=90)
    assert third.finished_at == pytest.approx(NOW - 30 * HOUR + 160, abs=90)
    assert (third.margin, third.prev_version) == (60.0, "v2")
    recreated = found["batch", "b2", ""]
    assert recreated.started_at == pytest.approx(NOW - 26 * HOUR + 200, abs=90)
    assert 180 <= recreated.margin <= 300  # nobody saw what happened meanwhile
    withdrawn = found["search", "c3", ""]
    assert withdrawn.finished_at == pytest.approx(NOW - 19 * HOUR, abs=90)
    assert withdrawn.raw_status == "withdrawn"


@pytest.mark.parametrize("every", [60.0, 240.0])
async def test_who_followed_it_tells_what_a_new_start_tells(url: str, every: float) -> None:
    async with having(asking(url)) as deploys:
        stepwise = whole(await followed(deploys, NOW - 7 * HOUR, every=every))
    assert stepwise == await all_of(url)


async def test_a_source_that_was_away_for_hours_catches_up(url: str) -> None:
    async with having(asking(url)) as deploys:
        await cold(deploys, NOW - 40 * HOUR)
        await deploys.poll(NOW - 31 * HOUR)
        before = deploys.deploys()
        await deploys.poll(NOW)  # first what is new, then what was missed
        assert set(before) <= set(deploys.deploys())
        assert whole(await cold(deploys)) == await all_of(url)


async def test_what_did_not_change_is_the_same_object(url: str) -> None:
    async with having(asking(url)) as deploys:
        await cold(deploys, NOW - 120)
        before = deploys.deploys()
        await deploys.poll(NOW - 60)
        assert deploys.deploys() is before
        await deploys.poll(NOW)
        assert deploys.deploys() is before


async def test_a_refresh_asks_for_minutes_once_the_past_is_known(url: str) -> None:
    with RecordingProxy(url, stats=True) as proxy:
        async with having(asking(proxy.url)) as deploys:
            await deploys.poll(NOW)
            assert len(proxy.seen) == 2  # how often is scraped, and the last hour
            while await deploys.fill():
                pass
            longest = max(
                float(seen.form["end"]) - float(seen.form["start"]) for seen in proxy.seen if "start" in seen.form
            )
            assert longest < DAY
            assert proxy.most_at_once == 1
            proxy.clear()
            await deploys.poll(NOW + 60)
            (seen,) = proxy.seen
            assert float(seen.form["end"]) - float(seen.form["start"]) <= 900
            assert seen.form["step"] == "60"


async def test_replicasets_tell_rollouts_to_the_second(url: str) -> None:
    found = await all_of(url, kubernetes=True)
    assert told(found) == [
        ("checkout", "prod", "v2", "deploy", "succeeded"),
        ("quick", "prod", "kkkk", "deploy", "unknown"),
        ("quick", "prod", "llll", "deploy", "succeeded"),
        ("checkout", "prod", "v3", "deploy", "succeeded"),
        ("broken", "prod", "ffff", "deploy", "unknown"),
        ("checkout", "prod", "v1", "deploy", "succeeded"),
        ("rolling", "prod", "2", "deploy", "running"),
    ]
    by = {(one.service, one.version): one for one in found}
    assert (by["checkout", "v2"].started_at, by["checkout", "v2"].margin) == (int(NOW - 4 * DAY), 0.0)
    assert by["checkout", "v2"].finished_at == pytest.approx(NOW - 4 * DAY + 120, abs=90)
    again = by["checkout", "v1"]  # nothing was made for it: its replicas came back
    assert again.started_at == pytest.approx(NOW - 6 * HOUR, abs=90)
    assert (again.margin, again.prev_version) == (60.0, "v3")
    assert again.finished_at == pytest.approx(NOW - 6 * HOUR + 100, abs=90)
    assert by["rolling", "2"].finished_at is None


async def test_replicasets_are_the_same_for_who_followed_them(url: str) -> None:
    async with having(asking(url, (), True)) as deploys:
        stepwise = whole(await followed(deploys, NOW - 8 * HOUR, every=120.0))
    assert stepwise == await all_of(url, kubernetes=True)


async def test_a_server_that_is_started_again_tells_the_same(tmp_path: Path) -> None:
    fleet = Fleet()
    fleet.rolling("checkout", NOW - 3 * HOUR, [("v1", NOW - 20 * HOUR)] * 2, "v2", count=2)
    backfill(tmp_path / "data", openmetrics(fleet.series))
    with PrometheusServer(tmp_path / "data") as server:
        deploys = asking(server.url)
        before = await cold(deploys, NOW - HOUR)
        port = server.port
    with pytest.raises(SourceError):
        await deploys.poll(NOW - HOUR + 60)
    assert deploys.deploys() is before
    with PrometheusServer(tmp_path / "data", port=port):
        async with having(deploys):
            assert await cold(deploys, NOW) == before
            assert told(before) == [("checkout", "", "v2", "deploy", "succeeded")]


async def test_what_is_not_there_is_said(url: str) -> None:
    async with having(asking(url, [DeployMetric("prom", "other_build_info")], True)) as deploys:
        await deploys.poll(NOW)
        assert deploys.notes() == (), "of thirty days one hour was asked for"
        await cold(deploys)
        assert deploys.notes() == ("no deploys: prom has no other_build_info with the labels service and version",)


async def test_more_label_sets_than_are_read_are_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST_SETS", 5)
    async with having(asking(url)) as deploys:
        await deploys.poll(NOW)
        assert deploys.truncated
        assert deploys.notes() == ("deploys by app_build_info: too many label sets, the rest is left out",)


def said(deploys: PrometheusDeploys) -> str | None:
    """Why the newest answers are not whole."""
    return deploys.partial


class HalfAnswering(PromApi):
    """Leaves out a version and warns of it, as long as `half`."""

    half = True

    async def query_range(self, expr: str, start: float, end: float, step: float, timeout: float = 10.0) -> Matrix:
        whole = await super().query_range(expr, start, end, step, timeout)
        if not self.half:
            return whole
        left = [series for series in whole.series if series.labels.get("version") != "f1"]
        return Matrix(left, ("no store has answered for a while",), (), whole.server_time)


async def test_nothing_is_concluded_from_half_an_answer(url: str) -> None:
    api = HalfAnswering(HttpClient("prom", url, HttpConfig(), 32 << 20))
    async with having(PrometheusDeploys(PrometheusSource("prom", url), (BUILD_INFO,), False, lambda: api)) as deploys:
        assert await cold(deploys, NOW - HOUR) == ()
        assert said(deploys) == "no deploys are concluded from partial answers: no store has answered for a while"
        api.half = False
        before = await cold(deploys, NOW - HOUR + 60)
        assert not said(deploys)
        api.half = True
        await deploys.poll(NOW)
        assert said(deploys)
        assert deploys.deploys() is before
        api.half = False
        assert whole(await cold(deploys)) == await all_of(url)


async def test_victoriametrics_tells_the_same(url: str, tmp_path: Path) -> None:
    # it imports lines of text with milliseconds
    text = openmetrics([*services().series, *cluster().series]).replace("# EOF\n", "")
    lines = (line.rpartition(" ") for line in text.splitlines())
    with VictoriaMetricsServer(tmp_path / "data") as server:
        server.put(["\n".join(f"{head} {round(float(at) * 1000)}" for head, _, at in lines) + "\n"])
        found = await all_of(server.url)
        sets = await all_of(server.url, kubernetes=True)
    assert found == await all_of(url)
    assert sets == await all_of(url, kubernetes=True)
