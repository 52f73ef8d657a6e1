"""Two panels side by side with a wall between them; below each other where the screen is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.room import halves
from sreconsole.tui.session import Session


class Wall(Widget):
    """One column between two panels, joined to their top lines."""

    DEFAULT_CSS = "Wall { width: 1; height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__(id="wall")
        self._session = session

    def render_line(self, y: int) -> Strip:
        """One cell."""
        glyphs, palette = self._session.glyphs, self._session.palette
        return Strip([Segment(glyphs.wall if y else glyphs.tee, palette.style("border"))], 1)


class Pair(Widget):
    """Up to two panels in one row of the overview. Without any it is not there."""

    DEFAULT_CSS = """
    Pair { layout: horizontal; width: 1fr; height: auto; display: none; }
    Pair.stacked { layout: vertical; }
    """

    def __init__(self, session: Session, panels: Sequence[Panel] = ()) -> None:
        super().__init__(id="pair")
        self._wall = Wall(session)
        self._wall.styles.display = "none"
        self.panels: tuple[Panel, ...] = tuple(panels)

    def compose(self) -> ComposeResult:
        """The wall stands between them."""
        yield from self.panels[:1]
        yield self._wall
        yield from self.panels[1:]

    def restyle(self) -> None:
        """Draw the wall in another theme; the panels are the overview's."""
        self._wall.refresh()

    async def replace(self, panels: Sequence[Panel]) -> None:
        """Other panels in the place of those there were."""
        await self.remove_children(".panel")
        self.panels = tuple(panels)
        await self.mount(*self.panels[:1], before=self._wall) if self.panels else None
        await self.mount(*self.panels[1:]) if self.panels[1:] else None

    def put(self, lines: Sequence[int], columns: int, stacked: bool) -> bool:
        """Give each panel its lines; whether anything differs from before."""
        shown = [panel for panel, height in zip(self.panels, lines, strict=True) if height]
        beside = len(shown) > 1 and not stacked
        widths = halves(columns) if beside else (columns, columns)
        changed = False
        for panel, height, width in zip(self.panels, lines, widths, strict=False):
            changed |= panel.put(height, width if height else columns)
        self.set_class(stacked, "stacked")
        for widget, there in ((self._wall, beside), (self, bool(shown))):
            display = "block" if there else "none"
            if widget.styles.display != display:
                widget.styles.display = display
                changed = True
        height = sum(lines) if stacked else max(lines, default=0)
        if changed:
            self.styles.height = height
        return changed
