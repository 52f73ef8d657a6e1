"""Alerts, silences and changes of status in `status --format json`. All text is cleaned; raw values never leave."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.cleaning import clean
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present.alert_words import missing


def timestamp(at: float) -> str:
    """UTC with Z, whole seconds."""
    return datetime.fromtimestamp(math.floor(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: float | None) -> str | None:
    """RFC 3339; None for what is not known and for what no calendar holds."""
    if at is None or not math.isfinite(at):
        return None
    try:
        return timestamp(at)
    except (OverflowError, ValueError, OSError):
        return None


def unknown_alerts(snapshot: Snapshot) -> dict[str, str]:
    """Why the lists are not all there is; what is known stands in them."""
    why = missing(snapshot)
    reasons = {} if why is None else {"alerts": why, "silences": why}
    managers = [source.kind for source in snapshot.sources].count("alertmanager")
    asked = [source.kind for source in snapshot.alert_sources].count("alertmanager")
    if snapshot.alert_sources and not managers:
        reasons["silences"] = "no Alertmanager configured"
    elif snapshot.alerts_past or managers > asked:
        reasons.pop("silences", None)  # of the past they are told by themselves: the snapshot says what is missing
    return reasons


def alert_object(alert: Alert) -> dict[str, Any]:
    """One alert."""
    return {
        "name": alert.name,
        "severity": alert.severity,
        "state": alert.state,
        "service": alert.service,
        "since": moment(alert.since),
        "source": alert.source,
        "fingerprint": clean(alert.fingerprint),
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "silenced_by": [clean(ident) for ident in alert.silenced_by],
        "inhibited_by": [clean(fingerprint) for fingerprint in alert.inhibited_by],
        "muted_by": list(alert.muted_by),
        "receivers": list(alert.receivers),
        "groups": [dict(group) for group in alert.groups],
        "generator": alert.generator,
        "runbook": alert.runbook,
        "dashboard": alert.dashboard,
    }


def silence_object(silence: Silence) -> dict[str, Any]:
    """One silence."""
    return {
        "id": clean(silence.id),
        "source": silence.source,
        "state": silence.state,
        "matchers": [clean(str(matcher)) for matcher in silence.matchers],
        "created_by": silence.created_by,
        "comment": silence.comment,
        "starts_at": moment(silence.starts_at),
        "ends_at": moment(silence.ends_at),
        "updated_at": moment(silence.updated_at),
        "mutes_now": silence.mutes_now,
    }


def change_object(change: StatusChange) -> dict[str, Any]:
    """One change of status."""
    return {
        "service": change.key.service,
        "slo": change.key.slo,
        "from": None if change.before is None else change.before.value,
        "to": change.after.value,
        "at": moment(change.at),
        "reason": change.reason,
    }
