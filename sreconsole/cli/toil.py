"""`sreconsole toil add|report`: minutes of toil written down, and what they come to this week."""

from __future__ import annotations

import asyncio
import os
import sys

from sreconsole.cli.acting import one_shot
from sreconsole.cli.answering import answer
from sreconsole.cli.consent import without_asking
from sreconsole.cli.names import service_named
from sreconsole.cli.note import moment
from sreconsole.cli.output import put
from sreconsole.cli.status import seconds_to_wait
from sreconsole.cli.wiring import clock, wire
from sreconsole.cli.words import Arguments
from sreconsole.config.model import Config
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.actions.deed import refused
from sreconsole.engine.actions.jotting import Work, work_refusals
from sreconsole.errors import NothingKnown, UsageError
from sreconsole.exits import Exit
from sreconsole.plain.toil_json import NOTHING, toil_object
from sreconsole.present.toil_section import toil_section
from sreconsole.records import replace


def run_toil(config: Config, arguments: Arguments) -> int:
    """Do it, and say what came of it; the exit code."""
    if arguments.action == "report":
        return _report(config, arguments)
    service = service_named(config, arguments.service)
    if arguments.category is None:
        raise UsageError("--category: say what kind of toil it was")
    at = moment(arguments.at, "--at", config)
    work = Work(_minutes(arguments.minutes), arguments.category, arguments.text, service, at)
    wrong = work_refusals(work, clock())
    if wrong:
        raise UsageError("; ".join(wrong))
    return asyncio.run(_add(config, arguments, work))


def _minutes(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"MINUTES: {text[:40]!r} is not a number of minutes") from None


async def _add(config: Config, arguments: Arguments, work: Work) -> int:
    async with one_shot(config, arguments.author) as actions:
        no = without_asking(arguments)
        deed = refused(no) if no is not None and actions.off is None else await actions.toil(work)
        return answer(deed, arguments.format)


def _report(config: Config, arguments: Arguments) -> int:
    timeout = seconds_to_wait(arguments.timeout)
    # Whose a page is stays known; SLOs are not asked for.
    services = tuple(replace(service, slos=()) for service in config.services)
    fleets = tuple(replace(fleet, slos=()) for fleet in config.fleets)
    snapshots: list[Snapshot] = []
    asyncio.run(_asked(replace(config, services=services, fleets=fleets), timeout, snapshots))
    snapshot = snapshots[0]
    sources = snapshot.toil_sources
    for source in sources:
        if source.error is not None:
            sys.stderr.write(f"sreconsole: {source.name}: {source.error}\n")
    if arguments.format == "json":
        from sreconsole.plain.action_json import render

        told, missing = toil_object(snapshot)
        put(render({"schema": "sreconsole.toil/1", "toil": told, "missing": missing}))
    else:
        report = snapshot.toil
        lines = [f"toil: {NOTHING}"] if report is None else [line for line in toil_section(report) if line]
        unicode = "utf" in (sys.stdout.encoding or "").lower()
        text = "".join(f"{line}\n" for line in lines)
        put(text if unicode else text.encode("ascii", "replace").decode("ascii"))
    written = snapshot.toil is not None and any(week.measured.value is not None for week in snapshot.toil.weeks)
    if sources and not written and all(source.state in ("down", "auth") for source in sources):
        raise NothingKnown("nothing is known: every source is down")
    return Exit.OK


async def _asked(config: Config, timeout: float, snapshots: list[Snapshot]) -> None:
    console = wire(config, clock, os.environ, trends=False)
    try:
        snapshots.append(await console.once(timeout))
    finally:
        await console.aclose()
