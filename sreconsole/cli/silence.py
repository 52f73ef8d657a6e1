"""`sreconsole silence add|list|extend|expire`: what the keys do, for scripts. The preview stands on stderr."""

from __future__ import annotations

import asyncio

from sreconsole.cli.acting import one_shot
from sreconsole.cli.answering import answer, say
from sreconsole.cli.burning import burning
from sreconsole.cli.consent import consent, counted
from sreconsole.cli.names import nearest
from sreconsole.cli.narration import silence_line, tell_amendment, tell_preview
from sreconsole.cli.output import put
from sreconsole.cli.silence_id import meant
from sreconsole.cli.wiring import clock
from sreconsole.cli.words import Arguments
from sreconsole.config.model import Config
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.matching import parse_matchers
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.actions.actions import Actions
from sreconsole.engine.actions.cluster import managers
from sreconsole.engine.actions.deed import Deed, hindered, refused
from sreconsole.engine.actions.preview import Amendment, Preview
from sreconsole.errors import NothingKnown, SourceError, UsageError
from sreconsole.exits import Exit

ROUNDS = 5
"""How often it is asked again when what would be muted changes all the time."""


def run_silence(config: Config, arguments: Arguments) -> int:
    """Do it, and say what came of it; the exit code."""
    sources = _sources(config, arguments.source)
    if arguments.action == "list":
        return asyncio.run(_list(config, arguments, sources))
    if arguments.action == "add":
        return asyncio.run(_add(config, arguments, sources))
    by = _seconds(arguments.by, "--by") if arguments.action == "extend" else 0.0
    return asyncio.run(_amend(config, arguments, sources, by))


def _sources(config: Config, name: str | None) -> list[str] | None:
    """The cluster that `--source` names. Raises UsageError."""
    names = [source.name for source in managers(config)]
    if name is None:
        return None
    if name not in names:
        raise UsageError(f"--source: {nearest(name, names, 'Alertmanager')}")
    return [name]


def _seconds(text: str, option: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if seconds <= 0:
        raise UsageError(f"{option}: must be longer than 0")
    return seconds


# --- add --------------------------------------------------------------------------------------------------------------
async def _add(config: Config, arguments: Arguments, sources: list[str] | None) -> int:
    try:
        matchers = parse_matchers(arguments.matchers)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if arguments.comment is None or not arguments.comment.strip():
        raise UsageError("--comment: say why it is silenced")
    seconds = config.silences.default if arguments.duration is None else _seconds(arguments.duration, "--duration")
    known: list[Snapshot | None] = [None]
    async with one_shot(config, arguments.author, lambda: known[-1]) as actions:
        draft = actions.draft(matchers, clock() + seconds, arguments.comment.strip())
        barred = _barred(actions)
        if barred is not None:
            return answer(barred, arguments.format)
        preview = await actions.preview(draft, sources)
        known.append(await burning(config, preview))
        if known[-1] is not None:
            preview = await actions.preview(draft, sources)
        return answer(await _made(actions, preview, arguments), arguments.format)


async def _made(actions: Actions, preview: Preview, arguments: Arguments) -> Deed:
    """Tell, ask, make; where what it mutes changes meanwhile, once more."""
    before = None
    for _ in range(ROUNDS):
        tell_preview(preview, actions.config, actions.actor, before)
        if arguments.dry_run:
            return actions.dry(preview)
        if (no := hindered(preview)) is not None:
            return no
        said = await _consent(preview, arguments)
        if isinstance(said, str):
            return refused(said, matched=preview.matched, of=preview.of)
        deed = await actions.silence(preview, said)
        if deed.changed is None:
            return deed
        before, preview = preview, deed.changed
    return refused("what it mutes changes all the time: nothing was sent", matched=preview.matched, of=preview.of)


async def _consent(preview: Preview, arguments: Arguments) -> int | str | None:
    """The number that was said or typed, None where none is needed, or why nothing is sent."""
    if preview.count is not None:
        said = await counted(arguments, "this is dangerous")
        if isinstance(said, int) and said != preview.count:
            return f"{said} is not the number of alerts it mutes, which is {preview.count}: nothing was sent"
        return said
    if arguments.force_count not in (None, preview.matched):
        return f"--force-count {arguments.force_count}, but it mutes {preview.matched}: nothing was sent"
    return await consent(arguments, "make it?")


# --- list -------------------------------------------------------------------------------------------------------------
async def _list(config: Config, arguments: Arguments, sources: list[str] | None) -> int:
    async with one_shot(config, None) as actions:
        answers = await actions.readings(sources)
    missing = {name: str(found) for name, found in answers.items() if isinstance(found, SourceError)}
    readings = {name: found for name, found in answers.items() if not isinstance(found, SourceError)}
    missing |= {name: found.silences_missing for name, found in readings.items() if found.silences_missing}
    listed = [one for found in readings.values() for one in found.silences if one.state != "expired"]
    listed.sort(key=lambda one: (one.state == "pending", one.ends_at, one.id))
    for name, why in missing.items():
        say(f"{name}: {why}")
    if answers and len(missing) == len(answers):
        raise NothingKnown("nothing is known: every source is down")
    if arguments.format == "json":
        from sreconsole.plain.action_json import render
        from sreconsole.plain.alerts_json import silence_object

        whole = {"schema": "sreconsole.silences/1", "silences": [silence_object(one) for one in listed]}
        put(render({**whole, "missing": missing}))
    else:
        put("".join(f"{silence_line(one, config)}\n" for one in listed))
    return Exit.OK


# --- extend, expire ---------------------------------------------------------------------------------------------------
async def _amend(config: Config, arguments: Arguments, sources: list[str] | None, by: float) -> int:
    async with one_shot(config, arguments.author) as actions:
        barred = _barred(actions)
        if barred is not None:
            return answer(barred, arguments.format)
        silence = await meant(actions, arguments.ident, sources)
        plan = await (actions.expiry(silence) if arguments.action == "expire" else actions.extension(silence, by))
        return answer(await _amended(actions, plan, arguments), arguments.format)


async def _amended(actions: Actions, plan: Amendment | Deed, arguments: Arguments) -> Deed:
    if isinstance(plan, Deed):
        return plan
    tell_amendment(plan, actions.config)
    if arguments.dry_run:
        return actions.dry_amendment(plan)
    if not plan.refusals and not plan.over:
        if arguments.force_count not in (None, plan.matched):
            why = f"--force-count {arguments.force_count}, but it mutes {plan.matched}: nothing was sent"
            return refused(why, matched=plan.matched, of=plan.of)
        no = await consent(arguments, "end it now?" if plan.kind == "expire" else "extend it?")
        if no is not None:
            return refused(no, matched=plan.matched, of=plan.of)
    return await actions.amend(plan)


def _barred(actions: Actions) -> Deed | None:
    """Why nothing is to be done, before anybody is asked anything."""
    from sreconsole.domain.author import Nameless

    if actions.silencing_off is not None:
        return refused(actions.silencing_off)
    return refused(actions.who.reason) if isinstance(actions.who, Nameless) else None
