"""One line to type into, in the place of the footer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.containers import Horizontal
from textual.widgets import Input

from sreconsole.domain.cleaning import clean
from sreconsole.present.cells import Span, settle
from sreconsole.tui.lines import Lines
from sreconsole.tui.session import Session

_LONGEST = 100
"""Characters of a line that is looked for."""


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
        self._field: _Field | None = None
        self._text = ""
        self._changed: Callable[[str], None] | None = None
        self._finished: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        """Whether it is being typed into."""
        return bool(self.display)

    async def ask(
        self,
        sign: str,
        value: str,
        changed: Callable[[str], None],
        closed: Callable[[], None],
        longest: int | None = None,
    ) -> None:
        """Open with a value; `changed` is called with every text typed, `closed` at the end. With `longest`
        (characters) it is an answer, of which no character may turn into another; without, words to look for.

        Awaited to the focus, so that the next key typed is the first letter.
        """
        self._changed, self._finished, self._text = changed, closed, value
        if self._field is None:
            mark = Lines(self._session)
            mark.show([[Span(f" {sign}", "bold accent")]])
            self._field = _Field(select_on_focus=False, compact=True)
            self._field.cursor_blink = False
            await self.mount(mark, self._field)
        self._field.longest = longest
        self._field.value = value
        self.display = True
        self.screen.set_focus(self._field)
        self._field.action_end()

    def close(self, keep: bool) -> None:
        """Close; without `keep` the text is cleared."""
        self.display = False
        self.screen.set_focus(None)
        if not keep:
            self._pass_on("")
        if self._finished:
            self._finished()

    async def accept(self) -> None:
        """Enter: take the text, also the letters that are still on their way to the field, and close."""
        await self.catch_up()
        self.close(keep=True)

    async def catch_up(self) -> None:
        """Wait for the letters typed so far. Keys are bindings and overtake letters, which go by the field's queue."""
        if self._field is None:
            return
        done = asyncio.Event()
        if self._field.call_later(done.set):
            await done.wait()
        self._pass_on(self._field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what is typed."""
        event.stop()
        if self.open:
            self._pass_on(event.value)

    def _pass_on(self, text: str) -> None:
        if text != self._text and self._changed:
            self._text = text
            self._changed(text)


class _Field(Input):
    """An input that holds harmless text only: a paste may bring anything."""

    longest: int | None = None
    """Characters of an answer; None: words to look for."""

    def validate_value(self, value: str) -> str:
        """Called by Textual with every new text."""
        return settle(clean(value, _LONGEST)) if self.longest is None else clean(value, self.longest)
