"""A screen with a title and a text to read: help, errors, one SLO in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from sreconsole.present import titles
from sreconsole.present.cells import Span
from sreconsole.tui.keys import Place
from sreconsole.tui.lines import Lines
from sreconsole.tui.messages import SnapshotChanged
from sreconsole.tui.page import Page
from sreconsole.tui.screens.base import ConsoleScreen, bindings
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line


class PageScreen(ConsoleScreen):
    """Title, text, footer. Subclasses say what is in them."""

    PLACE: Place = "page"
    CHROME = 2
    """Lines around the text."""
    BINDINGS: ClassVar[list[BindingType]] = bindings("page")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._title = Lines(session, id="title")
        self.page = Page(session)

    def compose(self) -> ComposeResult:
        """Title, text, footer."""
        yield self._title
        yield self.page
        yield self.foot

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows for the text, known before anything is laid out."""
        return self.app.size.width, max(0, self.app.size.height - self.CHROME)

    def title_spans(self) -> Sequence[Span]:
        """The left end of the title."""
        return ()

    def title_end(self) -> str:
        """The right end of the title."""
        return ""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """The text for a page of this size."""
        return ()

    async def on_mount(self) -> None:
        """Write the text before the first layout, so that the screen is sent once."""
        self.take()
        self.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Write the text for the new size."""
        self.take()
        self.show_footer()

    def begin(self) -> None:
        """From the top, with nothing said: it is to be opened anew."""
        self._flash = None
        if self.is_running:
            self.page.move_to(0)
            self.show_footer()

    def take(self) -> None:
        """Bring the text up to date."""
        width, height = self.room
        self.page.show(self.lines(width, height))
        end = self.title_end()
        if self.page.count > height:
            end = f"{end}, {self.page.count} lines" if end else f"{self.page.count} lines, j k scroll"
        self._title.show([titles.rule(self.title_spans(), end, width, self.session.glyphs)])

    def tick(self) -> None:
        """Ages move."""
        self.take()

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        super().restyle()
        self.page.refresh()

    def copied_text(self) -> str:
        """The whole page."""
        return self.page.text

    @on(SnapshotChanged)
    def _on_snapshot(self) -> None:
        self.take()

    def action_down(self) -> None:
        """One line down."""
        self.page.move(1)

    def action_up(self) -> None:
        """One line up."""
        self.page.move(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self.page.move(max(1, self.page.size.height - 1))

    def action_page_up(self) -> None:
        """A page up."""
        self.page.move(-max(1, self.page.size.height - 1))

    def action_first(self) -> None:
        """The beginning."""
        self.page.move_to(0)

    def action_last(self) -> None:
        """The end."""
        self.page.move_to(self.page.count)
