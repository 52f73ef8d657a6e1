"""Reading a posted silence the way Alertmanager's request layer does, with its words for what is wrong."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sreconsole.demo.silences import Hush
from sreconsole.domain.regex import compile_re2
from sreconsole.domain.selector import Matcher

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")
_REQUIRED = ("comment", "createdBy", "endsAt", "matchers", "startsAt")
_MATCHER = {"isRegex": bool, "name": str, "value": str}
_KINDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}


class Refused(Exception):
    """A silence that is not taken: the HTTP status and the document that says why."""

    def __init__(self, status: int, document: object) -> None:
        super().__init__(str(document))
        self.status = status
        self.document = document


def read_silence(body: bytes, now: float) -> Hush:
    """The silence that a body spells; its id is empty when it names none. Raises Refused."""
    told = _object(body)
    for key in _REQUIRED:
        if told.get(key) is None:
            raise _invalid(602, f"{key} in body is required")
    for key in ("comment", "createdBy", "endsAt", "startsAt", "id"):
        _of_kind(told.get(key), str, f"Silence.{key}")
    starts, ends = _moment(told["startsAt"]), _moment(told["endsAt"])
    matchers = _matchers(told["matchers"])
    if starts >= ends:
        raise Refused(400, "Failed to create silence: start time must be before end time")
    if ends < now:
        raise Refused(400, "Failed to create silence: end time can't be in the past")
    for place, matcher in enumerate(matchers):
        _check(place, matcher)
    if all(matcher.op in ("=", "=~") and matcher.matches("") for matcher in matchers):  # `!=` is let through, as there
        raise Refused(400, "invalid silence: at least one matcher must not match the empty string")
    return Hush(told.get("id") or "", matchers, starts, ends, told["createdBy"], told["comment"])


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise _invalid(602, "silence in body is required")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from None
    _of_kind(told, dict, "Silence")
    return dict(told)


def _matchers(told: object) -> tuple[Matcher, ...]:
    _of_kind(told, list, "Silence.matchers")
    assert isinstance(told, list)
    if not told:
        raise _invalid(612, "matchers in body should have at least 1 items")
    found: list[Matcher] = []
    for place, one in enumerate(told):
        _of_kind(one, dict, "Matcher")
        for key, kind in (*_MATCHER.items(), ("isEqual", bool)):
            if key in _MATCHER and one.get(key) is None:
                raise _invalid(602, f"matchers.{place}.{key} in body is required")
            _of_kind(one.get(key), kind, f"Matcher.matchers.{key}")
        equal = one.get("isEqual") is not False
        op = ("=~" if equal else "!~") if one["isRegex"] else ("=" if equal else "!=")
        found.append(Matcher(one["name"], op, one["value"]))
    return tuple(found)


def _check(place: int, matcher: Matcher) -> None:
    if not matcher.name:
        raise Refused(400, f'invalid silence: invalid label matcher {place}: invalid label name ""')
    if matcher.op in ("=~", "!~"):
        try:
            compile_re2(matcher.value)
        except ValueError as error:
            said = f"invalid regular expression {json.dumps(matcher.value)}: error parsing regexp: {error}"
            raise Refused(400, f"invalid silence: invalid label matcher {place}: {said}") from None


def _moment(text: str) -> float:
    """Unix seconds; a time without a zone is UTC, a date alone is no time."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _unreadable(f"parsing time {json.dumps(text)}: cannot parse it") from None


def _of_kind(value: object, kind: type, where: str) -> None:
    """Null passes: what must be there is asked for elsewhere."""
    if value is not None and type(value) is not kind:
        said = _KINDS.get(type(value), "value")
        raise _unreadable(f"json: cannot unmarshal {said} into Go struct field {where} of type {_KINDS[kind]}")


def _unreadable(why: str) -> Refused:
    return _invalid(400, f'parsing silence body from "" failed, because {why}')


def _invalid(code: int, message: str) -> Refused:
    return Refused(400 if code == 400 else 422, {"code": code, "message": message})
