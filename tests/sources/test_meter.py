"""What is asked of a server: two requests at a time whoever asks, counted, and how long answers take."""

from __future__ import annotations

import asyncio
import threading
import time

from sreconsole.config.model import HttpConfig
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter
from tests.servers.faults import FaultServer, Request, answer


class Counting:
    """Answers after a while; remembers how many requests there were at once."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.seconds, self.now, self.most = seconds, 0, 0
        self._lock = threading.Lock()

    def __call__(self, _request: Request) -> bytes:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self._lock:
            self.now -= 1
        return answer(200, "{}")


def client(name: str, url: str, meter: Meter | None = None) -> HttpClient:
    return HttpClient(name, url, HttpConfig(), 1 << 20, meter=meter)


async def test_two_requests_at_a_time_whoever_asks_the_server() -> None:
    counting = Counting()
    with FaultServer(counting) as server:
        clients = [client("prom", server.url), client("prom", server.url + "/prefix"), client("other", server.url)]
        await asyncio.gather(*(one.get("/x") for one in clients for _ in range(5)))
        for one in clients:
            await one.aclose()
        assert len(server.requests) == 15
    assert counting.most == 2


async def test_two_servers_do_not_wait_for_each_other() -> None:
    here, there = Counting(), Counting()
    with FaultServer(here) as one, FaultServer(there) as two:
        clients = [client("one", one.url), client("two", two.url)]
        await asyncio.gather(*(each.get("/x") for each in clients for _ in range(4)))
        for each in clients:
            await each.aclose()
    assert here.most == there.most == 2


async def test_requests_are_counted_for_a_minute_and_the_places_named() -> None:
    now = [1000.0]
    meter = Meter(lambda: now[0])
    assert (meter.requests_per_minute, meter.latency, meter.where) == (None, None, None)
    with FaultServer(Counting(0.0)) as server:
        one = client("prom", server.url.replace("//", "//ana:secret@") + "/?token=x", meter)
        for _ in range(5):
            await one.get("/x")
        await one.aclose()
    assert meter.requests_per_minute == 5
    assert meter.where == server.url
    assert meter.latency is not None
    assert 0 < meter.latency < 5
    now[0] += 59
    assert meter.requests_per_minute == 5
    now[0] += 2
    assert meter.requests_per_minute == 0


def test_a_steady_source_has_figures_that_stand_still() -> None:
    now = [0.0]
    meter = Meter(lambda: now[0])
    told = set()
    for number in range(200):
        meter.sent()
        meter.answered(0.100 + number % 3 / 100)
        now[0] += 13.5 + number % 4 / 2
        if now[0] > 120:
            told.add((meter.requests_per_minute, meter.latency))
    assert len(told) == 1
    assert told <= {(4, 0.1), (5, 0.1)}


def test_a_source_that_becomes_slow_is_told() -> None:
    meter = Meter()
    meter.answered(0.0123)
    assert meter.latency == 0.012
    meter.answered(0.037)
    assert meter.latency == 0.012
    meter.answered(0.038)
    assert meter.latency == 0.038
    meter.answered(0.9)
    meter.answered(1.1)
    assert meter.latency == 0.9
    meter.answered(8.04)
    assert meter.latency == 8.0


def test_many_places_are_counted_not_named() -> None:
    meter = Meter()
    for number in range(5):
        meter.asks(f"http://h{number}")
    assert meter.where == "http://h0, http://h1, http://h2 and 2 more"
