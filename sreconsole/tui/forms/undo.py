"""The form that takes the last action on silences back: what that would do, and whom it pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.present import alert_words, words
from sreconsole.present.alert_detail import alert_line, wrapped
from sreconsole.present.cells import Span
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.row import Row
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from sreconsole.domain.undoing import Undoing
    from sreconsole.engine.actions.deed import Deed
    from sreconsole.engine.actions.undo import Plan

_MOST = 20


class UndoForm(FormScreen):
    """Shows a plan; `S` does it."""

    def __init__(
        self, session: Session, plan: Plan, do: Callable[[Plan], Awaitable[Deed]], ended: Callable[[Deed], None]
    ) -> None:
        super().__init__(session)
        self._plan, self._do, self._ended = plan, do, ended
        self._sending = False
        self._trouble = ""

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("take back ", "bold foreground"), Span("the last action on silences", "foreground")]

    def title_end(self) -> str:
        """Until when it can be done."""
        return "sending" if self._sending else f"until {words.clock(self._plan.until, self.session.zone)}"

    def rows(self) -> Sequence[Row]:
        """Nothing is asked but whether."""
        return []

    def below(self, width: int) -> Sequence[Line]:
        """What is made, what ends, and who hears of it."""
        session = self.session
        lines: list[Line] = list(wrapped(self._trouble, "page", width, session.glyphs, " ")) if self._trouble else []
        for one in self._plan.undoings:
            for said in self._steps(one):
                lines += wrapped(f"{said} at {one.source}", "bold foreground", width, session.glyphs, " ")
            pages = f", {len(one.pages)} of them PAGE" if one.pages else ""
            heard = f"{len(one.heard)} alerts notify at once{pages}" if one.heard else "no alert notifies at once by it"
            lines += wrapped(heard, "bold page" if one.pages else "foreground", width, session.glyphs, "   ")
            now = session.snapshot.time_at(one.source, session.clock())
            for alert in one.heard[:_MOST]:
                lines.append([Span("   ", ""), *alert_line(alert, alert.service or "", now, session.glyphs)])
        for reason in self._plan.reasons:
            lines += wrapped(f"not at {reason}", "warn", width, session.glyphs, " ")
        return lines

    def answer(self, row: str, text: str) -> str:
        """There is none."""
        return ""

    async def send(self) -> None:
        """Confirmed."""
        if self._sending:
            return
        self._sending = True
        self.take()
        self.run_worker(self._done(), exit_on_error=False)

    async def _done(self) -> None:
        deed = await self._do(self._plan)
        self._sending = False
        if not deed.sent and self.is_current:
            self._trouble = deed.reason or "nothing was sent"
            self.take()
            return
        self._ended(deed)
        if self.is_current:
            self.dismiss(None)

    def _steps(self, one: Undoing) -> list[str]:
        zone = self.session.zone
        said = []
        if one.again is not None:
            matchers = " ".join(map(str, one.again.matchers))
            said.append(f"silences again until {words.clock(one.again.ends_at, zone)}: {matchers}")
        if one.shorten is not None:
            said.append(
                f"ends at {words.clock(one.ends_at, zone)} as before: the silence {alert_words.matchers(one.shorten)}"
            )
        if one.expire is not None:
            said.append(f"ends now: the silence {alert_words.matchers(one.expire)}")
        return said
