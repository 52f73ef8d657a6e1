"""A server in trouble is asked less, and that is said; history waits for it. Real sockets, real pollers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sreconsole.cli.wiring import wire
from sreconsole.config.model import Config, HttpConfig, PrometheusSource, Service
from sreconsole.config.read import load
from sreconsole.domain.snapshot import SourceState
from sreconsole.engine.console import Console
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import Book
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter
from tests.engine.estate import availability
from tests.engine.test_failures import until
from tests.servers.faults import FaultServer, Reply, Request, answer

REFRESH = 0.2


class Asking(Unasked):
    """Asks its server once a step, and once for each piece of a history that never ends."""

    def __init__(self, url: str, meter: Meter) -> None:
        super().__init__("prom", "prometheus", [availability("a")])
        self.client = HttpClient("prom", url, HttpConfig(), 1 << 20, meter=meter)
        self.steps = 0
        self.spaced: float | None = None

    def interval(self, key: object) -> float | None:
        return self.spaced

    async def step(self) -> None:
        self.steps += 1
        await self.client.get("/step")

    async def fill(self) -> bool:
        await self.client.get("/fill")
        return True

    async def aclose(self) -> None:
        await self.client.aclose()


class Server(FaultServer):
    """Answers as it is told: how long it takes, and with what."""

    def __init__(self) -> None:
        super().__init__(self._respond)
        self.seconds = 0.0
        self.fill_seconds = 0.005
        self.reply = answer(200, "{}")
        self.fills: Callable[[], bytes] = lambda: self.reply

    def _respond(self, request: Request) -> bytes:
        filling = request.target == "/fill"
        time.sleep(self.fill_seconds if filling else self.seconds)
        return self.fills() if filling else self.reply

    def asked(self, path: str) -> int:
        return sum(request.target == path for request in self.requests)


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[tuple[Console, Asking, Callable[[], SourceState]]]:
    """A console over one feed that asks the server."""
    slo = availability("a")
    config = Config(
        Path("x.yaml"),
        refresh=REFRESH,
        sources={"prom": PrometheusSource("prom", server.url)},
        services=(Service("a", (slo,)),),
    )
    meter = Meter()
    feed = Asking(server.url, meter)
    console = Console(config, Book(), [feed], time.time, meters={"prom": meter})
    task = asyncio.create_task(console.run())
    try:
        yield console, feed, lambda: console.snapshot.sources[0]
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_slow_server_is_asked_less_and_that_is_said_until_it_is_quick_again() -> None:
    with Server() as server:
        async with running(server) as (_, feed, state):
            await until(lambda: state().state == "live")
            assert state().pace is None
            server.seconds = 0.15
            await until(lambda: (state().pace or 0) > 3 * REFRESH)
            assert any(note.startswith("asking every ") and "answers take 0.1" in note for note in state().notes)
            assert state().state == "live", "slow is no failure"
            assert state().latency is not None
            began, steps = time.monotonic(), feed.steps
            await until(lambda: feed.steps >= steps + 2)
            assert time.monotonic() - began > 2 * REFRESH, "two steps at the old pace would take less"
            server.seconds = 0.0
            await until(lambda: state().pace is None)
            assert state().notes == ()


async def test_a_busy_server_is_left_alone_for_as_long_as_it_asks() -> None:
    with Server() as server:
        async with running(server) as (console, _, state):
            await until(lambda: state().state == "live")
            server.reply = answer(503, "busy", "text/plain", {"Retry-After": "50"})
            await until(lambda: state().state == "down")
            assert state().next_try is not None
            assert 40 < (state().next_try or 0) - time.time() <= 50
            assert "asks to wait 50s" in (state().error or "")
            server.reply = answer(200, "{}")
            console.refresh()
            await until(lambda: state().state == "live")  # a person may ask at once
            assert state().error is None
            assert "asks to wait 50s" in (state().last_error or ""), "the last error is kept"
            assert state().last_error_at is not None
            assert state().where == server.url


async def test_history_waits_while_the_server_fails() -> None:
    with Server() as server:
        async with running(server) as (_, feed, state):
            await until(lambda: server.asked("/fill") > 5)
            server.reply = answer(500, "{}")
            await until(lambda: state().state == "down")
            await asyncio.sleep(0.05)  # what was on its way
            filled, steps = server.asked("/fill"), feed.steps
            await until(lambda: feed.steps >= steps + 2)
            assert server.asked("/fill") == filled
            server.reply = answer(200, "{}")
            await until(lambda: server.asked("/fill") > filled + 5)


@pytest.mark.prove
async def test_a_slow_server_gets_one_piece_of_history_a_step() -> None:
    with Server() as server:
        async with running(server) as (_, feed, state):
            await until(lambda: state().state == "live")
            server.seconds = 0.15
            await until(lambda: state().pace is not None)
            await asyncio.sleep(0.3)
            filled, steps = server.asked("/fill"), feed.steps
            await until(lambda: feed.steps >= steps + 3)
            assert server.asked("/fill") - filled <= feed.steps - steps + 1


@pytest.mark.prove
async def test_history_that_fails_alone_is_said_and_tried_ever_more_rarely() -> None:
    with Server() as server:
        server.fills = lambda: answer(422, '{"status":"error","errorType":"execution","error":"too many samples"}')
        async with running(server) as (_, feed, state):
            await until(lambda: any("history: " in note for note in state().notes))
            await until(lambda: feed.steps >= 12)
            assert server.asked("/fill") <= 5
            assert state().state == "live"
            server.fills = lambda: answer(200, "{}")
            await until(lambda: state().notes == ())


async def test_a_server_is_asked_no_more_often_than_it_scrapes() -> None:
    with Server() as server:
        async with running(server) as (_, feed, state):
            feed.spaced = 60.0
            await until(lambda: state().pace == 60.0)
            steps = feed.steps
            await asyncio.sleep(5 * REFRESH)
            assert feed.steps <= steps + 1
            assert state().notes == (), "that is no trouble"


CONFIG = """\
version: 1
refresh: 1s
sources:
  prom: {{kind: prometheus, url: "{url}"}}
services:
"""
SLO = """\
  s{n}:
    slos:
      errors: {{objective: 99, sli: {{bad: 'e{n}_total{{code!="{n}"}}', total: 'r{n}_total{{code!="{n}"}}'}}}}
"""


@pytest.mark.parametrize("answers", ["well", "badly"])
async def test_everything_that_is_asked_of_one_server_is_two_queries_at_a_time(tmp_path: Path, answers: str) -> None:
    lock, now, most = threading.Lock(), [0], [0]
    empty = '{"status":"success","data":{"resultType":"matrix","result":[]}}'

    def respond(request: Request) -> bytes:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        if answers == "badly" and len(server.requests) > 5:
            return answer(503, "busy", "text/plain")
        vector = request.target.endswith("/query")
        if request.target.endswith(("/alerts", "/rules")):
            return answer(200, '{"status":"success","data":{"alerts":[],"groups":[]}}')
        return answer(200, empty.replace("matrix", "vector") if vector else empty)

    with FaultServer(respond) as server:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG.format(url=server.url) + "".join(SLO.format(n=n) for n in range(60)))
        console = wire(load(path, {}).config, time.time, {"HOME": str(tmp_path)}, trends=True)
        task = asyncio.create_task(console.run())
        await until(
            lambda: len(server.requests) > 40 or (answers == "badly" and console.snapshot.sources[0].error is not None)
        )
        task.cancel()
        await asyncio.wait([task])
        asked = {request.target.partition("?")[0] for request in server.requests}
    assert most[0] == 2
    assert {"/api/v1/query", "/api/v1/alerts"} <= asked, "metrics and alerts share the server"


async def test_when_one_query_of_a_refresh_fails_the_others_are_not_sent(tmp_path: Path) -> None:
    """Else a server that hangs would have the queries of many refreshes waiting for it."""
    hanging = threading.Event()
    empty = '{"status":"success","data":{"resultType":"vector","result":[]}}'

    def respond(request: Request) -> Reply | bytes:
        if hanging.is_set():
            return answer(503, "busy", "text/plain")
        return answer(200, empty if request.target.endswith("/query") else empty.replace("vector", "matrix"))

    with FaultServer(respond) as server:
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG.format(url=server.url) + "".join(SLO.format(n=n) for n in range(500)))
        console = wire(load(path, {}).config, time.time, {"HOME": str(tmp_path)}, trends=True)
        await console.once(2.0)
        hanging.set()
        await asyncio.sleep(0.1)
        asked = len(server.requests)
        (poller,) = console.groups.metrics.pollers.values()
        await poller.once()
        assert poller.trouble is not None
        assert asked < len(server.requests) <= asked + 3
        asked = len(server.requests)
        await asyncio.sleep(0.3)
        assert len(server.requests) == asked
        await console.aclose()
