"""How far the console's figures and the server's own `increase` are from the truth, over many windows and moments."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from sreconsole.domain.duration import format_duration
from sreconsole.domain.period import Rolling
from sreconsole.domain.report import STANDARD_WINDOWS
from tests.engine.estate import Engine, availability
from tests.truth.past import ServicePast

LEAST = 100
"""Bad events in a window that is compared."""
ENOUGH = 20
"""Pairs from which on a 95th percentile means something."""
LIMITS = {"1h": 0.03, "6h": 0.02, "1d": 0.01, "3d": 0.01, "7d": 0.01, "30d": 0.005}
"""Largest relative error at p95, by window."""
SLACK, NOISE = 1.05, 1e-4
"""Not worse than the server's own answer: within this factor of its error, or within this much of it."""
NOT_WORSE = ("5m", "30m", "1h", "2h", "6h", "1d")


@dataclass(frozen=True, slots=True)
class Pair:
    """Relative errors of one window of one service at one moment."""

    way: str
    """`one-shot` or `console`."""
    window: str
    ours: float
    theirs: float
    late: float
    """Ours against the truth at the moment of looking, where the newest bucket has not closed yet."""


@dataclass(frozen=True, slots=True)
class Row:
    """The errors of all pairs of one window."""

    way: str
    window: str
    pairs: int
    ours: tuple[float, float]
    """Median and 95th percentile."""
    theirs: tuple[float, float]
    late: tuple[float, float]

    def complaints(self, mixed: bool) -> list[str]:
        """What it fails of what is promised."""
        found = []
        worse = self.ours[0] > max(self.theirs[0] * SLACK, self.theirs[0] + NOISE)
        if worse and (mixed or self.window in NOT_WORSE):
            found.append(f"{self.way} {self.window}: median {self.ours[0]:.2e}, the server's own {self.theirs[0]:.2e}")
        limit = LIMITS.get(self.window, math.inf)
        if mixed:
            limit = max(limit, self.theirs[1] * SLACK)
        if self.ours[1] > limit and self.pairs >= ENOUGH:
            found.append(f"{self.way} {self.window}: p95 {self.ours[1]:.2e}, at most {limit:.2e}")
        return found


class Comparison:
    """One server with a known past, and the engine on it."""

    def __init__(self, url: str, past: Sequence[ServicePast], begin: float, longest: int) -> None:
        self.url, self.past, self.begin = url, past, begin
        self.window = Rolling(longest)
        self.windows = {name: seconds for name, seconds in STANDARD_WINDOWS if seconds < longest}
        self.windows[format_duration(longest)] = longest
        self.pairs: list[Pair] = []

    async def one_shot(self, moment: float) -> None:
        """What `status` says at a moment, from nothing."""
        engine = self._engine(moment, trends=False)
        await engine.once(600)
        await self._compare(engine, "one-shot")
        await engine.close()

    async def console(self, moment: float, later: Iterable[float]) -> None:
        """What the console says once filled, and after refreshes so many seconds later."""
        engine = self._engine(moment, trends=True)
        await engine.once(600)
        await self._compare(engine, "console")
        for number, seconds in enumerate(later):
            engine.now = moment + seconds
            await engine.feed.step()
            if number % 4 == 3:
                await self._compare(engine, "console")
        await engine.close()

    def rows(self) -> list[Row]:
        """Every way and window."""
        sorted_out: dict[tuple[str, str], list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            sorted_out[pair.way, pair.window].append(pair)
        return [
            Row(
                way,
                window,
                len(pairs),
                _figures([pair.ours for pair in pairs]),
                _figures([pair.theirs for pair in pairs]),
                _figures([pair.late for pair in pairs]),
            )
            for way in ("one-shot", "console")
            for window in self.windows
            if len(pairs := sorted_out[way, window]) > 1
        ]

    def _engine(self, moment: float, *, trends: bool) -> Engine:
        slos = [availability(service.name, self.window) for service in self.past]
        engine = Engine(self.url, slos, trends=trends)
        engine.now = moment
        return engine

    async def _compare(self, engine: Engine, way: str) -> None:
        snapshot = await engine.console.snapshots.make()
        reports = {report.key.service: report for state in snapshot.services for report in state.slos}
        own: dict[tuple[str, float], dict[str, float]] = {}
        for service in self.past:
            report = reports[service.name]
            end = engine.feed.horizon(report.key) or engine.now
            for name, seconds in self.windows.items():
                if end - seconds < self.begin or service.bad.within(end - seconds, end) < LEAST:
                    continue
                if (name, end) not in own:
                    own[name, end] = await self._asked(engine, seconds, end)
                key = "window" if seconds == self.window.seconds else name
                value = report.error_ratio[key].value
                assert value is not None, (service.name, name, report.error_ratio[key].reason)
                true = service.ratio(end - seconds, end)
                now = service.ratio(engine.now - seconds, engine.now)
                theirs = own[name, end].get(service.name, math.inf)
                self.pairs.append(Pair(way, name, _off(value, true), _off(theirs, true), _off(value, now)))

    async def _asked(self, engine: Engine, seconds: float, end: float) -> dict[str, float]:
        """The server's own error ratio of every service."""
        over = f"[{seconds:.0f}s]))"
        bad = f'sum by (service) (increase(http_requests_total{{code=~"5.."}}{over}'
        total = f"sum by (service) (increase(http_requests_total{over}"
        answer = await engine.client.api.query(f"{bad} / {total}", end, timeout=120)
        return {labels["service"]: value for labels, value in answer.items}


def table(rows: Iterable[Row]) -> str:
    """The rows for people."""
    lines = ["| way | window | compared | ours median | ours p95 | server's median | server's p95 |", "|---" * 7 + "|"]
    for row in rows:
        errors = " | ".join(_share(error) for error in (*row.ours, *row.theirs))
        lines.append(f"| {row.way} | {row.window} | {row.pairs} | {errors} |")
    return "\n".join(lines)


def _share(error: float) -> str:
    return f"{100 * error:.3f} %"


def _off(value: float, true: float) -> float:
    return abs(value / true - 1) if true > 0 else math.inf


def _figures(errors: Sequence[float]) -> tuple[float, float]:
    return median(errors), quantiles(errors, n=20, method="inclusive")[-1]
