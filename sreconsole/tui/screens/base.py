"""What all screens share: bindings from the table of actions, the footer, and actions that exist everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from sreconsole.present.cells import Span
from sreconsole.tui import keys
from sreconsole.tui.keys import Place
from sreconsole.tui.lines import Lines
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

if TYPE_CHECKING:
    from sreconsole.tui.app import ConsoleApp

FLASH_SECONDS = 4.0


def bindings(place: Place) -> list[BindingType]:
    """Textual bindings of a place; `leave` is the application's own.

    They have priority, which makes Textual run each before it looks at the next key: what is typed ahead of a slow
    link must reach the prompt that was opened for it, not the keys behind. A focused prompt takes its letters first.
    """
    return [
        Binding(",".join(action.keys), action.id, action.help, show=False, priority=True)
        for action in keys.at(place)
        if action.id != "leave"
    ]


class ConsoleScreen(Screen[str | None], inherit_bindings=False):
    """A screen with a footer line."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    PLACE: Place = "page"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.foot = Lines(session, id="foot")
        self._flashed = 0
        self._styled_by = session.palette
        self._flash: Line | None = None
        """What is said in the footer at the moment instead of the keys."""

    @property
    def console(self) -> ConsoleApp:
        """The application."""
        from sreconsole.tui.app import ConsoleApp

        assert isinstance(self.app, ConsoleApp)
        return self.app

    def flash(self, text: str, style: str = "foreground") -> None:
        """Say something in the footer for a moment; for longer while something else has its place."""
        self._flash = [Span(f" {text}", style)]
        self.show_footer()
        self.let_read()

    def let_read(self) -> None:
        """Leave what is said there for a whole moment from now on."""
        self._flashed += 1
        self.set_timer(FLASH_SECONDS, partial(self._flash_ends, self._flashed))

    def show_footer(self) -> None:
        """What is said at the moment, else the keys of this place."""
        self.foot.show([self.footer_line() if self._flash is None else self._flash])

    def footer_line(self) -> Line:
        """The keys of this place."""
        line: list[Span] = []
        for key, words in self.footer_keys():
            line += [Span(" ", "dim"), Span(key, "accent"), Span(f" {words} ", "dim")]
        return line

    def footer_keys(self) -> Iterable[tuple[str, str]]:
        """Key and words in the order they are shown."""
        return keys.footer(self.PLACE)

    def _flash_ends(self, which: int) -> None:
        if which == self._flashed and self.foot.display:
            self._flash = None
            self.show_footer()

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        for widget in self.query(Lines):
            widget.refresh()

    def foresee(self) -> None:
        """Nobody types: make ready what the next key may open."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """In front again: catch up. (Textual would style it anew; only another theme makes that worth while.)"""
        event.refresh_styles = event.refresh_styles and self._styled_by is not self.session.palette
        self._styled_by = self.session.palette
        self.take()

    def take(self) -> None:
        """A new snapshot is there."""

    def tick(self) -> None:
        """Some seconds passed: ages and clocks."""

    def action_back(self) -> None:
        """Leave this screen."""
        self.dismiss(None)

    def action_quit_or_back(self) -> None:
        """q leaves every screen but the overview as Esc does."""
        self.action_back()

    def action_theme(self) -> None:
        """Next theme."""
        self.flash(f"theme {self.console.next_theme()}")

    async def action_keys(self) -> None:
        """List the keys of this place."""
        from sreconsole.tui.screens.help import HelpScreen

        await self.app.push_screen(HelpScreen(self.session, self.PLACE))

    async def action_palette(self) -> None:
        """Run an action by name."""
        from sreconsole.tui.screens.palette import PaletteScreen

        await self.app.push_screen(PaletteScreen(self.session, self.PLACE), self._run_chosen)

    def stands(self) -> bool:
        """Whether this is a moment of the past, at which nothing is asked again; says so."""
        if self.session.standing:
            self.flash("a moment of the past: nothing is asked again", "dim")
        return self.session.standing

    def action_refresh(self) -> None:
        """Ask what is shown again now."""
        if not self.stands():
            self.ask_again()

    def ask_again(self) -> None:
        """Ask the sources of what is shown."""
        self.action_refresh_all()

    def action_refresh_all(self) -> None:
        """Ask all sources again now."""
        if self.stands():
            return
        self.session.live.refresh(None)
        self.flash("asking all sources")

    def action_pause(self) -> None:
        """Pause or resume asking."""
        if self.stands():
            return
        live = self.session.live
        live.pause(not live.paused)
        self.flash("paused: space resumes, r asks once" if live.paused else "resumed")
        self.tick()

    async def action_error(self) -> None:
        """Show the full error of the sources."""
        from sreconsole.tui.screens.error import ErrorScreen

        await self.app.push_screen(ErrorScreen(self.session))

    async def action_sources(self) -> None:
        """Show how every source is doing."""
        from sreconsole.tui.screens.sources import SourcesScreen

        await self.app.push_screen(SourcesScreen(self.session))

    def topic(self) -> Topic:
        """What the keys that act are about here."""
        return Topic()

    async def action_silence(self) -> None:
        """Silence what the screen is about."""
        await self._act("silence")

    async def action_extend(self) -> None:
        """Let a silence last longer."""
        await self._act("extend")

    async def action_expire(self) -> None:
        """End a silence."""
        await self._act("expire")

    async def action_note(self) -> None:
        """Note what happened."""
        await self._act("note")

    async def action_toil(self) -> None:
        """Log toil."""
        await self._act("toil")

    async def action_undo(self) -> None:
        """Take the last action back."""
        await self._act("undo")

    async def _act(self, what: str) -> None:
        """Keys that act are there always, and say why where they are off."""
        acting = self.console.acting()
        if isinstance(acting, str):
            self.flash(acting, "warn")
        else:
            await getattr(acting, what)(self)

    def copied_text(self) -> str:
        """What `y` copies."""
        return ""

    async def action_copy(self) -> None:
        """Copy to the clipboard."""
        from sreconsole.tui.copying import copy

        text = self.copied_text()
        if not text:
            self.flash("nothing to copy here", "dim")
            return
        self.flash(f"{await copy(text, self.session.env, self.app.copy_to_clipboard)}: {text.splitlines()[0]}")

    async def _run_chosen(self, action: str | None) -> None:
        if action:
            await self.run_action(action)
