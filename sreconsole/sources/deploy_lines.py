"""One line of a file of deploys: our own form, or a CDEvent (docs/words.md, "Deploys")."""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, unquote

import msgspec

from sreconsole.domain.cleaning import clean
from sreconsole.domain.deploy import DeployKind, DeployStatus
from sreconsole.sources.json_lines import UNREADABLE
from sreconsole.sources.line_time import line_time
from sreconsole.sources.texts import link

_NAME, _TEXT = 120, 500
_STATUSES: Final[dict[str, DeployStatus]] = {
    **dict.fromkeys(("queued", "pending", "waiting", "created", "blocked"), "queued"),
    **dict.fromkeys(("running", "in_progress", "started"), "running"),
    **dict.fromkeys(("succeeded", "success", "ok", "finished", "completed"), "succeeded"),
    **dict.fromkeys(("failed", "failure", "error", "timed_out"), "failed"),
    **dict.fromkeys(("cancelled", "canceled", "aborted"), "cancelled"),
    "unknown": "unknown",
}
_KINDS: Final[tuple[DeployKind, ...]] = (
    "deploy",
    "redeploy",
    "rollback",
    "canary",
    "config",
    "restart",
    "unknown",
)
_EVENTS: Final[dict[str, DeployKind]] = {"deployed": "deploy", "upgraded": "deploy", "rolledback": "rollback"}
_Text = str | int | float


class Line(msgspec.Struct, gc=False, omit_defaults=True):
    """A line of our own form, and every other one put into it. `version` and the like may be written as numbers."""

    ts: float | str
    service: str
    version: _Text
    environment: str | None = None
    status: str | None = None
    kind: str | None = None
    started_at: float | str | None = None
    finished_at: float | str | None = None
    actor: str | None = None
    url: str | None = None
    message: str | None = None
    sha: str | None = None
    id: _Text | None = None
    attempt: int | None = None
    commit_at: float | str | None = None


class _Reference(msgspec.Struct, gc=False):
    id: str = ""


class _Content(msgspec.Struct, gc=False, rename="camel"):
    environment: _Reference | None = None
    artifact_id: str = ""


class _Subject(msgspec.Struct, gc=False):
    id: str = ""
    content: _Content | None = None


class _Context(msgspec.Struct, gc=False):
    type: str
    timestamp: float | str = ""
    id: str = ""


class _Event(msgspec.Struct, gc=False):
    context: _Context
    subject: _Subject


class _Either(msgspec.Struct, gc=False):
    context: msgspec.Raw = msgspec.Raw()


_either = msgspec.json.Decoder(_Either).decode
_line = msgspec.json.Decoder(Line).decode
_event = msgspec.json.Decoder(_Event).decode


class Told(msgspec.Struct, gc=False):
    """What a line says, cleaned. None: it does not say."""

    key: str
    """What names the deploy within the file."""
    named: bool
    """Whether the line itself names it."""
    at: float
    service: str
    environment: str
    version: str
    status: DeployStatus
    raw_status: str
    kind: DeployKind | None
    started_at: float | None
    finished_at: float | None
    actor: str | None
    url: str | None
    message: str | None
    sha: str | None
    attempt: int | None
    commit_at: float | None


def told(text: bytes) -> Told | None:
    """What a line says; None: it is an event that is not about a deploy. Raises ValueError with what is wrong."""
    try:
        event = b'"context"' in text and bytes(_either(text).context)[:1] == b"{"
        line = _of_event(_event(text)) if event else _line(text)
    except UNREADABLE as error:
        raise ValueError(str(error)) from None
    return None if line is None else _cleaned(line)


def _of_event(event: _Event) -> Line | None:
    """A CDEvent (0.3 to 0.5: the names of what is read are the same) as a line."""
    parts = event.context.type.split(".")
    if parts[:2] != ["dev", "cdevents"]:
        raise ValueError("it is no CDEvent")
    if len(parts) < 4 or parts[2] != "service" or parts[3] not in _EVENTS:
        return None
    content = event.subject.content or _Content()
    return Line(
        ts=event.context.timestamp,
        service=event.subject.id.rpartition("/")[2],
        version=_of_purl(content.artifact_id),
        environment=content.environment.id if content.environment is not None else None,
        kind=_EVENTS[parts[3]],
        id=event.context.id or None,
    )


def _of_purl(purl: str) -> str:
    """What a person calls an artifact: its tag, else its version; of a digest the first twelve digits."""
    body, _, rest = purl.partition("#")[0].partition("?")
    tag = parse_qs(rest).get("tag")
    version = unquote(tag[0] if tag else body.rpartition("@")[2] if "@" in body else "")
    return version[7:19] if version.startswith("sha256:") else version


def _cleaned(line: Line) -> Told:
    at = _time("ts", line.ts)
    if at is None:
        raise ValueError("ts is missing")
    service, version = clean(line.service.strip(), _NAME), clean(str(line.version).strip(), _NAME)
    if not service or not version:
        raise ValueError("service is empty" if not service else "version is empty")
    raw = clean((line.status or "succeeded").strip(), _NAME)
    status = _STATUSES.get(raw.lower().replace("-", "_"), "unknown")
    environment = clean((line.environment or "").strip(), _NAME)
    sha = (line.sha or "").strip().lower()
    return Told(
        key=_key(line, service, environment, version, at),
        named=line.id is not None,
        at=at,
        service=service,
        environment=environment,
        version=version,
        status=status,
        raw_status=raw if raw != status else "",
        kind=None if line.kind is None else next((kind for kind in _KINDS if kind == line.kind.lower()), "unknown"),
        started_at=_time("started_at", line.started_at),
        finished_at=_time("finished_at", line.finished_at),
        actor=clean(line.actor, _NAME) if line.actor else None,
        url=link(line.url),
        message=clean(line.message, _TEXT) if line.message else None,
        sha=sha if 7 <= len(sha) <= 40 and all(digit in "0123456789abcdef" for digit in sha) else None,
        attempt=line.attempt if line.attempt is not None and 0 < line.attempt < 10_000 else None,
        commit_at=_time("commit_at", line.commit_at),
    )


def _key(line: Line, service: str, environment: str, version: str, at: float) -> str:
    """The id that the line gives, in characters that need no cleaning; else a hash of what it is about."""
    given = None if line.id is None else str(line.id)
    if given is not None and given.isascii() and given.isprintable() and len(given) <= _NAME:
        return given
    body = given if given is not None else "\0".join((service, environment, version, repr(at)))
    return sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _time(name: str, given: float | str | None) -> float | None:
    if given is None:
        return None
    time = line_time(given)
    if time is None:
        raise ValueError(f"{name} is no time: write RFC 3339, or seconds since 1970")
    return time
