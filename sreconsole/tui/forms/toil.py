"""The form of toil: minutes, what kind of work, what it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.engine.actions.jotting import Work
from sreconsole.present.alert_detail import wrapped
from sreconsole.present.cells import Span
from sreconsole.records import dataclass
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.row import Row, author_row, chosen, said
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from sreconsole.domain.actor import Actor
    from sreconsole.engine.actions.deed import Deed

MINUTES = ("5", "10", "15", "30", "60", "120")
CATEGORIES = ("page", "ticket", "manual", "deploy", "cleanup", "other")
"""Suggestions; any word may be typed."""
_MOST = 24 * 60


@dataclass(frozen=True, slots=True)
class Logging:
    """What the form needs of the engine."""

    week: Callable[[], str]
    """The running total of the week, as a sentence."""
    write: Callable[[Work], Awaitable[Deed]]
    actor: Callable[[], Actor | None]
    named: Callable[[str], str]
    ended: Callable[[Deed], None]


class ToilForm(FormScreen):
    """Logs one piece of toil."""

    def __init__(self, session: Session, logging: Logging, service: str | None) -> None:
        super().__init__(session)
        self._logging, self._service = logging, service
        self._minutes, self._category, self._text = "15", CATEGORIES[0], ""
        self._sending = False

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("toil ", "bold foreground"), Span(self._service or "", "foreground")]

    def rows(self) -> Sequence[Row]:
        """Minutes, category, text, service, author."""
        rows = [
            Row("minutes", "minutes", chosen(self._minutes, MINUTES), self._minutes, self._wrong()),
            Row("category", "category", chosen(self._category, CATEGORIES), self._category, self._uncategorised()),
            Row("text", "what", said(self._text, "what it was (Enter to type)"), self._text, self._missing()),
            Row("service", "service", said(self._service or "", "none"), self._service or ""),
        ]
        rows.append(author_row(self._logging.actor()))
        return rows

    def below(self, width: int) -> Sequence[Line]:
        """The week so far."""
        return list(wrapped(self._logging.week(), "foreground", width, self.session.glyphs, " "))

    def answer(self, row: str, text: str) -> str:
        """Take what was typed."""
        text = text.strip()
        if row == "author":
            return self._logging.named(text)
        if row == "minutes":
            self._minutes = text
        elif row == "category":
            self._category = text
        elif row == "text":
            self._text = text
        else:
            self._service = text or None
        return ""

    def step(self, row: str, way: int) -> None:
        """Left and right: the next preset."""
        if row == "minutes":
            self._minutes = _next(self._minutes, MINUTES, way)
        elif row == "category":
            self._category = _next(self._category, CATEGORIES, way)

    async def send(self) -> None:
        """Write it."""
        if self._sending:
            return
        self._sending = True
        deed = await self._logging.write(Work(float(self._minutes), self._category, self._text, self._service))
        self._sending = False
        if deed.outcome != "done" and self.is_current:
            self.flash(deed.reason or "it could not be written", "page")
            return
        self._logging.ended(deed)
        if self.is_current:
            self.dismiss(None)

    def _wrong(self) -> str:
        try:
            minutes = float(self._minutes)
        except ValueError:
            return "a number of minutes"
        return "" if 0 < minutes <= _MOST else "more than 0, at most a day"

    def _missing(self) -> str:
        return "" if self._text else "required"

    def _uncategorised(self) -> str:
        return "" if self._category else "required"


def _next(value: str, presets: Sequence[str], way: int) -> str:
    if value not in presets:
        return presets[0 if way > 0 else -1]
    return presets[(presets.index(value) + way) % len(presets)]
