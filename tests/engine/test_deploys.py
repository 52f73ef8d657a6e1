"""Deploys in the engine: whose they are, what is put together, what did not change, what outlives its source."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sreconsole.cli.wiring import Wiring
from sreconsole.config.model import Config, DeployMetric, Deploys, FileSource, PrometheusSource, Service
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.deploy_history import history
from sreconsole.domain.owners import Owners
from sreconsole.engine import deploy_board
from sreconsole.engine.console import Console
from sreconsole.engine.deploy_board import DeployBoard
from sreconsole.engine.deploys_feed import FileDeploys
from sreconsole.engine.deploys_memory import DeployMemory
from sreconsole.engine.polling import Poller
from sreconsole.engine.unasked import UnaskedDeploys
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from sreconsole.present import deploy_words
from sreconsole.sources.deploy_file import DeployFile
from sreconsole.sources.prometheus_deploys import PrometheusDeploys
from tests.servers.history import Series, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill

NOW = 1_763_856_000.0
DAY = 86_400.0
OWNERS = Owners([("checkout", {"service": "checkout"}), ("search", {"app": "search-api"})])


class Telling(UnaskedDeploys):
    """A source that tells what it is told to."""

    def __init__(self, name: str, kind: str = "file") -> None:
        super().__init__(name, kind)
        self.told: Sequence[Deploy] = ()

    def deploys(self) -> Sequence[Deploy]:
        return self.told


def deploy(source: str, service: str, version: str, ago: float = 0.0, **more: object) -> Deploy:
    told = {"finished_at": NOW - ago, "environment": "prod", "sources": (source,)} | more
    return Deploy(f"{source}:{service}{version}{ago:g}", service, version, **told)  # type: ignore[arg-type]


async def test_a_bad_line_is_said_and_its_file_is_live(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"ts": 1763850000, "service": "checkout", "version": "v1"}\nno line\n', encoding="utf-8")
    poller = Poller(FileDeploys(DeployFile("ci", path), lambda: NOW), 15.0, lambda: NOW, lambda: None)
    await poller.once()
    state = poller.state()
    assert (state.state, state.error, state.bad_lines, state.whole) == ("live", None, 1, True)
    assert state.notes[0].startswith("1 bad line in ")
    assert ", the first: line 2: " in state.notes[0]
    await poller.feed.aclose()


class Estate:
    """A config with two sources of deploys, and its board."""

    def __init__(self, path: Path | None = None, *, past: bool = False, where: str = "/x") -> None:
        self.ci, self.prom = Telling("ci"), Telling("prom")
        sources = {name: FileSource(name, Path(where) / name) for name in ("ci", "prom")}
        services = (Service("checkout"), Service("search"))
        self.config = Config(
            Path("x.yaml"), sources=sources, services=services, deploys=Deploys(prod=("prod*",), ignore=("review/*",))
        )
        self.now = NOW
        self.memory = DeployMemory(lambda: Store.open(path, LAYOUT), lambda: self.now, writes=not past)
        self.board = DeployBoard(self.config, {"ci": self.ci, "prom": self.prom}, self.memory, past=past)

    async def take(self) -> tuple[Deploy, ...]:
        await self.board.take(OWNERS, self.now)
        return self.board.deploys


async def test_deploys_are_tied_to_services_and_environments_by_the_config() -> None:
    estate = Estate()
    estate.ci.told = [
        deploy("ci", "checkout", "v1"),
        deploy("ci", "search-api", "v1", 10),
        deploy("ci", "other", "v1", 20, environment="staging"),
        deploy("ci", "checkout", "v9", 30, environment="review/7"),
        deploy("ci", "checkout", "v8", 40, environment=""),
    ]
    found = [(each.service, each.owned, each.is_prod, each.version) for each in await estate.take()]
    assert found == [
        ("checkout", True, True, "v1"),
        ("search", True, True, "v1"),
        ("other", False, False, "v1"),
        ("checkout", True, True, "v8"),
    ]


async def test_a_namespace_does_not_part_what_kubernetes_and_ci_tell() -> None:
    estate = Estate()
    estate.ci.told = [deploy("ci", "checkout", "v2", 300, actor="ana"), deploy("ci", "search", "v7", 300)]
    kube = {"environment": "", "confidence": "inferred"}
    estate.prom.told = [
        deploy("prom", "checkout", "v2", 240, **kube, namespace="shop"),
        deploy("prom", "search", "v7", 240, **kube, namespace="prod"),
        deploy("prom", "search", "v8", 200, **kube, namespace="qa"),
        deploy("prom", "search", "v9", 100, **kube, namespace="review/7"),
    ]
    found = [(each.version, each.environment, each.is_prod, each.sources) for each in await estate.take()]
    assert found == [
        ("v8", "qa", False, ("prom",)),
        ("v2", "prod", True, ("ci", "prom")),
        ("v7", "prod", True, ("ci", "prom")),
    ]


async def test_sources_are_put_together_and_the_list_is_the_same_until_it_differs() -> None:
    estate = Estate()
    estate.ci.told = [deploy("ci", "checkout", "v1", 5000), deploy("ci", "checkout", "v2", 300)]
    first = await estate.take()
    estate.prom.told = [deploy("prom", "checkout", "v2", 200, confidence="inferred")]
    second = await estate.take()
    assert [each.sources for each in second] == [("ci", "prom"), ("ci",)]
    assert second[1] is first[1]
    estate.prom.told = list(estate.prom.told)
    estate.now += 1
    assert await estate.take() is second
    estate.ci.told = [*estate.ci.told, deploy("ci", "search", "v1", 100)]
    third = await estate.take()
    assert [each for each in third if each.service == "checkout"] == list(second)
    assert all(one is other for one, other in zip(third[1:], second, strict=True))


async def test_only_the_service_of_a_new_deploy_is_put_together_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(sightings: Iterable[Deploy], before: Iterable[Deploy] = ()) -> list[Deploy]:
        found = history(sightings, before)
        made.append(len(found))
        return found

    monkeypatch.setattr(deploy_board, "history", counted)
    estate = Estate()
    estate.ci.told = [deploy("ci", f"s{n}", "v1", n) for n in range(50)]
    await estate.take()
    assert len(made) == 50
    estate.ci.told = [*estate.ci.told, deploy("ci", "s7", "v2", 1000)]
    await estate.take()
    assert made[50:] == [2]
    estate.ci.told = estate.ci.told[1:]
    assert "s0" not in {each.service for each in await estate.take()}
    assert len(made) == 51


async def test_what_is_older_than_thirty_days_leaves_the_list_and_still_tells_a_rollback() -> None:
    estate = Estate()
    estate.ci.told = [deploy("ci", "checkout", v, ago) for v, ago in (("v1", 40 * DAY), ("v2", 29.5 * DAY), ("v1", 60))]
    assert [(each.version, each.kind) for each in await estate.take()] == [("v1", "rollback"), ("v2", "deploy")]
    estate.now += DAY
    assert [each.version for each in await estate.take()] == ["v1"]


async def test_of_a_moment_of_the_past_it_is_said_as_it_was_then() -> None:
    estate = Estate(past=True)
    estate.ci.told = [
        deploy("ci", "checkout", "v1", 3600),
        deploy("ci", "checkout", "v2", -600, started_at=NOW - 60),
        deploy("ci", "checkout", "v3", -6000, started_at=NOW + 60),
    ]
    assert [(each.version, each.status, each.kind) for each in await estate.take()] == [
        ("v2", "running", "deploy"),
        ("v1", "succeeded", "deploy"),
    ]


async def test_history_outlives_what_the_source_tells(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    first = Estate(path)
    first.ci.told = [
        deploy("ci", "checkout", "v1", 60 * DAY),
        deploy("ci", "checkout", "v2", 3 * DAY),
        deploy("ci", "checkout", "v3", 2 * DAY, status="running", finished_at=None, started_at=NOW - 2 * DAY),
    ]
    await first.take()
    await first.memory.flush()
    await first.memory.aclose()
    later = Estate(path)
    later.ci.told = [deploy("ci", "checkout", "v1", 60)]
    await later.take()
    await later.memory.flush()
    found = await later.take()
    assert [(each.version, each.kind, each.status) for each in found] == [
        ("v1", "rollback", "succeeded"),
        ("v3", "deploy", "unknown"),
        ("v2", "deploy", "succeeded"),
    ]
    assert await later.take() is found
    other = Estate(path, where="/elsewhere")
    await other.take()
    await other.memory.flush()
    assert await other.take() == ()
    for estate in (later, other):
        await estate.memory.aclose()


async def test_what_was_inferred_and_is_seen_a_little_otherwise_is_not_doubled(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for shift in (0.0, 60.0):
        estate = Estate(path)
        estate.prom.told = [deploy("prom", "checkout", "v2", 300 + shift, confidence="inferred")]
        await estate.take()
        await estate.memory.flush()
        assert len(await estate.take()) == 1
        await estate.memory.aclose()


async def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    estate = Estate(tmp_path / "history.db")
    estate.ci.told = [deploy("ci", "checkout", f"v{n}", n) for n in range(100)]
    await estate.take()
    assert len(estate.memory._waiting) == 100
    await estate.memory.flush()
    estate.ci.told = [*estate.ci.told, deploy("ci", "checkout", "new")]
    await estate.take()
    assert len(estate.memory._waiting) == 1
    await estate.memory.aclose()


async def test_the_past_adds_nothing(tmp_path: Path) -> None:
    estate = Estate(tmp_path / "history.db", past=True)
    estate.ci.told = [deploy("ci", "checkout", "v1", 60)]
    await estate.take()
    assert not estate.memory._waiting
    await estate.memory.aclose()


def config(folder: Path) -> Config:
    return Config(
        folder / "config.yaml",
        sources={"ci": FileSource("ci", folder / "deploys.jsonl")},
        services=(Service("checkout", match={"service": "checkout"}),),
    )


def wired(folder: Path) -> tuple[Wiring, Console]:
    wiring = Wiring(config(folder), lambda: NOW, {"HOME": str(folder)}, trends=True)
    return wiring, wiring.console()


def write(folder: Path, *versions: str) -> None:
    with (folder / "deploys.jsonl").open("a") as out:
        for number, version in enumerate(versions):
            line = {"ts": NOW - 1000 + number, "service": "checkout", "version": version}
            out.write(json.dumps(line) + "\n")


async def test_a_file_is_a_source_like_others(tmp_path: Path) -> None:
    _, console = wired(tmp_path)
    assert [(each.name, each.kind, each.state) for each in console.snapshot.deploy_sources] == [
        ("ci", "file", "waiting")
    ]
    snapshot = await console.once(5)
    (state,) = snapshot.sources
    assert (state.state, "is not there" in (state.error or "")) == ("down", True)
    assert "is not there" in snapshot.missing["deploys"]
    assert snapshot.notices == ()
    write(tmp_path, "v1", "v2")
    snapshot = await console.once(5)
    assert ([each.version for each in snapshot.deploys], snapshot.missing.get("deploys")) == (["v2", "v1"], None)
    (state,) = snapshot.sources
    assert (state.kind, state.state) == ("file", "live")
    await console.aclose()


async def test_a_second_console_knows_what_the_file_has_lost(tmp_path: Path) -> None:
    write(tmp_path, "v1", "v2")
    _, first = wired(tmp_path)
    await first.once(5)
    await first.aclose()
    (tmp_path / "deploys.jsonl").write_text("")
    write(tmp_path, "v3")
    _, second = wired(tmp_path)
    snapshot = await second.once(5)
    assert {each.version for each in snapshot.deploys} == {"v1", "v2", "v3"}
    await second.aclose()


async def test_a_changed_config_keeps_the_feed_of_a_file_that_did_not_change(tmp_path: Path) -> None:
    write(tmp_path, "v1")
    wiring, console = wired(tmp_path)
    await console.once(5)
    feed = console.groups.deploys.feeds["ci"]
    await wiring.follow(console, replace(console.config, services=(Service("checkout"), Service("b"))))
    assert console.groups.deploys.feeds["ci"] is feed
    await wiring.follow(console, replace(console.config, refresh=60.0))
    assert console.groups.deploys.feeds["ci"] is not feed
    await console.aclose()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """A Prometheus that saw v1 of checkout, and v2 from ten minutes ago on."""
    data = tmp_path_factory.mktemp("deploys")
    spans = {"v1": (NOW - 4 * 3600, NOW - 600), "v2": (NOW - 570, NOW)}
    series = [
        Series("app_build_info", {"service": "checkout", "version": version, "instance": f"a-{version}"},
               [(start + 30.0 * n, 1.0) for n in range(int((end - start) // 30) + 1)])
        for version, (start, end) in spans.items()
    ]  # fmt: skip
    backfill(data, openmetrics(series))
    with PrometheusServer(data) as running:
        yield running


@pytest.fixture(scope="module")
def lately(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """A Prometheus of today, as a one-shot goes by the time at the server: v2 of checkout replaced v1 20 days ago."""
    data, now = tmp_path_factory.mktemp("lately"), time.time()
    spans = {"v1": (now - 25 * DAY, now - 20 * DAY), "v2": (now - 20 * DAY + 300, now)}
    series = [
        Series("app_build_info", {"service": "checkout", "version": version, "instance": f"a-{version}"},
               [(start + 300.0 * n, 1.0) for n in range(int((end - start) // 300) + 1)])
        for version, (start, end) in spans.items()
    ]  # fmt: skip
    backfill(data, openmetrics(series))
    with PrometheusServer(data) as running:
        yield running


def one_shot(folder: Path, url: str, metric: str = "app_build_info") -> Console:
    """The console of one that was never started before."""
    estate = config(folder)
    estate = replace(
        estate,
        sources={"prom": PrometheusSource("prom", url)},
        deploys=replace(estate.deploys, metrics=(DeployMetric("prom", metric),)),
    )
    return Wiring(estate, time.time, {"HOME": str(folder)}, trends=False).console()


async def test_a_cold_one_shot_lists_what_a_prometheus_saw_weeks_ago(lately: PrometheusServer, tmp_path: Path) -> None:
    for _ in range(2):  # the second one remembers it, and looks for what came since
        console = one_shot(tmp_path, lately.url)
        snapshot = await console.once(20)
        assert [(each.version, each.kind) for each in snapshot.deploys] == [("v2", "deploy")]
        assert snapshot.missing.get("deploys") is None
        assert deploy_words.whole(snapshot)
        assert snapshot.deploy_sources[0].notes == ()
        await console.aclose()


async def test_a_one_shot_without_the_time_for_history_says_so(
    lately: PrometheusServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: PrometheusDeploys) -> bool:
        await asyncio.sleep(60)
        return True

    monkeypatch.setattr(PrometheusDeploys, "fill", never)
    console = one_shot(tmp_path, lately.url, "other_build_info")
    snapshot = await console.once(1)
    assert snapshot.deploys == ()
    assert snapshot.missing["deploys"] == "prom: its history is 0 % fetched"
    assert not deploy_words.whole(snapshot)
    assert snapshot.deploy_sources[0].notes == (), "that there is nothing is not known yet"
    await console.aclose()


async def test_ci_and_a_prometheus_tell_of_one_deploy_and_stand_once_among_the_sources(
    server: PrometheusServer, tmp_path: Path
) -> None:
    (tmp_path / "deploys.jsonl").write_text(
        json.dumps({"ts": NOW - 630, "service": "checkout", "version": "v2", "actor": "ana", "environment": "prod"})
    )
    estate = config(tmp_path)
    estate = replace(
        estate,
        sources={**estate.sources, "prom": PrometheusSource("prom", server.url)},
        deploys=replace(estate.deploys, metrics=(DeployMetric("prom", "app_build_info"),)),
    )
    console = Wiring(estate, lambda: NOW, {"HOME": str(tmp_path)}, trends=False, past=True).console()
    snapshot = await console.once(20)
    (one,) = snapshot.deploys
    assert (one.sources, one.actor, one.environment, one.confidence) == (("ci", "prom"), "ana", "prod", "exact")
    assert one.started_at is not None
    assert abs(one.started_at - (NOW - 570)) <= 60
    assert [(each.name, each.state) for each in snapshot.sources] == [("ci", "live"), ("prom", "live")]
    assert [each.name for each in snapshot.deploy_sources] == ["ci", "prom"]
    await console.aclose()
