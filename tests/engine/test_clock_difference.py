"""A clock here that is not the server's: queries, horizon, staleness and figures are in the server's time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.cli.wiring import Wiring
from sreconsole.config.model import Config, HttpConfig, PrometheusSource, Service
from sreconsole.domain.report import SloReport
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.engine.prometheus_feed import PrometheusFeed
from sreconsole.engine.server_clock import ServerClock
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from tests.engine.estate import NOW, Engine, availability, counters, reports, slo, truth
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.recording import RecordingProxy

HOUR = 3600.0


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingProxy]:
    """A server whose clock says that its newest samples are seconds old."""
    data = tmp_path_factory.mktemp("clock")
    backfill(data, openmetrics(counters("a", every=15, days=1.2)))
    with PrometheusServer(data) as server, RecordingProxy(server.url, lambda: NOW) as proxy:
        yield proxy


class Misled(Engine):
    """An engine whose own clock is `ahead` of the server's."""

    def __init__(self, url: str, ahead: float) -> None:
        super().__init__(url, [availability("a")])
        self.now = NOW + ahead
        server = ServerClock("prom", lambda: self.now, lambda: 0.0)
        self.feed.server, self.feed.clock = server, server.now
        self.client._made_api = PromApi(HttpClient("prom", url, HttpConfig(), 32 << 20), server.heard)

    async def look(self) -> SloReport:
        """One refresh, and what is said then."""
        await self.feed.step()
        return reports(await self.console.snapshots.make())[SloKey("a", "availability")]


@pytest.mark.parametrize("ahead", [62.0, -62.0, HOUR, -HOUR, 40 * 86_400.0])
async def test_the_first_refresh_is_right_whatever_the_clock_here_says(proxy: RecordingProxy, ahead: float) -> None:
    engine = Misled(proxy.url, ahead)
    report = await engine.look()
    assert report.status is Status.PAGE
    assert report.error_ratio["5m"].value == pytest.approx(truth(300), rel=0.05)
    assert report.error_ratio["1h"].value == pytest.approx(truth(3600), rel=0.05)
    assert [note.split(" is ")[0] for note in engine.feed.notes()] == ["clock here"]
    assert ("ahead of" if ahead > 0 else "behind") in engine.feed.notes()[0]
    await engine.close()


async def test_a_clock_that_jumps_an_hour_and_back_changes_no_figure(proxy: RecordingProxy) -> None:
    engine = Misled(proxy.url, 0.0)
    await engine.once()
    right = await engine.look()
    assert engine.feed.notes() == ()
    for jump in (HOUR, -HOUR, 0.0):
        engine.now = NOW + jump
        for _ in range(2):
            report = await engine.look()
            assert report.status is Status.PAGE
            assert report.error_ratio == right.error_ratio
            assert report.reasons == right.reasons
            assert report.newest == right.newest
        assert bool(engine.feed.notes()) is bool(jump)
    await engine.close()


def test_the_program_asks_in_the_servers_time_but_for_the_past() -> None:
    measured = Service("shop", (slo("shop", "good", CounterSli(parse_selector("bad"), parse_selector("total"))),))
    prom = PrometheusSource("prom", "http://127.0.0.1:1")
    config = Config(Path("x.yaml"), sources={"prom": prom}, services=(measured,))
    (feed,) = Wiring(config, lambda: NOW, {}, trends=True).feeds()
    assert isinstance(feed, PrometheusFeed)
    assert feed.server is not None
    feed.source.api._heard(NOW - 100)
    assert feed.ahead == pytest.approx(100, abs=1)
    (past,) = Wiring(config, lambda: NOW, {}, trends=False, past=True).feeds()
    assert isinstance(past, PrometheusFeed)
    past.source.api._heard(NOW - 100)
    assert past.ahead == 0
