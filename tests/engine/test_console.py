"""The console before its feeds are built: names at once, nothing claimed to be known, nothing lost by the exchange."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from sreconsole.config.model import Config, PrometheusSource, Service
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState
from sreconsole.domain.status import Status
from sreconsole.engine.console import Console
from sreconsole.engine.feed import Feed
from sreconsole.engine.live import Change
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import Book
from tests.engine.estate import NOW, availability, reports
from tests.engine.test_failures import until

SLO = availability("a")
CONFIG = Config(
    Path("x.yaml"), sources={"prom": PrometheusSource("prom", "http://127.0.0.1:1")}, services=(Service("a", (SLO,)),)
)
KEY = SloKey("a", "availability")


class Answering(Unasked):
    """A feed that has asked and found nothing."""

    steps = 0

    def horizon(self, key: SloKey) -> float | None:
        return NOW if self.steps else None

    def filling(self, key: SloKey) -> float | None:
        return None

    def progress(self) -> float | None:
        return None

    async def step(self) -> None:
        self.steps += 1


async def test_feeds_are_built_when_the_engine_begins_and_take_the_places_of_their_stand_ins() -> None:
    built: list[Feed] = []

    def build() -> list[Feed]:
        built.append(Answering("prom", "prometheus", [SLO]))
        return built

    console = Console(CONFIG, Book(), build, lambda: NOW)
    first = console.snapshot
    assert not built, "the first frame must not wait for the code that talks to servers"
    assert [service.name for service in first.services] == ["a"]
    assert reports(first)[KEY].status is Status.UNKNOWN
    assert reports(first)[KEY].reasons == ("waiting for prom",)
    assert (first.sources[0].name, first.sources[0].state) == ("prom", "waiting")
    after = await console.once(5.0)
    assert len(built) == 1
    assert after.sources[0].state == "live"
    assert reports(after)[KEY].reasons == ("no data",)
    await console.once(5.0)
    assert len(built) == 1, "once"


async def test_an_end_that_comes_together_with_news_is_not_lost() -> None:
    """A cancellation in the very moment in which a loop of ours gets what it waits for must end it all the same."""
    for steps in range(60):
        console = Console(CONFIG, Book(), [Answering("prom", "prometheus", [SLO])], lambda: NOW)
        task = asyncio.create_task(console.run())
        for _ in range(steps):
            await asyncio.sleep(0)
        console.look()
        console.refresh()
        task.cancel()
        _, left = await asyncio.wait([task], timeout=20)
        assert not left, steps


async def test_a_defect_while_judging_is_said_and_asking_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    feed = Answering("prom", "prometheus", [SLO])
    console = Console(replace(CONFIG, refresh=0.05), Book(), [feed], lambda: NOW)
    told: list[Change] = []
    console.subscribe(told.append)
    judge = console.assessor.services

    async def broken(now: float) -> tuple[ServiceState, ...]:
        raise KeyError("x")

    task = asyncio.create_task(console.run())
    await until(lambda: bool(told))
    console.assessor.services = broken  # type: ignore[method-assign]
    await until(lambda: bool(console.snapshot.notices))
    assert console.snapshot.notices == ("a defect of sreconsole, figures may stand still: KeyError",)
    assert console.snapshot.services, "what was known stays"
    steps = feed.steps
    await until(lambda: feed.steps > steps + 3)
    assert caplog.text.count("defect while judging") == 1, "said once"
    console.assessor.services = judge  # type: ignore[method-assign]
    await until(lambda: not console.snapshot.notices)
    task.cancel()
    await asyncio.wait([task])
