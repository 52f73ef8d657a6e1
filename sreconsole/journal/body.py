"""What a row says, as JSON in ASCII, and back.

Written by us it is clean; read it is cleaned again, as others write into a shared journal too. What a newer writer
says besides is left alone: an unknown kind is an entry of that kind, an unknown field is not looked at.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from sreconsole.domain.actor import Actor, Origin
from sreconsole.domain.cleaning import clean
from sreconsole.domain.entry import Ending, Entry, EntryKind, EntryOutcome
from sreconsole.domain.redacting import redacted

OUTCOME = "outcome"
"""The kind of rows that say what came of an entry."""
_ENDINGS = ("done", "refused", "failed", "unknown")
_TEXT, _FACT, _ROOM, _ITEMS, _DEPTH = 4_000, 12_000, 100_000, 500, 6
_RAW = frozenset({"matchers"})
"""Facts that say what was muted: a label named `token` must not become `***`."""


class Columns(NamedTuple):
    """What rows are looked up by; all of it stands in the body."""

    entry: str
    """Id of the entry it is, or is about."""
    kind: str
    began: float
    """Unix seconds; when what it speaks of began."""
    ended: float


def columns(body: str) -> Columns:
    """What a row with this body is looked up by. Raises ValueError where it says nothing that we know."""
    return _columns(_said(body))


def _columns(said: dict[str, Any]) -> Columns:
    kind = said.get("kind")
    if kind is None:
        at = _number(said.get("at"))
        return Columns(_id(said.get("entry")), OUTCOME, _known(at), _known(at))
    written = _number(said.get("written_at"))
    since, until = _number(said.get("since")), _number(said.get("until"))
    began = _known(written if since is None else since)
    return Columns(_id(said.get("id")), _id(kind), began, began if until is None else until)


def of_entry(entry: Entry) -> str:
    """The body of an intent. Raises ValueError for times that are none."""
    actor = entry.actor
    return _dump(
        {
            "id": entry.id,
            "kind": entry.kind,
            "written_at": entry.written_at,
            "actor": {
                "name": _short(actor.name),
                "origin": actor.origin,
                "account": _short(actor.account),
                "host": _short(actor.host),
                "client": _short(actor.client),
            },
            "text": clean(redacted(entry.text), _TEXT),
            "service": None if entry.service is None else _short(entry.service),
            "since": entry.since,
            "until": entry.until,
            "tags": [_short(tag) for tag in entry.tags[:_ITEMS]],
            "nonce": _short(entry.nonce),
            "facts": _Facts().of(entry.facts),
        }
    )


def of_outcome(outcome: EntryOutcome) -> str:
    """The body of a row that says what came of an entry. Raises ValueError for a time that is none."""
    return _dump(
        {
            "entry": outcome.entry,
            "ending": outcome.ending,
            "at": outcome.at,
            "answer": clean(redacted(outcome.answer), _TEXT),
            "facts": _Facts().of(outcome.facts),
        }
    )


def entry_of(body: str) -> Entry:
    """The entry of a body. Raises ValueError where it is none."""
    said = _said(body)
    found = _columns(said)
    if found.kind == OUTCOME:
        raise ValueError("an outcome, not an entry")
    actor = said.get("actor")
    actor = actor if isinstance(actor, dict) else {}
    tags = said.get("tags")
    service = said.get("service")
    return Entry(
        id=found.entry,
        kind=cast("EntryKind", found.kind),
        written_at=_known(_number(said.get("written_at"))),
        actor=Actor(
            _text(actor.get("name")),
            cast("Origin", _text(actor.get("origin"))),
            _text(actor.get("account")),
            _text(actor.get("host")),
            _text(actor.get("client")),
        ),
        text=_text(said.get("text"), _TEXT),
        service=_text(service) if isinstance(service, str) else None,
        since=_number(said.get("since")),
        until=_number(said.get("until")),
        tags=tuple(_text(tag) for tag in tags[:_ITEMS]) if isinstance(tags, list) else (),
        nonce=_text(said.get("nonce")),
        facts=_facts(said.get("facts")),
    )


def outcome_of(body: str) -> EntryOutcome:
    """What came of an entry, by a body. Raises ValueError where it is no outcome. An ending that we do not know is
    unknown."""
    said = _said(body)
    found = _columns(said)
    if found.kind != OUTCOME:
        raise ValueError("an entry, not an outcome")
    ending = said.get("ending")
    known = cast("Ending", ending if ending in _ENDINGS else "unknown")
    return EntryOutcome(found.entry, known, found.began, _text(said.get("answer"), _TEXT), _facts(said.get("facts")))


class _Facts:
    """Facts on their way into a row: clean, without secrets, of a size."""

    def __init__(self) -> None:
        self._room = _ROOM

    def of(self, facts: Mapping[str, object]) -> dict[str, object]:
        kept = list(facts.items())[:_ITEMS]
        return {self._cut(clean(str(name), 200)): self._fact(value, str(name) in _RAW, 1) for name, value in kept}

    def _fact(self, value: object, raw: bool, depth: int) -> object:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Mapping) and depth < _DEPTH:
            items = list(value.items())[:_ITEMS]
            return {self._cut(clean(str(name), 200)): self._fact(part, raw, depth + 1) for name, part in items}
        if isinstance(value, list | tuple | set | frozenset) and depth < _DEPTH:
            parts = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [self._fact(part, raw, depth + 1) for part in list(parts)[:_ITEMS]]
        text = str(value)
        return self._cut(clean(text if raw else redacted(text), _FACT))

    def _cut(self, text: str) -> str:
        if len(text) > self._room:
            return "…"
        self._room -= len(text)
        return text


def _facts(value: object) -> dict[str, object]:
    return {clean(name, 200): _cleaned(part, 1) for name, part in value.items()} if isinstance(value, dict) else {}


def _cleaned(value: object, depth: int) -> object:
    if isinstance(value, str):
        return clean(value, _FACT)
    if depth < _DEPTH and isinstance(value, list):
        return [_cleaned(part, depth + 1) for part in value[:_ITEMS]]
    if depth < _DEPTH and isinstance(value, dict):
        return {clean(name, 200): _cleaned(part, depth + 1) for name, part in value.items()}
    unfit = isinstance(value, dict | list) or (isinstance(value, float) and not math.isfinite(value))
    return None if unfit else value


def _dump(said: dict[str, object]) -> str:
    kept = {name: value for name, value in said.items() if value not in (None, "", [], {})}
    body = json.dumps(kept, allow_nan=False, sort_keys=True, separators=(",", ":"))
    columns(body)
    return body


def _said(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(said, dict):
        raise ValueError("not an object")
    return said


def _number(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if usable else None  # type: ignore[arg-type]


def _known(at: float | None) -> float:
    if at is None:
        raise ValueError("it does not say when")
    return at


def _id(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("it does not say which")
    return clean(value, 200)


def _short(text: str) -> str:
    return clean(text, 500)


def _text(value: object, limit: int = 500) -> str:
    return clean(value, limit) if isinstance(value, str) else ""
