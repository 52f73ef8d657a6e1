"""One SLO in full: what burns, why, a chart of the burn, the budget and every alert window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import ClassVar

from textual.binding import BindingType

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState
from sreconsole.present import chart, slo_detail
from sreconsole.present.cells import Span, fit, fit_spans, plain
from sreconsole.tui.keys import Place
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

CHART_WINDOWS = (("1h", 3_600), ("6h", 21_600), ("1d", 86_400), ("3d", 259_200), ("30d", 2_592_000))
_WIDE = 150
"""From this width on the chart stands beside the text."""
_TEXT_CELLS = 84
_CHART_LINES = (8, 18)
_TALL = 32
Step = Callable[[int], SloKey | None]


class DetailScreen(PageScreen, inherit_bindings=False):
    """The SLO it is turned to."""

    PLACE: Place = "detail"
    BINDINGS: ClassVar[list[BindingType]] = bindings("detail")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._key = SloKey("", "")
        self._step: Step = lambda _: None
        self._window = 0
        self._chart: list[str] = []
        self._drawn: object = None
        """What the chart was drawn from."""
        self._wanted: tuple[int, int] = (0, 0)

    def turn_to(self, key: SloKey, step: Step, window: int) -> None:
        """Show this SLO, its chart over `window` seconds; `step(1)` gives the next one."""
        self._step = step
        self._window = next((i for i, (_, seconds) in enumerate(CHART_WINDOWS) if seconds == window), 0)
        if key != self._key:
            self._show(key)
        self.begin()

    def title_spans(self) -> Sequence[Span]:
        """Service and SLO."""
        return [Span(self._key.service, "bold foreground"), Span(f" {self._key.slo}", "foreground")]

    def title_end(self) -> str:
        """The window of the chart, and whether anything is asked for."""
        label = f"burn over {CHART_WINDOWS[self._window][0]}"
        return f"paused, {label}" if self.session.live.paused else label

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """Text and chart, below each other or, on a wide screen, side by side."""
        service, report = self._find()
        if report is None:
            return [[Span("this SLO is gone: its series are no longer there", "stale")]]
        session = self.session
        wide = width >= _WIDE
        cells = _TEXT_CELLS if wide else width
        now, zone = session.clock(), session.zone
        text = slo_detail.detail(report, service, cells, now, zone, session.glyphs, session.snapshot)
        if wide:
            drawn = self._chart_lines(report, width - cells - 2, min(_TALL, max(_CHART_LINES[0], height - 1)))
            return [_beside(text, drawn, place, cells) for place in range(max(len(text), len(drawn)))]
        head = next((place for place, line in enumerate(text) if not plain(line).strip()), len(text))
        low, high = _CHART_LINES
        drawn = self._chart_lines(report, width, min(high, max(low, height // 3 + 2)))
        return [*text[:head], [], *drawn, *text[head:]]

    def copied_text(self) -> str:
        """The text without the chart."""
        service, report = self._find()
        if report is None:
            return ""
        session = self.session
        now, zone = session.clock(), session.zone
        lines = slo_detail.detail(report, service, 100, now, zone, session.glyphs, session.snapshot)
        return "\n".join(plain(line).rstrip() for line in lines)

    def action_window(self) -> None:
        """Next window of the chart."""
        self._window = (self._window + 1) % len(CHART_WINDOWS)
        self.take()

    def action_next_row(self) -> None:
        """The next SLO of the overview."""
        self._go(1)

    def action_previous_row(self) -> None:
        """The one before."""
        self._go(-1)

    def action_refresh(self) -> None:
        """Ask this SLO's source now."""
        source = self.session.source_of(self._key)
        self.session.live.refresh(source)
        self.flash(f"asking {source or 'all sources'}")

    def _go(self, way: int) -> None:
        key = self._step(way)
        if key is None:
            self.flash("no other", "dim")
            return
        self._show(key)
        self.page.move_to(0)
        self.take()

    def _show(self, key: SloKey) -> None:
        self._key, self._chart, self._drawn = key, [], None

    def _find(self) -> tuple[ServiceState | None, SloReport | None]:
        for service in self.session.snapshot.services:
            if service.name == self._key.service:
                return service, next((slo for slo in service.slos if slo.key == self._key), None)
        return None, None

    def _chart_lines(self, report: SloReport, width: int, height: int) -> list[Line]:
        """The chart as far as it is drawn; a new one is ordered when there is something new to draw."""
        trend = self.session.live.trend(self._key, CHART_WINDOWS[self._window][1])
        order = (self._key, self._window, trend, width, height)
        if order != self._drawn:
            self._drawn = order
            limits = sorted({pair.pair.factor for pair in report.pairs})
            asked = (trend, width, height, limits, self.session.glyphs, self.session.clock(), self.session.zone)
            if chart.loaded():
                self._chart = chart.burn_chart(*asked)
            else:
                self.run_worker(self._draw(order, lambda: chart.burn_chart(*asked)), group="chart", exclusive=True)
        lines = [fit(line, width) for line in self._chart[:height]]
        if not lines:
            lines = [""] * (height // 2) + [fit("drawing the chart", width, "center")]
        if self.session.glyphs.name == "ascii":
            return [[Span(line, "foreground")] for line in lines + [""] * (height - len(lines))]
        return [_coloured(line) for line in lines + [""] * (height - len(lines))]

    async def _draw(self, order: object, draw: Callable[[], list[str]]) -> None:
        """Draw in a thread: the chart library is not there yet, and a key must never wait for it.

        Once it is, a thread would take longer than the drawing: both want the interpreter.
        """

        def first() -> list[str]:
            chart.load()
            return draw()

        drawn = await asyncio.to_thread(first)
        if order == self._drawn:
            self._chart = drawn
            self.take()


def _coloured(line: str) -> Line:
    """A line of the chart: the curve (braille) stands out, axes and limits stand back."""
    runs = groupby(line, lambda char: "\u2800" <= char <= "\u28ff")
    return [Span("".join(run), "accent" if curve else "dim") for curve, run in runs]


def _beside(left: Sequence[Line], right: Sequence[Line], place: int, cells: int) -> Line:
    text = left[place] if place < len(left) else ()
    chart = right[place] if place < len(right) else ()
    return [*fit_spans(text, cells), Span("  ", ""), *chart]
