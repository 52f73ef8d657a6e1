"""`sreconsole status`: one shot, text or JSON, and an exit code by the worst status."""

from __future__ import annotations

import asyncio
import difflib
import os
import sys
from collections.abc import Callable
from zoneinfo import ZoneInfo

from sreconsole.cli.at import clock_at
from sreconsole.cli.output import put
from sreconsole.cli.wiring import wire
from sreconsole.cli.words import Arguments
from sreconsole.config.model import Config
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.silence import concerns
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.status import Status
from sreconsole.errors import NothingKnown, UsageError
from sreconsole.exits import Exit
from sreconsole.garbage import collect_from_here
from sreconsole.records import replace

_CODES = {
    Status.OK: Exit.OK,
    Status.WARN: Exit.WARN,
    Status.PAGE: Exit.PAGE,
    Status.UNKNOWN: Exit.UNKNOWN,
    Status.STALE: Exit.UNKNOWN,
}


def run_status(config: Config, arguments: Arguments) -> int:
    """Ask every source once, print, and return the exit code."""
    timeout = seconds_to_wait(arguments.timeout)
    now = clock_at(arguments.at, config)
    _known_name(config, arguments.service)
    answers: list[Snapshot] = []
    asyncio.run(_ask(config, now, timeout, answers, past=arguments.at is not None))
    snapshot = answers[0]
    if arguments.service is not None:
        found = _only(snapshot, arguments.service, config)
        if found is None:
            return _absent(snapshot, arguments.service)
        snapshot = found
    put(_render(snapshot, config, arguments.format))
    if _nothing_known(snapshot):
        for source in snapshot.sources:
            if source.error is not None:
                sys.stderr.write(f"sreconsole: {source.name}: {source.error}\n")
        raise NothingKnown("nothing is known: every source is down")
    return _CODES[snapshot.status]


async def _ask(
    config: Config, now: Callable[[], float], timeout: float, answers: list[Snapshot], *, past: bool
) -> None:
    """Put the answer into `answers`: of what a task returns `asyncio.run` spells out every value (in the words of an
    error about signal handlers that nobody sees), which takes longer than asking."""
    console = wire(config, now, os.environ, trends=False, past=past)
    collect_from_here()
    try:
        answers.append(await console.once(timeout, narrate=_say))
    finally:
        await console.aclose()


def seconds_to_wait(text: str) -> float:
    """What `--timeout` says. Raises UsageError."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from None
    if seconds <= 0:
        raise UsageError("--timeout: must be longer than 0")
    return seconds


def _known_name(config: Config, name: str | None) -> None:
    """Refuse an unknown service at once where no fleet could still bring it."""
    names = [service.name for service in config.services]
    if name is None or name in names or config.fleets:
        return
    raise UsageError(_no_service(name, names))


def _no_service(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"no service {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


def _only(snapshot: Snapshot, name: str, config: Config) -> Snapshot | None:
    """What concerns one service: its alerts, and the silences that may mute an alert of it."""
    services = tuple(service for service in snapshot.services if service.name == name)
    if not services:
        return None
    alerts = tuple(alert for alert in snapshot.alerts if alert.service == name)
    muting = {(alert.source, silence) for alert in alerts for silence in alert.silenced_by}
    member = {fleet.label: name for fleet in config.fleets}
    match = next((service.match for service in config.services if service.name == name), member)
    silences = (s for s in snapshot.silences if (s.source, s.id) in muting or concerns(s, match))
    changes = tuple(change for change in snapshot.changes if change.key.service == name)
    deploys = tuple(deploy for deploy in snapshot.deploys if deploy.service == name)
    notes = tuple(note for note in snapshot.notes if note.service in (name, None))
    return replace(
        snapshot,
        services=services,
        alerts=alerts,
        silences=tuple(silences),
        changes=changes,
        deploys=deploys,
        notes=notes,
    )


def _absent(snapshot: Snapshot, name: str) -> int:
    """An unknown name: a mistake, unless a source that could have known it did not answer."""
    text = _no_service(name, [service.name for service in snapshot.services])
    silent = [source.name for source in snapshot.sources if source.error is not None]
    if not silent:
        raise UsageError(text)
    sys.stderr.write(f"sreconsole: {text}; {', '.join(silent)} did not answer\n")
    return Exit.UNKNOWN


def _render(snapshot: Snapshot, config: Config, form: str) -> str:
    if form == "json":
        from sreconsole.plain.status_json import render

        return render(snapshot)
    if form in ("tsv", "prom"):
        from sreconsole.plain import status_lines

        return status_lines.tsv(snapshot) if form == "tsv" else status_lines.prom(snapshot)
    from sreconsole.plain.status_text import render_text

    unicode = "utf" in (sys.stdout.encoding or "").lower()
    return render_text(
        snapshot, ZoneInfo(config.timezone), config.refresh, unicode=unicode and config.glyphs != "ascii"
    )


def _nothing_known(snapshot: Snapshot) -> bool:
    """No source answers, and no SLO has a single value from before."""
    sources = [source for source in (*snapshot.sources, *snapshot.alert_sources) if source.state != "unasked"]
    if not sources or any(source.state in ("live", "partial", "stale") for source in sources):
        return False
    reports = [report for service in snapshot.services for report in service.slos]
    return all(report.newest is None for report in reports)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
