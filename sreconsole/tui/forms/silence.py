"""The form of a silence: matchers to tick, how long, why, who; below them what it would do, always of these answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.ending import PRESETS
from sreconsole.domain.matching import shown
from sreconsole.present import words
from sreconsole.present.alert_detail import wrapped
from sreconsole.present.cells import Span
from sreconsole.present.reach_lines import reach_lines
from sreconsole.tui.forms.choice import Length
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.matchers import Choices
from sreconsole.tui.forms.row import Row, author_row, chosen, said
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sreconsole.domain.actor import Actor
    from sreconsole.domain.draft import Draft
    from sreconsole.engine.actions.deed import Deed
    from sreconsole.engine.actions.preview import Preview
    from sreconsole.records import dataclass
else:
    from sreconsole.records import dataclass

log = logging.getLogger("sreconsole.tui")

SETTLES = 0.15
"""Seconds without another change of the answers after which the clusters are asked."""
_LONGEST_MATCHER = 20_000
_NEW = "new"


@dataclass(frozen=True, slots=True)
class Making:
    """What the form needs of the engine."""

    draft: Callable[[Choices, float, str], Draft]
    """Of the ticked matchers, an end (Unix seconds) and a comment."""
    preview: Callable[[Draft], Awaitable[Preview]]
    make: Callable[[Preview, int | None], Awaitable[Deed]]
    """Confirmed, with the count that was typed, if any."""
    actor: Callable[[], Actor | None]
    """Who acts; None: a name must be given first."""
    named: Callable[[str], str]
    """Take the name that was typed; what is wrong with it, or nothing."""
    ended: Callable[[Deed], None]
    """Tell the person what came of it, when the form is gone."""


class SilenceForm(FormScreen):
    """Makes one silence."""

    def __init__(
        self, session: Session, choices: Choices, length: Length, making: Making, about: str, comment: str = ""
    ) -> None:
        """`about`: what it was opened on, for the title."""
        super().__init__(session)
        self._choices, self._length, self._making, self._about = choices, length, making, about
        self._comment = comment
        self._preview: Preview | None = None
        self._of: Draft | None = None
        self._asking: asyncio.Task[None] | None = None
        self._wanted = self._known = 0
        """How often the answers have changed, and at which of these times the preview was asked for."""
        self._trouble = ""
        self._sending = False
        self._place = len(choices.items) + 2

    async def on_mount(self) -> None:
        """Ask at once what it would do."""
        await super().on_mount()
        self._ask()

    def on_unmount(self) -> None:
        """Nobody waits for the answer any more."""
        if self._asking is not None:
            self._asking.cancel()

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("silence ", "bold foreground"), Span(self._about, "foreground")]

    def title_end(self) -> str:
        """Whether the preview is of these answers."""
        if self._sending:
            return "sending"
        if not self._current():
            return "asking what it would mute"
        return f"mutes {self._preview.matched} of {self._preview.of}" if self._preview is not None else ""

    def rows(self) -> Sequence[Row]:
        """Matchers, room for one more, how long, why, who."""
        now = self.session.clock()
        rows = []
        for place, choice in enumerate(self._choices.items):
            text = shown(choice.matcher)
            box = "[x] " if choice.ticked else "[ ] "
            value = [
                Span(box, "accent" if choice.ticked else "dim"),
                Span(text, "foreground" if choice.ticked else "dim"),
            ]
            rows.append(Row(str(place), "" if place else "matchers", value, text, choice.trouble, _LONGEST_MATCHER))
        none = "" if self._choices.ticked else "tick or type at least one matcher"
        rows.append(Row(_NEW, "", [Span('another: NAME="VALUE"', "dim")], "", none, _LONGEST_MATCHER))
        rows.append(Row("length", "for", self._length_spans(now), self._length.text, self._length.trouble(now)))
        why = said(self._comment, "why, for whoever finds it (Enter to type)")
        rows.append(Row("comment", "comment", why, self._comment, self._comment_trouble()))
        rows.append(author_row(self._making.actor()))
        return rows

    def below(self, width: int) -> Sequence[Line]:
        """What it would do."""
        session, preview = self.session, self._preview
        lines: list[Line] = []
        if self._trouble:
            lines += wrapped(self._trouble, "page", width, session.glyphs, " ")
        if preview is None:
            return [*lines, [Span(" asking what it would mute", "unknown")]]
        for refusal in (*preview.errors, *self._other_refusals(preview)):
            lines += wrapped(refusal, "page", width, session.glyphs, " ! ")
        found = reach_lines(preview.reaches, preview.silences, preview.length, width, session.clock(), session.glyphs)
        return [*lines, *found] if self._current() else [*lines, *map(_faint, found)]

    def answer(self, row: str, text: str) -> str:
        """Take what was typed."""
        if row == "length":
            self._length.text = text.strip()
        elif row == "comment":
            self._comment = text.strip()
        elif row == "author":
            if wrong := self._making.named(text.strip()):
                return wrong
        elif text.strip():
            try:
                self._choices.put(len(self._choices.items) if row == _NEW else int(row), text)
            except ValueError as error:
                return str(error)
            if row == _NEW:
                self._place += 1
        self._ask()
        return ""

    def step(self, row: str, way: int) -> None:
        """Left and right: how long."""
        if row == "length":
            self._length.step(way)
            self._ask()

    def tick_row(self, row: str) -> None:
        """Tick a matcher."""
        if row.isdigit():
            self._choices.toggle(int(row))
            self._ask()

    def turn_row(self, row: str) -> None:
        """The next operator of a matcher."""
        if row.isdigit():
            self._choices.turn(int(row))
            self._ask()

    async def send(self) -> None:
        """Confirmed, if the preview is of these answers; what is dangerous asks for its count first."""
        preview = self._preview
        if self._sending:
            self.flash("it is being sent", "dim")
        elif preview is None or not self._current():
            self.flash("what it would mute is not known yet: wait for the preview", "warn")
        elif preview.errors or preview.refusals:
            self.flash((*preview.errors, *preview.refusals)[0], "page")
        elif preview.count is not None:
            self._trouble = f"Type {preview.count}, the number it mutes, and Enter; Esc leaves it."
            self.take()
            await self.ask("", lambda text: self._counted(preview, text))
        else:
            self._make(preview, None)

    def _counted(self, preview: Preview, text: str) -> None:
        self._trouble = ""
        if not self.asked_fresh:
            self.flash("that was typed before the question could be read: S again", "warn")
        elif text.strip() != str(preview.count):
            self.flash(f"not {preview.count}: nothing was sent", "warn")
        else:
            self._make(preview, preview.count)
        self.take()

    def _make(self, preview: Preview, count: int | None) -> None:
        self._sending = True
        self.take()
        self.run_worker(self._made(preview, count), exit_on_error=False)

    async def _made(self, preview: Preview, count: int | None) -> None:
        """Send, and leave; where something changed meanwhile, show that and let the person decide again."""
        deed = await self._making.make(preview, count)
        self._sending = False
        if deed.changed is not None and self.is_current:
            self._preview, self._of = deed.changed, deed.changed.draft
            self._trouble = deed.reason or "what it mutes has changed meanwhile: look again"
            self.take()
            return
        if not deed.sent and self.is_current:
            self._trouble = deed.reason or "nothing was sent"
            self.take()
            return
        self._making.ended(deed)
        if self.is_current:
            self.dismiss(None)

    def _ask(self) -> None:
        """The answers have changed: ask what they come to, once they rest for a moment."""
        self._trouble = ""
        self._wanted += 1
        if self._asking is not None:
            self._asking.cancel()
        self._asking = asyncio.create_task(self._asked())

    async def _asked(self) -> None:
        wanted = self._wanted
        await asyncio.sleep(SETTLES)
        now = self.session.clock()
        ends = self._length.ends_at(now)
        if ends is None or not self._choices.ticked or any(choice.trouble for choice in self._choices.items):
            return
        draft = self._making.draft(self._choices, ends, self._comment)
        self._of = draft
        try:
            preview = await self._making.preview(draft)
        except Exception as error:
            log.exception("a defect while a silence was previewed")
            self._trouble = f"what it would mute cannot be told by a defect of ours: {type(error).__name__}"
            self.take()
            return
        if self._of is draft:
            self._preview, self._known = preview, wanted
            self.take()

    def _current(self) -> bool:
        """Whether the preview is of the answers as they stand."""
        return self._known == self._wanted

    def _comment_trouble(self) -> str:
        """What the rules say of the comment; before anything was typed it is only asked for."""
        if not self._comment:
            return "required"
        preview = self._preview if self._current() else None
        return next((said for said in preview.refusals if "comment" in said), "") if preview is not None else ""

    def _other_refusals(self, preview: Preview) -> Sequence[str]:
        """Those that do not stand beside their row."""
        return [said for said in preview.refusals if "comment" not in said]

    def _length_spans(self, now: float) -> list[Span]:
        spans = chosen(self._length.text, PRESETS)
        ends = self._length.ends_at(now)
        if ends is not None:
            spans.append(Span(f" ends {words.near(ends, now, self.session.zone)}", "foreground"))
        return spans


def _faint(line: Line) -> Line:
    return [Span(span.text, "dim") for span in line]
