"""Panel 4: toil and load on call."""

from __future__ import annotations

from typing import ClassVar

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import toil_lines
from sreconsole.present.cells import settle
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.panels.toil_table import ToilTable
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import Session

_LEAST_ROWS = 2


class ToilPanel(Panel):
    """This shift, this week, and who pages again and again; with the whole screen, everything."""

    NUMBER: ClassVar[int] = 4
    NAME: ClassVar[str] = "Toil"
    THING: ClassVar[str] = "toil"

    def __init__(self, session: Session) -> None:
        self.table = ToilTable(session)
        super().__init__(session, self.table, self.table.rows)

    def take(self) -> None:
        """Show the newest snapshot."""
        self.table.take(self.session.snapshot)
        self.retitle()

    def enlarge(self, maximised: bool) -> None:
        """Every figure while it has the whole screen."""
        super().enlarge(maximised)
        if self.table.full != maximised:
            self.table.full = maximised
            self.take()

    def states(self) -> tuple[SourceState, ...]:
        """Those that pages, counters and minutes come from."""
        return self.session.snapshot.toil_sources

    def shown(self) -> tuple[str, ...]:
        """What is left out and what is off the screen."""
        rows = self.table.rows
        beyond = self.table.beyond()
        if len(rows.keys) != len(rows.items) or rows.needle:
            said = f"{len(rows.keys)} of {len(rows.items)} lines{' over' * rows.faults}"
            return (f"{said} /{rows.needle}" if rows.needle else said, "")
        return beyond, ""

    def least(self) -> int:
        """Title, messages and the lines that matter most."""
        return len(self.head_lines()) + min(_LEAST_ROWS, max(1, len(self.table.rows.keys)))

    def says_failures(self) -> bool:
        """Without any row their place says it."""
        return bool(self.table.rows.keys)

    def opened(self) -> ConsoleScreen | None:
        """Everything that is known of it."""
        if self.session.snapshot.toil is None:
            return None
        from sreconsole.tui.screens.toil import ToilScreen

        view = self.views.of(ToilScreen)
        view.begin()
        return view

    def as_text(self) -> str:
        """This shift and this week in a sentence."""
        report = self.session.snapshot.toil
        return "" if report is None else settle(toil_lines.summary(report), self.session.glyphs)
