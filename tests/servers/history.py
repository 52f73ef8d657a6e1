"""History for a real Prometheus: counters at chosen scrape intervals, with resets, gaps, births and deaths.

text = openmetrics([counter("http_requests_total", {"code": "200"}, start=T, end=T + 3600, every=15, rate=2.0)])
backfill(datadir, text)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its samples as (Unix seconds, value), in the order of time."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    samples: Sequence[tuple[float, float]] = ()


def counter(
    name: str,
    labels: Mapping[str, str],
    *,
    start: float,
    end: float,
    every: float,
    rate: float | Callable[[float], float],
    first: float = 0.0,
    resets: Sequence[float] = (),
    gaps: Sequence[tuple[float, float]] = (),
) -> Series:
    """A counter scraped `every` seconds from `start` (birth) to `end` (death), both included where the grid meets them.

    `rate` is events a second, a number or a function of the time. The value starts at `first`, falls to zero at each
    reset, and goes on unseen inside the gaps `[from, to)`, where no sample is written. Times in Unix seconds.
    """
    speed = rate if callable(rate) else _constant(rate)
    samples: list[tuple[float, float]] = []
    value, pending = first, sorted(resets)
    for index in range(math.floor((end - start) / every + 1e-9) + 1):
        at = start + index * every
        if index:
            value += speed(at - every) * every
        while pending and pending[0] <= at:
            value = speed(pending[0]) * (at - pending.pop(0))
        if not any(since <= at < until for since, until in gaps):
            samples.append((at, value))
    return Series(name, dict(labels), samples)


def openmetrics(series: Iterable[Series]) -> str:
    """OpenMetrics text for `promtool tsdb create-blocks-from openmetrics`.

    Families are written untyped: promtool stores names as they stand, so `_total` and `_bucket` stay.
    """
    lines = []
    for one in sorted(series, key=lambda each: (each.name, sorted(each.labels.items()))):
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(one.labels.items()))
        head = f"{one.name}{{{labels}}}" if labels else one.name
        lines += [f"{head} {_number(value)} {at:.3f}" for at, value in one.samples]
    return "\n".join([*lines, "# EOF\n"])


def _constant(rate: float) -> Callable[[float], float]:
    return lambda _at: rate


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))
