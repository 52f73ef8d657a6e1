"""A server that comes back without its past: the ledger keeps it and says so; without a ledger it is not covered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.errors import Unreachable
from tests.engine.estate import NOW, Engine, availability, reports
from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill

KEY = SloKey("a", "availability")
LOST = NOW - 5400
"""When the server was started anew without data."""
RATIO = 0.2 / 10.2
WINDOWS = ("5m", "1h", "6h", "1d", "3d", "window")


async def look(engine: Engine) -> SloReport:
    return reports(await engine.console.snapshots.make())[KEY]


def steady() -> Iterator[Series]:
    """Three days and an hour after `NOW` of the same traffic."""
    for code, rate in (("200", 10.0), ("500", 0.2)):
        labels = {"service": "a", "code": code}
        yield counter("http_requests_total", labels, start=NOW - 3 * 86_400, end=NOW + 4500, every=15, rate=rate)


def since(series: Series, moment: float) -> Series:
    return Series(series.name, series.labels, [pair for pair in series.samples if pair[0] >= moment])


@pytest.mark.parametrize("noticed", [True, False], ids=["refresh-fails", "between-refreshes"])
async def test_a_server_without_its_past(tmp_path: Path, noticed: bool) -> None:
    backfill(tmp_path / "whole", openmetrics(steady()))
    backfill(tmp_path / "rest", openmetrics(since(series, LOST) for series in steady()))
    with PrometheusServer(tmp_path / "whole") as server:
        port = server.port
        engine = Engine(server.url, [availability("a")])
        await engine.once()
        await engine.feed.step()
        whole = await look(engine)
        assert engine.feed.notes() == ()
    if noticed:
        with pytest.raises(Unreachable):
            await engine.feed.step()
    with PrometheusServer(tmp_path / "rest", port=port) as server:
        moment = datetime.fromtimestamp(LOST // 60 * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = (f"prom has no data before {moment}, figures before it come from the ledger",)
        for later, notes in ((61, said if noticed else ()), (400, said), (3610, said)):
            engine.now = NOW + later
            await engine.feed.step()
            after = await look(engine)
            assert after.coverage.value == pytest.approx(whole.coverage.value, rel=0.02)
            for window in WINDOWS:
                assert after.error_ratio[window].value == pytest.approx(RATIO, rel=0.01), (later, window)
            assert engine.feed.notes() == notes, later
        cold = Engine(server.url, [availability("a")])
        await cold.once()
        await cold.feed.step()
        report = await look(cold)
        assert report.known_seconds is not None
        assert report.known_seconds == pytest.approx(NOW - LOST, abs=3600)
        assert report.coverage.value == pytest.approx(report.known_seconds / (30 * 86_400))
        assert cold.feed.notes() == ()
        await cold.close()
        await engine.close()
