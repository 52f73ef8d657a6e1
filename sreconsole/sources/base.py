"""What a metrics source promises the engine: counts of bad and total events in buckets or windows.

A source returns domain values or raises one of our errors (`sreconsole.errors`). It keeps no history.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple

from sreconsole.domain.reading import WindowReading
from sreconsole.domain.slo import SloKey
from sreconsole.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive buckets [start + k*width, start + (k+1)*width) up to `end`; all multiples of width, Unix seconds."""

    start: int
    end: int
    width: int

    def __len__(self) -> int:
        return max(0, (self.end - self.start) // self.width)


@dataclass(slots=True)
class Column:
    """Counts of one SLO over a grid, one entry per bucket; NaN total: not known."""

    bad: array[float]
    total: array[float]


@dataclass(slots=True)
class BucketAnswer:
    """Buckets of many SLOs over one grid."""

    grid: Grid
    columns: dict[SloKey, Column] = field(default_factory=dict)
    failures: dict[SloKey, str] = field(default_factory=dict)
    """SLOs whose own query failed: one sentence each; neighbours are unaffected."""
    warnings: tuple[str, ...] = ()
    """The server's warnings: the answer may be partial and must not become final."""
    asked: tuple[SloKey, ...] = ()
    """The SLOs it answers for: one without a column has nothing there."""
    server_time: float | None = None
    """Unix seconds by the server's clock; None: not said."""


class Edge(NamedTuple):
    """Counts within [start, end): a piece that no bucket holds, where a window begins or ends between two."""

    start: float
    end: float
    bad: float
    total: float
    """NaN: not known."""


@dataclass(slots=True)
class WindowAnswer:
    """Readings of many SLOs over windows that end at one instant."""

    at: float
    readings: dict[SloKey, dict[int, WindowReading]] = field(default_factory=dict)
    """By SLO, then by window length in seconds."""
    edges: dict[SloKey, list[Edge]] = field(default_factory=dict)
    """Counts of the pieces of time that were asked for besides."""
    failures: dict[SloKey, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


Labels = Mapping[str, str]
