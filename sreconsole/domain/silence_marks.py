"""What is worth a mark in the list of silences, and which of them are about to end while they still mute something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Literal

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.records import dataclass

if TYPE_CHECKING:
    from sreconsole.domain.snapshot import ServiceState

SOON = 3600.0
"""Seconds: it ends within the hour."""
WARNINGS = (300.0, 900.0)
"""Seconds before its end at which a silence is announced, nearest first."""

Mark = Literal["mutes nothing", "ends soon", "hides a burning SLO"]
Clock = Callable[[str], float]
"""The time at a source, by its name: Unix seconds."""
Told = frozenset[tuple[str, str, float, float]]
"""Source, id, end and warning of what was announced."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What is worth a mark about one silence."""

    marks: tuple[Mark, ...] = ()
    hides: tuple[SloKey, ...] = ()
    """SLOs that burn while alerts of their service are muted by it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A silence that ends soon; then its alerts may notify."""

    silence: Silence
    left: float
    """Seconds."""


_PLAIN = Marked()


def marked(
    silences: Iterable[Silence], alerts: Iterable[Alert], services: Iterable[ServiceState], time_at: Clock
) -> dict[tuple[str, str], Marked]:
    """Marks by source and id; silences without any are left out. Only active ones have marks."""
    muting = _muting(alerts)
    burning = {service.name: keys for service in services if (keys := _burning(service))}
    found = {}
    for silence in silences:
        if silence.state != "active":
            continue
        about = _about(silence, muting.get((silence.source, silence.id), ()), burning, time_at(silence.source))
        if about is not _PLAIN:
            found[silence.source, silence.id] = about
    return found


def about_to_end(
    silences: Iterable[Silence], time_at: Clock, told: Told = frozenset()
) -> tuple[list[Announcement], Told]:
    """Silences that came within a quarter of an hour of their end, or within five minutes, and still mute something;
    and what was told by now, to be given the next time. Each warning is given once for each end.

    One that lasts no longer than a warning's time is not announced by it: who made it knows.
    """
    said: list[Announcement] = []
    now_told: set[tuple[str, str, float, float]] = set()
    for silence in silences:
        left = silence.ends_at - time_at(silence.source)
        if silence.state != "active" or left <= 0:
            continue
        due = [
            (silence.source, silence.id, silence.ends_at, warning)
            for warning in WARNINGS
            if left <= warning < silence.ends_at - silence.starts_at
        ]
        given = told.intersection(due)
        if due and due[0] not in given and silence.mutes_now:
            said.append(Announcement(silence, left))
            given = frozenset(due)
        now_told |= given
    return sorted(said, key=lambda one: (one.silence.ends_at, one.silence.id)), frozenset(now_told)


def _about(silence: Silence, services: Collection[str], burning: dict[str, tuple[SloKey, ...]], now: float) -> Marked:
    hides = tuple(key for service in sorted(services) for key in burning.get(service, ()))
    marks: list[Mark] = []
    if hides:
        marks.append("hides a burning SLO")
    if silence.mutes_now == 0:
        marks.append("mutes nothing")
    if silence.ends_at - now < SOON:
        marks.append("ends soon")
    return Marked(tuple(marks), hides) if marks else _PLAIN


def _muting(alerts: Iterable[Alert]) -> dict[tuple[str, str], set[str]]:
    """Services whose alerts a silence mutes, by its source and id."""
    found: dict[tuple[str, str], set[str]] = {}
    for alert in alerts:
        if alert.service is not None:
            for ident in alert.silenced_by:
                found.setdefault((alert.source, ident), set()).add(alert.service)
    return found


def _burning(service: ServiceState) -> tuple[SloKey, ...]:
    """Its SLOs that page or warn."""
    return tuple(report.key for report in service.slos if report.status in (Status.PAGE, Status.WARN))
