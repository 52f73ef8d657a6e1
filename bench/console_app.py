"""Our console as people run it, its engine replaced by prepared values."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bench.deploy_values import count, deploys
from bench.rounds import rows, serve
from bench.values import START, Values
from sreconsole.config.model import Config, FileSource, Source
from sreconsole.domain.counts import Counts
from sreconsole.domain.report import SloReport, Trend
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.live import Change
from sreconsole.tui.app import run_console


class Prepared:
    """An engine that publishes what the rounds ask for."""

    paused = False

    def __init__(self) -> None:
        self._values = Values(rows(), deploys=deploys(count()))
        self._listeners: list[Callable[[Change], None]] = []
        self.snapshot: Snapshot = self._values.snapshot

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self) -> None:
        await serve(self._values, self._publish)

    def _publish(self, changed: list[SloReport]) -> None:
        self.snapshot = self._values.snapshot
        change = Change(self.snapshot, frozenset(report.key for report in changed), frozenset())
        for listener in self._listeners:
            listener(change)

    def refresh(self, source: str | None = None) -> None:
        """Nothing to ask."""

    def pause(self, paused: bool) -> None:
        """Rounds come when they come."""

    def trend(self, key: SloKey, seconds: int, width: int | None = None) -> Trend | None:
        return None

    def counts(self, key: SloKey, seconds: int, width: int) -> Counts | None:
        return None

    def set_trend_window(self, seconds: int) -> None:
        """One hour it is."""


if __name__ == "__main__":
    ci: dict[str, Source] = {"ci": FileSource("ci", Path("deploys.jsonl"))} if count() else {}
    config = Config(Path(__file__), environment="bench", sources=ci)
    sys.exit(run_console(config, Prepared(), theme="dark", clock=lambda: float(START), env=os.environ))
