"""`status --format json`: the snapshot as the contract `sreconsole.status/1` says it (docs/words.md).

Unknown numbers are null, never 0 and never NaN; each null inside an SLO has its reason in `missing`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import PairReport, SloReport
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.plain.alerts_json import alert_object, change_object, moment, silence_object, timestamp, unknown_alerts
from sreconsole.plain.deploys_json import deploy_object, unknown_deploys
from sreconsole.plain.notes_json import note_object
from sreconsole.plain.toil_json import toil_object

SCHEMA = "sreconsole.status/1"
_STATES = {"waiting": "down", "unasked": "partial"}
"""States that the contract does not have, in its words."""


def render(snapshot: Snapshot) -> str:
    """One JSON document with a final line break."""
    return json.dumps(document(snapshot), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def document(snapshot: Snapshot) -> dict[str, Any]:
    """The whole status."""
    toil, toil_missing = toil_object(snapshot)
    return {
        "schema": SCHEMA,
        "at": timestamp(snapshot.at),
        "status": snapshot.status.value,
        "counts": {status.value: count for status, count in snapshot.counts().items()},
        "services": [_service(service) for service in snapshot.services],
        "alerts": [alert_object(alert) for alert in snapshot.alerts],
        "silences": [silence_object(silence) for silence in snapshot.silences],
        "deploys": [deploy_object(deploy) for deploy in snapshot.deploys],
        "toil": toil,
        "notes": [note_object(note) for note in snapshot.notes],
        "changes": [change_object(change) for change in snapshot.changes],
        "sources": [_source(source, snapshot.at) for source in snapshot.sources],
        "notices": list(snapshot.notices),
        "missing": {
            **unknown_alerts(snapshot),
            **unknown_deploys(snapshot),
            **toil_missing,
            **snapshot.missing,
        },
    }


def _service(service: ServiceState) -> dict[str, Any]:
    return {
        "name": service.name,
        "status": service.status.value,
        "tier": service.tier,
        "runbook": service.runbook,
        "depends_on": list(service.depends_on),
        "gone": service.gone,
        "reason": service.reason,
        "slos": [_slo(report) for report in service.slos],
    }


def _slo(report: SloReport) -> dict[str, Any]:
    missing: dict[str, str] = {}

    def number(path: str, figure: Figure, *, whole: bool = False) -> float | int | None:
        if figure.value is None or not math.isfinite(figure.value):
            missing[path] = figure.reason or "unknown"
            return None
        return int(figure.value) if whole else _rounded(figure.value)

    def windows(name: str, figures: Mapping[str, Figure]) -> dict[str, float | int | None]:
        return {window: number(f"{name}.{window}", figure) for window, figure in figures.items()}

    return {
        "name": report.key.slo,
        "status": report.status.value,
        "objective": float(report.objective),
        "window": report.window_label,
        "window_seconds": report.window_seconds,
        "error_ratio": windows("error_ratio", report.error_ratio),
        "burn_rate": windows("burn_rate", report.burn_rate),
        "budget": {
            "remaining": number("budget.remaining", report.remaining),
            "remaining_full_window": number("budget.remaining_full_window", report.remaining_full_window),
            "seconds_left": number("budget.seconds_left", report.seconds_left, whole=True),
            "events_left": number("budget.events_left", report.events_left, whole=True),
        },
        "events": {"bad": number("events.bad", report.bad), "total": number("events.total", report.total)},
        "exhausts_in_seconds": number("exhausts_in_seconds", report.exhausts_in, whole=True),
        "coverage": number("coverage", report.coverage),
        "weighting": report.weighting,
        "firing": [_firing(pair) for pair in report.firing],
        "alert_windows": [_pair(pair) for pair in report.pairs],
        "missing": missing,
        "reasons": list(report.reasons),
    }


def _firing(report: PairReport) -> dict[str, Any]:
    pair = report.pair
    return {
        "severity": pair.severity,
        "long": format_duration(pair.long),
        "short": format_duration(pair.short),
        "factor": pair.factor,
    }


def _pair(report: PairReport) -> dict[str, Any]:
    return {**_firing(report), "state": report.state, "can_fire": report.can_fire}


def _source(source: SourceState, at: float) -> dict[str, Any]:
    waiting = source.state == "waiting"
    return {
        "name": source.name,
        "kind": source.kind,
        "state": _STATES.get(source.state, source.state),
        "age_seconds": None if source.last_good is None else max(0, int(at - source.last_good)),
        "error": source.error or ("not asked yet" if waiting else None),
        "progress": None if source.progress is None else round(source.progress, 3),
        "next_try_seconds": None if source.next_try is None else max(0, math.ceil(source.next_try - at)),
        "notes": list(source.notes),
        "latency_seconds": None if source.latency is None else round(source.latency, 4),
        "requests_per_minute": source.requests_per_minute,
        "last_error": source.last_error,
        "last_error_at": moment(source.last_error_at),
    }


def _rounded(value: float) -> float:
    """Twelve significant digits: hides binary noise, keeps every digit that means something."""
    return float(f"{value:.12g}")
