"""The overview: header, panels, footer. The panels that exist share the room; one may take all of it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from sreconsole.domain.slo import SloKey
from sreconsole.present import titles
from sreconsole.present.cells import Span
from sreconsole.tui.keys import Place
from sreconsole.tui.lines import Lines
from sreconsole.tui.messages import RowMoved, RowOpened, SnapshotChanged
from sreconsole.tui.panels.slo import SloPanel
from sreconsole.tui.prompt import Prompt
from sreconsole.tui.screens.base import ConsoleScreen, bindings
from sreconsole.tui.session import Session

NEEDS = (80, 24)
"""Columns and rows below which something is left out."""
_SMALLEST = (20, 5)
"""Below this only the counts are shown."""
TREND_WINDOWS = (("1h", 3_600), ("6h", 21_600), ("1d", 86_400), ("3d", 259_200))


class OverviewScreen(ConsoleScreen):
    """Everything at a glance."""

    PLACE: Place = "overview"
    BINDINGS: ClassVar[list[BindingType]] = bindings("overview")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._header = Lines(session, id="header")
        self._slos = SloPanel(session)
        self._prompt = Prompt(session)
        self._trend = 0
        self._maximised = False

    def compose(self) -> ComposeResult:
        """Header, panels, and one line that is footer or prompt."""
        yield self._header
        yield self._slos
        yield self._prompt
        yield self.foot

    def on_mount(self) -> None:
        """Show what is known already, before the first layout, so that the screen is sent once."""
        self.take()
        self.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Say what is missing on a small screen."""
        self.set_class(event.size.width < _SMALLEST[0] or event.size.height < _SMALLEST[1], "tiny")
        self.call_after_refresh(self.tick)
        self.show_footer()

    def take(self) -> None:
        """Show the newest snapshot."""
        self._slos.take()
        self._show_header()

    def tick(self) -> None:
        """Clock and ages."""
        self._show_header()
        self._slos.retitle()

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        super().restyle()
        self._slos.restyle()

    def show_footer(self) -> None:
        """The keys; on a small screen what it needs instead."""
        width, height = self.app.size
        if width and (width < NEEDS[0] or height < NEEDS[1]):
            self.foot.show(
                [[Span(f" {width}x{height}: needs {NEEDS[0]}x{NEEDS[1]} for all", "warn"), Span("  ? keys", "dim")]]
            )
        else:
            super().show_footer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, only what moves the cursor or ends the line is a key."""
        return not self._prompt.open or action in ("open", "back", "down", "up")

    def copied_text(self) -> str:
        """The row under the cursor."""
        return self._slos.as_text()

    @on(SnapshotChanged)
    def _on_snapshot(self) -> None:
        self.take()

    @on(RowMoved)
    def _on_row_moved(self) -> None:
        self._slos.retitle()

    @on(RowOpened)
    async def _on_row_opened(self) -> None:
        await self.action_open()

    async def action_open(self) -> None:
        """Open the SLO under the cursor; while a filter is typed: keep it."""
        if self._prompt.open:
            await self._prompt.accept()
            return
        report = self._slos.table.rows.current
        if report is None:
            self.flash("no SLO under the cursor", "dim")
            return
        from sreconsole.tui.screens.detail import DetailScreen

        self._slos.table.rows.hold()
        await self.app.push_screen(DetailScreen(self.session, report.key, self._step, TREND_WINDOWS[self._trend][1]))

    async def action_filter(self) -> None:
        """Type a filter; rows follow while typing."""
        self.foot.display = False
        await self._prompt.ask("/", self._slos.table.rows.needle, self._filter_by, self._prompt_closed)

    def action_faults(self) -> None:
        """Only what is not ok."""
        rows = self._slos.table.rows
        rows.choose(faults=not rows.faults)
        self._slos.table.rearranged()

    def action_sort(self) -> None:
        """Next order."""
        self._slos.table.rows.next_order()
        self._slos.table.rearranged()

    def action_window(self) -> None:
        """Next window of the trends."""
        self._trend = (self._trend + 1) % len(TREND_WINDOWS)
        label, seconds = TREND_WINDOWS[self._trend]
        self.session.live.set_trend_window(seconds)
        self._slos.trend_label = label if self._trend else ""
        self._slos.retitle()
        self.flash(f"trends over {label}")

    def action_refresh(self) -> None:
        """Ask this panel's sources now."""
        names = self._slos.sources()
        for name in names:
            self.session.live.refresh(name)
        self.flash(f"asking {', '.join(names)}" if names else "no source to ask", "dim")

    def action_back(self) -> None:
        """Close the prompt, then the filter, then the faults, then what is maximised."""
        rows = self._slos.table.rows
        if self._prompt.open:
            self._prompt.close(keep=False)
        elif rows.needle or rows.faults:
            rows.choose(needle="", faults=False)
            self._slos.table.rearranged()
        elif self._maximised:
            self.action_panel(1)
        rows.rest()

    def action_quit_or_back(self) -> None:
        """q leaves the program from here."""
        self.console.leave(0)

    def action_next_slo(self) -> None:
        """Next match or fault."""
        if not self._slos.table.seek(1):
            self.flash("no match" if self._slos.table.rows.needle else "no faults", "dim")

    def action_previous_slo(self) -> None:
        """Previous match or fault."""
        if not self._slos.table.seek(-1):
            self.flash("no match" if self._slos.table.rows.needle else "no faults", "dim")

    def action_down(self) -> None:
        """One row down."""
        self._slos.table.move(1)

    def action_up(self) -> None:
        """One row up."""
        self._slos.table.move(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self._slos.table.move(max(1, self._slos.table.size.height - 1))

    def action_page_up(self) -> None:
        """A page up."""
        self._slos.table.move(-max(1, self._slos.table.size.height - 1))

    def action_first(self) -> None:
        """First row."""
        self._slos.table.move_to(0)

    def action_last(self) -> None:
        """Last row."""
        self._slos.table.move_to(len(self._slos.table.rows.keys) - 1)

    def action_panel(self, number: int) -> None:
        """The panel has the focus already: it takes the whole screen, or gives it back."""
        self._maximised = not self._maximised
        self.set_class(self._maximised, "maximised")
        self.call_after_refresh(self.tick)

    def action_next_panel(self) -> None:
        """There is one panel so far."""

    def action_previous_panel(self) -> None:
        """There is one panel so far."""

    def _step(self, way: int) -> SloKey | None:
        """The next SLO for the detail view; the cursor goes along."""
        self._slos.take()
        table = self._slos.table
        before = table.rows.cursor
        table.seek(way)
        return table.rows.cursor if table.rows.cursor != before else None

    def _filter_by(self, text: str) -> None:
        self._slos.table.rows.choose(needle=text)
        self._slos.table.rearranged()

    def _prompt_closed(self) -> None:
        self.foot.display = True

    def _show_header(self) -> None:
        session = self.session
        config = session.config
        flags = ["paused"] if session.live.paused else []
        line = titles.header(
            config.environment,
            session.user,
            self._slos.table.rows.counts,
            session.clock(),
            session.zone,
            self.app.size.width,
            accent=session.palette.accent(config.environment),
            flags=flags,
            glyphs=session.glyphs,
        )
        self._header.show([line])
