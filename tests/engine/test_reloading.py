"""A config that changes while the engine runs: taken up when good, said when bad, nothing known is lost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from sreconsole.cli.wiring import Wiring
from sreconsole.config.model import Config
from sreconsole.config.read import load
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine import reloading
from sreconsole.engine.console import Console
from sreconsole.engine.live import Change
from sreconsole.engine.reloading import Reloader, stamp
from tests.engine.test_failures import until
from tests.servers.history import Series, counter, openmetrics
from tests.servers.metrics import MetricsTarget
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

CONFIG = """\
version: 1
refresh: 1s
sources:
  one: {{kind: scrape, targets: ["{one}"], interval: 1s}}
  two: {{kind: scrape, targets: ["{two}"], interval: 1s}}
services:
  shop:
    slos:
      availability: {{objective: 99, source: one, sli: {{bad: 'bad_total', total: all_total}}}}
  bank:
    slos:
      availability: {{objective: 99, source: two, sli: {{bad: 'bad_total', total: all_total}}}}
"""
PAGE = "bad_total 1\nall_total 100\n"


class Running:
    """An engine that follows a file, and everything it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[Change] = []
        since = stamp(path)
        config = load(path, {}).config
        wiring = Wiring(config, time.time, {"HOME": str(path.parent)}, trends=True)
        self.console: Console = wiring.console()
        self.loads = 0
        reloader = Reloader(
            self.console, path, lambda: self._load(), lambda new: wiring.follow(self.console, new), since
        )
        self.console.beside.append(reloader.run)
        self.console.notices.append(reloader.notices)
        self.console.subscribe(self.told.append)

    def _load(self) -> Config:
        self.loads += 1
        return load(self.path, {}).config

    @property
    def snapshot(self) -> Snapshot:
        return self.console.snapshot

    @property
    def reloaded(self) -> list[Config]:
        return [change.reloaded for change in self.told if change.reloaded is not None]

    def names(self) -> list[str]:
        return [service.name for service in self.snapshot.services]

    def states(self) -> dict[str, str]:
        return {source.name: source.state for source in self.snapshot.sources}


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[Running]:
    made = Running(path)
    task = asyncio.create_task(made.console.run())
    try:
        await until(lambda: set(made.states().values()) == {"live"})
        yield made
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "EVERY", 0.1)
    monkeypatch.setattr(reloading, "SETTLE", 0.05)


def write(path: Path, text: str) -> None:
    """As careful editors do: a new file in the place of the old."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


async def test_a_good_edit_is_taken_up_and_what_did_not_change_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            kept, replaced = made.console.feeds["one"], made.console.feeds["two"]
            seen = len(made.told)
            write(path, text.replace("bank:", "vault:") + "environment: prod\ntimezone: Europe/Berlin\ntheme: light\n")
            await until(lambda: bool(made.reloaded))
            assert made.names() == ["shop", "vault"]
            assert made.states() == {"one": "live", "two": "live"}, "each was asked before it was shown"
            for change in made.told[seen:]:
                assert "live" in {source.state for source in change.snapshot.sources}
                assert "waiting" not in {source.state for source in change.snapshot.sources}
            assert made.console.feeds["one"] is kept, "nothing about it changed"
            assert made.console.feeds["two"] is not replaced
            (config,) = made.reloaded
            assert (config.environment, config.timezone, config.theme) == ("prod", "Europe/Berlin", "light")
            asked = one.asked, two.asked
            await until(lambda: one.asked > asked[0] and two.asked > asked[1])


async def test_a_bad_edit_is_said_with_its_line_until_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            write(path, text.replace("objective: 99, source: one", "objective: 199, source: one"))
            await until(lambda: bool(made.snapshot.notices))
            (notice,) = made.snapshot.notices
            assert notice.startswith("old config in use: config.yaml:9: services.shop.slos.availability.objective: ")
            assert str(tmp_path) not in notice
            assert made.names() == ["shop", "bank"]
            asked = one.asked
            await until(lambda: one.asked > asked + 1)
            assert made.states() == {"one": "live", "two": "live"}
            write(path, "version: 1\nsources: [")
            await until(lambda: made.snapshot.notices != (notice,))
            assert "config.yaml:3: not YAML" in made.snapshot.notices[0]
            assert not made.reloaded
            write(path, text)
            await until(lambda: bool(made.reloaded))
            assert made.snapshot.notices == ()
            assert made.console.feeds["one"].name == "one"


async def test_a_source_that_comes_and_one_that_goes(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two, MetricsTarget(PAGE) as three:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            kept = made.console.feeds["one"]
            write(path, text.replace("two", "three").replace(two.url, three.url))
            await until(lambda: bool(made.reloaded))
            assert list(made.states()) == ["one", "three"]
            assert set(made.states().values()) == {"live"}
            assert made.console.feeds["one"] is kept
            gone = two.asked
            asked = three.asked
            await until(lambda: three.asked > asked + 1)
            assert two.asked == gone, "nobody asks what is not in the config"


async def test_a_defect_of_ours_in_an_edit_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            with monkeypatch.context() as patched:
                patched.setattr(Running, "_load", broken)
                write(path, text + "environment: a\n")
                await until(lambda: bool(made.snapshot.notices))
                assert "a defect of sreconsole while reading config.yaml: KeyError" in made.snapshot.notices[0]
            with monkeypatch.context() as patched:
                patched.setattr(Wiring, "feeds", broken)
                write(path, text + "environment: bb\n")
                await until(lambda: "while taking up the config" in "".join(made.snapshot.notices))
            asked = one.asked
            await until(lambda: one.asked > asked + 1)
            write(path, text + "environment: ccc\n")
            await until(lambda: bool(made.reloaded))
            assert made.snapshot.notices == ()
            assert made.console.config.environment == "ccc"


@pytest.mark.prove
async def test_a_pause_and_the_trend_window_outlive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            made.console.pause(True)
            made.console.set_trend_window(21_600)
            write(path, text.replace("refresh: 1s", "refresh: 2s"))
            await until(lambda: bool(made.reloaded))
            assert made.console.paused
            assert made.console.assessor.trend_seconds == 21_600
            made.console.pause(False)
            await until(lambda: set(made.states().values()) == {"live"})


async def test_a_file_that_is_away_for_a_moment_changes_nothing_and_one_that_stays_away_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            path.rename(tmp_path / "aside")
            await asyncio.sleep(0.5)
            assert made.snapshot.notices == ()
            (tmp_path / "aside").rename(path)
            await asyncio.sleep(0.5)
            assert made.snapshot.notices == ()
            monkeypatch.setattr(reloading, "PATIENCE", 0.3)
            path.unlink()
            await until(lambda: made.snapshot.notices == ("old config in use: config.yaml is gone",))
            assert made.states() == {"one": "live", "two": "live"}
            write(path, text)
            await until(lambda: made.snapshot.notices == ())


@pytest.mark.prove
async def test_a_file_written_in_steps_is_read_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    monkeypatch.setattr(reloading, "SETTLE", 0.5)
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url) + "environment: whole\n"
        write(path, text.replace("whole", "old"))
        async with running(path) as made:
            with path.open("w") as file:
                for part in text.splitlines(keepends=True):
                    file.write(part)
                    file.flush()
                    await asyncio.sleep(0.05)
            await until(lambda: bool(made.reloaded))
            assert [config.environment for config in made.reloaded] == ["whole"]
            assert made.loads == 1
            assert not any(change.snapshot.notices for change in made.told)


@pytest.mark.prove
async def test_a_longer_window_makes_a_longer_ledger(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as one, MetricsTarget(PAGE) as two:
        text = CONFIG.format(one=one.url, two=two.url)
        write(path, text)
        async with running(path) as made:
            write(path, text.replace("objective: 99, source: one", "objective: 99, window: 60d, source: one"))
            await until(lambda: bool(made.reloaded))
            assert made.console.book.longest == 60 * 86_400
            assert set(made.states().values()) == {"live"}
            assert made.snapshot.services[0].slos[0].window_label == "60d"


PROMETHEUS = """\
version: 1
refresh: 1s
sources:
  prom: {{kind: prometheus, url: "{url}"}}
services:
"""
MEASURED = """\
  {name}:
    slos:
      availability:
        objective: 99
        sli:
          bad: http_requests_total{{service="{name}",code="500"}}
          total: http_requests_total{{service="{name}"}}
"""


def requests(service: str, until: float) -> list[Series]:
    """A day and a half of them, one in two hundred bad."""
    return [
        counter(
            "http_requests_total",
            {"service": service, "code": code},
            start=until - 1.5 * 86_400,
            end=until,
            every=30,
            rate=rate,
        )
        for code, rate in (("200", 10.0), ("500", 0.05))
    ]


async def test_an_slo_whose_neighbour_changes_keeps_its_history(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    now = time.time() // 60 * 60  # the server's time is what counts, and that is today's
    backfill(tmp_path / "data", openmetrics([series for name in "ab" for series in requests(name, now)]))
    path = tmp_path / "config.yaml"
    with PrometheusServer(tmp_path / "data") as server, RecordingProxy(server.url) as proxy:
        text = PROMETHEUS.format(url=proxy.url) + "".join(MEASURED.format(name=name) for name in "ab")
        write(path, text)
        async with running(path) as made:
            await until(lambda: made.snapshot.sources[0].progress is None)
            await until(lambda: all(service.slos[0].remaining.value is not None for service in made.snapshot.services))
            before = made.snapshot.services[0].slos[0]
            cold = len(proxy.seen)
            proxy.clear()
            head, _, tail = text.rpartition("objective: 99")
            write(path, f"{head}objective: 95{tail}")
            await until(lambda: bool(made.reloaded))
            (change,) = [change for change in made.told if change.reloaded is not None]
            kept, changed = (service.slos[0] for service in change.snapshot.services)
            assert kept.remaining.value == pytest.approx(before.remaining.value, rel=0.01)
            assert kept.burn_rate["1h"].value == pytest.approx(before.burn_rate["1h"].value, rel=0.05)
            assert changed.objective == Decimal("0.95")
            assert changed.remaining.value is not None, "its counts are the same, only the promise is another"
            await asyncio.sleep(0.3)
            assert len(proxy.seen) <= max(4, cold / 4), [seen.form.get("query", seen.path)[:90] for seen in proxy.seen]
