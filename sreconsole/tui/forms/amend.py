"""The forms that change a silence that is there: let it end later, or now; and the one that takes an action back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.duration import parse_duration
from sreconsole.domain.silence import Silence
from sreconsole.present import alert_words, words
from sreconsole.present.alert_detail import alert_line, wrapped
from sreconsole.present.cells import Span
from sreconsole.records import dataclass
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.row import Row, author_row, chosen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from sreconsole.domain.actor import Actor
    from sreconsole.engine.actions.deed import Deed
    from sreconsole.engine.actions.preview import Amendment

BY = ("30m", "1h", "2h", "4h")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Amending:
    """What the forms need of the engine."""

    plan: Callable[[float], Awaitable[Amendment]]
    """What it would come to; seconds to extend by (0: expire). Raises SourceError."""
    do: Callable[[Amendment], Awaitable[Deed]]
    actor: Callable[[], Actor | None]
    named: Callable[[str], str]
    ended: Callable[[Deed], None]


class AmendForm(FormScreen):
    """Extends a silence by one of the presets, or ends it."""

    def __init__(self, session: Session, amending: Amending, silence: Silence, extend: bool) -> None:
        super().__init__(session)
        self._amending, self._silence, self._extend = amending, silence, extend
        self._by = "1h"
        self._plan: Amendment | None = None
        self._trouble = ""
        self._asking: asyncio.Task[None] | None = None
        self._sending = False

    async def on_mount(self) -> None:
        """Ask at once what it would come to."""
        await super().on_mount()
        self._ask()

    def on_unmount(self) -> None:
        """Nobody waits for the answer any more."""
        if self._asking is not None:
            self._asking.cancel()

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        what = "extend silence " if self._extend else "end silence "
        return [Span(what, "bold foreground"), Span(f"of {self._silence.created_by or 'somebody'}", "foreground")]

    def title_end(self) -> str:
        """Where it is, and whether it is being sent."""
        return "sending" if self._sending else self._silence.source

    def rows(self) -> Sequence[Row]:
        """How much longer, and who."""
        author = author_row(self._amending.actor())
        if not self._extend:
            return [author]
        try:
            wrong = "" if parse_duration(self._by) > 0 else "more than 0"
        except ValueError as error:
            wrong = str(error)
        return [Row("by", "longer by", chosen(self._by, BY), self._by, wrong), author]

    def below(self, width: int) -> Sequence[Line]:
        """The silence, and what changes."""
        session, silence, plan = self.session, self._silence, self._plan
        now = session.snapshot.time_at(silence.source, session.clock())
        lines: list[Line] = []
        for text, style in (
            (self._trouble, "page"),
            (alert_words.matchers(silence), "foreground"),
            (silence.comment, "dim"),
            (f"{silence.state}, {alert_words.when(silence, now, session.zone)}", "dim"),
        ):
            if text:
                lines += wrapped(text, style, width, session.glyphs, " ")
        lines.append([])
        if plan is None:
            return [*lines, [Span(" asking what it comes to", "unknown")]] if not self._trouble else lines
        for refusal in plan.refusals:
            lines += wrapped(refusal, "page", width, session.glyphs, " ! ")
        if plan.over:
            return [*lines, [Span(" it has ended already", "warn")]]
        if self._extend:
            said = f"then until {words.near(plan.ends_at, now, session.zone)}; mutes now {plan.matched} of {plan.of}"
            lines += wrapped(said, "bold foreground", width, session.glyphs, " ")
            listed = plan.muted
        else:
            lines += wrapped(_heard(plan), "bold page" if plan.pages else "bold foreground", width, session.glyphs, " ")
            listed = plan.heard
        for alert in listed[:_MOST]:
            lines.append([Span("  ", ""), *alert_line(alert, alert.service or "", now, session.glyphs)])
        return lines

    def answer(self, row: str, text: str) -> str:
        """Take what was typed."""
        if row == "author":
            return self._amending.named(text.strip())
        self._by = text.strip()
        self._ask()
        return ""

    def step(self, row: str, way: int) -> None:
        """Left and right: how much longer."""
        if row == "by":
            place = BY.index(self._by) + way if self._by in BY else 0
            self._by = BY[place % len(BY)]
            self._ask()

    async def send(self) -> None:
        """Confirmed."""
        plan = self._plan
        if self._sending or plan is None:
            self.flash("it is not known yet what that comes to: wait", "warn")
        elif plan.refusals or plan.over:
            self.flash(plan.refusals[0] if plan.refusals else "it has ended already", "page")
        else:
            self._sending = True
            self.take()
            self.run_worker(self._done(plan), exit_on_error=False)

    async def _done(self, plan: Amendment) -> None:
        deed = await self._amending.do(plan)
        self._sending = False
        if not deed.sent and deed.outcome != "done" and self.is_current:
            self._trouble = deed.reason or "nothing was sent"
            self._ask(keep=True)
            self.take()
            return
        self._amending.ended(deed)
        if self.is_current:
            self.dismiss(None)

    def _ask(self, keep: bool = False) -> None:
        if not keep:
            self._trouble = ""
        self._plan = None
        if self._asking is not None:
            self._asking.cancel()
        try:
            seconds = parse_duration(self._by) if self._extend else 0.0
        except ValueError:
            return
        self._asking = asyncio.create_task(self._asked(seconds))

    async def _asked(self, seconds: float) -> None:
        from sreconsole.errors import SreconsoleError

        try:
            self._plan = await self._amending.plan(seconds)
        except SreconsoleError as error:
            self._trouble = str(error)
        self.take()


def _heard(plan: Amendment) -> str:
    """Whether ending it pages somebody."""
    if not plan.heard:
        return f"mutes now {plan.matched} of {plan.of}; none of them notifies at once when it ends"
    pages = f", {len(plan.pages)} of them PAGE" if plan.pages else ""
    return f"{len(plan.heard)} first seen under it notify at once when it ends{pages}"
