"""One line to type into, in the place of the footer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.containers import Horizontal

from sreconsole.domain.cleaning import clean
from sreconsole.present.cells import Span
from sreconsole.tui.lines import Lines
from sreconsole.tui.session import Session

if TYPE_CHECKING:
    from textual.widgets import Input


class Prompt(Horizontal):
    """Hidden until `ask`. The field itself is made on first use: it is not needed for the first frame."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $background; }
    Prompt Lines { width: 2; }
    Prompt Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $background; color: $foreground;
        &:focus { border: none; background: $background; background-tint: $background 0%; }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(id="prompt")
        self._session = session
        self._field: Input | None = None
        self._changed: Callable[[str], None] | None = None
        self._finished: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        """Whether it is being typed into."""
        return bool(self.display)

    def ask(self, sign: str, value: str, changed: Callable[[str], None], closed: Callable[[], None]) -> None:
        """Open with a value; `changed` is called with every text typed, `closed` at the end."""
        from textual.widgets import Input

        self._changed, self._finished = changed, closed
        if self._field is None:
            mark = Lines(self._session)
            mark.show([[Span(f" {sign}", "bold accent")]])
            self._field = Input(value, select_on_focus=False, compact=True)
            self._field.cursor_blink = False
            self.mount(mark, self._field)
        else:
            self._field.value = value
        self.display = True
        self._field.focus()
        self._field.action_end()

    def close(self, keep: bool) -> None:
        """Close; without `keep` the text is cleared."""
        self.display = False
        self.screen.set_focus(None)
        if not keep and self._changed:
            self._changed("")
        if self._finished:
            self._finished()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what is typed, made harmless: a paste may hold anything."""
        event.stop()
        if self.open and self._changed:
            self._changed(clean(event.value, 100))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the text."""
        event.stop()
        self.close(keep=True)
