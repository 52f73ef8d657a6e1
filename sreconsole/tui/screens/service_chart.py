"""The chart of the service view: burn or budget, what happened under it, and a cursor that reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Literal

from sreconsole.domain.counts import Past
from sreconsole.domain.depth import Depth
from sreconsole.domain.report import SloReport, Trend
from sreconsole.present import chart, words
from sreconsole.present.cells import Span, fit, fit_spans
from sreconsole.present.chart import Picture
from sreconsole.present.chart_reading import Steps, cursor_column, pointed, reading
from sreconsole.present.happenings import Happening, mark_lines
from sreconsole.records import dataclass
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

Kind = Literal["burn", "budget"]
LEAST = 8
"""Lines below which there is no room for a chart with its marks and its reading."""
_BUDGET_POINTS = 240


@dataclass(frozen=True, slots=True)
class Subject:
    """What is drawn."""

    report: SloReport
    depth: Depth
    past: Past
    found: Sequence[Happening]


class ServiceChart:
    """One chart. `later` runs a drawing in the background while the chart library is not there yet; `drawn` is told
    of its end."""

    def __init__(
        self, session: Session, kind: Kind, later: Callable[[Awaitable[None]], object], drawn: Callable[[], None]
    ) -> None:
        self.session = session
        self.kind: Kind = kind
        self._later, self._drawn = later, drawn
        self._picture: Picture | None = None
        self._order: object = None
        """What the picture was, or is being, drawn from."""
        self._steps: Steps | None = None
        self._cursor: float | None = None

    def clear(self) -> None:
        """Another SLO is shown."""
        self._picture = self._order = self._steps = self._cursor = None

    def turn(self, kind: Kind) -> None:
        """Show burn or budget."""
        if kind != self.kind:
            self.clear()
            self.kind = kind

    def move(self, way: int) -> bool:
        """Move the cursor; whether there is anything to read."""
        if self._steps is None or self._picture is None or not self._picture.cells:
            return False
        self._cursor = self._steps.moved(self._cursor, way)
        return True

    def lines(self, subject: Subject, width: int, height: int, name: str = "") -> list[Line]:
        """Exactly `height` lines: the chart, marks of what happened as far as there is room, and what is read."""
        trend = self._trend(subject.report, width) if self.kind == "burn" else None
        start, end = self._span(subject, trend)
        lanes = {one.lane for one in subject.found if one.start <= end and one.end >= start}
        marks = min(len(lanes), max(0, height - 1 - chart.MIN_HEIGHT))
        drawn = height - 1 - marks
        picture = self._brought(subject, trend, width, drawn)
        if picture is None:
            waiting = [Span(fit("drawing the chart", width, "center"), "dim")]
            return [*[[]] * (drawn // 2), waiting, *[[]] * (height - drawn // 2 - 1)]
        bucket = trend.width if trend is not None else (end - start) / _BUDGET_POINTS
        self._steps = Steps.of(start, end, bucket, picture.cells) if picture.cells else None
        glyphs = self.session.glyphs
        shown = [self._coloured(line) for line in picture.lines]
        under: list[Line] = list(mark_lines(subject.found, picture, width, marks, glyphs))
        if self._cursor is not None and self._steps is not None:
            column = cursor_column(picture, self._steps.stretch(self._cursor))
            if column is not None:
                shown = [pointed(line, column, glyphs) for line in shown[:-1]] + shown[-1:]
                under = [pointed(line, column, glyphs) for line in under]
        blank: list[Line] = [[]] * (marks - len(under))
        return [*shown, *under, fit_spans(self._said(subject, name), width, glyphs), *blank]

    def _trend(self, report: SloReport, width: int) -> Trend | None:
        seconds = self.session.trend_window.seconds
        return self.session.live.trend(report.key, seconds, chart.chart_width(seconds, max(1, width - 6)))

    def _span(self, subject: Subject, trend: Trend | None) -> tuple[float, float]:
        if self.kind == "budget":
            return subject.depth.span
        if trend is None:
            now = self.session.clock()
            return now - self.session.trend_window.seconds, now
        return trend.start, trend.start + trend.width * len(trend.burns)

    def _brought(self, subject: Subject, trend: Trend | None, width: int, height: int) -> Picture | None:
        """The newest picture there is; another one is ordered when there is something new to draw."""
        session, depth = self.session, subject.depth
        data: object = trend if self.kind == "burn" else (depth.course, depth.span)
        order = (self.kind, subject.report.key, data, width, height, session.glyphs.name)
        if order != self._order:
            self._order = order
            draw = self._drawing(subject, trend, width, height)
            if chart.loaded():
                self._picture = draw()
            else:
                self._later(self._draw(order, draw))
        return self._picture

    def _drawing(self, subject: Subject, trend: Trend | None, width: int, height: int) -> Callable[[], Picture]:
        session, depth = self.session, subject.depth
        glyphs, now, zone = session.glyphs, session.clock(), session.zone
        if self.kind == "budget":
            ideal = depth.ideal is not None
            return lambda: chart.budget_chart(depth.course, depth.span, ideal, width, height, glyphs, zone)
        limits = sorted({pair.pair.factor for pair in subject.report.pairs})
        return lambda: chart.burn_chart(trend, width, height, limits, glyphs, now, zone)

    async def _draw(self, order: object, draw: Callable[[], Picture]) -> None:
        """Draw in a thread: the chart library is not there yet, and a key must never wait for it.

        Once it is, a thread would take longer than the drawing: both want the interpreter.
        """

        def first() -> Picture:
            chart.load()
            return draw()

        picture = await asyncio.to_thread(first)
        if order == self._order:
            self._picture = picture
            self._drawn()

    def _said(self, subject: Subject, name: str) -> Line:
        """What the cursor reads; without one, what is drawn and how to read it."""
        session = self.session
        if self._cursor is not None and self._steps is not None:
            stretch = self._steps.stretch(self._cursor)
            budget = float(1 - subject.report.objective)
            left = self._left_at(subject.depth, stretch[1]) if self.kind == "budget" else ()
            events = subject.report.weighting != "time-weighted"
            read = reading(stretch, subject.past, budget, subject.found, session.clock(), session.zone, events)
            return [*left, *read]
        over = session.trend_window.label if self.kind == "burn" else subject.report.window_label
        said = name or f"{self.kind} over {over}"
        return [Span(said, "dim")] if name else [Span(f"{said}, h l read it", "dim")]

    def _left_at(self, depth: Depth, at: float) -> Line:
        """The share of the budget that was left at a moment."""
        known = [share for moment, share in depth.course if share is not None and moment <= at]
        return [Span(f"{words.percent(known[-1])} left  ", "bold foreground")] if known else []

    def _coloured(self, line: str) -> Line:
        """The curve (braille) stands out, axes and limits stand back."""
        if self.session.glyphs.name == "ascii":
            return [Span(line, "foreground")]
        runs = groupby(line, lambda char: "\u2800" <= char <= "\u28ff")
        return [Span("".join(run), "accent" if curve else "dim") for curve, run in runs]
