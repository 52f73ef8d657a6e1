"""What stands around an SLO: the alerts of its service, and how its status has changed lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_words, marks, words
from sreconsole.present.alert_detail import alert_line
from sreconsole.present.alert_words import References
from sreconsole.present.cells import Span
from sreconsole.present.marks import Glyphs

_MOST_ALERTS = 5
_MOST_CHANGES = 10


def alert_lines(snapshot: Snapshot, service: str, now: float, zone: tzinfo, glyphs: Glyphs) -> list[list[Span]]:
    """A line an alert of the service, worst first; a sentence when it is not known whether there are any."""
    alerts = [alert for alert in snapshot.alerts if alert.service == service]
    known = References(snapshot.alerts, snapshot.silences) if alerts else References()
    lines = [
        alert_line(alert, alert_words.note(alert, known, at, zone), at, glyphs, "alert")
        for alert in alerts[:_MOST_ALERTS]
        for at in (snapshot.time_at(alert.source, now),)
    ]
    if len(alerts) > _MOST_ALERTS:
        lines.append([Span(f"and {len(alerts) - _MOST_ALERTS} more alerts of {service}", "dim")])
    if snapshot.alert_sources and not snapshot.alerts_whole:
        more = "more alerts" if alerts else "alerts"
        lines.append([Span(f"{more}: not known, {alert_words.missing(snapshot)}", "unknown")])
    return lines


def change_lines(changes: Sequence[StatusChange], key: SloKey, now: float, zone: tzinfo) -> list[list[Span]]:
    """`03:02 ok -> PAGE  14.9x over 1h`, newest first; empty when none is recorded."""
    lines = []
    for change in [change for change in changes if change.key == key][:_MOST_CHANGES]:
        before = "new" if change.before is None else marks.word(change.before)
        lines.append(
            [
                Span(f"  {words.near(change.at, now, zone)} ", "dim"),
                Span(f"{before} -> ", "dim"),
                Span(marks.word(change.after), marks.token(change.after)),
                Span(f"  {words.local(change.reason, zone)}" if change.reason else "", "dim"),
            ]
        )
    return lines
