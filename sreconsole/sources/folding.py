"""From the parts of an SLI to bad and total, for one moment. NaN in: not known; NaN out: not known."""

from __future__ import annotations

import math

from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.sli import HistogramSli, QuerySli, Sli
from sreconsole.sources.promql import Span

Parts = dict[str, float]
"""Value of each role that was answered; an absent role had no series."""


def counts(sli: Sli, values: Parts, span: Span) -> tuple[float, float]:
    """Bad and total events of one bucket or window; a NaN total means not known.

    An error series that never existed is no error; a total that is absent is not known. A histogram without the bucket
    asked for is not known either (nothing may look 100 % bad because a bound was renamed).
    """
    if "ratio" in values:
        ratio = values["ratio"]
        return (ratio * span.seconds, float(span.seconds)) if math.isfinite(ratio) else (0.0, math.nan)
    total = _scaled(sli, values.get("total", math.nan), span)
    if not math.isfinite(total):
        return 0.0, math.nan
    if "bad" in values:
        bad = _scaled(sli, values["bad"], span)
    elif "good" in values:
        bad = max(0.0, total - _scaled(sli, values["good"], span))
    elif isinstance(sli, HistogramSli):
        return (0.0, math.nan) if total > 0 else (0.0, 0.0)
    else:
        bad = total if getattr(sli, "good", None) is not None else 0.0
    return (bad, total) if math.isfinite(bad) else (0.0, math.nan)


def reading(sli: Sli, values: Parts, span: Span) -> WindowReading:
    """The same as a window's reading."""
    if not values:
        return Missing("no data")
    bad, total = counts(sli, values, span)
    if math.isfinite(total):
        return Reading(max(0.0, bad), total, float(span.seconds))
    if values.get("bad", 0.0) > 0 and "total" not in values:
        return Missing("bad data: failures without any total")
    return Missing("no data")


def _scaled(sli: Sli, value: float, span: Span) -> float:
    """Events within the span: increases lose what the widening added; per-second values are multiplied out."""
    if isinstance(sli, QuerySli) and sli.unit == "rate":
        return value * span.seconds
    return value * span.factor
