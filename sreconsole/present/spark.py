"""Burn as a sparkline: a fixed scale, gaps where nothing is known, groups that stay put while time passes.

The scale never adapts to the data: the same height means the same burn in every row. Steps lie at 1x (the budget goes
exactly), 6x and 14.4x (the page limits of a 30 d window), with one step between each. Source: SRE Workbook ch. 5.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby

from sreconsole.domain.report import Trend
from sreconsole.present.cells import Span
from sreconsole.present.marks import Glyphs

STEPS = (0.5, 1.0, 3.0, 6.0, 10.0, 14.4, 50.0)
"""Burn rates at which the next higher bar begins."""


def bar(burn: float | None, glyphs: Glyphs) -> str:
    """One cell: the bar for a burn rate, a space where it is not known."""
    if burn is None or math.isnan(burn):
        return " "
    return glyphs.bars[bisect_right(STEPS, burn)]


def tone(burn: float | None) -> str:
    """The theme token for a burn rate: ok below 1x, warn below 6x, page from there; dim when unknown."""
    if burn is None or math.isnan(burn):
        return "dim"
    if burn < 1:
        return "ok"
    return "warn" if burn < 6 else "page"


def grouped(burns: Sequence[float | None], cells: int, first: int = 0) -> list[float | None]:
    """Exactly `cells` burns, newest last: the highest of each group of buckets, None where a group has none.

    `first` is the absolute number of the first bucket (its start / its width). Groups begin at multiples of their size
    counted from there, so a peak stays in its group and the line moves one cell at a time. Up to a twentieth of the
    buckets, the oldest, is left out rather than making every group larger.
    """
    if cells <= 0:
        return []
    size = max(1, math.ceil(len(burns) * 0.95 / cells))
    lead = first % size
    starts = range(-lead, len(burns), size)
    newest = [_peak(burns[max(0, start) : start + size]) for start in starts[-cells:]]
    return [None] * (cells - len(newest)) + newest


def _peak(burns: Sequence[float | None]) -> float | None:
    return max((burn for burn in burns if burn is not None and burn == burn), default=None)


def sparkline(burns: Sequence[float | None], cells: int, glyphs: Glyphs, first: int = 0) -> str:
    """The burns in exactly `cells` cells, newest at the right; see `grouped` for `first`."""
    return "".join(bar(burn, glyphs) for burn in grouped(burns, cells, first))


def sparkline_spans(trend: Trend | None, cells: int, glyphs: Glyphs) -> list[Span]:
    """The sparkline of a trend in runs of one tone; blank when there is none."""
    if cells <= 0:
        return []
    if trend is None or not trend.burns:
        return [Span(" " * cells, "dim")]
    peaks = grouped(tuple(trend.burns), cells, trend.start // max(1, trend.width))
    spans: list[Span] = []
    for style, run in groupby(peaks, tone):
        spans.append(Span("".join([bar(peak, glyphs) for peak in run]), style))
    return spans
