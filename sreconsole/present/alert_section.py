"""The alerts in the plain text of `status`: pages first, some of them, and how many silences there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_words, marks, words
from sreconsole.present.alert_words import References
from sreconsole.present.cells import fit, width

_MOST = 10
_NAME_CELLS = 40


def alert_section(snapshot: Snapshot, zone: tzinfo) -> Iterator[str]:
    """`alerts: 3 firing, 1 silenced; 2 silences`, then a line an alert; nothing where no source of alerts is known."""
    if not snapshot.alert_sources and not snapshot.alerts:
        return
    alerts, known = snapshot.alerts, References(snapshot.alerts, snapshot.silences)
    tally = alert_words.tally(alert_words.by_state(alerts), snapshot.alerts_whole, ",").replace(" , ", ", ")
    active = sum(silence.state == "active" for silence in snapshot.silences)
    why = alert_words.missing(snapshot)
    silences = f"; {active} silence{'' if active == 1 else 's'} active" if active else ""
    yield ""
    yield f"alerts: {tally}{silences}{f' ({why})' if why else ''}"
    names = [alert_words.name(alert) for alert in alerts[:_MOST]]
    services = [alert.service or words.UNKNOWN for alert in alerts[:_MOST]]
    cells = [min(_NAME_CELLS, max(map(width, column), default=0)) for column in (names, services)]
    for alert, name, service in zip(alerts, names, services, strict=False):
        at = snapshot.time_at(alert.source, snapshot.at)
        age = alert_words.since(alert, at)
        note = "  ".join(filter(None, (alert_words.note(alert, known, at, zone), alert_words.told(alert))))
        head = f"{fit(marks.alert_word(alert), 4)}  {fit(name, cells[0])}  {fit(service, cells[1])}"
        yield f"{head}  {fit(age, 4, 'right')}  {note}".rstrip()
    if len(alerts) > _MOST:
        yield f"and {len(alerts) - _MOST} more"
