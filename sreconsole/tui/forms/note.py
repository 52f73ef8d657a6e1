"""The form of a note: what happened, where, when, and tags."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.moment import parse_moment
from sreconsole.engine.actions.jotting import Jot
from sreconsole.present import words
from sreconsole.present.alert_detail import wrapped
from sreconsole.present.cells import Span
from sreconsole.records import dataclass
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.row import Row, author_row, said
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from sreconsole.domain.actor import Actor
    from sreconsole.engine.actions.deed import Deed


@dataclass(frozen=True, slots=True)
class Noting:
    """What the form needs of the engine."""

    services: Sequence[str]
    """Names that a note may be about."""
    write: Callable[[Jot], Awaitable[Deed]]
    cost: Callable[[str | None, float, float], str]
    """What the marked span cost in budget, as a sentence; empty where that is not known."""
    actor: Callable[[], Actor | None]
    named: Callable[[str], str]
    ended: Callable[[Deed], None]


class NoteForm(FormScreen):
    """Writes one note."""

    def __init__(self, session: Session, noting: Noting, service: str | None, at: float | None = None) -> None:
        """`at`: the moment it is opened on (Unix seconds), None: now."""
        super().__init__(session)
        self._noting, self._service = noting, service
        self._text = self._tags = self._until = ""
        self._since = f"@{at:.0f}" if at is not None else ""
        self._place, self._sending = 0, False

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("note ", "bold foreground"), Span(self._service or "on all services", "foreground")]

    def rows(self) -> Sequence[Row]:
        """Text, service, start, end, tags, author."""
        now = self.session.clock()
        since, since_wrong = self._read(self._since, now)
        until, until_wrong = self._read(self._until, now)
        if not until_wrong and until is not None and until <= (now if since is None else since):
            until_wrong = "the end is not after the start"
        rows = [
            Row("text", "what", said(self._text, "what happened (Enter to type)"), self._text, self._missing()),
            Row("service", "service", said(self._service or "", "all"), self._service or "", self._unknown()),
            Row("since", "from", self._moment(self._since, since, "now"), self._since, since_wrong),
            Row("until", "to", self._moment(self._until, until, "a moment, no span"), self._until, until_wrong),
            Row("tags", "tags", said(self._tags, "none; words"), self._tags),
        ]
        rows.append(author_row(self._noting.actor()))
        return rows

    def below(self, width: int) -> Sequence[Line]:
        """What times may be typed, and what the span cost."""
        now = self.session.clock()
        since, until = self._read(self._since, now)[0], self._read(self._until, now)[0]
        lines = list(wrapped('times: "10m ago", "03:02", "2026-11-23 03:02"', "dim", width, self.session.glyphs, " "))
        start = now if since is None else since
        if until is not None and start < until and (cost := self._noting.cost(self._service, start, until)):
            lines += wrapped(cost, "foreground", width, self.session.glyphs, " ")
        return lines

    def answer(self, row: str, text: str) -> str:
        """Take what was typed."""
        text = text.strip()
        if row == "author":
            return self._noting.named(text)
        if row == "service":
            self._service = None if text in ("", "all") else text
        elif row == "text":
            self._text = text
        elif row == "since":
            self._since = text
        elif row == "until":
            self._until = text
        else:
            self._tags = text
        return ""

    def step(self, row: str, way: int) -> None:
        """Left and right on the service: the next of them."""
        if row == "service":
            names: list[str | None] = [None, *self._noting.services]
            place = names.index(self._service) if self._service in names else 0
            self._service = names[(place + way) % len(names)]

    async def send(self) -> None:
        """Write it."""
        if self._sending:
            return
        self._sending = True
        now = self.session.clock()
        since, until = self._read(self._since, now)[0], self._read(self._until, now)[0]
        deed = await self._noting.write(
            Jot(self._text, self._service, since, until, tuple(self._tags.replace(",", " ").split()))
        )
        self._sending = False
        if deed.outcome != "done" and self.is_current:
            self.flash(deed.reason or "it could not be written", "page")
            return
        self._noting.ended(deed)
        if self.is_current:
            self.dismiss(None)

    def _read(self, text: str, now: float) -> tuple[float | None, str]:
        if not text or text == "now":
            return None, ""
        try:
            return parse_moment(text, now, self.session.config.timezone).at, ""
        except ValueError as error:
            return None, str(error)

    def _moment(self, text: str, at: float | None, empty: str) -> list[Span]:
        if at is None:
            return said(text, empty)
        return [Span(text, "foreground"), Span(f"  {words.moment(at, self.session.zone)}", "dim")]

    def _missing(self) -> str:
        return "" if self._text else "required"

    def _unknown(self) -> str:
        return "" if self._service is None or self._service in self._noting.services else "no such service"
