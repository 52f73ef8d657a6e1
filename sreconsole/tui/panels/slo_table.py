"""The table of the SLO panel, drawn by line: a refresh sends only the cells that look different.

Textual repaints what is dirty, it does not compare. So the lines on the screen are remembered as spans, a new snapshot
is drawn into spans for the visible rows whose report is another object, and one region per differing line is made
dirty, from its first changed cell on. Rows off the screen are not drawn at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import slo_table
from sreconsole.present.cells import Span
from sreconsole.tui import strips
from sreconsole.tui.messages import RowMoved, RowOpened
from sreconsole.tui.page import WHEEL_LINES
from sreconsole.tui.panels.slo_rows import SloRows
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_FAILING = ("down", "auth", "stale")


@dataclass(slots=True)
class _Drawn:
    """One row as drawn from one report."""

    report: SloReport
    dimmed: bool
    spans: Line
    strips: dict[bool, Strip] = field(default_factory=dict)
    """With and without the cursor on it."""


class SloTable(ScrollView, can_focus=False, inherit_bindings=False):
    """The rows of all SLOs."""

    DEFAULT_CSS = "SloTable { height: 1fr; overflow: hidden hidden; }"
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.rows = SloRows()
        self._layout = slo_table.layout(80, ())
        self._trend_length = 0
        self._drawn: dict[SloKey, _Drawn] = {}
        self._shown: dict[int, tuple[Line, bool]] = {}
        self._failing: frozenset[str] = frozenset()
        self._all_failing = False
        self._settling = False

    @property
    def _width(self) -> int:
        """Columns of the table; those of the terminal before it is laid out, so that the first frame is right."""
        return self.size.width or self.app.size.width

    @property
    def heading(self) -> Line:
        """The column titles for the present width."""
        return slo_table.header(self._layout, self._session.glyphs)

    def take(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        rows, count = self.rows, len(self.rows.reports)
        sources = self._session.metric_sources()
        self._failing = frozenset(source.name for source in sources if source.state in _FAILING)
        self._all_failing = bool(sources) and len(self._failing) == len(sources)
        changed = rows.take(snapshot, self._session.clock())
        if len(rows.reports) != count or self._trends_grew(changed):
            self._lay_out()
        self.rearranged()
        if (wait := rows.held(self._session.clock())) and not self._settling:
            self._settling = True
            self.set_timer(wait + 0.1, self._settle)

    def rearranged(self) -> None:
        """Rows came, went or changed places: keep the cursor on the screen and repaint what differs."""
        size = Size(self._width, len(self.rows.keys))
        if size != self.virtual_size:
            self.virtual_size = size
        self._follow()
        self._repaint()
        self.post_message(RowMoved())

    def move(self, lines: int) -> None:
        """Move the cursor."""
        self.move_to(self.rows.line + lines)

    def move_to(self, line: int) -> None:
        """Put the cursor on a line."""
        self.rows.move_to(line, self._session.clock())
        self._show_cursor()

    def seek(self, step: int) -> bool:
        """Go to the next match or fault; False when there is none."""
        found = self.rows.seek(step, self._session.clock())
        self._show_cursor()
        return found

    def beyond(self) -> str:
        """How many rows are off the screen: `3 above, 20 below`; empty when all are on it."""
        top = self.scroll_offset.y
        below = len(self.rows.keys) - top - self.size.height
        said = [f"{count} {where}" for count, where in ((top, "above"), (below, "below")) if count > 0]
        return ", ".join(said) if self.size.height else ""

    def restyle(self) -> None:
        """Draw everything anew: another theme or glyph set."""
        self._drawn.clear()
        self.refresh()

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
        session, line = self._session, self.scroll_offset.y + y
        drawn = self._draw(line)
        if drawn is None:
            spans = self._nothing() if line == 0 else ()
            self._shown[y] = spans, False
            return strips.strip(spans, self.size.width, session.palette, session.glyphs)
        selected = self.rows.keys[line] == self.rows.cursor
        self._shown[y] = drawn.spans, selected
        if selected not in drawn.strips:
            drawn.strips[selected] = strips.strip(
                drawn.spans, self.size.width, session.palette, session.glyphs, selected
            )
        return drawn.strips[selected]

    def on_resize(self, event: events.Resize) -> None:
        """Choose columns for the new width and keep the cursor on the screen."""
        self._lay_out()
        self.rearranged()

    def on_click(self, event: events.Click) -> None:
        """Select the row; a double click opens it."""
        line = self.scroll_offset.y + event.y
        if line < len(self.rows.keys):
            self.move_to(line)
            if event.chain == 2:
                self.post_message(RowOpened())

    def _settle(self) -> None:
        """The hands rest: let rows take their places, unless they moved again."""
        now = self._session.clock()
        self._settling = False
        if wait := self.rows.held(now):
            self._settling = True
            self.set_timer(wait + 0.1, self._settle)
        elif self.rows.settle(now):
            self.rearranged()

    def _show_cursor(self) -> None:
        self._follow()
        self._repaint()
        self.post_message(RowMoved())

    def _follow(self) -> None:
        """Scroll so that the cursor is on the screen; an untouched cursor stays with the top instead."""
        height, top, rows = self.size.height, self.scroll_offset.y, self.rows
        if not height:
            return
        if not rows.touched and not top <= rows.line < top + height:
            rows.to_top()
        line = rows.line
        target = min(max(top, line - height + 1), line)
        target = min(target, max(0, len(rows.keys) - height))
        if target != top:
            self.scroll_to(y=target, animate=False, force=True, immediate=True)

    def _repaint(self) -> None:
        """Make dirty what differs from the screen, one region a line."""
        regions = []
        width, top = self.size.width, self.scroll_offset.y
        for y, (shown, was_selected) in self._shown.items():
            if y >= self.size.height:
                continue
            line = top + y
            drawn = self._draw(line)
            spans = drawn.spans if drawn else self._nothing() if line == 0 else ()
            selected = drawn is not None and self.rows.keys[line] == self.rows.cursor
            if selected != was_selected:
                regions.append(Region(0, y, width, 1))
            elif spans is not shown and (found := strips.changed_cells(shown, spans)):
                regions.append(Region(found[0], y, found[1] - found[0], 1))
        if regions:
            self.refresh(*regions)

    def _draw(self, line: int) -> _Drawn | None:
        """The row on a line, drawn again only when its report is another object."""
        if line >= len(self.rows.keys):
            return None
        key = self.rows.keys[line]
        report, dimmed = self.rows.reports[key], self._dimmed(key)
        drawn = self._drawn.get(key)
        if drawn is None or drawn.report is not report or drawn.dimmed != dimmed:
            spans: list[Span] = slo_table.row(report, self._layout, self._session.glyphs, dimmed, self._session.zone)
            if drawn is not None and drawn.spans == spans:
                drawn.report, drawn.dimmed = report, dimmed
            else:
                drawn = self._drawn[key] = _Drawn(report, dimmed, spans)
        return drawn

    def _nothing(self) -> Line:
        """Why there is no row."""
        rows = self.rows
        if not rows.reports:
            return [Span("no SLOs yet: none in the config and no fleet member seen", "dim")]
        if rows.needle:
            return [Span(f"nothing matches /{rows.needle}", "foreground"), Span("  esc clears", "dim")]
        return [Span(f"no faults: all {len(rows.reports)} are ok", "ok"), Span("  f shows them", "dim")]

    def _dimmed(self, key: SloKey) -> bool:
        if not self._failing:
            return False
        return self._all_failing or self._session.source_of(key) in self._failing

    def _trends_grew(self, changed: set[SloKey]) -> bool:
        """Whether trends have another number of buckets than the layout was made for."""
        trend = next((self.rows.reports[key].trend for key in changed if self.rows.reports[key].trend), None)
        length = len(trend.burns) if trend else self._trend_length
        grew, self._trend_length = length != self._trend_length, length
        return grew

    def _lay_out(self) -> None:
        layout = slo_table.layout(self._width, self.rows.reports.values())
        if layout != self._layout:
            self._layout = layout
            self._drawn.clear()
