"""The table of the toil panel."""

from __future__ import annotations

from collections.abc import Hashable

from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.toil import ToilReport
from sreconsole.present import titles
from sreconsole.present.cells import Span, fit_spans
from sreconsole.present.toil_lines import ToilLine, toil_lines
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.panels.toil_rows import ToilRows
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_FAILING = ("down", "auth", "stale")


class ToilTable(LineTable[str, ToilLine], inherit_bindings=False):
    """The lines of the toil report."""

    def __init__(self, session: Session) -> None:
        self.rows = ToilRows()
        super().__init__(session, self.rows)
        self.full = False
        """Whether every figure is shown, as there is the whole screen for it."""
        self._taken: Hashable = None
        self._report: ToilReport | None = None
        self._stale = False

    def take(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        states = snapshot.toil_sources
        self._stale = bool(states) and all(state.state in _FAILING for state in states)
        self.lay_out()
        self.show_taken(False)

    def draw(self, key: str, item: ToilLine) -> Line:
        """One line."""
        line = fit_spans(item.spans, self.columns, self._session.glyphs)
        return [_faint(span) for span in line] if self._stale else line

    def facts(self, key: str, item: ToilLine) -> Hashable:
        """Whether it is old, and its width."""
        return self._stale, self.columns

    def nothing(self) -> Line:
        """Why nothing is said."""
        session, rows = self._session, self.rows
        snapshot = session.snapshot
        if rows.needle and rows.items:
            return [Span(f"nothing matches /{rows.needle}", "foreground"), Span("  esc clears", "dim")]
        if rows.faults and rows.items:
            return [Span("nothing beyond its budget", "ok"), Span("  f shows all", "dim")]
        if not snapshot.toil_sources or all(state.state == "live" for state in snapshot.toil_sources):
            return [Span(f"unknown: {snapshot.missing.get('toil') or 'nothing was counted yet'}", "unknown")]
        now, refresh = session.clock(), session.config.refresh
        return [Span(titles.unanswered(snapshot.toil_sources, now, refresh, self.columns, session.glyphs), "unknown")]

    def lay_out(self) -> bool:
        """Write the lines anew where the report, the width or how much is shown differ."""
        session = self._session
        report = session.snapshot.toil
        wanted = (id(report), self.columns, self.full, session.config.timezone, session.glyphs.name)
        if wanted == self._taken:
            return False
        self._taken, self._report = wanted, report  # the report is held: another one must not get its id
        lines = [] if report is None else toil_lines(report, self.columns, session.zone, session.glyphs, self.full)
        self.rows.take(lines, session.clock())
        return True


def _faint(span: Span) -> Span:
    """What a source said before it failed; bold stays bold."""
    style = span.style
    return span if not style or style.startswith(("bold ", "dim")) else Span(span.text, f"dim {style}")
