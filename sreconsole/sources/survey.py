"""What kind of server answers, and how often each SLO's series are sampled.

The scrape interval decides whether buckets may be folded into windows (docs/architecture.md, "The ledger"). It is found
from the number of samples each series had within half an hour: the most of any series, and the fewest of those that
lived all the time.
"""

from __future__ import annotations

import math

from sreconsole.sources.promql import label_name, marked
from sreconsole.sources.shapes import Group

SPAN = 1800
"""Seconds of samples that are counted."""
_USUAL = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 300, 600)
_MIXED = 1.3
"""More than this between the most and the fewest samples: the series are scraped at different intervals."""

DIALECT_PROBE = "1 + 1"
"""Prometheus answers arithmetic on scalars with a scalar, VictoriaMetrics with a vector."""


def interval(most: float, fewest: float) -> float | None:
    """Seconds between samples from the counts over `SPAN`; None: unknown or mixed. NaN counts are not known."""
    if not most >= 3:
        return None
    if fewest == fewest and fewest > 0 and most / fewest > _MIXED:
        return None
    estimate = SPAN / most
    near = min(_USUAL, key=lambda usual: abs(math.log(estimate / usual)))
    if abs(estimate / near - 1) < max(0.04, 1.5 / most):
        return float(near)
    return float(max(1, round(estimate)))


def folds(found: float | None) -> bool:
    """Whether one-minute buckets of such samples join without a gap."""
    return found is not None and 60 % found == 0


def expressions(found: Group, number: int) -> list[str]:
    """Two marked expressions for a group: the most samples of any series of an SLO, and the fewest of a lasting one."""
    place = found.places[-1]
    if place.part.selector is None:
        return []
    selector = place.part.selector.adding(*found.restriction(len(found.places) - 1))
    labels = ", ".join(label_name(name) for name in place.by)
    by = f" by ({labels})" if labels else ""
    counted = f"count_over_time({selector}[{SPAN * 1000 - 1}ms])"
    mark = f"{number}.{len(found.places) - 1}"
    return [
        marked(f"max{by} ({counted})", f"{mark}.most"),
        marked(f"min{by} ({counted} and {selector} offset {SPAN}s)", f"{mark}.fewest"),
    ]
