"""`sreconsole note add|list`: what happened, on the timeline of everybody who shares the journal."""

from __future__ import annotations

import asyncio
import os
import sys
from zoneinfo import ZoneInfo

from sreconsole.cli.acting import logbook, one_shot
from sreconsole.cli.answering import answer, say
from sreconsole.cli.consent import without_asking
from sreconsole.cli.names import service_named
from sreconsole.cli.output import put
from sreconsole.cli.wiring import clock
from sreconsole.cli.words import Arguments
from sreconsole.config.model import Config
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.moment import parse_moment
from sreconsole.domain.note import Note, noted
from sreconsole.engine.actions.deed import refused
from sreconsole.engine.actions.jotting import Jot
from sreconsole.errors import UsageError
from sreconsole.exits import Exit


def run_note(config: Config, arguments: Arguments) -> int:
    """Do it, and say what came of it; the exit code."""
    service = service_named(config, arguments.service)
    if arguments.action == "list":
        return asyncio.run(_list(config, arguments, service))
    if not arguments.text.strip():
        raise UsageError("the note is empty")
    at = moment(arguments.at, "--at", config)
    if at is not None and at > clock() + 1:
        raise UsageError("--at: that moment lies in the future")
    until = _until(arguments.until, at, config)
    if until is not None and until < (clock() if at is None else at):
        raise UsageError("--until: it ends before it begins")
    jot = Jot(arguments.text, service, at, until, tuple(arguments.tags))
    return asyncio.run(_add(config, arguments, jot))


def moment(text: str | None, option: str, config: Config) -> float | None:
    """The moment that an option names, Unix seconds; None: it was not given. Raises UsageError."""
    if text is None:
        return None
    try:
        found = parse_moment(text, clock(), config.timezone)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if found.remark:
        say(f"{option}: {found.remark}")
    return found.at


def _until(text: str | None, at: float | None, config: Config) -> float | None:
    """Like `moment`; `+30m` is so long after the begin."""
    if text is None or not text.strip().startswith("+"):
        return moment(text, "--until", config)
    try:
        return (clock() if at is None else at) + parse_duration(text.strip()[1:])
    except ValueError as error:
        raise UsageError(f"--until: {error}") from None


async def _add(config: Config, arguments: Arguments, jot: Jot) -> int:
    async with one_shot(config, arguments.author) as actions:
        no = without_asking(arguments)
        deed = refused(no) if no is not None and actions.off is None else await actions.note(jot)
        return answer(deed, arguments.format)


async def _list(config: Config, arguments: Arguments, service: str | None) -> int:
    try:
        span = parse_duration(arguments.since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from None
    book = logbook(config, os.environ, clock)
    try:
        rows = await book.read(clock() - span, None, ("note",)) if book.there else []
        missing = book.state
    finally:
        await book.aclose()
    notes: list[Note] = [note for row in reversed(rows) if (note := noted(row)) is not None]
    if service is not None:
        notes = [note for note in notes if note.service in (service, None)]
    if missing is not None:
        say(missing)
    _put(notes, missing, arguments.format, config)
    return Exit.OK


def _put(notes: list[Note], missing: str | None, form: str, config: Config) -> None:
    from sreconsole.plain.notes_json import note_lines, notes_object

    if form == "json":
        from sreconsole.plain.action_json import render

        put(render(notes_object(notes, missing)))
        return
    text = "".join(f"{line}\n" for line in note_lines(notes, ZoneInfo(config.timezone)))
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    put(text if unicode else text.encode("ascii", "replace").decode("ascii"))
