"""`kind: alertmanager`: alerts and silences of one cluster, read from every member.

Silences are gossiped between members, alerts are not: Prometheus sends them to each. So every member is asked, and what
they say is put together. Source: Alertmanager's `api/v2/openapi.yaml`; Mimir and Grafana serve the same API elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from sreconsole.config.model import AlertmanagerSource as Settings
from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.errors import Denied, SourceError, Unreachable
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import AlertReading, counted, merged
from sreconsole.sources.alertmanager_alerts import AlertReader
from sreconsole.sources.alertmanager_member import Member, MemberAnswer
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter
from sreconsole.sources.texts import Texts

T = TypeVar("T")

GRACE = 3.0
"""Seconds that the other members have when the first has answered: one that hangs must not hold up the rest."""
SPARED = 30.0
"""Seconds for which a member that is busy or hangs is left alone while others answer."""


class Alertmanager:
    """Asks the members of one cluster. Raises SourceError when none of them tells its alerts."""

    kind = "alertmanager"

    def __init__(
        self,
        settings: Settings,
        severities: Severities,
        meter: Meter | None = None,
        heard: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`heard` is told a member's time (Unix seconds, to the second) with each answer that says it."""
        self.name = settings.name
        self._texts, self._comments = Texts(), Texts()
        self._reader = AlertReader(settings.name, severities, self._texts)
        self._members = [
            Member(
                HttpClient(
                    settings.name,
                    base_url(url, settings.flavour),
                    settings.http,
                    settings.max_answer,
                    api="Alertmanager API",
                    meter=meter,
                ),
                self._reader,
                self._comments,
                settings.name,
                heard,
            )
            for url in settings.urls
        ]
        self._reading = AlertReading()
        self._from: tuple[object, ...] = ()

    @property
    def clients(self) -> tuple[HttpClient, ...]:
        """The connection of each member."""
        return tuple(member.client for member in self._members)

    async def read(self, now: float) -> AlertReading:
        """What the cluster knows now (Unix seconds). The reading's tuples stay the same objects until they differ."""
        self._texts.turn(len(self._reading.alerts))
        self._comments.turn(len(self._reading.silences))
        answers = await self._ask(now)
        up = [answer for answer in answers if answer.alerts is not None]
        if not up:
            raise _none([answer.error for answer in answers if answer.error is not None])
        source = tuple(answer.alerts for answer in up) + tuple(answer.silences for answer in up)
        if len(source) == len(self._from) and all(a is b for a, b in zip(source, self._from, strict=True)):
            alerts, silences = self._reading.alerts, self._reading.silences
        else:
            alerts = await self._alerts(up)
            silences = self._silences(up, alerts)
        self._from = source
        missing = _silences_missing(up)
        self._reading = AlertReading(
            alerts,
            silences,
            _partial(answers, up, missing),
            (len(up), len(answers)) if not any(answer.lacking for answer in up) else None,
            _notes(up),
            missing,
        )
        return self._reading

    async def aclose(self) -> None:
        """Close every connection."""
        for member in self._members:
            await member.client.aclose()

    async def _ask(self, now: float) -> list[MemberAnswer]:
        """Every member; those that are left alone only where no other tells its alerts."""
        moment = asyncio.get_running_loop().time()
        spared = [member for member in self._members if moment < member.spared_until]
        answers = await self._round([member for member in self._members if member not in spared], now)
        if spared and all(answer.alerts is None for answer in answers.values()):
            answers |= await self._round(spared, now)
        return [answers.get(member) or MemberAnswer(error=member.trouble) for member in self._members]

    async def _round(self, members: Sequence[Member], now: float) -> dict[Member, MemberAnswer]:
        """Some members, none of them longer than `GRACE` after the first that tells its alerts."""
        clock = asyncio.get_running_loop().time
        tasks = {asyncio.ensure_future(member.read(now)): member for member in members}
        waiting = set(tasks)
        try:
            deadline: float | None = None
            while waiting:
                left = None if deadline is None else max(0.0, deadline - clock())
                done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    break
                if deadline is None and any(task.result().alerts is not None for task in done):
                    deadline = clock() + GRACE
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        answers = {
            member: MemberAnswer(error=_late(member)) if task in waiting else task.result()
            for task, member in tasks.items()
        }
        for member, answer in answers.items():
            wait = answer.error.retry_after if answer.error is not None else None
            member.trouble, member.spared_until = answer.error, clock() + min(wait, SPARED) if wait else 0.0
        return answers

    async def _alerts(self, up: Sequence[MemberAnswer]) -> tuple[Alert, ...]:
        found: dict[str, Alert] = dict(up[0].alerts or {})
        for answer in up[1:]:
            theirs: Mapping[str, Alert] = answer.alerts or {}

            def one(name: str, theirs: Mapping[str, Alert] = theirs) -> bool:
                mine = found.get(name)
                found[name] = theirs[name] if mine is None else merged(mine, theirs[name])
                return True

            await turns.each(list(theirs), one)
        self._reader.keep(found)
        return _same(self._reading.alerts, tuple(found[name] for name in sorted(found)))

    def _silences(self, up: Sequence[MemberAnswer], alerts: Sequence[Alert]) -> tuple[Silence, ...]:
        """Those of every member, by id the newest; the last known ones where no member tells them now."""
        found: dict[str, Silence] = {}
        for answer in up:
            for name, silence in (answer.silences or {}).items():
                mine = found.get(name)
                if mine is None or (silence.updated_at or 0.0) > (mine.updated_at or 0.0):
                    found[name] = silence
        told = any(answer.silences is not None for answer in up)
        listed = [found[name] for name in sorted(found)] if told else self._reading.silences
        return _same(self._reading.silences, counted(listed, alerts))


def base_url(url: str, flavour: str) -> str:
    """Where the API stands: below the given address, under the path that Mimir or Grafana puts before it."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if flavour == "mimir" and not path:
        path = "/alertmanager"
    elif flavour == "grafana" and "/api/alertmanager/" not in path:
        path += "/api/alertmanager/grafana"
    return urlunsplit(parts._replace(path=path))


def _same(before: tuple[T, ...], after: tuple[T, ...]) -> tuple[T, ...]:
    return before if before == after else after


def _none(errors: Sequence[SourceError]) -> SourceError:
    """No member tells its alerts."""
    if len(errors) == 1:
        return errors[0]
    kind: Callable[..., SourceError] = Denied if all(isinstance(error, Denied) for error in errors) else Unreachable
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    return kind(
        f"none of {len(errors)} members answers: {errors[0]}",
        detail="; ".join(
            filter(None, [errors[0].detail, *(f"{error} {error.detail}".strip() for error in errors[1:])])
        ),
        retry_after=min(waits, default=None),
    )


def _late(member: Member) -> SourceError:
    return Unreachable(
        f"{member.client.url} has not answered {GRACE:g}s after the others: is it overloaded or hanging?",
        retry_after=SPARED,
    )


def _partial(answers: Sequence[MemberAnswer], up: Sequence[MemberAnswer], silences: str | None) -> str | None:
    """Why this is not all there is."""
    errors = [answer.error for answer in answers if answer.alerts is None and answer.error is not None]
    said = [f"{len(up)} of {len(answers)} members answer: {errors[0]}"] if errors else []
    said += [silences] if silences else []
    said += list(dict.fromkeys(answer.lacking for answer in up if answer.lacking))
    return "; ".join(said) or None


def _silences_missing(up: Sequence[MemberAnswer]) -> str | None:
    if any(answer.silences is not None for answer in up):
        return None
    error = next((answer.error for answer in up if answer.error is not None), None)
    return f"silences are not known: {error}"


def _notes(up: Sequence[MemberAnswer]) -> tuple[str, ...]:
    notes = [note for answer in up for note in answer.notes]
    if any(answer.silences is not None for answer in up):
        notes += [f"silences of one member are not known: {answer.error}" for answer in up if answer.silences is None]
    return tuple(dict.fromkeys(notes))
