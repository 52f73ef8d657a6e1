"""What a front end may ask of the engine: `engine.console.Console` is the real one, tests of panels script one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sreconsole.config.model import Config
from sreconsole.domain.counts import Counts
from sreconsole.domain.report import Trend
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A new snapshot and what differs from the one before."""

    snapshot: Snapshot
    slos: frozenset[SloKey]
    """SLOs whose report changed, appeared or went."""
    sources: frozenset[str]
    """Sources whose state changed."""
    alerts: bool = False
    """Whether alerts, silences or the states of their sources changed."""
    deploys: bool = False
    """Whether deploys or the states of their sources changed."""
    toil: bool = False
    """Whether toil or the states of its sources changed."""
    notes: bool = False
    """Whether notes changed."""
    reloaded: Config | None = None
    """The new config, when a changed one was taken up: everything may differ."""


class Live(Protocol):
    """The engine as a front end sees it. All calls happen on the event loop; none blocks."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; before the first answers: the configured services, all unknown."""
        ...

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after each new snapshot; returns the way to stop that."""
        ...

    async def run(self) -> None:
        """Poll until cancelled. Never raises because a source fails."""
        ...

    def refresh(self, source: str | None = None) -> None:
        """Ask one source (or all) again now, also while paused or backing off."""
        ...

    def pause(self, paused: bool) -> None:
        """Stop or resume polling; the snapshot stays."""
        ...

    @property
    def paused(self) -> bool:
        """Whether polling is paused."""
        ...

    def trend(self, key: SloKey, seconds: int, width: int | None = None) -> Trend | None:
        """Burn of an SLO over the last `seconds` from the ledger, in buckets of `width` (chosen when None)."""
        ...

    def counts(self, key: SloKey, seconds: int, width: int) -> Counts | None:
        """Bad and total events of an SLO over the last `seconds` from the ledger, in buckets of `width` (a multiple of
        60), which end where those of `trend` do; None: nothing is held."""
        ...

    def set_trend_window(self, seconds: int) -> None:
        """The span of the trends in the next snapshots (default one hour)."""
        ...
