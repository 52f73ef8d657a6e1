"""What a refresh costs before there is anything to draw: the source's answer, the ledger, the judgement."""

from __future__ import annotations

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from bench.answers import START
from bench.figures import Chapter, Figure
from bench.rounds import ROWS, SHARE
from sreconsole.config.model import Config, HttpConfig
from sreconsole.domain.period import Rolling
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.assessor import Assessor
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH, Book
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi

POINTS = 3
"""Newest buckets that a refresh asks for."""
MONTH = 30 * 86_400


class Warm(Unasked):
    """A feed that has fetched everything: what the judgement asks of it, and nothing that fetches."""

    def __init__(self, slos: Sequence[Slo]) -> None:
        super().__init__("prom", "prometheus", slos)
        self.end = float(START)

    def horizon(self, key: SloKey) -> float | None:
        return self.end

    def filling(self, key: SloKey) -> float | None:
        return None

    def interval(self, key: SloKey) -> float | None:
        return 15.0


def measure(rounds: int) -> Chapter:
    """The chapter on what is not the screen."""
    command = [sys.executable, "-m", "bench.answers", str(2 * ROWS), str(POINTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            answers = asyncio.run(_answers(f"http://127.0.0.1:{int(server.stdout.readline())}", rounds))
        finally:
            server.terminate()
    puts, judged = asyncio.run(_ledger(rounds))
    every = round(1 / SHARE)
    return Chapter(
        "Before the screen",
        f"CPU of our process for {ROWS:,} SLOs, apart from the refresh above. Source: one range answer of "
        f"{2 * ROWS:,} series with {POINTS} buckets each from a local server, received and decoded. Ledger: those "
        f"buckets written into full rings (30 d of hours, 3 d of 5 m, 6 h of 1 m). Judgement: every window, budget, "
        f"pair and trend of the SLOs whose counts changed; the same when a minute has passed and all are judged. "
        f"Medians of {rounds}.",
        [
            Figure("source: receive and decode", f"{answers:.0f} ms", "-", answers, None, "ms"),
            Figure("ledger: write the newest buckets", f"{puts:.0f} ms", "-", puts, None, "ms"),
            Figure(f"judgement: 1 in {every} changed", f"{judged[0]:.0f} ms", "-", judged[0], None, "ms"),
            Figure("judgement: all", f"{judged[1]:.0f} ms", "-", judged[1], None, "ms"),
        ],
    )


async def _answers(url: str, rounds: int) -> float:
    api = PromApi(HttpClient("prom", url, HttpConfig(), 32 << 20))
    spent = []
    for _ in range(rounds + 1):
        gc.collect()
        before = time.process_time()
        matrix = await api.query_range("up", START, START + 60 * (POINTS - 1), 60)
        spent.append(time.process_time() - before)
        assert len(matrix.series) == 2 * ROWS
    await api.aclose()
    return statistics.median(spent[1:]) * 1e3


async def _ledger(rounds: int) -> tuple[float, tuple[float, float]]:
    slos = [_slo(number) for number in range(ROWS)]
    book, feed = Book(MONTH), Warm(slos)
    for number, slo in enumerate(slos):
        for width, reach in ((MINUTE, REACH[MINUTE]), (FIVE, REACH[FIVE]), (HOUR, MONTH)):
            start, count = START // width * width - reach, reach // width
            book.put(slo.key, width, start, *_counts(number, width, count))
    assessor = Assessor(Config(Path("bench.yaml")), book, {feed.name: feed})
    await assessor.services(START)
    puts, some, every = [], [], []
    for step in range(rounds):
        feed.end = start = START + 60 * (step + 1)
        gc.collect()
        before = time.process_time()
        for number, slo in enumerate(slos):
            book.put(slo.key, MINUTE, start - 60 * POINTS, *_counts(number, MINUTE, POINTS))
        puts.append(time.process_time() - before)
        every.append(await _judge(assessor, start))
        for number in range(step % 10, ROWS, round(1 / SHARE)):
            book.put(slos[number].key, MINUTE, start - 60, *_counts(number + step + 1, MINUTE, 1))
        some.append(await _judge(assessor, start))
    return statistics.median(puts) * 1e3, (statistics.median(some) * 1e3, statistics.median(every) * 1e3)


async def _judge(assessor: Assessor, now: float) -> float:
    gc.collect()
    before = time.process_time()
    await assessor.services(now)
    return time.process_time() - before


def _slo(number: int) -> Slo:
    total = parse_selector(f'http_requests_total{{service="service-{number:04d}"}}')
    sli = CounterSli(total=total, bad=parse_selector('http_requests_total{code=~"5.."}'))
    return Slo(f"service-{number:04d}", "availability", Decimal("0.999"), Rolling(MONTH), sli, "prom")


def _counts(number: int, width: int, count: int) -> tuple[list[float], list[float]]:
    total = width * (1 + number % 7)
    return [total * 0.0001 * (number % 13)] * count, [float(total)] * count
