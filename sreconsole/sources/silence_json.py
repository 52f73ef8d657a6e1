"""Silences as they are posted, and as they are found again: what must come back exactly as it was sent.

Source: `api/v2/openapi.yaml` of Alertmanager, `postableSilence` and `gettableSilence`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from sreconsole.domain.draft import Draft
from sreconsole.domain.selector import Matcher
from sreconsole.records import dataclass
from sreconsole.sources import alertmanager_json
from sreconsole.sources.alertmanager_silences import matcher_of

STARTS = "2000-01-01T00:00:00.000Z"
"""When a silence begins, as we say it: long ago, so that the server puts its own time there. A time of ours would make
the silence pending where this host's clock is ahead, and the page would go out."""
_ADDED = ("status", "updatedAt", "accessControl", "metadata")
"""Fields that servers add to what was posted, the last two Grafana."""
_LAST = 253_402_300_799.0
"""The last second of the year 9999."""


class Key(NamedTuple):
    """What tells silences apart that carry no nonce: the server keeps all of this as it was sent."""

    created_by: str
    comment: str
    matchers: frozenset[Matcher]
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A silence as a server keeps it, nothing cleaned."""

    id: str
    state: str
    """`active`, `pending`, `expired`; empty where the server does not say."""
    key: Key
    updated: float
    """Unix seconds; 0: not said."""
    raw: bytes
    """The whole of it, as it came."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state == "expired"


def kept(raw: bytes) -> Kept:
    """The silence of a JSON text. Raises one of `alertmanager_json.UNREADABLE`."""
    item = alertmanager_json.silence(raw)
    ends = alertmanager_json.moment(item.endsAt)
    if not item.id or not item.matchers or ends is None or alertmanager_json.moment(item.startsAt) is None:
        raise ValueError("a silence without id, matchers or times")
    state = item.status.state if item.status is not None else ""
    key = Key(item.createdBy or "", item.comment or "", frozenset(map(matcher_of, item.matchers)), milliseconds(ends))
    return Kept(item.id, state, key, alertmanager_json.moment(item.updatedAt) or 0.0, bytes(raw))


def key_of(draft: Draft) -> Key:
    """By what a draft is found where its nonce was lost on the way."""
    return Key(draft.created_by, draft.signed, frozenset(draft.matchers), milliseconds(draft.ends_at))


def signed(found: Kept, draft: Draft) -> bool:
    """Whether a silence carries the nonce of a draft."""
    return f"[sc:{draft.nonce}]" in found.key.comment


def posted(draft: Draft) -> bytes:
    """The body that makes a silence. Raises ValueError where it cannot be said in JSON as it is."""
    return _packed(
        {
            "matchers": [_matcher(matcher) for matcher in draft.matchers],
            "startsAt": STARTS,
            "endsAt": stamp(draft.ends_at),
            "createdBy": draft.created_by,
            "comment": draft.signed,
        }
    )


def extended(found: Kept, ends_at: float) -> bytes:
    """The body that lets a silence end at another time and changes nothing else.

    `startsAt` goes back byte for byte and the matchers in their order: else the server would end the silence and make
    another one. Raises ValueError.
    """
    item = msgspec.json.decode(found.raw, type=dict[str, Any])
    return _packed({**{name: value for name, value in item.items() if name not in _ADDED}, "endsAt": stamp(ends_at)})


def prolonged(found: Kept, ends_at: float) -> Key:
    """By what a silence is found that the server made in place of one that it could not change any more."""
    return found.key._replace(ends_ms=milliseconds(ends_at))


def stamp(at: float) -> str:
    """RFC 3339 of Unix seconds, to the millisecond. Raises ValueError for a time that cannot be written so."""
    if not 0 < at <= _LAST:
        raise ValueError("its end is no time that can be written")
    seconds, rest = divmod(milliseconds(at), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def milliseconds(at: float) -> int:
    """As servers keep times that we send."""
    return round(at * 1000)


def _matcher(matcher: Matcher) -> Mapping[str, object]:
    return {
        "name": matcher.name,
        "value": matcher.value,
        "isRegex": matcher.op.endswith("~"),
        "isEqual": matcher.op.startswith("="),
    }


def _packed(item: Mapping[str, object]) -> bytes:
    """JSON of ASCII only: nothing in it can be misread, here or on the way."""
    for text in _texts(item):
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise ValueError("it holds bytes that are no UTF-8 text: the server would keep something else")
    return json.dumps(item, separators=(",", ":")).encode("ascii")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(name)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
