"""Burn and budget over time as lines of text, drawn by plotext on an axis of local times with labelled lines.

plotext keeps its figure in module state: it is imported on first use, and one drawing at a time holds it. Without room
for a chart the newest figures stand in a plain list.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

from sreconsole.domain.report import Trend
from sreconsole.present import words
from sreconsole.present.cells import fit
from sreconsole.present.marks import Glyphs

MIN_WIDTH = 36
MIN_HEIGHT = 6
"""Below these cells there is a list instead of a chart."""

_DRAWING = Lock()
_GIVE_UP = 0.0005
"""Seconds after which a thread that imports hands the interpreter over to one that wants it; usual are 0.005."""
_TICK_STEPS = (60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
_TICK_CELLS = 14
_LABEL = 5
"""Cells of a label beside the axis: the widest burn, so that charts below each other have one left edge."""
_FRAME = str.maketrans("┤│└─┬┼├┴┌┐┘", "|||-++|-..'")
_HIGHEST = 1e12
_FAR = 40.0
"""Burn above which the axis is logarithmic: about three times the highest usual limit."""


def loaded() -> bool:
    """Whether the chart library is there: the first chart waits for it, all others are a matter of milliseconds."""
    return "plotext" in sys.modules


def load() -> None:
    """Import the chart library, in a thread: whoever waits for a key meanwhile gets the interpreter at once."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(min(usual, _GIVE_UP))
    try:
        import plotext  # noqa: F401
    finally:
        sys.setswitchinterval(usual)


class Picture(NamedTuple):
    """A drawn chart, and which moment stands in which column."""

    lines: list[str]
    left: int = 0
    """The first column of the drawing: labels and axis stand before it."""
    cells: int = 0
    """Columns of the drawing; 0: there is no time axis, it is a list or a sentence."""
    start: float = 0.0
    end: float = 0.0

    def column(self, at: float) -> int | None:
        """The column of a moment; None: not in the picture."""
        if not self.cells or not self.start <= at <= self.end:
            return None
        dots = 2 * self.cells - 1
        return self.left + round((at - self.start) / (self.end - self.start) * dots) // 2


class _Axes(NamedTuple):
    """What is drawn."""

    start: float
    end: float
    low: float
    top: float
    ticks: list[tuple[float, str]]
    levels: list[float]
    """Values with a line across the picture."""
    curves: list[list[tuple[float, float]]]
    ideal: Sequence[tuple[float, float]] = ()
    """Ends of a line that is no measurement."""


def chart_width(seconds: int, cells: int) -> int:
    """Seconds of one bucket of a chart: as fine as its dots (two a cell) and the ledger go."""
    for width, reach in ((60, 21_600), (300, 86_400)):
        if seconds <= reach and seconds // width <= 2 * cells:
            return width
    if seconds <= 86_400:
        return 300 if seconds <= 21_600 else 900
    return max(3_600, -(-seconds // (2 * max(1, cells)) // 3_600) * 3_600)


def burn_chart(
    trend: Trend | None,
    width: int,
    height: int,
    limits: Sequence[float],
    glyphs: Glyphs,
    now: float,
    zone: tzinfo,
) -> Picture:
    """Exactly `height` lines of exactly `width` cells: burn rate over time from 0, gaps where nothing is known.

    `limits` are burn rates drawn as lines where they lie within the picture; 1x always does. The right edge is `now`,
    unless the trend is more than its own length older.
    """
    if width <= 0 or height <= 0:
        return Picture([])
    points = _points(trend)
    if trend is None or not points:
        return _said("no burn rate known in this span", width, height, glyphs)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return Picture(_filled(_list(points, height, zone), width, height, glyphs))
    return _drawn(_burn_axes(trend, points, height, limits, now), width, height, glyphs, zone)


def budget_chart(
    course: Sequence[tuple[float, float | None]],
    span: tuple[float, float],
    ideal: bool,
    width: int,
    height: int,
    glyphs: Glyphs,
    zone: tzinfo,
) -> Picture:
    """The share of a budget that was left over its window `span`; `ideal`: with the even spending of a calendar period
    as a line from all to nothing."""
    if width <= 0 or height <= 0:
        return Picture([])
    known = [(at, share) for at, share in course if share is not None and math.isfinite(share)]
    if len(known) < 2 or width < MIN_WIDTH or height < MIN_HEIGHT:
        return _said("no budget known in this span", width, height, glyphs)
    low = min(0.0, *(share for _, share in known))
    runs: list[list[tuple[float, float]]] = [[]]
    for at, share in course:
        if share is not None:
            runs[-1].append((at, share))
        elif runs[-1]:
            runs.append([])
    values = [1.0, 0.0, known[-1][1], *([low] if low < 0 else []), 0.5]
    ticks = [(value, words.percent(value)) for value in _apart(values, low, 1.0, height)]
    line = [(span[0], 1.0), (span[1], 0.0)] if ideal else []
    axes = _Axes(*span, low, 1.0, ticks, [0.0], [run for run in runs if run], line)
    return _drawn(axes, width, height, glyphs, zone)


def _said(sentence: str, width: int, height: int, glyphs: Glyphs) -> Picture:
    return Picture(
        _filled([*[""] * ((height - 1) // 2), fit(sentence, width, "center", glyphs)], width, height, glyphs)
    )


def _filled(lines: Sequence[str], width: int, height: int, glyphs: Glyphs) -> list[str]:
    fitted = [fit(line, width, "left", glyphs) for line in lines[:height]]
    return fitted + [" " * width] * (height - len(fitted))


def _points(trend: Trend | None) -> list[tuple[float, float]]:
    """Middle of each bucket that has a value, and the value."""
    if trend is None:
        return []
    return [
        (trend.start + (index + 0.5) * trend.width, min(max(0.0, burn), _HIGHEST))
        for index, burn in enumerate(trend.burns)
        if burn is not None and math.isfinite(burn)
    ]


def _list(points: list[tuple[float, float]], height: int, zone: tzinfo) -> list[str]:
    """The newest values, newest first."""
    return [f"{words.clock(at, zone)} {words.burn(burn):>6}" for at, burn in points[: -height - 1 : -1]]


def _burn_axes(
    trend: Trend, points: list[tuple[float, float]], height: int, limits: Sequence[float], now: float
) -> _Axes:
    end = trend.start + trend.width * len(trend.burns)
    right = now if end < now <= 2 * end - trend.start else end
    known = sorted({1.0, *(limit for limit in limits if 0 < limit < _HIGHEST)})
    top = max(max(burn for _, burn in points) * 1.05, 1.25)
    inside = [limit for limit in known if limit <= top]
    scale = _scale(top)
    ticks = _burn_ticks(inside, top, height, scale)
    return _Axes(
        trend.start,
        right,
        0.0,
        scale(top),
        [(scale(value), words.burn(value) if value else "0x") for value in ticks],
        [scale(value) for value in inside if value in ticks],
        [[(at, scale(burn)) for at, burn in run] for run in _runs(points, trend.width)],
    )


def _drawn(axes: _Axes, width: int, height: int, glyphs: Glyphs, zone: tzinfo) -> Picture:
    ascii_only = glyphs.name == "ascii"
    level, curve, ideal = ("-", "*", ".") if ascii_only else ("┄", "braille", "·")
    with _DRAWING:
        import plotext

        plotext.clear_figure()
        plotext.limit_size(False, False)
        plotext.plot_size(width, height)
        plotext.theme("clear")
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(axes.start, axes.end)
        plotext.ylim(axes.low, axes.top)
        plotext.xticks(*_time_ticks(axes.start, axes.end, width, zone))
        plotext.yticks([value for value, _ in axes.ticks], [label.rjust(_LABEL) for _, label in axes.ticks])
        for value in axes.levels:
            plotext.plot([axes.start, axes.end], [value] * 2, marker=level)
        if axes.ideal:
            plotext.plot([at for at, _ in axes.ideal], [value for _, value in axes.ideal], marker=ideal)
        for run in axes.curves:
            times, values = [at for at, _ in run], [value for _, value in run]
            (plotext.plot if len(run) > 1 else plotext.scatter)(times, values, marker=curve)
        drawn: str = plotext.uncolorize(plotext.build())
        plotext.clear_figure()
    lines = drawn.splitlines()
    left = 1 + min((place for line in lines for place in (_axis_in(line),) if place >= 0), default=-1)
    if ascii_only:
        lines = drawn.translate(_FRAME).splitlines()
    filled = _filled(lines, width, height, glyphs)
    return Picture(filled, left, max(0, width - left) if left else 0, axes.start, axes.end)


def _axis_in(line: str) -> int:
    """Where the axis stands in a line of the picture; -1: nowhere."""
    return min((place for place in map(line.find, "┤│") if place >= 0), default=-1)


def _runs(points: list[tuple[float, float]], bucket: int) -> Iterator[list[tuple[float, float]]]:
    """Stretches without a gap."""
    run = [points[0]]
    for before, point in pairwise(points):
        if point[0] - before[0] > bucket * 1.5:
            yield run
            run = []
        run.append(point)
    yield run


def _time_ticks(start: float, end: float, width: int, zone: tzinfo) -> tuple[list[float], list[str]]:
    """Round local times, few enough for their labels not to touch."""
    most = max(1, width // _TICK_CELLS)
    step = next((size for size in _TICK_STEPS if (end - start) / size <= most), _TICK_STEPS[-1])
    try:
        offset = datetime.fromtimestamp(start, zone).utcoffset()
    except (OverflowError, ValueError, OSError):
        return [], []
    shift = offset.total_seconds() if offset is not None else 0.0
    first = math.ceil((start + shift) / step) * step - shift
    times = [first + index * step for index in range(most + 1) if first + index * step <= end]
    pattern = "%H:%M" if step < 86_400 else "%d %b"
    return times, [datetime.fromtimestamp(at, zone).strftime(pattern) for at in times]


def _scale(top: float) -> Callable[[float], float]:
    """How high a burn is drawn: in proportion, but a spike far above every limit must not flatten the limits away."""
    return math.log1p if top > _FAR else float


def _burn_ticks(limits: Sequence[float], top: float, height: int, scale: Callable[[float], float]) -> list[float]:
    """0, the limits and the highest value, leaving out what would share a line with one already there."""
    values = {scale(value): value for value in (0.0, *reversed(limits), top)}
    return [values[value] for value in _apart(list(values), 0.0, scale(top), height)]


def _apart(values: Sequence[float], low: float, top: float, height: int) -> list[float]:
    """Those values that do not share a line with one before them."""
    last = max(1, height - 3)
    kept: list[float] = []
    taken: set[int] = set()
    for value in values:
        line = round((value - low) / (top - low) * last)
        if line not in taken:
            taken.add(line)
            kept.append(value)
    return kept
