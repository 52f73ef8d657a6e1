"""Samples that arrive late at the server: how late they may be, and when they are in the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.domain.slo import SloKey
from tests.engine.estate import NOW, Engine, availability, reports
from tests.servers.history import Series, counter
from tests.servers.victoriametrics import VictoriaMetricsServer

KEY = SloKey("a", "availability")
HOUR = 3600
AT = NOW // HOUR * HOUR + 1834
"""In the middle of an hour."""


def lines(series: Series, start: float, end: float) -> str:
    """Text to import: the samples in (start, end]."""
    labels = ",".join(f'{name}="{value}"' for name, value in series.labels.items())
    return "".join(
        f"{series.name}{{{labels}}} {value} {at * 1000:.0f}\n" for at, value in series.samples if start < at <= end
    )


@pytest.mark.parametrize(
    ("late", "later", "windows"),
    [
        pytest.param(120, 61, ("5m",), id="two minutes: the next refresh"),
        pytest.param(600, 360, ("30m", "1h", "6h"), id="ten minutes: when five minutes have closed"),
        pytest.param(7000, 1900, ("1d", "window"), id="two hours: when the hour has closed"),
    ],
)
async def test_late_samples_are_caught(tmp_path: Path, late: float, later: float, windows: tuple[str, ...]) -> None:
    begin, end = AT - 30 * HOUR + 3, AT + HOUR
    good, bad = (
        counter("http_requests_total", {"service": "a", "code": code}, start=begin, end=end, every=15, rate=rate)
        for code, rate in (("200", 9.0), ("500", 1.0))
    )
    with VictoriaMetricsServer(tmp_path) as server:
        server.put([lines(good, begin, end), lines(bad, begin, AT - late)])
        engine = Engine(server.url, [availability("a")])
        engine.now = AT
        await engine.once()
        await engine.feed.step()
        before = reports(await engine.console.snapshots.make())[KEY].error_ratio
        server.put([lines(bad, AT - late, end)])
        engine.now = AT + later
        await engine.feed.step()
        after = reports(await engine.console.snapshots.make())[KEY].error_ratio
        for window in windows:
            missing = before[window].value
            assert missing is not None
            assert missing < 0.0995, "the samples were not there yet"
            assert after[window].value == pytest.approx(0.1, rel=0.005), window
        await engine.close()
