"""A server from before `last_over_time`: plain increases, asked for without a failure on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig
from sreconsole.domain.slo import SloKey
from sreconsole.errors import QueryRejected
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import Matrix, PromApi, Vector
from tests.engine.estate import Engine, availability, counters, reports, truth
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill


class Old(PromApi):
    """Prometheus 2.25: it does not know the function, and says so."""

    async def query(self, expr: str, at: float, timeout: float = 10.0) -> Vector:
        self._parse(expr)
        return await super().query(expr, at, timeout)

    async def query_range(self, expr: str, start: float, end: float, step: float, timeout: float = 10.0) -> Matrix:
        self._parse(expr)
        return await super().query_range(expr, start, end, step, timeout)

    def _parse(self, expr: str) -> None:
        if "last_over_time" in expr:
            raise QueryRejected(
                'the server refused the query: parse error: unknown function with name "last_over_time"'
            )


@pytest.mark.parametrize("trends", [True, False], ids=["console", "one-shot"])
async def test_an_old_server_gives_the_same_figures(tmp_path: Path, trends: bool) -> None:
    backfill(tmp_path, openmetrics([*counters("a", every=15, days=1.2), *counters("b", every=60, days=1.2)]))
    with PrometheusServer(tmp_path) as server:
        engine = Engine(server.url, [availability("a"), availability("b")], trends=trends)
        engine.client._made_api = Old(HttpClient("prom", server.url, HttpConfig(), 32 << 20))
        found = reports(await engine.once())
        assert not engine.client.exact
        assert not engine.feed.failures
        for service in "ab":
            report = found[SloKey(service, "availability")]
            for window, seconds in (("5m", 300), ("1h", 3600), ("6h", 21_600), ("1d", 86_400)):
                assert report.error_ratio[window].value == pytest.approx(truth(seconds), rel=0.035), (service, window)
        await engine.close()
