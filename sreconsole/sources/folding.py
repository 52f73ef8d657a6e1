"""From the parts of an SLI to bad and total, for one moment. NaN in: not known; NaN out: not known."""

from __future__ import annotations

import math

from sreconsole.domain.cleaning import clean
from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.sli import HistogramSli, QuerySli, Sli
from sreconsole.sources.promql import Span, parts

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


TELLING = 3600
"""Seconds of a window that is long enough to say that there is no such series, rather than that it is quiet."""


def reading(sli: Sli, values: Parts, span: Span) -> WindowReading:
    """The same as a window's reading."""
    if not values:
        return Missing(_nothing(sli, span.seconds) if span.seconds >= TELLING else "no data")
    bad, total = counts(sli, values, span)
    if math.isfinite(total):
        return Reading(max(0.0, bad), total, float(span.seconds))
    if values.get("bad", 0.0) > 0 and "total" not in values:
        return Missing("bad data: failures without any total")
    return Missing("the total is not a number" if "total" in values else "no data")


def _nothing(sli: Sli, seconds: float) -> str:
    """What was looked for in vain."""
    total = parts(sli)[-1]
    if total.selector is None:
        return f"the query gives nothing over {format_duration(seconds)}"
    return f"no series matches {clean(str(total.selector), 120)} within {format_duration(seconds)}"


def _scaled(sli: Sli, value: float, span: Span) -> float:
    """Events within the span: increases lose what the widening added; per-second values are multiplied out."""
    if isinstance(sli, QuerySli) and sli.unit == "rate":
        return value * span.seconds
    return value if span.before else value * span.factor
