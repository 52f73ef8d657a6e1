"""Everything `assess` needs to judge one SLO at one instant; time is part of it, nothing is read from a clock."""

from __future__ import annotations

from collections.abc import Mapping

from sreconsole.domain.reading import WindowReading
from sreconsole.domain.report import Trend
from sreconsole.domain.slo import Slo
from sreconsole.domain.status import Status
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured for one SLO."""

    slo: Slo
    at: float
    """Now, Unix seconds."""
    windows: Mapping[int, WindowReading]
    """By window length in seconds: the standard windows and every alert window. Absent: not asked yet."""
    full: WindowReading
    """Over the SLO's own window: [at - W, at], or the calendar period from its start until `until`."""
    newest: float | None
    """Unix seconds of the newest moment with a value; None: none was ever seen."""
    refresh: float = 15.0
    """Seconds between refreshes."""
    scrape_interval: float | None = None
    """Seconds between samples, when found."""
    filling: float | None = None
    """Filled share of the ledger, 0..1, while history is still being fetched; None when nothing is left to fetch."""
    trend: Trend | None = None
    failure: str | None = None
    """What the server said of this SLO's own query, one sentence; None when it answered."""
    last: tuple[Status, float] | None = None
    """What its status was when the newest data arrived, and when (Unix seconds): for the reason of `stale`."""
    remarks: tuple[str, ...] = ()
    """Warnings to show with the reasons, as `good exceeded total in 3 buckets`."""
    until: float | None = None
    """Where `full` ends, Unix seconds: the end of the newest closed bucket; None: at `at`."""
