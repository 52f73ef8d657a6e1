"""Burn over time as lines of text, drawn by plotext on an axis of local times with the limits as labelled lines.

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


def burn_chart(
    trend: Trend | None,
    width: int,
    height: int,
    limits: Sequence[float],
    glyphs: Glyphs,
    now: float,
    zone: tzinfo,
) -> list[str]:
    """Exactly `height` lines of exactly `width` cells: burn rate over time from 0, gaps where nothing is known.

    `limits` are burn rates drawn as lines where they lie within the picture; 1x always does. The right edge is `now`,
    unless the trend is more than its own length older.
    """
    if width <= 0 or height <= 0:
        return []
    points = _points(trend)
    if trend is None or not points:
        lines = [*[""] * ((height - 1) // 2), fit("no burn rate known in this span", width, "center", glyphs)]
    elif width < MIN_WIDTH or height < MIN_HEIGHT:
        lines = _list(points, height, zone)
    else:
        lines = _draw(trend, points, width, height, limits, glyphs, now, zone)
    lines = [fit(line, width, "left", glyphs) for line in lines[:height]]
    return lines + [" " * width] * (height - len(lines))


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


def _draw(
    trend: Trend,
    points: list[tuple[float, float]],
    width: int,
    height: int,
    limits: Sequence[float],
    glyphs: Glyphs,
    now: float,
    zone: tzinfo,
) -> list[str]:
    end = trend.start + trend.width * len(trend.burns)
    right = now if end < now <= 2 * end - trend.start else end
    known = sorted({1.0, *(limit for limit in limits if 0 < limit < _HIGHEST)})
    top = max(max(burn for _, burn in points) * 1.05, 1.25)
    inside = [limit for limit in known if limit <= top]
    scale = _scale(top)
    ticks = _burn_ticks(inside, top, height, scale)
    with _DRAWING:
        import plotext

        plotext.clear_figure()
        plotext.limit_size(False, False)
        plotext.plot_size(width, height)
        plotext.theme("clear")
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(trend.start, right)
        plotext.ylim(0, scale(top))
        plotext.xticks(*_time_ticks(trend.start, right, width, zone))
        plotext.yticks([scale(value) for value in ticks], [words.burn(value) if value else "0x" for value in ticks])
        for limit in (value for value in inside if value in ticks):
            plotext.plot([trend.start, right], [scale(limit)] * 2, marker="-" if glyphs.name == "ascii" else "┄")
        marker = "*" if glyphs.name == "ascii" else "braille"
        for run in _runs(points, trend.width):
            times, burns = [at for at, _ in run], [scale(burn) for _, burn in run]
            (plotext.plot if len(run) > 1 else plotext.scatter)(times, burns, marker=marker)
        drawn: str = plotext.uncolorize(plotext.build())
        plotext.clear_figure()
    if glyphs.name == "ascii":
        drawn = drawn.translate(_FRAME)
    return drawn.splitlines()


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
    last = max(1, height - 3)
    ticks: list[float] = []
    for value in (0.0, *reversed(limits), top):
        line = round(scale(value) / scale(top) * last)
        if all(line != round(scale(other) / scale(top) * last) for other in ticks):
            ticks.append(value)
    return ticks
