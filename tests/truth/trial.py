"""One trial: a known past in a real server, the console and the server's own answers held against the truth."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.engine.estate import NOW
from tests.truth import filled
from tests.truth.measure import Comparison, Row, table
from tests.truth.past import DAY, ServicePast, Setting, services

Kind = Literal["prometheus", "victoriametrics"]
LATER = tuple(15.3 * step for step in range(1, 17))
"""Seconds after a cold start at which the console refreshes: four minutes."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is compared: everything follows from these, the seed above all."""

    kind: Kind
    setting: Setting
    seed: int
    days: int
    services: int
    moments: int

    def __str__(self) -> str:
        return (
            f"{self.kind}, scrapes every {self.setting.name}, {self.days} d, {self.services} services, "
            f"{self.moments} moments, TRUTH_SEED={self.seed}"
        )

    def run(self, outset: float = NOW) -> list[Row]:
        """Fill a server, look at random moments of the hours before `outset`, sum up."""
        begin = outset - (self.days + 0.5) * DAY
        past = services(self.setting, self.seed, begin, outset, self.services)
        chance = random.Random(self.seed)
        with self._server(past, begin, outset) as url:
            comparison = Comparison(url, past, begin, round(self.days * DAY))
            asyncio.run(self._look(comparison, [outset - chance.uniform(600, 0.45 * DAY) for _ in range(self.moments)]))
        return comparison.rows()

    async def _look(self, comparison: Comparison, moments: list[float]) -> None:
        for moment in moments:
            await comparison.one_shot(moment)
            await comparison.console(moment, LATER)

    @contextmanager
    def _server(self, past: list[ServicePast], begin: float, end: float) -> Iterator[str]:
        fill = filled.victoriametrics if self.kind == "victoriametrics" else filled.prometheus
        with (
            tempfile.TemporaryDirectory(prefix="truth-") as folder,
            fill(Path(folder) / "data", past, begin, end) as url,
        ):
            yield url


def verdict(trial: Trial, rows: list[Row]) -> tuple[str, list[str]]:
    """The table with the trial's name, and what is not as promised."""
    mixed = len(trial.setting.intervals) > 1
    return f"{trial}\n{table(rows)}", [said for row in rows for said in row.complaints(mixed)]
