"""The keys that act: each opens a form about what is under the cursor, and what came of it is said when it is done.

Loaded with the first of them. Without a way to write (a moment of the past, read-only, no Alertmanager) each says why.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sreconsole.domain.duration import format_duration
from sreconsole.domain.ending import end_of
from sreconsole.domain.matching import suggested
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.selector import Matcher
from sreconsole.engine.actions.actions import Actions
from sreconsole.engine.actions.deed import Deed
from sreconsole.engine.actions.preview import Amendment
from sreconsole.engine.actions.undo import Undo
from sreconsole.errors import SourceError
from sreconsole.present import toil_lines, words
from sreconsole.tui import prices
from sreconsole.tui.forms.amend import AmendForm, Amending
from sreconsole.tui.forms.choice import Length
from sreconsole.tui.forms.matchers import Choices, choices, made
from sreconsole.tui.forms.note import NoteForm, Noting
from sreconsole.tui.forms.silence import Making, SilenceForm
from sreconsole.tui.forms.toil import Logging, ToilForm
from sreconsole.tui.forms.undo import UndoForm

if TYPE_CHECKING:
    from sreconsole.config.model import Config
    from sreconsole.domain.draft import Draft
    from sreconsole.domain.entry import Entry
    from sreconsole.domain.outcome import Result
    from sreconsole.domain.silence import Silence
    from sreconsole.tui.app import ConsoleApp
    from sreconsole.tui.screens.base import ConsoleScreen
    from sreconsole.tui.session import Session

_DONE = {"create": "silenced", "extend": "extended", "expire": "silence ended", "note": "noted", "toil": "logged"}


class Acting:
    """The actions of this console, and the forms that ask for them."""

    def __init__(self, app: ConsoleApp, actions: Actions) -> None:
        self._app, self._actions = app, actions
        self._watch = asyncio.create_task(actions.watch())
        actions.settled = self._settled

    @property
    def session(self) -> Session:
        """The running console."""
        return self._app.session

    async def follow(self, config: Config) -> None:
        """A changed config is in use."""
        await self._actions.follow(config)

    async def end(self) -> None:
        """The console ends."""
        self._watch.cancel()
        await self._actions.aclose()

    async def silence(self, screen: ConsoleScreen) -> None:
        """A new silence of what the screen is about; of a silence one that takes its place."""
        actions, topic = self._actions, screen.topic()
        if actions.silencing_off is not None:
            screen.flash(actions.silencing_off, "warn")
            return
        old = topic.silence
        if old is not None:
            about = f"in the place of {old.created_by or 'somebody'}'s"
            chosen = Choices([made(matcher) for matcher in old.matchers])
        elif topic.alerts:
            ticked = suggested(topic.alerts, self.session.config.silences.strip_labels)
            chosen = choices(ticked, suggested(topic.alerts, ()))
            about = topic.alerts[0].name if len(topic.alerts) == 1 else f"of {len(topic.alerts)} alerts"
        elif topic.service is not None:
            match = self.session.match_of(topic.service)
            about, chosen = topic.service, Choices([made(Matcher(name, "=", value)) for name, value in match.items()])
        else:
            screen.flash("nothing under the cursor to silence", "dim")
            return
        await self._push_silence(chosen, about, old, format_duration(self.session.config.silences.default))

    async def _push_silence(self, chosen: Choices, about: str, old: Silence | None, lasts: str) -> None:
        actions, zone = self._actions, self.session.config.timezone
        length = Length(lasts, lambda text, now: end_of(text, now, zone))

        def draft(chosen: Choices, ends_at: float, comment: str) -> Draft:
            return actions.draft(chosen.ticked, ends_at, comment)

        making = Making(
            draft,
            (lambda one: actions.preview(one)) if old is None else (lambda one: actions.preview(one, [old.source])),
            actions.silence if old is None else (lambda shown, typed: actions.replaced(old, shown, typed)),
            lambda: actions.actor,
            actions.named,
            self._ended,
        )
        comment = unsigned(old.comment) if old is not None else ""
        await self._app.push_screen(SilenceForm(self.session, chosen, length, making, about, comment))

    async def extend(self, screen: ConsoleScreen) -> None:
        """A silence that is there is to last longer."""
        await self._amend(screen, extend=True)

    async def expire(self, screen: ConsoleScreen) -> None:
        """A silence is to end now."""
        await self._amend(screen, extend=False)

    async def note(self, screen: ConsoleScreen) -> None:
        """Note what happened."""
        actions, topic = self._actions, screen.topic()
        if actions.off is not None:
            screen.flash(actions.off, "warn")
            return
        noting = Noting(
            [service.name for service in self.session.snapshot.services],
            actions.note,
            lambda service, start, end: prices.spent(self.session, service, start, end),
            lambda: actions.actor,
            actions.named,
            self._ended,
        )
        await self._app.push_screen(NoteForm(self.session, noting, topic.service, topic.at))

    async def toil(self, screen: ConsoleScreen) -> None:
        """Log minutes of toil."""
        actions = self._actions
        if actions.off is not None:
            screen.flash(actions.off, "warn")
            return
        logging = Logging(self._week, actions.toil, lambda: actions.actor, actions.named, self._ended)
        await self._app.push_screen(ToilForm(self.session, logging, screen.topic().service))

    async def undo(self, screen: ConsoleScreen) -> None:
        """Take the last action on silences back: the form says beforehand whom that pages."""
        undo = Undo(self._actions)
        plan = await undo.plan()
        if isinstance(plan, str):
            screen.flash(plan, "warn")
        else:
            await self._app.push_screen(UndoForm(self.session, plan, undo.do, self._ended))

    async def _amend(self, screen: ConsoleScreen, extend: bool) -> None:
        actions, silence = self._actions, screen.topic().silence
        if actions.silencing_off is not None:
            screen.flash(actions.silencing_off, "warn")
        elif silence is None:
            screen.flash("that is for silences: put the cursor on one", "dim")
        else:
            await self._push_amend(silence, extend)

    async def _push_amend(self, silence: Silence, extend: bool) -> None:
        actions = self._actions
        amending = Amending(
            lambda seconds: self._plan(silence, seconds),
            actions.amend,
            lambda: actions.actor,
            actions.named,
            self._ended,
        )
        await self._app.push_screen(AmendForm(self.session, amending, silence, extend))

    async def _plan(self, silence: Silence, seconds: float) -> Amendment:
        told = await (self._actions.extension(silence, seconds) if seconds else self._actions.expiry(silence))
        if isinstance(told, Deed):
            raise SourceError(told.reason or "it cannot be told what that comes to")
        return told

    def _week(self) -> str:
        """The running total of the week."""
        report = self.session.snapshot.toil
        return "" if report is None else toil_lines.summary(report)

    def _ended(self, deed: Deed) -> None:
        """Say what came of it on the screen that is in front."""
        from sreconsole.tui.screens.base import ConsoleScreen

        said, style = deed_words(deed)
        for screen in reversed(self._app.screen_stack):
            if isinstance(screen, ConsoleScreen) and screen.PLACE != "form":
                screen.flash(said, style)
                return

    def _settled(self, entry: Entry, result: Result) -> None:
        """It is known now what became of a write that was unknown."""
        said = f"{entry.kind} at {result.source} that was UNKNOWN: {result.outcome}"
        self._ended(Deed(result.outcome, (result,), (entry,), said))


def deed_words(deed: Deed) -> tuple[str, str]:
    """What came of an action in one line, and its style."""
    if deed.outcome == "done":
        counted = "" if deed.matched is None else f", {words.count(deed.matched)} of {words.count(deed.of or 0)} alerts"
        kind = deed.entries[0].kind.partition(".")[2] or deed.entries[0].kind if deed.entries else ""
        return f"{_DONE.get(kind, 'done')}{counted}{'; ' + deed.reason if deed.reason else ''}", "ok"
    if deed.outcome == "unknown":
        return f"UNKNOWN whether it was done, asked again until it is known: {deed.reason or ''}", "bold page"
    return f"{deed.outcome}: {deed.reason or 'nothing was sent'}", "page"
