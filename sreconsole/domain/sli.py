"""SLI kinds: how bad and total events are read. Source: docs/words.md, SRE Workbook ch. 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from sreconsole.domain.selector import Selector
from sreconsole.records import dataclass

Weighting = Literal["events", "samples", "time-weighted"]


@dataclass(frozen=True, slots=True)
class CounterSli:
    """Two counters: `bad` and `total`, or `good` and `total` (exactly one of bad, good is set)."""

    total: Selector
    bad: Selector | None = None
    good: Selector | None = None


@dataclass(frozen=True, slots=True)
class HistogramSli:
    """A classic histogram (`histogram` names it without `_bucket`) and the bound up to which an event is good."""

    histogram: Selector
    threshold: Decimal
    """In the metric's own unit (a duration in the config is in seconds)."""


@dataclass(frozen=True, slots=True)
class GaugeSli:
    """A gauge that is 1 when good and 0 when bad, as `probe_success` or `up`; the unit is samples."""

    gauge: Selector


@dataclass(frozen=True, slots=True)
class QuerySli:
    """PromQL for bad and total with `{{window}}` or `{{.window}}` in it."""

    bad_query: str
    total_query: str
    unit: Literal["rate", "count"] = "rate"
    """rate: per-second values; count: increases over the window."""


@dataclass(frozen=True, slots=True)
class RatioSli:
    """PromQL for the error ratio over `{{window}}`; events are not known, so longer windows are time-weighted."""

    ratio_query: str


Sli = CounterSli | HistogramSli | GaugeSli | QuerySli | RatioSli


def weighting(sli: Sli) -> Weighting:
    """What one unit of this SLI's budget is."""
    if isinstance(sli, GaugeSli):
        return "samples"
    return "time-weighted" if isinstance(sli, RatioSli) else "events"
