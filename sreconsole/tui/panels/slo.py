"""Panel 1: every SLO."""

from __future__ import annotations

import sys
from typing import ClassVar

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import titles
from sreconsole.present.cells import Span, settle
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.panels.slo_table import SloTable
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

_LEAST_ROWS = 3


class SloPanel(Panel):
    """The SLOs, worst first."""

    NUMBER: ClassVar[int] = 1
    NAME: ClassVar[str] = "SLOs"
    THING: ClassVar[str] = "SLO"

    def __init__(self, session: Session) -> None:
        self.table = SloTable(session)
        super().__init__(session, self.table, self.table.rows)

    def take(self) -> None:
        """Show the newest snapshot."""
        self.table.take(self.session.snapshot)
        self.retitle()

    def enlarge(self, maximised: bool) -> None:
        """Deploys under every trend while it has the whole screen."""
        super().enlarge(maximised)
        if self.table.whole != maximised:
            self.table.whole = maximised
            self.table.rearranged()

    def states(self) -> tuple[SourceState, ...]:
        """Those that SLOs are measured by."""
        return self.session.metric_sources()

    def shown(self) -> tuple[str, ...]:
        """`42, worst first`."""
        rows = self.table.rows
        if not rows.items:
            return ("",)
        said = titles.shown(len(rows.keys), len(rows.items), rows.order, rows.faults, rows.needle)
        right = f"{said}, trend {self.session.trend_window.label}" if self.session.trend else said
        beyond = self.table.beyond()
        return (f"{right}, {beyond}" if beyond else right), said

    def least(self) -> int:
        """Title, headings, messages and some rows."""
        return len(self.head_lines()) + min(_LEAST_ROWS, max(1, len(self.table.rows.keys)))

    def notices(self) -> list[Line]:
        """What the console says of itself."""
        session = self.session
        lines: list[Line] = [[Span(session.defect, "bold page")]] if session.defect else []
        lines += [[Span(said, "bold mark")] for said in self._meanwhile()]
        return lines + [[Span(notice, "warn")] for notice in session.snapshot.notices[:2]]

    def _meanwhile(self) -> list[str]:
        """What crossed a line while nobody looked."""
        session, away = self.session, self.session.away
        if not away.crossings:
            return []
        from sreconsole.present.absence import sentence

        return [sentence(away.crossings, away.lasted, session.clock(), session.zone, max(20, self.size.width - 1))]

    def below_messages(self) -> list[Line]:
        """The column titles."""
        return [self.table.heading]

    def opened(self) -> ConsoleScreen | None:
        """The SLO in full."""
        report = self.table.rows.current
        if report is None:
            return None
        from sreconsole.tui.screens.detail import DetailScreen

        self.table.rows.hold()
        view = self.views.of(DetailScreen)
        view.turn_to(report.key, self.step)
        return view

    def topic(self) -> Topic:
        """The service and SLO under the cursor."""
        report = self.table.rows.current
        return Topic() if report is None else Topic(service=report.key.service, slo=report.key.slo)

    def foresee(self) -> None:
        """Write and draw the SLO under the cursor where nobody sees it, once its view is there."""
        detail = sys.modules.get("sreconsole.tui.screens.detail")
        report = self.table.rows.current
        if detail is not None and report is not None:
            self.views.foresee(detail.DetailScreen, lambda view: view.turn_to(report.key, self.step))

    def as_text(self) -> str:
        """The SLO under the cursor in a sentence."""
        from sreconsole.present.slo_detail import summary

        session, report = self.session, self.table.rows.current
        return "" if report is None else settle(summary(report, session.clock(), session.zone), session.glyphs)
