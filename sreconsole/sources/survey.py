"""What kind of server answers, and how often each SLO's series are sampled.

The scrape interval decides whether buckets may be folded into windows (docs/architecture.md, "The ledger"). It is found
from the number of samples each series had within half an hour, among those that lived all that time: the most and the
fewest. Where no series is that old, five minutes must do; where none is even that old, it is not known yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sreconsole.sources.promql import label_name, marked
from sreconsole.sources.shapes import Group

SPANS = (1800, 300)
"""Seconds over which samples are counted, the more telling first."""
_USUAL = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 300, 600)
_MIXED = 1.3
"""More than this between the most and the fewest samples: the series are scraped at different intervals."""

_CHANGED = 1.6
"""More than this between half an hour and the last five minutes: the interval is not what it was."""
_LEAST = 3
"""Samples within a span from which on they tell an interval."""
_TELLING = 5
"""Samples within five minutes from which they may contradict the half hour."""

DIALECT_PROBE = "1 + 1"
"""Prometheus answers arithmetic on scalars with a scalar, VictoriaMetrics with a vector."""


def interval(counts: Mapping[str, Mapping[str, float]]) -> float | None:
    """Seconds between samples from the counts by tag (see `expressions`); None: unknown or mixed."""
    found: list[float | None] = []
    for span in SPANS:
        most, fewest = (counts.get(f"{kind}{span}", {}).get("total", math.nan) for kind in ("most", "fewest"))
        if most >= (_LEAST if not found else _TELLING) and fewest > 0:
            found.append(_spacing(span, most, fewest))
    if len(found) == 2 and found[0] and found[1] and max(found[0], found[1]) > _CHANGED * min(found[0], found[1]):
        return None  # it has just been changed, or scrapes are missing: neither may be folded over
    return found[0] if found else None


def longest(counts: Mapping[str, Mapping[str, float]]) -> float | None:
    """Seconds between samples of the series that has the fewest; None: unknown."""
    for span in SPANS:
        most, fewest = (counts.get(f"{kind}{span}", {}).get("total", math.nan) for kind in ("most", "fewest"))
        if most >= _LEAST and fewest > 0:
            return span / fewest
    return None


def _spacing(span: int, most: float, fewest: float) -> float | None:
    if most / fewest > _MIXED:
        return None
    estimate = span / most
    near = min(_USUAL, key=lambda usual: abs(math.log(estimate / usual)))
    if abs(estimate / near - 1) < max(0.04, 1.5 / most):
        return float(near)
    return float(max(1, round(estimate)))


def folds(found: float | None) -> bool:
    """Whether one-minute buckets of such samples join without a gap."""
    return found is not None and 60 % found == 0


def expressions(found: Group, number: int) -> list[str]:
    """Marked expressions for a group: the most and the fewest samples of any series that lived all of a span."""
    place = found.places[-1]
    if place.part.selector is None:
        return []
    selector = place.part.selector.adding(*found.restriction(len(found.places) - 1))
    labels = ", ".join(label_name(name) for name in place.by)
    by = f" by ({labels})" if labels else ""
    mark = f"{number}.{len(found.places) - 1}"
    out = []
    for span in SPANS:
        lasting = f"(count_over_time({selector}[{span * 1000 - 1}ms]) and {selector} and {selector} offset {span}s)"
        out.append(marked(f"max{by} {lasting}", f"{mark}.most{span}"))
        out.append(marked(f"min{by} {lasting}", f"{mark}.fewest{span}"))
    return out
