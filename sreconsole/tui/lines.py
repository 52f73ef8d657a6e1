"""A widget of a few fixed lines (title, header, footer) that sends only what changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from sreconsole.tui import strips
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line


class Lines(Widget):
    """Shows spans line by line. `show` compares before it touches the screen: unchanged lines cost nothing."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, session: Session, *, id: str | None = None, rows: int = 1) -> None:
        """`rows` is the room kept until something is shown: a change of height lays the whole screen out anew."""
        super().__init__(id=id)
        self._session = session
        self._lines: list[Line] = [()] * rows

    def show(self, lines: Sequence[Line]) -> None:
        """Replace what is shown; a line that looks the same is left alone."""
        old, self._lines = self._lines, list(lines)
        if len(old) != len(self._lines):
            self.refresh(layout=True)
            return
        regions = []
        for y, (before, after) in enumerate(zip(old, self._lines, strict=True)):
            if found := strips.changed_cells(before, after):
                regions.append(Region(found[0], y, found[1] - found[0], 1))
        if regions:
            self.refresh(*regions)

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "\n".join("".join(span.text for span in line) for line in self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row a line."""
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line as a strip."""
        session = self._session
        line = self._lines[y] if y < len(self._lines) else ()
        return strips.strip(line, self.size.width, session.palette, session.glyphs)
