"""Text to read, line by line, that scrolls and sends only the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sreconsole.present.cells import plain
from sreconsole.tui import strips
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

WHEEL_LINES = 3
"""Lines for one step of the mouse wheel."""


class Page(ScrollView, can_focus=False, inherit_bindings=False):
    """Lines of spans; `show` compares with what is on the screen."""

    DEFAULT_CSS = "Page { height: 1fr; overflow: hidden hidden; }"
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._lines: list[Line] = []
        self.chosen: int | None = None
        """A line that is marked as selected."""

    def show(self, lines: Sequence[Line], chosen: int | None = None) -> None:
        """Replace the text; the place stays."""
        before, was = self._lines, self.chosen
        self._lines, self.chosen = list(lines), chosen
        size = Size(self.app.size.width, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
        top, regions = self.scroll_offset.y, []
        for y in range(top, top + self.size.height):
            old, new = _at(before, y), _at(self._lines, y)
            if (y == was) != (y == chosen):
                regions.append(Region(0, y - top, self.size.width, 1))
            elif found := strips.changed_cells(old, new):
                regions.append(Region(found[0], y - top, self.size.width - found[0], 1))
        if regions:
            self.refresh(*regions)

    def move(self, lines: int) -> None:
        """Scroll."""
        self.move_to(self.scroll_offset.y + lines)

    def move_to(self, line: int) -> None:
        """Scroll so that a line is the first, as far as the text reaches."""
        line = min(max(0, line), max(0, len(self._lines) - self.size.height))
        self.scroll_to(y=line, animate=False, force=True, immediate=True)

    def reveal(self, line: int) -> None:
        """Scroll as little as needed to have a line on the screen."""
        top = self.scroll_offset.y
        self.move_to(min(max(top, line - self.size.height + 1), line))

    @property
    def count(self) -> int:
        """Lines of text."""
        return len(self._lines)

    @property
    def text(self) -> str:
        """The text without styles and trailing blanks."""
        return "\n".join(plain(line).rstrip() for line in self._lines).strip("\n")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel; without scroll bars Textual leaves it to us."""
        event.stop()
        self.move(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel, the other way."""
        event.stop()
        self.move(-WHEEL_LINES)

    def render_line(self, y: int) -> Strip:
        """One line of the viewport."""
        session, place = self._session, self.scroll_offset.y + y
        line = _at(self._lines, place)
        return strips.strip(line, self.size.width, session.palette, session.glyphs, place == self.chosen)


def _at(lines: Sequence[Line], place: int) -> Line:
    return lines[place] if place < len(lines) else ()
