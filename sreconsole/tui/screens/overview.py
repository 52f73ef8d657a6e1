"""The overview: header, panels, footer. The panels share the room; one of them has the focus and may take all of it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from sreconsole.present.cells import Span
from sreconsole.present.header import header
from sreconsole.tui.keys import Place
from sreconsole.tui.lines import Lines
from sreconsole.tui.messages import PanelTouched, RowOpened, SnapshotChanged
from sreconsole.tui.panels.alerts import AlertPanel
from sreconsole.tui.panels.pair import Pair
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.panels.slo import SloPanel
from sreconsole.tui.prompt import Prompt
from sreconsole.tui.screens import arrangement
from sreconsole.tui.screens.arrangement import Arrangement
from sreconsole.tui.screens.base import ConsoleScreen, bindings
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

NEEDS = (80, 24)
"""Columns and rows below which something is left out."""
_SMALLEST = (20, 5)
"""Below this only the counts are shown."""


class OverviewScreen(ConsoleScreen):
    """Everything at a glance."""

    PLACE: Place = "overview"
    BINDINGS: ClassVar[list[BindingType]] = bindings("overview")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._header = Lines(session, id="header")
        self._slos = SloPanel(session)
        self._alerts = AlertPanel(session)
        self._pair = Pair(session, arrangement.made(session))
        self._arrangement = Arrangement((self._slos, self._alerts), self._pair)
        self._prompt = Prompt(session)

    def compose(self) -> ComposeResult:
        """Header, panels, and one line that is footer or prompt."""
        yield self._header
        yield self._slos
        yield self._alerts
        yield self._pair
        yield self._prompt
        yield self.foot

    def on_mount(self) -> None:
        """Show what is known already, before the first layout, so that the screen is sent once."""
        self._point_at(0)
        self.take()
        self.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Say what is missing on a small screen."""
        self.set_class(event.size.width < _SMALLEST[0] or event.size.height < _SMALLEST[1], "tiny")
        self._share()
        self.call_after_refresh(self.tick)
        self.show_footer()

    @property
    def panel(self) -> Panel:
        """The panel that has the focus."""
        return self._arrangement.panel

    @property
    def _panels(self) -> tuple[Panel, ...]:
        return self._arrangement.panels

    def take(self) -> None:
        """Show the newest snapshot."""
        if arrangement.wanted(self.session.config) != self._arrangement.others:
            self.call_later(self._rearrange)
        for panel in self._panels:
            panel.take()
        self._share()
        self._show_header()

    def tick(self) -> None:
        """Clock and ages."""
        self._show_header()
        for panel in self._panels:
            panel.tick()

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        super().restyle()
        self._pair.restyle()
        for panel in self._panels:
            panel.restyle()

    def footer_line(self) -> Line:
        """The keys; on a small screen what it needs instead."""
        width, height = self.app.size
        if width and (width < NEEDS[0] or height < NEEDS[1]):
            said = f" {width}x{height}: needs {NEEDS[0]}x{NEEDS[1]} for all"
            return [Span(said, "warn"), Span("  ? keys", "dim")]
        return super().footer_line()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, only what moves the cursor or ends the line is a key."""
        if self._prompt.open:
            return action in ("open", "back", "down", "up")
        return super().check_action(action, parameters)

    def copied_text(self) -> str:
        """The row under the cursor."""
        return self.panel.as_text()

    @on(SnapshotChanged)
    def _on_snapshot(self) -> None:
        self.take()

    @on(RowOpened)
    async def _on_row_opened(self) -> None:
        await self.action_open()

    @on(PanelTouched)
    def _on_panel_touched(self, event: PanelTouched) -> None:
        self._point_at(self._arrangement.place_of(event.number) or 0)

    def foresee(self) -> None:
        """What is under the cursor may be opened next."""
        self.panel.foresee()

    async def action_open(self) -> None:
        """Open what is under the cursor; while a filter is typed: keep it."""
        if self._prompt.open:
            await self._prompt.accept()
            return
        screen = self.panel.opened()
        if screen is None:
            self.flash(f"no {self.panel.THING} under the cursor", "dim")
            return
        await self.app.push_screen(screen)

    async def action_filter(self) -> None:
        """Type a filter; rows follow while typing."""
        self.foot.display = False
        await self._prompt.ask("/", self.panel.needle, self.panel.filter_by, self._prompt_closed)

    def topic(self) -> Topic:
        """The row under the cursor of the panel that has the focus."""
        return self.panel.topic()

    def action_mark(self) -> None:
        """Mark an alert."""
        if not self.panel.mark():
            self.flash("alerts can be marked, in panel 2", "dim")

    def action_faults(self) -> None:
        """Only what is not ok."""
        self.panel.toggle_faults()

    def action_sort(self) -> None:
        """Next order."""
        self.panel.sort()

    def action_window(self) -> None:
        """Next window of trends and charts."""
        window = self.session.next_trend_window()
        self._slos.retitle()
        self.flash(f"trends over {window.label}")

    def ask_again(self) -> None:
        """Ask this panel's sources now."""
        names = self.panel.sources()
        for name in names:
            self.session.live.refresh(name)
        self.flash(f"asking {', '.join(names)}" if names else "no source to ask", "dim")

    def action_back(self) -> None:
        """Close the prompt, then the filter, then the faults, then what is maximised."""
        if self._prompt.open:
            self._prompt.close(keep=False)
        elif not self.panel.clear() and self._arrangement.maximised:
            self._maximise(False)

    def action_quit_or_back(self) -> None:
        """q leaves the program from here."""
        self.console.leave(0)

    def action_next_row(self) -> None:
        """Next match or fault."""
        self._seek(1)

    def action_previous_row(self) -> None:
        """Previous match or fault."""
        self._seek(-1)

    def action_down(self) -> None:
        """One row down."""
        self.panel.move(1)

    def action_up(self) -> None:
        """One row up."""
        self.panel.move(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self.panel.move_page(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.panel.move_page(-1)

    def action_first(self) -> None:
        """First row."""
        self.panel.move_to_end(last=False)

    def action_last(self) -> None:
        """Last row."""
        self.panel.move_to_end(last=True)

    def action_panel(self, number: int) -> None:
        """Give a panel the focus; one that has it takes the whole screen, or gives it back."""
        place = self._arrangement.place_of(number)
        if place is None:
            self.flash(arrangement.NOT_THERE[number], "dim")
        elif self._arrangement.has_focus(place):
            self._maximise(not self._arrangement.maximised)
        else:
            self._point_at(place)

    def action_next_panel(self) -> None:
        """The panel after this one has the focus."""
        self._point_at(self._arrangement.next(1))

    def action_previous_panel(self) -> None:
        """The panel before this one has the focus."""
        self._point_at(self._arrangement.next(-1))

    def _point_at(self, place: int) -> None:
        self._arrangement.point_at(place)
        self._share()

    def _maximise(self, maximised: bool) -> None:
        self._arrangement.maximised = maximised
        self._share()

    def _share(self) -> None:
        """Give each panel its part of the screen."""
        if self._arrangement.share(*self.app.size):
            self.call_after_refresh(self.tick)

    async def _rearrange(self) -> None:
        """A changed config has something for other panels than those there are."""
        if arrangement.wanted(self.session.config) == self._arrangement.others:
            return
        await self._pair.replace(arrangement.made(self.session))
        self._arrangement.maximised = False
        self._point_at(0)
        self.take()

    def _seek(self, way: int) -> None:
        if not self.panel.seek(way):
            self.flash("no match" if self.panel.needle else "no faults", "dim")

    def _prompt_closed(self) -> None:
        self.foot.display = True
        self.let_read()

    def _show_header(self) -> None:
        session = self.session
        config = session.config
        flags = ["paused"] if session.live.paused else []
        line = header(
            config.environment,
            session.user,
            self._slos.table.rows.counts,
            session.clock(),
            session.zone,
            self.app.size.width,
            pages=self._alerts.table.rows.pages,
            accent=session.palette.accent(config.environment),
            flags=flags,
            standing=session.standing,
            glyphs=session.glyphs,
        )
        self._header.show([line])
