"""The time windows of trends: one table for the sparklines of the overview and the charts of the service view."""

from __future__ import annotations

from sreconsole.config.model import Config
from sreconsole.domain.duration import format_duration
from sreconsole.records import dataclass

WINDOWS = (3_600, 21_600, 86_400, 259_200, 604_800)
"""Seconds; behind them comes the longest window of any SLO, `full`."""


@dataclass(frozen=True, slots=True)
class TrendWindow:
    """One of them."""

    label: str
    seconds: int


def windows(config: Config, now: float) -> tuple[TrendWindow, ...]:
    """Those of a config, shortest first. All rows share one time axis, so `full` is the same for all of them."""
    slos = (*config.slos(), *(slo for fleet in config.fleets for slo in fleet.slos))
    full = max((slo.window.length(now) for slo in slos), default=WINDOWS[-1])
    shorter = tuple(TrendWindow(format_duration(seconds), seconds) for seconds in WINDOWS if seconds < full)
    days = format_duration(full // 3_600 * 3_600)
    return (*shorter, TrendWindow(f"full {days}", full))
