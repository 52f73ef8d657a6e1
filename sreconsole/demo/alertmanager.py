"""The estate's alerting system: Alertmanager's API v2, as far as consoles and `amtool` use it.

Answers, error bodies and their two shapes follow its OpenAPI document and what Alertmanager 0.25 answers, with
`mutedBy` as newer ones have it. Its alerts come from the story, its silences from people.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ulp
from urllib.parse import parse_qs, unquote

from sreconsole.demo.alarms import Alarm, Alarms
from sreconsole.demo.filters import parse_filter
from sreconsole.demo.postings import Refused, read_silence
from sreconsole.demo.server import Answer, Request
from sreconsole.demo.silences import Hush, Silences, UnknownSilence
from sreconsole.demo.story import Story
from sreconsole.domain.regex import compile_re2
from sreconsole.domain.selector import Matcher

JSON = "application/json"
API = "/api/v2"
VERSION = {
    **{"version": "0.28.0-simulated", "revision": "none", "branch": "HEAD", "buildUser": "sreconsole"},
    **{"buildDate": "20260101-00:00:00", "goVersion": "none"},
}
RECEIVERS = ("pager", "tickets", "heartbeat")
ROUTES = """\
route:
  receiver: tickets
  group_by: [alertname, service]
  routes:
  - receiver: pager
    matchers: ['severity="page"']
  - receiver: heartbeat
    matchers: ['alertname="Watchdog"']
inhibit_rules:
- source_matchers: ['severity="page"']
  target_matchers: ['severity="ticket"']
  equal: [service]
receivers:
- name: pager
- name: tickets
- name: heartbeat
"""
"""Its config; `_receiver`, `_inhibiting` and `_group` do what it says."""
RESENT = 240.0
"""Seconds after its evaluation at which an alert ends unless it is heard of again, as Prometheus sets it."""
_TRUE = frozenset(("true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"))
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_Handler = Callable[[Request, float], Answer]
_Found = tuple[Alarm, dict[str, object]]


class Alertmanager:
    """One Alertmanager of one story: a call answers a request."""

    def __init__(self, story: Story, clock: Callable[[], float]) -> None:
        self._started = story.origin
        self._clock = clock
        self._alarms = Alarms(story)
        self._silences = Silences(story)
        self._routes: dict[str, dict[str, _Handler]] = {
            "/status": {"GET": self._status},
            "/receivers": {"GET": lambda request, now: _json([{"name": name} for name in RECEIVERS])},
            "/alerts": {"GET": lambda request, now: _json([document for _, document in self._found(request, now)])},
            "/alerts/groups": {"GET": lambda request, now: _json(_groups(self._found(request, now)))},
            "/silences": {"GET": self._list, "POST": self._post},
            "/silence/": {"DELETE": self._expire, "GET": self._one},
        }

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        method = "GET" if request.method == "HEAD" else request.method
        if request.path in ("/-/healthy", "/-/ready"):
            return Answer(200, b"OK") if method == "GET" else Answer(405, b"Method Not Allowed\n")
        if not request.path.startswith(API + "/"):
            return Answer(404, b"404 page not found\n")
        path = request.path[len(API) :]
        allowed = self._routes.get("/silence/" if path.startswith("/silence/") else path)
        if allowed is None:
            return _complaint(404, f"path {request.path} was not found")
        if method not in allowed:
            known = ",".join(sorted(allowed))
            refused = _complaint(405, f"method {method} is not allowed, but [{known}] are")
            return Answer(refused.status, refused.body, refused.kind, {"Allow": known})
        try:
            return allowed[method](request, self._clock())
        except Refused as refusal:
            return _json(refusal.document, refusal.status)
        except UnknownSilence:
            return _json("silence not found", 404) if method == "POST" else Answer(404, kind="")

    def _status(self, request: Request, now: float) -> Answer:
        return _json(
            {
                "cluster": {"peers": [], "status": "disabled"},
                "config": {"original": ROUTES},
                "uptime": _time(self._started),
                "versionInfo": VERSION,
            }
        )

    def _found(self, request: Request, now: float) -> list[_Found]:
        """The alerts that a request asks for, with their documents."""
        asked = _Asked(request)
        alarms = self._alarms.at(now)
        found: list[_Found] = []
        for alarm in alarms:
            silenced, inhibited = self._silences.muting(alarm.labels, now), _inhibiting(alarm, alarms)
            if asked.wants(alarm, bool(silenced), bool(inhibited)):
                found.append((alarm, _alert(alarm, silenced, inhibited)))
        return found

    def _list(self, request: Request, now: float) -> Answer:
        wanted = _filters(parse_qs(request.query))
        return _json([_silence(hush, now) for hush in self._silences.listed(now) if set(wanted) <= set(hush.matchers)])

    def _one(self, request: Request, now: float) -> Answer:
        return _json(_silence(self._silences.get(_id(request), now), now))

    def _post(self, request: Request, now: float) -> Answer:
        kind = request.kind.partition(";")[0].strip() or "application/octet-stream"
        if kind != JSON:
            return _complaint(415, f'unsupported media type "{kind}", only [{JSON}] are allowed')
        return _json({"silenceID": self._silences.post(read_silence(request.body, now), now)})

    def _expire(self, request: Request, now: float) -> Answer:
        self._silences.expire(_id(request), now)
        return Answer(200, kind="")


class _Asked:
    """Which alerts a request asks for. Raises Refused where it cannot be read."""

    def __init__(self, request: Request) -> None:
        fields = parse_qs(request.query, keep_blank_values=True)
        self._matchers = _filters(fields)
        self._active, self._silenced, self._inhibited = (
            _truth(fields, name) for name in ("active", "silenced", "inhibited")
        )
        try:
            self._receiver = compile_re2(fields["receiver"][0]) if "receiver" in fields else None
        except ValueError as error:
            raise Refused(400, f"failed to parse receiver param: error parsing regexp: {error}") from None

    def wants(self, alarm: Alarm, silenced: bool, inhibited: bool) -> bool:
        """Whether an alert is among them."""
        if (silenced and not self._silenced) or (inhibited and not self._inhibited):
            return False
        if not (silenced or inhibited or self._active):
            return False
        if self._receiver is not None and not self._receiver.fullmatch(_receiver(alarm)):
            return False
        return all(matcher.matches(alarm.labels.get(matcher.name, "")) for matcher in self._matchers)


def _truth(fields: Mapping[str, Sequence[str]], name: str) -> bool:
    """A parameter of yes or no: yes when absent, no for whatever is not one of the words for yes."""
    return name not in fields or fields[name][0].lower() in _TRUE


def _filters(fields: Mapping[str, Sequence[str]]) -> list[Matcher]:
    try:
        return [parse_filter(text) for text in fields.get("filter", ())]
    except ValueError as error:
        raise Refused(400, str(error)) from None


def _id(request: Request) -> str:
    text = unquote(request.path.removeprefix(f"{API}/silence/"))
    if not _UUID.fullmatch(text):
        raise Refused(422, {"code": 601, "message": f"silenceID in path must be of type uuid: {json.dumps(text)}"})
    return text.lower()


def _receiver(alarm: Alarm) -> str:
    if alarm.labels.get("severity") == "page":
        return "pager"
    return "heartbeat" if alarm.labels.get("alertname") == "Watchdog" else "tickets"


def _inhibiting(alarm: Alarm, alarms: Sequence[Alarm]) -> list[str]:
    """The fingerprint of a page alert of the same service, for a ticket."""
    if alarm.labels.get("severity") != "ticket":
        return []
    service = alarm.labels.get("service", "")
    pages = (other for other in alarms if other.labels.get("severity") == "page")
    return [other.fingerprint for other in pages if other.labels.get("service", "") == service][:1]


def _alert(alarm: Alarm, silenced: list[str], inhibited: list[str]) -> dict[str, object]:
    return {
        "annotations": alarm.annotations,
        "endsAt": _time(alarm.evaluated + RESENT),
        "fingerprint": alarm.fingerprint,
        "receivers": [{"name": _receiver(alarm)}],
        "startsAt": _time(alarm.since),
        "status": {
            "inhibitedBy": inhibited,
            "mutedBy": [],
            "silencedBy": silenced,
            "state": "suppressed" if silenced or inhibited else "active",
        },
        "updatedAt": _time(alarm.evaluated),
        "generatorURL": alarm.expression,
        "labels": alarm.labels,
    }


def _groups(found: Sequence[_Found]) -> list[dict[str, object]]:
    """The alerts by the labels of their group, which tell its receiver; groups with fewer labels first."""
    groups: dict[tuple[tuple[tuple[str, str], ...], str], list[dict[str, object]]] = {}
    for alarm, document in found:
        shared = tuple((name, alarm.labels[name]) for name in ("alertname", "service") if name in alarm.labels)
        groups.setdefault((shared, _receiver(alarm)), []).append(document)
    return [
        {"alerts": members, "labels": dict(shared), "receiver": {"name": name}}
        for (shared, name), members in sorted(groups.items(), key=lambda item: (len(item[0][0]), item[0]))
    ]


def _silence(hush: Hush, now: float) -> dict[str, object]:
    return {
        "id": hush.id,
        "status": {"state": hush.state(now)},
        "updatedAt": _time(hush.updated),
        "comment": hush.comment,
        "createdBy": hush.created_by,
        "endsAt": _time(hush.ends),
        "matchers": [
            {"isEqual": m.op in ("=", "=~"), "isRegex": m.op in ("=~", "!~"), "name": m.name, "value": m.value}
            for m in hush.matchers
        ],
        "startsAt": _time(hush.starts),
    }


def _time(at: float) -> str:
    # Floats of far times, a microsecond and more apart, lie just below their milliseconds, and these are cut.
    whole = datetime.fromtimestamp(at, UTC) + timedelta(microseconds=int(ulp(at) * 1e6))
    return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(document: object, status: int = 200) -> Answer:
    return Answer(
        status, json.dumps(document, ensure_ascii=False).encode() + b"\n", JSON, {"Cache-Control": "no-store"}
    )


def _complaint(status: int, message: str) -> Answer:
    return _json({"code": status, "message": message}, status)
