"""Alerts of an Alertmanager: `GET /api/v2/alerts/groups` as domain values.

One alert stands in as many groups as receivers want it; whether a time interval mutes it differs from group to group.
What one group shows firing fires.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert, severity_of
from sreconsole.records import dataclass, field
from sreconsole.sources import alertmanager_json as json
from sreconsole.sources import turns
from sreconsole.sources.alert_reading import MOST_ALERTS, merged, state_of
from sreconsole.sources.fingerprint import fingerprint
from sreconsole.sources.texts import MOST, Texts
from sreconsole.turns import give_way

_Entry = tuple[msgspec.Raw, "_Group"]
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class _Group(NamedTuple):
    """What an alert has from the group it stands in."""

    labels: Mapping[str, str]
    receiver: str
    key: bytes
    """Tells groups apart."""


@dataclass(slots=True)
class FoundAlerts:
    """What one answer held."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    """By fingerprint."""
    unreadable: int = 0
    """Alerts, and groups of them, that are not what the API promises; they were left out."""
    marks: dict[bytes, Alert] = field(default_factory=dict)
    """By a hash of what the server said: an alert as one group shows it."""
    beyond: int = 0
    """Alerts left out because there are too many; one that stands in several groups counts in each."""


class AlertReader:
    """Makes alerts of one source. One that has not changed stays the same object from answer to answer."""

    def __init__(self, source: str, severities: Severities, texts: Texts) -> None:
        self._source, self._severities, self._texts = source, severities, texts
        self._known: dict[str, Alert] = {}

    def keep(self, alerts: Mapping[str, Alert]) -> None:
        """Remember those of the newest answer, by fingerprint, in place of the ones before."""
        self._known = dict(alerts)

    async def read(self, body: bytes, before: Mapping[bytes, Alert] | None = None) -> FoundAlerts:
        """The alerts of an answer; `before`: the `marks` of the one before, whose alerts are not decoded again.

        Raises one of `alertmanager_json.UNREADABLE` when it is none of this API.
        """
        await give_way()
        with turns.uncollected():
            groups = json.pieces(body)
        found = FoundAlerts()
        alerts: list[_Entry] = []

        def open_group(raw: msgspec.Raw) -> bool:
            try:
                group = json.group(raw)
            except json.UNREADABLE:
                return False
            labels = self._texts.labels(group.labels or {})[0]
            receiver = self._texts.name(group.receiver.name) if group.receiver is not None else ""
            opened = _Group(
                labels, receiver, hashlib.blake2b(repr((labels, receiver)).encode(), digest_size=16).digest()
            )
            alerts.extend((alert, opened) for alert in group.alerts or ())
            return True

        broken = await turns.each(groups, open_group)
        if groups and broken == len(groups):
            raise ValueError("no group of alerts")

        def one(entry: _Entry) -> bool:
            raw, group = entry
            mark = hashlib.blake2b(raw, digest_size=16, key=group.key).digest()
            alert = (before or {}).get(mark)
            if alert is None:
                try:
                    alert = self._alert(json.alert(raw), group, found)
                except json.UNREADABLE:
                    return False
            found.marks[mark] = alert
            known = found.alerts.get(alert.fingerprint)
            found.alerts[alert.fingerprint] = alert if known is None else merged(known, alert)
            return True

        found.unreadable = broken + await turns.each(_at_most(alerts, found), one)
        if alerts and not found.alerts:
            raise ValueError("no alert")

        def reuse(name: str) -> bool:
            known = self._known.get(name)
            if known is not None and known == found.alerts[name]:
                found.alerts[name] = known
            return True

        await turns.each(list(found.alerts), reuse)
        return found

    def _alert(self, item: json.AlertJson, group: _Group, found: FoundAlerts) -> Alert:
        texts, status = self._texts, item.status or json.StatusJson()
        shown, raw = texts.labels(item.labels)
        silenced, inhibited, muted = (
            tuple(sorted(texts.name(name) for name in (names or ())[:MOST]))
            for names in (status.silencedBy, status.inhibitedBy, status.mutedBy)
        )
        name = item.fingerprint or ""
        name = texts.name(name) if _FINGERPRINT.fullmatch(name) else fingerprint(raw)
        notes = item.annotations or {}
        annotations: Mapping[str, str] = texts.annotations(notes)
        known = found.alerts.get(name) or self._known.get(name)
        if known is not None and known.raw == raw:  # hold equal labels once
            shown, raw = known.labels, known.raw
            annotations = known.annotations if known.annotations == annotations else annotations
        receivers = {group.receiver, *(texts.name(one.name) for one in (item.receivers or ())[:MOST])} - {""}
        return Alert(
            name=shown.get("alertname", ""),
            state=state_of(status.state, silenced, inhibited, muted),
            severity=severity_of(
                item.labels.get(self._severities.label, ""), self._severities.page, self._severities.warn
            ),
            source=self._source,
            fingerprint=name,
            labels=shown,
            raw=raw,
            annotations=annotations,
            since=json.moment(item.startsAt),
            silenced_by=silenced,
            inhibited_by=inhibited,
            muted_by=muted,
            receivers=tuple(sorted(receivers)),
            groups=(group.labels,),
            generator=texts.link(item.generatorURL),
            runbook=texts.link(notes.get("runbook_url"), notes.get("runbook")),
            dashboard=texts.link(notes.get("dashboard_url"), notes.get("dashboard")),
        )


def _at_most(alerts: list[_Entry], found: FoundAlerts) -> Iterator[_Entry]:
    """Those that are read; the rest is counted."""
    for number, alert in enumerate(alerts):
        if len(found.alerts) >= MOST_ALERTS:
            found.beyond = len(alerts) - number
            return
        yield alert
