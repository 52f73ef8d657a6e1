"""Answers of Alertmanagers newer than the one that tests can run, field by field.

Cited documents: "AM x.y" is `api/v2/openapi.yaml` of Alertmanager at that release; "AM changelog" its CHANGELOG.md;
"Mimir" is grafana.com/docs/mimir, HTTP API reference; "Grafana" is grafana.com/docs/grafana, Alerting HTTP API, whose
Alertmanager endpoints answer with the models of the same OpenAPI file. Fields named `x_…` stand for those of a
future release: a reader must not mind them ("additionalProperties" is not forbidden in any definition).
"""

from __future__ import annotations

from typing import Any

from tests.sources.alerting import at

SILENCE = "b5f1a6a6-1d7c-4e0b-9d62-0d6a3a1f7f11"

MUTED: dict[str, Any] = {
    "fingerprint": "aaaaaaaaaaaaaaaa",  # AM 0.25, gettableAlert.fingerprint
    "startsAt": "2026-11-23T03:00:00.123456789Z",  # AM 0.25, gettableAlert.startsAt: date-time, Go writes nanoseconds
    "endsAt": "2026-11-23T03:10:00.000Z",  # AM 0.25, gettableAlert.endsAt
    "updatedAt": "2026-11-23T03:05:00.000Z",  # AM 0.25, gettableAlert.updatedAt
    "generatorURL": "https://prom.example/graph?g0.expr=up",  # AM 0.25, alert.generatorURL: uri
    "annotations": {"summary": "quiet hours"},  # AM 0.25, gettableAlert.annotations: labelSet
    "labels": {  # AM 0.25, alert.labels: labelSet
        "alertname": "Batch",
        "severity": "page",
        "http.status": "500",  # AM changelog 0.27: label names may be any UTF-8
        "Größe ü": "groß",
    },
    "receivers": [  # AM 0.25, gettableAlert.receivers
        {
            "name": "pager",  # AM 0.25, receiver.name
            "labels": {"team": "sre"},  # AM changelog 0.33: labels on receivers
            "x_channel": 7,
        }
    ],
    "status": {  # AM 0.25, alertStatus
        "state": "suppressed",  # AM 0.25, alertStatus.state: enum
        "silencedBy": [],  # AM 0.25, alertStatus.silencedBy
        "inhibitedBy": [],  # AM 0.25, alertStatus.inhibitedBy
        "mutedBy": ["nights", "weekends"],  # AM 0.28, alertStatus.mutedBy: names of time intervals
        "x_reason": {"deep": [1, 2, {"er": None}]},
    },
    "x_priority": 1,
}
LIVE: dict[str, Any] = {
    **MUTED,
    "fingerprint": "bbbbbbbbbbbbbbbb",
    "labels": {"alertname": "Live", "severity": "warn"},
    "status": {**MUTED["status"], "state": "active", "mutedBy": []},
}
FUTURE: dict[str, Any] = {
    **LIVE,
    "fingerprint": "cccccccccccccccc",
    "labels": {"alertname": "Future", "severity": "critical"},
    # AM 0.25, alertStatus.state is an enum; a release to come may add a word to it.
    "status": {**LIVE["status"], "state": "x_acknowledged", "silencedBy": [SILENCE]},
}
NEW: dict[str, Any] = {
    **LIVE,
    "fingerprint": "dddddddddddddddd",
    "labels": {"alertname": "New"},
    "status": {"state": "unprocessed", "silencedBy": None, "inhibitedBy": None},  # AM 0.25, enum; Go writes nil as null
}
BOTH: dict[str, Any] = {
    **LIVE,
    "fingerprint": "eeeeeeeeeeeeeeee",
    "labels": {"alertname": "Both"},
    "status": {**MUTED["status"], "silencedBy": [SILENCE], "inhibitedBy": ["bbbbbbbbbbbbbbbb"]},
}
GROUPS: list[dict[str, Any]] = [
    {
        "labels": {"alertname": "Batch"},  # AM 0.25, alertGroup.labels
        "receiver": {"name": "pager", "x_id": 4},  # AM 0.25, alertGroup.receiver
        "routeLabels": {"owner": "sre"},  # AM changelog 0.34: labels of the route
        "alerts": [MUTED, LIVE, FUTURE, NEW, BOTH],  # AM 0.25, alertGroup.alerts
        "x_page": None,
    }
]
SILENCES: list[dict[str, Any]] = [
    {
        "id": SILENCE,  # AM 0.25, gettableSilence.id
        "status": {"state": "active", "x_by": "rule"},  # AM 0.25, silenceStatus.state: enum
        "updatedAt": at(-60),  # AM 0.25, gettableSilence.updatedAt
        "startsAt": at(-60),  # AM 0.25, silence.startsAt
        "endsAt": at(3600),  # AM 0.25, silence.endsAt
        "createdBy": "ana",  # AM 0.25, silence.createdBy
        "comment": "reindexing OPS-7",  # AM 0.25, silence.comment
        "annotations": {"ticket": "OPS-7"},  # AM changelog 0.32: annotations on silences
        "matchers": [  # AM 0.25, matchers
            {"name": "http.status", "value": "5..", "isRegex": True, "isEqual": True, "x_set": 0},  # AM 0.27 names
            {"name": "Größe ü", "value": "klein", "isRegex": False, "isEqual": False},  # AM 0.25, matcher.isEqual
            {"name": "env", "value": "test|dev", "isRegex": True, "isEqual": False},
            {"name": "job", "value": "", "isRegex": False},  # AM 0.25, matcher.isEqual: default true
            {"name": "zone", "value": "a", "isRegex": False, "isEqual": None},  # the same, as Go writes a nil pointer
        ],
        "x_source": "ui",
    },
    {
        # AM 0.25, silenceStatus.state is an enum; a release to come may add a word to it.
        "status": {"state": "x_suspended"},
        "id": "future",
        "updatedAt": at(-60),
        "startsAt": at(600),
        "endsAt": at(3600),
        "createdBy": "ben",
        "comment": "later",
        "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}],
    },
    {
        "status": {"state": "expired"},
        "id": "long-over",
        "updatedAt": at(-9000),
        "startsAt": at(-9000),
        "endsAt": at(-7200),  # AM, `--data.retention` (120h): expired ones stay listed for that long
        "createdBy": "ben",
        "comment": "",
        "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}],
    },
]
SEVERAL_SETS = (500, "\"silence '42' has multiple matcher sets which is not supported by this API version\"\n")
"""AM changelog 0.32, silences with several matcher sets: the v2 API then refuses the whole list with a JSON string."""
TOO_MANY = (503, "Limit of concurrent GET requests reached (8), try again later.\n\n", "text/plain; charset=utf-8")
"""AM 0.25, `--web.get-concurrency`: text."""
NO_TENANT = (401, "no org id\n", "text/plain; charset=utf-8")
"""Mimir, "Authentication": every call needs X-Scope-OrgID."""
NOT_SET_UP = (404, "the Alertmanager is not configured\n", "text/plain; charset=utf-8")
"""Mimir, "Alertmanager": a tenant without a configuration and without a fallback has none."""
GRAFANA_FORBIDDEN = (
    403,
    # Grafana, "Role-based access control": a token without `alert.instances:read`; errors are objects with `message`.
    '{"accessErrorId":"ACE1","message":"You\'ll need additional permissions","title":"Access denied"}',
)
GRAFANA_NOT_READY = (409, '{"message":"Alertmanager wasn\'t ready","traceID":"00"}')
"""Grafana, "Alertmanager": answers 409 until the organisation's own one runs."""
