"""The values both tables are fed with: the same rows from the same seed, and the same steps from one to the next.

Rows stand worst first from the start. Status and burn over 1 h of a row never change, so that no step reorders the
table; burn over 5 m and 6 h, budget, time to exhaustion and trend do. Trends wander as burn rates do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import STANDARD_WINDOWS, SloReport, Trend
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status

MONTH = 30 * 86_400
START = 1_800_000_000
"""Unix seconds of the first snapshot; a whole minute."""
_POINTS = 60


class Values:
    """Reports of so many SLOs, one a service, and their next values."""

    def __init__(self, rows: int, seed: int = 7, deploys: Sequence[Deploy] = ()) -> None:
        """`deploys`: those of a source `ci`, the newest first."""
        self._random = random.Random(seed)
        self._deploys = tuple(deploys)
        self.reports = [self._report(row) for row in range(rows)]
        self._offset = 0
        self._services: list[ServiceState] = []
        self.snapshot = self._snapshot()
        """What a front end is given; made with the values, so that taking it costs nothing."""

    def step(self, share: float, among: int | None = None) -> list[SloReport]:
        """Change this share of the rows, evenly spread, so that each reads differently; returns the changed ones.

        `among`: only of so many first ones.
        """
        every = round(1 / share)
        self._offset += 1
        changed = range(self._offset % every, min(among or len(self.reports), len(self.reports)), every)
        for row in changed:
            self.reports[row] = self._next(self.reports[row])
        self.snapshot = self._snapshot()
        return [self.reports[row] for row in changed]

    def repeat(self) -> list[SloReport]:
        """New values that read like the old ones: every figure differs in its tenth digit."""
        self.reports = [_nudged(report) for report in self.reports]
        self.snapshot = self._snapshot()
        return self.reports

    def deploy(self) -> None:
        """One more deploy, of the service on the first row."""
        newest = self._deploys[0]
        at, number = (newest.finished_at or 0.0) + 1.0, len(self._deploys)
        service = self.reports[0].key.service
        made = replace(
            newest, id=f"ci:{number}", service=service, version=f"v{number}", started_at=at - 60, finished_at=at
        )
        self._deploys = (made, *self._deploys)
        self.snapshot = self._snapshot()

    def _snapshot(self) -> Snapshot:
        """As from the engine: what did not change is the same object."""
        before = {service.slos[0].key: service for service in self._services}
        self._services = [
            kept
            if (kept := before.get(report.key)) is not None and kept.slos[0] is report
            else ServiceState(report.key.service, report.status, (report,))
            for report in self.reports
        ]
        source = SourceState("prom", "prometheus", "live", last_good=float(START))
        if not self._deploys:
            return Snapshot(float(START), tuple(self._services), (source,), slo_sources=(source,))
        ci = SourceState("ci", "file", "live", last_good=float(START))
        services, sources = tuple(self._services), (source, ci)
        return Snapshot(
            float(START), services, sources, slo_sources=(source,), deploys=self._deploys, deploy_sources=(ci,)
        )

    def _report(self, row: int) -> SloReport:
        status = Status.PAGE if row < 5 else Status.WARN if row < 20 else Status.OK
        burn = {Status.PAGE: 20.0, Status.WARN: 5.0}.get(status, 0.5) - row / 10_000
        burns = {name: Figure.known(burn) for name, _ in STANDARD_WINDOWS}
        return SloReport(
            key=SloKey(f"service-{row:04d}", "availability"),
            status=status,
            reasons=() if status is Status.OK else (f"{burn:.1f}x over 1h, limit 14.4x",),
            objective=Decimal("0.999"),
            window_label="30d",
            window_seconds=MONTH,
            error_ratio={name: Figure.known(burn / 1000) for name in (*burns, "window")},
            burn_rate={**burns, "window": Figure.known(burn)},
            remaining=Figure.known(0.5),
            remaining_full_window=Figure.known(0.5),
            seconds_left=Figure.known(1296.0),
            events_left=Figure.known(100_000.0),
            exhausts_in=Figure.known(3600.0),
            coverage=Figure.known(1.0),
            weighting="events",
            pairs=(),
            trend=Trend(START - 60 * _POINTS, 60, self._wander((burn,) * _POINTS, _POINTS)),
            newest=float(START),
        )

    def _next(self, report: SloReport) -> SloReport:
        burns = dict(report.burn_rate)
        for name in ("5m", "6h"):
            old = burns[name].value
            burns[name] = Figure.known(self._other(old if old is not None else 0.0, 0.1, 9.9, 1))
        trend = report.trend
        assert trend is not None
        return replace(
            report,
            burn_rate=burns,
            remaining=Figure.known(self._other(report.remaining.value or 0.0, 0.1, 0.99, 2)),
            exhausts_in=Figure.known(3600 * self._other((report.exhausts_in.value or 0.0) / 3600, 1, 99, 0)),
            trend=Trend(trend.start + 60, 60, self._wander(trend.burns, 1)),
        )

    def _wander(self, burns: Sequence[float | None], steps: int) -> tuple[float | None, ...]:
        """So many buckets later: each new one is the one before, up to a third more or less."""
        out = list(burns)
        for _ in range(steps):
            out.append((out[-1] or 0.01) * self._random.uniform(0.75, 1.33))
        return tuple(out[steps:])

    def _other(self, old: float, low: float, high: float, digits: int) -> float:
        """A value that reads differently."""
        while True:
            value = round(self._random.uniform(low, high), digits)
            if value != round(old, digits):
                return value


def _nudged(report: SloReport) -> SloReport:
    def nudge(figure: Figure) -> Figure:
        return figure if figure.value is None else Figure.known(figure.value * (1 + 1e-10))

    return replace(
        report,
        burn_rate={name: nudge(figure) for name, figure in report.burn_rate.items()},
        remaining=nudge(report.remaining),
        exhausts_in=nudge(report.exhausts_in),
        events_left=nudge(report.events_left),
    )
