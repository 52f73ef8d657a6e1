"""The JSON of the Alertmanager API v2, taken apart piece by piece.

Fields that we do not know are ignored, as servers grow new ones; what a server may leave out has a default. Source:
`api/v2/openapi.yaml` of Alertmanager (definitions `alertGroup`, `gettableAlert`, `gettableSilence`).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises when the text is not the promised JSON."""


class NamedJson(msgspec.Struct, gc=False):
    """A receiver."""

    name: str = ""


class StatusJson(msgspec.Struct, gc=False):
    """`alertStatus`: what keeps an alert from notifying."""

    state: str = ""
    """`unprocessed`, `active`, `suppressed`."""
    silencedBy: list[str] | None = None
    inhibitedBy: list[str] | None = None
    mutedBy: list[str] | None = None
    """Names of time intervals; absent before Alertmanager 0.28."""


class AlertJson(msgspec.Struct, gc=False):
    """`gettableAlert`."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: str | None = None
    fingerprint: str | None = None
    generatorURL: str | None = None
    receivers: list[NamedJson] | None = None
    status: StatusJson | None = None


class GroupJson(msgspec.Struct, gc=False):
    """`alertGroup`: its alerts are decoded one by one."""

    alerts: list[msgspec.Raw] | None
    labels: dict[str, str] | None = None
    receiver: NamedJson | None = None


class MatcherJson(msgspec.Struct, gc=False):
    """`matcher`."""

    name: str
    value: str
    isRegex: bool = False
    isEqual: bool | None = True


class SilenceStateJson(msgspec.Struct, gc=False):
    """`silenceStatus`."""

    state: str = ""


class BriefJson(msgspec.Struct, gc=False):
    """As much of a silence as tells whether it is worth reading."""

    endsAt: str
    status: SilenceStateJson | None = None


class SilenceJson(msgspec.Struct, gc=False):
    """`gettableSilence`."""

    id: str
    matchers: list[MatcherJson]
    startsAt: str
    endsAt: str
    createdBy: str | None = None
    comment: str | None = None
    updatedAt: str | None = None
    status: SilenceStateJson | None = None


class ErrorJson(msgspec.Struct, gc=False):
    """`{"code", "message"}` of the API's own layer, `{"message"}` of Grafana."""

    message: str


_pieces = msgspec.json.Decoder(list[msgspec.Raw] | None)
_error = msgspec.json.Decoder(ErrorJson | str)
group = msgspec.json.Decoder(GroupJson).decode
alert = msgspec.json.Decoder(AlertJson).decode
brief = msgspec.json.Decoder(BriefJson).decode
silence = msgspec.json.Decoder(SilenceJson).decode


def pieces(body: bytes) -> list[msgspec.Raw]:
    """The elements of a list, not yet looked into; Go may write an empty one as `null`. Raises one of UNREADABLE."""
    return _pieces.decode(body) or []


def error_text(body: bytes) -> str | None:
    """What an error body says: a bare JSON string or an object with a message; None for anything else."""
    try:
        found = _error.decode(body)
    except UNREADABLE:
        return None
    return found if isinstance(found, str) else found.message


def moment(text: str | None) -> float | None:
    """Unix seconds of an RFC 3339 time; None where there is none or it is before 1970 (Go's zero time)."""
    try:
        at = datetime.fromisoformat(text or "")
        seconds = at.timestamp() if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is not None and seconds > 0 else None
