"""Run an action by name: type some letters of it, Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from sreconsole.present.cells import Span, fit
from sreconsole.tui import keys
from sreconsole.tui.keys import Action, Place
from sreconsole.tui.prompt import Prompt
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_KEY_CELLS = 14


class PaletteScreen(PageScreen, inherit_bindings=False):
    """The actions of a place; gives back the id of the chosen one."""

    PLACE: Place = "prompt"
    CHROME = 3
    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt")

    def __init__(self, session: Session, about: Place) -> None:
        super().__init__(session)
        self._about = about
        self._prompt = Prompt(session)
        self._found: list[Action] = list(keys.commands(about))
        self._place = 0

    def compose(self) -> ComposeResult:
        """The line to type into stands above what it finds."""
        yield self._title
        yield self._prompt
        yield self.page
        yield self.foot

    async def on_mount(self) -> None:
        """Type at once."""
        self.take()
        self.show_footer()
        await self._prompt.ask(":", "", self._search, self._run)

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("run an action", "bold foreground")]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """One line an action that is found."""
        if not self._found:
            return [[Span(" nothing is called that", "dim")]]
        return [
            [
                Span(fit(f" {keys.labels(action)}", _KEY_CELLS), "accent"),
                Span(fit(action.help, max(0, width - _KEY_CELLS)), ""),
            ]
            for action in self._found
        ]

    def take(self) -> None:
        """Bring the list up to date."""
        super().take()
        self.page.show(self.lines(*self.room), self._place if self._found else None)
        self.page.reveal(self._place)

    async def action_accept(self) -> None:
        """Enter: run the marked one."""
        await self._prompt.accept()

    async def action_next_entry(self) -> None:
        """Next entry."""
        await self._prompt.catch_up()
        self._place = min(self._place + 1, max(0, len(self._found) - 1))
        self.take()

    async def action_entry_before(self) -> None:
        """Entry before."""
        await self._prompt.catch_up()
        self._place = max(0, self._place - 1)
        self.take()

    def action_back(self) -> None:
        """Run nothing."""
        self._found = []
        self.dismiss(None)

    def _search(self, text: str) -> None:
        self._found = found(keys.commands(self._about), text)
        self._place = 0
        self.take()

    def _run(self) -> None:
        """The line is closed: give back the marked one."""
        self.dismiss(self._found[self._place].id if self._found else None)


def found(actions: Sequence[Action], text: str) -> list[Action]:
    """The actions with all words of the text; first those with a word that begins so: `sor` is sort, not cursor."""
    wanted = text.lower().split()
    known = {action.id: f" {action.id} {action.words} {action.help}".lower().replace("_", " ") for action in actions}
    hits = [action for action in actions if all(word in known[action.id] for word in wanted)]
    return sorted(hits, key=lambda action: sum(f" {word}" not in known[action.id] for word in wanted))
