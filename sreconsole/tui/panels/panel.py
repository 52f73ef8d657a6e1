"""What every panel of the overview is: a title with the state of its sources, messages, a table, and its answers to the
keys. The overview knows panels only as this."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import titles
from sreconsole.present.cells import Span
from sreconsole.tui.kept import Views
from sreconsole.tui.lines import Lines
from sreconsole.tui.messages import PanelTouched, RowMoved
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.panels.rows import Rows
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

_MOST_FAILURES = 3


class Panel(Vertical):
    """One panel. Subclasses fill the table and say what their rows open and copy."""

    NUMBER: ClassVar[int]
    NAME: ClassVar[str]
    THING: ClassVar[str]
    """What a row is, for `no SLO under the cursor`."""

    def __init__(self, session: Session, table: LineTable[Any, Any], rows: Rows[Any, Any]) -> None:
        super().__init__(id=f"panel-{self.NUMBER}", classes="panel")
        self.session = session
        self._head = Lines(session, rows=1)
        self._table = table
        self._rows = rows
        self._focused = True
        self._lines = self._columns = -1
        self.maximised = False
        """Whether it has the whole screen while it is there at all."""

    def take(self) -> None:
        """Show the newest snapshot."""
        raise NotImplementedError

    def states(self) -> tuple[SourceState, ...]:
        """The sources this panel shows, as they are."""
        raise NotImplementedError

    def shown(self) -> tuple[str, ...]:
        """The right end of the title, and shorter ones."""
        raise NotImplementedError

    def wanted(self) -> int:
        """Lines in which everything can be seen, title included."""
        return len(self.head_lines()) + max(1, len(self._rows.keys))

    def least(self) -> int:
        """Lines below which the panel is of little use."""
        return self.wanted()

    def notices(self) -> list[Line]:
        """Lines above the failures of the sources."""
        return []

    def below_messages(self) -> list[Line]:
        """Lines between the messages and the rows: column headings."""
        return []

    def says_failures(self) -> bool:
        """Whether failing sources get a line each; a panel without rows may say it in their place."""
        return True

    @property
    def views(self) -> Views:
        """The views that rows open into."""
        from sreconsole.tui.app import ConsoleApp

        assert isinstance(self.app, ConsoleApp)
        return self.app.views

    def opened(self) -> ConsoleScreen | None:
        """What Enter opens; None when there is no row."""
        raise NotImplementedError

    def foresee(self) -> None:
        """Nobody types: make ready what Enter would open."""

    def as_text(self) -> str:
        """The row under the cursor in a sentence, for the clipboard."""
        raise NotImplementedError

    def topic(self) -> Topic:
        """What the row under the cursor is about, for the keys that act."""
        return Topic()

    def mark(self) -> bool:
        """Mark the row under the cursor, to act on several at once; False where that is not possible."""
        return False

    def compose(self) -> ComposeResult:
        """Title and messages above the rows."""
        yield self._head
        yield self._table

    def retitle(self) -> None:
        """Bring title and messages up to date; ages move here."""
        lines = self.head_lines()
        self._head.show(lines)
        self._make_room(len(lines))

    def tick(self) -> None:
        """Some seconds passed."""
        self._table.tick()
        self.retitle()

    def restyle(self) -> None:
        """Draw everything anew in another theme."""
        self._head.refresh()
        self._table.restyle()

    def sources(self) -> tuple[str, ...]:
        """The names of the sources this panel shows."""
        return tuple(source.name for source in self.states())

    @property
    def cells(self) -> int:
        """Columns of the panel; those of the terminal before it has a place."""
        return self._columns if self._columns > 0 else self.size.width or self.app.size.width

    @property
    def focused(self) -> bool:
        """Whether keys act on this panel."""
        return self._focused

    @focused.setter
    def focused(self, focused: bool) -> None:
        self._focused = focused
        self._table.active = focused

    @property
    def place(self) -> tuple[int, int]:
        """Lines and columns of the screen it has; without lines it is not there."""
        return self._lines, self._columns

    def put(self, lines: int, columns: int) -> bool:
        """Give it lines and columns; whether they are others than before. Only what differs is touched: a layout sends
        the whole screen."""
        if (lines, columns) == (self._lines, self._columns):
            return False
        self._lines, self._columns = lines, columns
        self._table.given_columns = columns
        self.styles.height, self.styles.width = lines, columns
        self._make_room(len(self.head_lines()))
        self.styles.display = "block" if lines else "none"
        return True

    def enlarge(self, maximised: bool) -> None:
        """Whether one panel, perhaps this, has the whole screen: then it may show more."""
        self.maximised = maximised

    @property
    def needle(self) -> str:
        """The filter."""
        return self._rows.needle

    def filter_by(self, text: str) -> None:
        """Show only rows with these words."""
        self._rows.choose(needle=text)
        self._table.rearranged()

    def toggle_faults(self) -> None:
        """Only faults, or all again."""
        self._rows.choose(faults=not self._rows.faults)
        self._table.rearranged()

    def clear(self) -> bool:
        """Show all rows again; False when they are shown already."""
        self._rows.rest()
        if not self._rows.needle and not self._rows.faults:
            return False
        self._rows.choose(needle="", faults=False)
        self._table.rearranged()
        return True

    def sort(self) -> None:
        """Next order."""
        self._rows.next_order()
        self._table.rearranged()

    def seek(self, way: int) -> bool:
        """To the next match or fault; False when there is none."""
        return self._table.seek(way)

    def step(self, way: int) -> Any:
        """The key of the next match or fault, for a view of one row; the cursor goes along. None: no other."""
        self.take()
        before = self._rows.cursor
        self._table.seek(way)
        return self._rows.cursor if self._rows.cursor != before else None

    def move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.move(rows)

    def move_page(self, way: int) -> None:
        """Move the cursor by a page."""
        self._table.move(way * max(1, self._table.size.height - 1))

    def move_to_end(self, last: bool) -> None:
        """Move the cursor to the first or last row."""
        self._table.move_to(len(self._rows.keys) - 1 if last else 0)

    def head_lines(self) -> list[Line]:
        """Title, messages, headings."""
        session, states = self.session, self.states()
        left = titles.panel_title(
            self.NUMBER,
            self.NAME,
            states,
            session.clock(),
            session.config.refresh,
            session.glyphs,
            self._focused,
        )
        # Before any answer there is nothing to count, and the border is that of the skeleton (tui/skeleton.py).
        waiting = bool(states) and all(state.state == "waiting" for state in states)
        right, *shorter = ("",) if waiting else self.shown()
        style = "accent" if self._focused else "border"
        title = titles.rule(left, right, self.cells, session.glyphs, style, *shorter)
        return [title, *self._messages(), *self.below_messages()]

    def _make_room(self, taken: int) -> None:
        """Without a line left for it the table is not there: it would stand in the next panel's place."""
        display = "block" if self._lines < 0 or self._lines > taken else "none"
        if self._table.styles.display != display:
            self._table.styles.display = display

    @on(RowMoved)
    def _on_row_moved(self, event: RowMoved) -> None:
        event.stop()
        self.retitle()

    def on_click(self, event: events.Click) -> None:
        """The panel that is clicked has the focus."""
        self.post_message(PanelTouched(self.NUMBER))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel over a panel without the focus asks for it."""
        event.stop()
        self.post_message(PanelTouched(self.NUMBER))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Likewise."""
        event.stop()
        self.post_message(PanelTouched(self.NUMBER))

    def _messages(self) -> list[Line]:
        """What the panel says of itself, then one line a failure, the first of them."""
        session = self.session
        now, states = session.clock(), self.states()
        lines = self.notices()
        if not self.says_failures():
            return lines
        failures = [
            Span(said, "warn" if source.state == "partial" else "page")
            for source in states
            if (said := titles.failure(source, now, self.cells, session.glyphs))
        ]
        lines += [[said] for said in failures[:_MOST_FAILURES]]
        if len(failures) > _MOST_FAILURES:
            lines.append([Span(f"and {len(failures) - _MOST_FAILURES} more: press e", "dim")])
        waiting = [source.name for source in states if source.state == "waiting" and source.error is None]
        if waiting:
            lines.append([Span(f"waiting for {', '.join(waiting)}", "unknown")])
        return lines
