"""Real servers that hold a known past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.servers.prometheus import PrometheusServer, backfill
from tests.servers.victoriametrics import VictoriaMetricsServer
from tests.truth.past import ServicePast, lines

BLOCK = 7200
"""Seconds of one block of Prometheus; promtool reads its whole input once for each."""


@contextmanager
def prometheus(folder: Path, past: Sequence[ServicePast], start: float, end: float) -> Iterator[str]:
    """A Prometheus with the past between two moments; its URL."""

    def block(begin: int) -> None:
        text = "".join(lines(past, begin, begin + BLOCK, 1.0))
        if text:
            backfill(folder, text + "# EOF\n")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(block, range(int(start // BLOCK * BLOCK), int(end) + 1, BLOCK)))
    with PrometheusServer(folder) as server:
        yield server.url


@contextmanager
def victoriametrics(folder: Path, past: Sequence[ServicePast], start: float, end: float) -> Iterator[str]:
    """A VictoriaMetrics with the same."""
    with VictoriaMetricsServer(folder) as server:
        server.put(lines(past, start, end, 1000.0))
        yield server.url
