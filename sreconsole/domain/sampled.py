"""What scraped samples mean for an SLI: which series feed its bad and total counts, and with which sign.

Every kind is made linear in increments, so that counts of buckets, targets and series may simply be added:
`good` + `total` and histograms count bad as total minus good; clamping waits until a bucket is read, as good may be
a moment ahead of total within one scrape. Source: docs/words.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from sreconsole.domain.selector import Matcher, Selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, Sli
from sreconsole.records import dataclass, replace

SampledSli = CounterSli | HistogramSli | GaugeSli
Role = Literal["total", "bad", "good", "count", "bucket", "gauge"]
TOTALS: frozenset[Role] = frozenset(("total", "count", "gauge"))
"""Roles that prove traffic could be seen: without a series in one of them nothing is known."""


class Sample(NamedTuple):
    """One value of one series as scraped; labels are raw, without the name."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Part:
    """One selector of an SLI and what an increment of a matching series adds to bad and to total."""

    role: Role
    selector: Selector
    bad: float
    total: float


def parts(sli: SampledSli) -> tuple[Part, ...]:
    """The selectors of an SLI; of a histogram's `bucket` part the `le` is still to be compared by `bound_of`."""
    if isinstance(sli, GaugeSli):
        return (Part("gauge", sli.gauge, 1.0, 1.0),)
    if isinstance(sli, HistogramSli):
        base = sli.histogram
        return (
            Part("count", base.renamed(base.metric + "_count"), 1.0, 1.0),
            Part("bucket", base.renamed(base.metric + "_bucket"), -1.0, 0.0),
        )
    if sli.good is not None:
        return Part("total", sli.total, 1.0, 1.0), Part("good", sli.good, -1.0, 0.0)
    if sli.bad is None:
        raise ValueError("an SLI of counters needs bad or good")
    return Part("total", sli.total, 0.0, 1.0), Part("bad", sli.bad, 1.0, 0.0)


def bound_of(labels: Mapping[str, str]) -> Decimal | None:
    """The upper bound of a histogram bucket: `le` as a number (`1` and `1.0` are one), None when it is none."""
    try:
        bound = Decimal(labels.get("le", ""))
    except InvalidOperation:
        return None
    return None if bound.is_nan() else bound


def gauge_bad(value: float) -> float:
    """How bad one sample of a gauge is: 0 for 1, 1 for 0, between for fractions; beyond is clamped."""
    return 1.0 - min(1.0, max(0.0, value))


def no_bound(threshold: Decimal, bounds: set[Decimal]) -> str:
    """The sentence for a histogram that has no bucket at the threshold, naming the two nearest."""
    finite = sorted((bound for bound in bounds if bound.is_finite()), key=lambda bound: abs(bound - threshold))
    near = " and ".join(f"{bound.normalize():f}" for bound in sorted(finite[:2]))
    tail = f"; the nearest are {near}" if near else ""
    return f"the histogram has no bucket le={threshold.normalize():f}{tail}"


def bind(sli: Sli, label: str, value: str) -> Sli:
    """A fleet's SLI for one member: every selector also matches `label="value"`. Queries are left as they are."""
    extra = Matcher(label, "=", value)
    if isinstance(sli, GaugeSli):
        return replace(sli, gauge=sli.gauge.adding(extra))
    if isinstance(sli, HistogramSli):
        return replace(sli, histogram=sli.histogram.adding(extra))
    if isinstance(sli, CounterSli):
        return CounterSli(
            total=sli.total.adding(extra),
            bad=sli.bad.adding(extra) if sli.bad is not None else None,
            good=sli.good.adding(extra) if sli.good is not None else None,
        )
    return sli


def expression(sli: SampledSli) -> str:
    """What is measured, as text that is equal exactly when the measurement is; the order of matchers is no matter."""
    words = [f"{part.role} {_canonical(part.selector)}" for part in parts(sli)]
    if isinstance(sli, HistogramSli):
        words.append(f"le {sli.threshold.normalize():f}")
    return " | ".join(words)


def _canonical(selector: Selector) -> str:
    return str(Selector(selector.metric, tuple(sorted(set(selector.matchers)))))
