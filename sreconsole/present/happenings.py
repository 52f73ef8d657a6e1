"""What happened around an SLO on its time axis: deploys, silences, changes of status, alerts; as marks and as words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Literal

from sreconsole.domain.silence import Silence, concerns
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_words, deploy_words, marks, words
from sreconsole.present.cells import Span, fit, fit_spans
from sreconsole.present.chart import Picture
from sreconsole.present.marks import Glyphs
from sreconsole.records import dataclass

Lane = Literal["deploy", "silent", "status", "alerts"]
LANES: tuple[Lane, ...] = ("deploy", "status", "alerts", "silent")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, at a moment or over a stretch of time."""

    lane: Lane
    start: float
    end: float
    sign: str
    token: str
    said: str
    """What to say of it beside its time: `v42 rollback by ana`."""
    sign_at: float
    """Where its sign stands."""


def happenings(
    snapshot: Snapshot, key: SloKey, match: Mapping[str, str], now: float, zone: tzinfo, glyphs: Glyphs
) -> list[Happening]:
    """Everything of the service that has a time, oldest first; `match`: what ties alerts and silences to it."""
    found = [
        *_deploys(snapshot, key.service, now, glyphs),
        *_silences(snapshot, key.service, match, zone, glyphs),
        *_changes(snapshot, key, glyphs),
        *_alerts(snapshot, key.service, now, glyphs),
    ]
    return sorted(found, key=lambda one: one.start)


def silences_of(snapshot: Snapshot, service: str, match: Mapping[str, str]) -> list[Silence]:
    """Silences that mute an alert of the service or may, in the snapshot's order."""
    muting = {
        (alert.source, silence)
        for alert in snapshot.alerts
        if alert.service == service
        for silence in alert.silenced_by
    }
    return [one for one in snapshot.silences if (one.source, one.id) in muting or concerns(one, match)]


def mark_lines(found: Sequence[Happening], picture: Picture, width: int, most: int, glyphs: Glyphs) -> list[list[Span]]:
    """A line for each kind that has something within the picture: its name, and the signs under their moments.

    Where there is room for fewer, the last line has the marks of all the others.
    """
    if not picture.cells or most <= 0:
        return []
    inside = [one for one in found if one.start <= picture.end and one.end >= picture.start]
    rows: list[tuple[str, list[Happening]]] = []
    for lane in LANES:
        if some := [one for one in inside if one.lane == lane]:
            rows.append((lane, some))
    if len(rows) > most:
        rows[most - 1 :] = [("events", [one for _, some in reversed(rows[most - 1 :]) for one in some])]
    lines: list[list[Span]] = []
    for name, some in rows:
        label = Span(fit(name, picture.left, "left", glyphs), "dim")
        lines.append(fit_spans([label, *_lane(some, picture, glyphs)], width, glyphs))
    return lines


def _lane(inside: Sequence[Happening], picture: Picture, glyphs: Glyphs) -> list[Span]:
    cells = [Span(" ", "")] * picture.cells
    for one in inside:
        first, last = _columns(one, picture)
        cells[first : last + 1] = [Span(glyphs.rule, "dim")] * (last - first + 1) if last > first else [Span(" ", "")]
    for one in inside:
        at = min(max(one.sign_at, picture.start), picture.end)
        place = picture.column(at)
        if place is not None:
            cells[place - picture.left] = Span(one.sign, one.token)
    return cells


def _columns(one: Happening, picture: Picture) -> tuple[int, int]:
    first = picture.column(max(one.start, picture.start))
    last = picture.column(min(one.end, picture.end))
    return (first or picture.left) - picture.left, (last or picture.left) - picture.left


def said_within(found: Sequence[Happening], start: float, end: float, zone: tzinfo) -> list[Span]:
    """What happened in [start, end), or was going on then: moments with their time."""
    spans: list[Span] = []
    for one in found:
        if one.start < end and one.end >= start:
            at = next((moment for moment in (one.sign_at, one.start) if start <= moment < end), None)
            when = "" if at is None else f"{words.clock(at, zone)} "
            spans.extend((Span("  ", ""), Span(one.sign, one.token), Span(f" {when}{one.said}", "foreground")))
    return spans


def _deploys(snapshot: Snapshot, service: str, now: float, glyphs: Glyphs) -> Iterator[Happening]:
    for deploy in snapshot.deploys:
        if deploy.service != service or not deploy.owned or not (deploy.at or deploy.running):
            continue
        end = now if deploy.running else deploy.at
        start = end if deploy.started_at is None else min(deploy.started_at, end)
        where = "" if deploy.is_prod else f" in {deploy.environment}"
        by = f" by {deploy.actor}" if deploy.actor else ""
        said = f"{deploy.version} {deploy_words.word(deploy)}{where}{by}"
        sign, token = glyphs.deploys[deploy_words.sign(deploy)], deploy_words.token(deploy)
        yield Happening("deploy", start, end, sign, token, said, end)


def _silences(
    snapshot: Snapshot, service: str, match: Mapping[str, str], zone: tzinfo, glyphs: Glyphs
) -> Iterator[Happening]:
    for silence in silences_of(snapshot, service, match):
        ended = silence.state == "expired"
        said = f"silence of {silence.created_by or 'somebody'} until {words.clock(silence.ends_at, zone)}"
        token = "dim" if ended else "foreground"
        start, end = silence.starts_at, max(silence.starts_at, silence.ends_at)
        yield Happening("silent", start, end, glyphs.mute, token, said, start)


def _changes(snapshot: Snapshot, key: SloKey, glyphs: Glyphs) -> Iterator[Happening]:
    for change in snapshot.changes:
        if change.key == key:
            sign, token = glyphs.status[change.after], marks.token(change.after)
            before = "new" if change.before is None else marks.word(change.before)
            said = f"{before} to {marks.word(change.after)}"
            yield Happening("status", change.at, change.at, sign, token, said, change.at)


def _alerts(snapshot: Snapshot, service: str, now: float, glyphs: Glyphs) -> Iterator[Happening]:
    for alert in snapshot.alerts:
        if alert.service == service and alert.since is not None:
            since = min(now, now - (snapshot.time_at(alert.source, now) - alert.since))
            said = f"{marks.alert_word(alert)} {alert_words.name(alert)}"
            sign, token = marks.alert_glyph(alert, glyphs), marks.alert_token(alert)
            yield Happening("alerts", since, now, sign, token, said, since)
