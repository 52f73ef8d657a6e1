"""One source fails, the others stay live; the last good values stay; it recovers by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sreconsole.config.model import Config, HttpConfig, PrometheusSource, Service
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.status import Status
from sreconsole.engine.console import Console
from sreconsole.engine.prometheus_feed import PrometheusFeed
from sreconsole.ledger.book import Book
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus import PrometheusSource as Client
from tests.engine.estate import NOW, availability, counters, reports
from tests.servers.faults import FaultServer, answer
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill, free_port
from tests.servers.recording import RecordingProxy


def console(urls: dict[str, str], clock: Callable[[], float], refresh: float = 0.05) -> Console:
    """Each source measures the availability of the service of its name."""
    slos = {name: _slo(name) for name in urls}
    config = Config(
        Path("x.yaml"),
        refresh=refresh,
        sources={name: PrometheusSource(name, url) for name, url in urls.items()},
        services=tuple(Service(name, (slo,)) for name, slo in slos.items()),
    )
    book = Book(31 * 86_400)
    feeds = []
    for name, url in urls.items():
        api = PromApi(HttpClient(name, url, HttpConfig(), 32 << 20))
        client = Client(PrometheusSource(name, url), [slos[name]], [], api)
        feeds.append(PrometheusFeed(client, book, clock, refresh=refresh, trends=True))
    return Console(config, book, feeds, clock)


def _slo(name: str) -> Slo:
    made = availability(name)
    return Slo(name, made.name, made.objective, made.window, made.sli, name)


async def until(ready: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not ready():  # noqa: ASYNC110 - the engine has no event for what tests wait for
            await asyncio.sleep(0.02)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    backfill(tmp_path, openmetrics(counters("good", every=30, days=0.5)))
    return tmp_path


ANSWERS: dict[str, tuple[bytes, str]] = {
    "plain text": (answer(500, "boom \x1b[31mred", "text/plain"), "down"),
    "login page": (answer(200, "<html>Sign in</html>", "text/html"), "auth"),
    "unauthorized": (answer(401, "{}", "application/json"), "auth"),
    "wrong prefix": (answer(404, "404 page not found", "text/plain"), "down"),
    "overloaded": (answer(503, "too busy", "text/plain"), "down"),
    "nonsense": (answer(200, '{"status":"success"', "application/json"), "down"),
}


@pytest.mark.parametrize("form", sorted(ANSWERS))
async def test_a_failing_source_is_said_and_the_other_stays_live(data: Path, form: str) -> None:
    reply, state = ANSWERS[form]
    with PrometheusServer(data) as server, FaultServer(lambda _request: reply) as broken:
        made = console({"good": server.url, "bad": broken.url}, lambda: NOW)
        task = asyncio.create_task(made.run())
        try:
            await until(lambda: reports(made.snapshot)[SloKey("good", "availability")].status is Status.PAGE)
            await until(lambda: made.snapshot.sources[1].error is not None)
            # Figures may be shown while the rest of the first refresh is still on its way.
            await until(lambda: made.snapshot.sources[0].state == "live")
            bad = made.snapshot.sources[1]
            assert bad.state == state
            assert bad.error
            assert "\x1b" not in f"{bad.error}{bad.detail}"
            await until(lambda: reports(made.snapshot)[SloKey("bad", "availability")].reasons[0] == bad.error)
            assert reports(made.snapshot)[SloKey("bad", "availability")].status is Status.UNKNOWN
            assert made.snapshot.services[0].status is Status.PAGE
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_a_source_that_dies_keeps_its_last_values_and_recovers_when_it_is_back(data: Path) -> None:
    now = [NOW]
    key = SloKey("good", "availability")
    with PrometheusServer(data) as server, RecordingProxy(server.url) as proxy:
        made = console({"good": proxy.url}, lambda: now[0])
        task = asyncio.create_task(made.run())
        try:
            await until(lambda: made.snapshot.sources[0].progress is None and made.snapshot.sources[0].state == "live")
            before = reports(made.snapshot)[key]
            proxy.take_down(True)
            made.refresh()  # by itself it would ask again when the next scrape is due, half a minute later
            await until(lambda: made.snapshot.sources[0].state == "down")
            now[0] += 60
            await until(lambda: made.snapshot.at == now[0])
            kept = reports(made.snapshot)[key]
            assert kept.status is before.status is Status.PAGE
            assert kept.burn_rate["1h"] == before.burn_rate["1h"], "last good values stay"
            now[0] += 200
            await until(lambda: reports(made.snapshot)[key].status is Status.STALE)
            assert "it was page" in reports(made.snapshot)[key].reasons[0]
            proxy.take_down(False)
            now[0] = NOW
            made.refresh()
            await until(lambda: made.snapshot.sources[0].state == "live")
            assert reports(made.snapshot)[key].status is Status.PAGE
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_a_one_shot_of_a_server_that_never_answers_ends_in_time(data: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    hanging = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1]
    with PrometheusServer(data) as server:
        made = console({"good": server.url, "bad": f"http://127.0.0.1:{port}"}, lambda: NOW)
        snapshot = await made.once(3.0)
        await made.aclose()
    hanging.close()
    assert reports(snapshot)[SloKey("good", "availability")].status is Status.PAGE
    assert snapshot.sources[1].state == "down"
    assert snapshot.sources[1].error == "bad did not answer within 3s"


async def test_nothing_listens_anywhere_and_every_row_says_why() -> None:
    made = console({"good": f"http://127.0.0.1:{free_port()}"}, lambda: NOW)
    first = reports(made.snapshot)[SloKey("good", "availability")]
    assert first.reasons == ("waiting for good",)
    snapshot = await made.once(5.0)
    await made.aclose()
    report = reports(snapshot)[SloKey("good", "availability")]
    assert report.status is Status.UNKNOWN
    assert report.reasons[0] == snapshot.sources[0].error
    assert report.error_ratio["1h"].reason == snapshot.sources[0].error
