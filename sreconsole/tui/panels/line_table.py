"""A table drawn by line: a refresh sends only the cells that look different.

Textual repaints what is dirty, it does not compare. So the lines on the screen are remembered as spans, a new snapshot
is drawn into spans for the visible rows whose item is another object, and one region per differing line is made dirty,
from its first changed cell on. Rows off the screen are not drawn at all.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sreconsole.records import dataclass, field
from sreconsole.tui import strips
from sreconsole.tui.messages import RowMoved, RowOpened
from sreconsole.tui.page import WHEEL_LINES
from sreconsole.tui.panels.line_places import LinePlaces
from sreconsole.tui.panels.rows import K, Rows, V
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

R = TypeVar("R")
_SPARE_ROWS = 200
"""Drawn rows that may be kept beyond those there are, before the ones of things that are gone are forgotten."""


@dataclass(slots=True)
class _Drawn(Generic[R]):
    """One row as drawn from one item."""

    item: R
    facts: Hashable
    spans: Line
    strips: dict[bool, Strip] = field(default_factory=dict)
    """With and without the cursor on it."""


class LineTable(ScrollView, Generic[K, V], can_focus=False, inherit_bindings=False):
    """Rows of items; subclasses say how one is drawn and lay out their columns."""

    DEFAULT_CSS = "LineTable { height: 1fr; overflow: hidden hidden; }"
    ALLOW_SELECT = False

    def __init__(self, session: Session, rows: Rows[K, V]) -> None:
        super().__init__()
        self._session = session
        self._rows = rows
        self._active = True
        self._drawn: dict[K, _Drawn[V]] = {}
        self._shown: dict[int, tuple[Line, bool]] = {}
        self._settling = False
        self.given_columns = 0
        """Columns that the panel has; 0 while it has no place."""
        self._places = LinePlaces()
        self._noted: tuple[object, frozenset[K]] = (None, frozenset())
        """The rows that `_places` was made for, and which of them have a note."""

    def draw(self, key: K, item: V) -> Line:
        """One row."""
        raise NotImplementedError

    def facts(self, key: K, item: V) -> Hashable:
        """What else the row is drawn from; a row is drawn again when this or the item differs."""
        return None

    def noted(self) -> frozenset[K]:
        """The rows that have a note on the line below them."""
        return frozenset()

    def note(self, key: K, item: V) -> Line:
        """That note. It is not a row: the cursor passes it."""
        return ()

    def nothing(self) -> Line:
        """What stands there when there is no row: why."""
        return ()

    def lay_out(self) -> bool:
        """Choose columns for the present width and items; whether they differ from those before."""
        return False

    @property
    def columns(self) -> int:
        """Columns of the table: those it was given, so that the first frame is right before anything is laid out."""
        return self.given_columns or self.size.width or self.app.size.width

    @property
    def active(self) -> bool:
        """Whether the panel has the focus: only then the cursor shows. Otherwise the top does, where new pages come."""
        return self._active

    @active.setter
    def active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self._follow()
            self._repaint()

    def show_taken(self, again: bool) -> None:
        """New items were taken; `again`: the columns may have to be chosen anew."""
        if again and self.lay_out():
            self._drawn.clear()
        if len(self._drawn) > len(self._rows.items) + _SPARE_ROWS:
            self._drawn = {key: drawn for key, drawn in self._drawn.items() if key in self._rows.items}
        self.rearranged()
        if (wait := self._rows.held(self._session.clock())) and not self._settling:
            self._settling = True
            self.set_timer(wait + 0.1, self._settle)

    def rearranged(self) -> None:
        """Rows came, went or changed places: keep the cursor on the screen and repaint what differs."""
        self._place_notes()
        size = Size(self.columns, self._places.lines(len(self._rows.keys)))
        if size != self.virtual_size:
            self.virtual_size = size
        self._follow()
        self._repaint()
        self.post_message(RowMoved())

    def tick(self) -> None:
        """Time has passed: repaint rows that look different for it."""
        self._repaint()

    def move(self, lines: int) -> None:
        """Move the cursor."""
        self.move_to(self._rows.line + lines)

    def move_to(self, line: int) -> None:
        """Put the cursor on a line."""
        self._rows.move_to(line, self._session.clock())
        self._show_cursor()

    def seek(self, step: int) -> bool:
        """Go to the next match or fault; False when there is none."""
        found = self._rows.seek(step, self._session.clock())
        self._show_cursor()
        return found

    def beyond(self) -> str:
        """How many rows are off the screen: `3 above, 20 below`; empty when all are on it."""
        top, height, places = self.scroll_offset.y, self.size.height, self._places
        first = places.row_of(top) + places.is_note(top)
        last = places.row_of(top + height - 1)
        ends = ((range(first), "above"), (range(last + 1, len(self._rows.keys)), "below"))
        return ", ".join(f"{self.told(away)} {where}" for away, where in ends if away) if height else ""

    def told(self, away: range) -> str:
        """What is said of rows off the screen: how many they are."""
        return str(len(away))

    def restyle(self) -> None:
        """Draw everything anew: another theme or glyph set."""
        self._drawn.clear()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel; without scroll bars Textual leaves it to us."""
        self._roll(event, WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel, the other way."""
        self._roll(event, -WHEEL_LINES)

    def render_line(self, y: int) -> Strip:
        """One line of the viewport."""
        session, line = self._session, self.scroll_offset.y + y
        drawn = self._draw(line)
        if drawn is None:
            spans = self._other(line)
            self._shown[y] = spans, False
            return strips.strip(spans, self.size.width, session.palette, session.glyphs)
        selected = self._selected(line)
        self._shown[y] = drawn.spans, selected
        if selected not in drawn.strips:
            drawn.strips[selected] = strips.strip(
                drawn.spans, self.size.width, session.palette, session.glyphs, selected
            )
        return drawn.strips[selected]

    def on_resize(self, event: events.Resize) -> None:
        """Choose columns for the new width and keep the cursor on the screen."""
        if self.lay_out():
            self._drawn.clear()
        self.rearranged()

    def on_click(self, event: events.Click) -> None:
        """Select the row; a double click opens it."""
        row = self._places.row_of(self.scroll_offset.y + event.y)
        if row < len(self._rows.keys):
            self.move_to(row)
            if event.chain == 2:
                self.post_message(RowOpened())

    def _roll(self, event: events.MouseEvent, lines: int) -> None:
        """Move by the wheel; without the focus the panel is told, which asks for it."""
        if self._active:
            event.stop()
            self.move(lines)

    def _settle(self) -> None:
        """The hands rest: let rows take their places, unless they moved again."""
        now = self._session.clock()
        self._settling = False
        if wait := self._rows.held(now):
            self._settling = True
            self.set_timer(wait + 0.1, self._settle)
        elif self._rows.settle(now) or self.noted() != self._noted[1]:
            self.rearranged()

    def _show_cursor(self) -> None:
        self._follow()
        self._repaint()
        self.post_message(RowMoved())

    def _follow(self) -> None:
        """Scroll so that the cursor is on the screen; one that nobody sees or touched stays with the top."""
        height, top, rows = self.size.height, self.scroll_offset.y, self._rows
        if not height:
            return
        places = self._places
        if not rows.touched and not top <= places.line_of(rows.line) < top + height:
            rows.to_top()
        line = places.line_of(rows.line) if self._active else 0
        end = line + (height > 1 and places.is_note(line + 1))  # a row is read with its note
        target = min(max(top, end - height + 1), line)
        target = min(target, max(0, places.lines(len(rows.keys)) - height))
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
            spans = drawn.spans if drawn else self._other(line)
            selected = drawn is not None and self._selected(line)
            if selected != was_selected:
                regions.append(Region(0, y, width, 1))
            elif spans is not shown and (found := strips.changed_cells(shown, spans)):
                regions.append(Region(found[0], y, found[1] - found[0], 1))
        if regions:
            self.refresh(*regions)

    def _selected(self, line: int) -> bool:
        return self._active and self._rows.keys[self._places.row_of(line)] == self._rows.cursor

    def _other(self, line: int) -> Line:
        """What stands on a line without a row."""
        if line == 0:
            return self.nothing()
        if not self._places.is_note(line):
            return ()
        key = self._rows.keys[self._places.row_of(line)]
        return self.note(key, self._rows.items[key])

    def _place_notes(self) -> None:
        """Bring the notes to their rows. While hands move the cursor only notes that were there stay: lines must not
        shift below it."""
        rows, noted = self._rows, self.noted()
        if rows.held(self._session.clock()):
            noted = self._noted[1]
        if rows.keys is self._noted[0] and noted == self._noted[1]:
            return
        self._noted = rows.keys, noted
        self._places = (
            LinePlaces(place for place, key in enumerate(rows.keys) if key in noted) if noted else LinePlaces()
        )

    def _draw(self, line: int) -> _Drawn[V] | None:
        """The row on a line, drawn again only when what it is drawn from differs."""
        row = self._places.row_of(line)
        if row >= len(self._rows.keys) or self._places.is_note(line):
            return None
        key = self._rows.keys[row]
        item = self._rows.items[key]
        facts = self.facts(key, item)
        drawn = self._drawn.get(key)
        if drawn is None or drawn.item is not item or drawn.facts != facts:
            spans = self.draw(key, item)
            if drawn is not None and drawn.spans == spans:
                drawn.item, drawn.facts = item, facts
            else:
                drawn = self._drawn[key] = _Drawn(item, facts, spans)
        return drawn
