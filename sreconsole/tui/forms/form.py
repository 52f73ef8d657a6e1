"""A form: rows to answer, a preview below them, one line to type into, and a key that sends.

Nothing is sent by Enter, nor by a key that was typed before what it confirms could be read: a key that sends must come
at least `FRESH` seconds after the newest preview was shown and after the key before it. What is pasted, or typed ahead
over a slow link, comes in one burst and sends nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from sreconsole.tui.forms.row import Row, row_line
from sreconsole.tui.keys import Place
from sreconsole.tui.prompt import Prompt
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

FRESH = 0.3
"""Seconds."""


class FormScreen(PageScreen, inherit_bindings=False):
    """Rows, preview, prompt, footer. Subclasses say what the rows are and what sends them."""

    PLACE: Place = "form"
    CHROME = 2
    BINDINGS: ClassVar[list[BindingType]] = bindings("form")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._prompt = Prompt(session)
        self._place = 0
        self._typed = ""
        self._taken: Callable[[str], None] | None = None
        self._typing: str | None = None
        self._asked_at = 0.0
        self._early = False
        self._shown_at = 0.0
        self._said: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, rows and preview, the line to type into, footer."""
        yield self._title
        yield self.page
        yield self._prompt
        yield self.foot

    def rows(self) -> Sequence[Row]:
        """The questions as they stand."""
        raise NotImplementedError

    def below(self, width: int) -> Sequence[Line]:
        """What the answers come to."""
        return ()

    def answer(self, row: str, text: str) -> str:
        """Take what was typed for a row; what is wrong with it, or nothing."""
        raise NotImplementedError

    def step(self, row: str, way: int) -> None:
        """Left and right on a row."""

    def tick_row(self, row: str) -> None:
        """Space on a row."""

    def turn_row(self, row: str) -> None:
        """`=` on a row."""

    async def send(self) -> None:
        """`S`: the answers are wanted to be sent."""
        raise NotImplementedError

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        rows = self.rows()
        return rows[min(self._place, len(rows) - 1)] if rows else None

    def point_at(self, row: str) -> None:
        """Put the cursor on a row."""
        names = [one.id for one in self.rows()]
        if row in names:
            self._place = names.index(row)

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """Rows, an empty line, the preview."""
        glyphs = self.session.glyphs
        return [*(row_line(row, width, glyphs) for row in self.rows()), [], *self.below(width)]

    def take(self) -> None:
        """Bring everything up to date; the preview counts as newly shown where its text differs."""
        rows = self.rows()
        self._place = min(self._place, max(0, len(rows) - 1))
        super().take()
        width, height = self.room
        lines = self.lines(width, height)
        said = tuple("".join(span.text for span in line) for line in lines)
        if said != self._said:
            self._said, self._shown_at = said, time.monotonic()
        self.page.show(lines, self._place if rows else None)
        self.page.reveal(self._place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, only what ends it is a key."""
        if self._prompt.open:
            return action in ("change", "back")
        return super().check_action(action, parameters)

    def fresh(self) -> bool:
        """Whether the key that is acted on can be meant for what is on the screen; says so where not."""
        if self.console.quiet_before >= FRESH and self.console.typed_at - self._shown_at >= FRESH:
            return True
        self.flash("that key came before this could be read: look, then press it again", "warn")
        return False

    async def ask(self, value: str, taken: Callable[[str], None], longest: int = 1000) -> None:
        """Have a line typed; `taken` gets it at Enter, nothing happens at Esc."""
        self._taken, self._typed, self._typing = taken, value, value
        self._asked_at, self._early = time.monotonic(), False
        self.foot.display = False
        await self._prompt.ask(">", value, self._typed_so_far, self._prompt_closed, longest=longest)

    @property
    def asked_fresh(self) -> bool:
        """Whether what was typed into the line was all typed after it could be seen."""
        return not self._early

    async def action_change(self) -> None:
        """Enter: type an answer, or take what was typed."""
        if self._prompt.open:
            await self._prompt.accept()
            return
        row = self.row
        if row is None:
            return
        if row.text is None:
            self.tick_row(row.id)
            self.take()
            return
        if len(row.text) > row.longest:
            self.flash("too long to be edited here", "warn")
            return
        await self.ask(row.text, lambda text: self._answered(row.id, text), row.longest)

    def action_tick(self) -> None:
        """Space."""
        if self.row is not None:
            self.tick_row(self.row.id)
            self.take()

    def action_turn(self) -> None:
        """`=`."""
        if self.row is not None:
            self.turn_row(self.row.id)
            self.take()

    def action_step_on(self) -> None:
        """Right."""
        self._step(1)

    def action_step_back(self) -> None:
        """Left."""
        self._step(-1)

    async def action_send(self) -> None:
        """`S`."""
        if not self.fresh():
            return
        wrong = next((row for row in self.rows() if row.trouble), None)
        if wrong is not None:
            self.point_at(wrong.id)
            self.take()
            self.flash(f"{wrong.name.strip()}: {wrong.trouble}", "page")
            return
        await self.send()

    def action_back(self) -> None:
        """Leave the line as it was, else the form."""
        if self._prompt.open:
            self._taken = None
            self._prompt.close(keep=True)
        else:
            self.dismiss(None)

    def action_down(self) -> None:
        """Next row; below the last the preview scrolls."""
        if self._place < len(self.rows()) - 1:
            self._place += 1
            self.take()
        else:
            self.page.move(1)

    def action_up(self) -> None:
        """Row before; while the preview is scrolled, back first."""
        if self._place == len(self.rows()) - 1 and self.page.scroll_offset.y > self._place:
            self.page.move(-1)
        elif self._place:
            self._place -= 1
            self.take()

    def on_paste(self, event: events.Paste) -> None:
        """A paste outside of the line is nothing."""
        event.stop()
        event.prevent_default()

    def _step(self, way: int) -> None:
        if self.row is not None:
            self.step(self.row.id, way)
            self.take()

    def _answered(self, row: str, text: str) -> None:
        wrong = self.answer(row, text)
        self.take()
        if wrong:
            self.flash(wrong, "page")

    def _typed_so_far(self, text: str) -> None:
        if time.monotonic() - self._asked_at < FRESH:
            self._early = True
        self._typed = text

    def _prompt_closed(self) -> None:
        self.foot.display = True
        taken, self._taken = self._taken, None
        if taken is not None:
            taken(self._typed)
        self.show_footer()
