"""The SLO panel: its title with the state of every source, what went wrong in words, and the table."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import titles
from sreconsole.present.cells import Span, settle
from sreconsole.tui.lines import Lines
from sreconsole.tui.panels.slo_table import SloTable
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_MOST_FAILURES = 3


class SloPanel(Vertical):
    """Panel 1."""

    NUMBER = 1
    NAME = "SLOs"

    def __init__(self, session: Session) -> None:
        super().__init__(id="slo-panel")
        self._session = session
        self._head = Lines(session, id="slo-head", rows=2)
        self.table = SloTable(session)
        self.trend_label = ""
        """The window of the trends while it is not the default."""

    def compose(self) -> ComposeResult:
        """Title and messages above the rows."""
        yield self._head
        yield self.table

    def take(self) -> None:
        """Show the newest snapshot."""
        self.table.take(self._session.snapshot)
        self.retitle()

    def retitle(self) -> None:
        """Bring title, failures and column headings up to date; ages move here."""
        width = self.size.width or self.app.size.width
        sources = self._session.metric_sources()
        self._head.show([self._title(sources, width), *self._messages(sources, width), self.table.heading])

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        self._head.refresh()
        self.table.restyle()

    def sources(self) -> tuple[str, ...]:
        """The sources this panel shows."""
        return tuple(source.name for source in self._session.metric_sources())

    def as_text(self) -> str:
        """The SLO under the cursor in a sentence, for the clipboard."""
        from sreconsole.present.slo_detail import summary

        session, report = self._session, self.table.rows.current
        return "" if report is None else settle(summary(report, session.clock(), session.zone), session.glyphs)

    def _title(self, sources: tuple[SourceState, ...], width: int) -> Line:
        session, rows = self._session, self.table.rows
        now, refresh = session.clock(), session.config.refresh
        left = titles.panel_title(self.NUMBER, self.NAME, sources, now, refresh, session.glyphs)
        right = titles.shown(len(rows.keys), len(rows.items), rows.order, rows.faults, rows.needle)
        if self.trend_label:
            right += f", trend {self.trend_label}"
        if beyond := self.table.beyond():
            right += f", {beyond}"
        return titles.rule(left, right, width, session.glyphs)

    def _messages(self, sources: tuple[SourceState, ...], width: int) -> list[Line]:
        """One line a failure, the first of them; and what the console says of itself."""
        session = self._session
        now = session.clock()
        failures = [said for source in sources if (said := titles.failure(source, now, width, session.glyphs))]
        lines: list[Line] = [[Span(session.defect, "bold page")]] if session.defect else []
        lines += [[Span(notice, "warn")] for notice in session.snapshot.notices[:2]]
        lines += [[Span(said, "page")] for said in failures[:_MOST_FAILURES]]
        if len(failures) > _MOST_FAILURES:
            lines.append([Span(f"and {len(failures) - _MOST_FAILURES} more: press e", "dim")])
        waiting = [source.name for source in sources if source.state == "waiting" and source.error is None]
        if waiting:
            lines.append([Span(f"waiting for {', '.join(waiting)}", "unknown")])
        return lines
