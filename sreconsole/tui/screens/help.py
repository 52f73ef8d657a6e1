"""The keys of a place, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sreconsole.present.cells import Span, fit
from sreconsole.present.legend import signs
from sreconsole.tui import keys
from sreconsole.tui.keys import Action, Place
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_KEY_CELLS = 22


class HelpScreen(PageScreen):
    """What every key does there, and in the overview what the signs mean."""

    def __init__(self, session: Session, about: Place) -> None:
        super().__init__(session)
        self._about = about

    def title_spans(self) -> Sequence[Span]:
        """What the keys are for."""
        return [Span("keys ", "bold foreground"), Span(f"of the {self._about}", "dim")]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """One line an action; pairs share one."""
        lines: list[Line] = [
            [Span(fit(f" {shown}", _KEY_CELLS), "accent"), Span(said, "foreground")]
            for shown, said in joined(keys.at(self._about))
        ]
        if self._about == "overview":
            lines.append([])
            lines += [
                [Span(fit(f" {sign}", _KEY_CELLS), "foreground"), Span(said, "dim")]
                for sign, said in signs(self.session.glyphs)
            ]
        return lines


def joined(actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Keys and help of each action; two in a row that belong together (`j`, `k`) on one line."""
    rows: list[tuple[str, str]] = []
    last: Action | None = None
    for action in actions:
        if last is not None and last.pair and last.pair == action.pair:
            rows[-1] = (f"{rows[-1][0]}  {keys.labels(action)}", action.pair)
        else:
            rows.append((keys.labels(action), action.help))
        last = action
    return rows
