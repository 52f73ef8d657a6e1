"""Who is in which fleet of a Prometheus, as `ledger.db` remembers it: names for the screen before any answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from sreconsole.config.model import PrometheusSource, Secret
from sreconsole.domain.cleaning import clean
from sreconsole.domain.identity import measure, server_scope
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.records import dataclass

DAY = 86_400.0
"""Seconds for which a member is remembered that was not seen again."""
Fact = Callable[[bytes], bytes | None]
"""Looks up what is kept under a name."""


@dataclass(frozen=True, slots=True)
class Member:
    """One SLO of one member."""

    fleet: Fleet
    template: Slo
    key: SloKey
    value: str
    """Its label value as the server spells it."""


def scope_of(settings: PrometheusSource) -> bytes:
    """Whose data it is. Secrets among the headers may be files or programs: not on the event loop.

    Raises SourceError when one cannot be read.
    """
    headers = {name: [_text(value) for value in values] for name, values in settings.http.headers.items()}
    login, _, _ = settings.url.partition("://")[2].rpartition("@")
    user = login.partition(":")[0]
    if settings.http.basic_auth is not None:
        user = _text(settings.http.basic_auth[0])
    return server_scope(settings.url, headers, user)


def told_at_once(settings: PrometheusSource) -> bool:
    """Whether `scope_of` reads no file and runs no program."""
    parts = [value for values in settings.http.headers.values() for value in values]
    parts += (settings.http.basic_auth or ())[:1]
    return all(not isinstance(part, Secret) or part.origin == "inline" for part in parts)


def name_of(scope: bytes, fleet: Fleet, template: Slo) -> bytes:
    """What the members of a fleet are kept under, for one of its SLOs."""
    return measure(scope, template.sli, fleet.label) + b"members"


def recalled(fleets: Iterable[Fleet], scope: bytes, fact: Fact, now: float) -> Iterable[Member]:
    """Those that were seen within the last day and that the config still wants."""
    for fleet in fleets:
        for template in fleet.slos:
            for value, seen in pairs(fact(name_of(scope, fleet, template))):
                if now - seen <= DAY and not any(fnmatchcase(value, glob) for glob in fleet.except_):
                    yield Member(fleet, template, SloKey(clean(value, 100), template.name), value)


def packed(members: Iterable[tuple[str, float]]) -> bytes:
    """Label values and when they were last seen, as they are kept."""
    return json.dumps(list(members)).encode()


def pairs(fact: bytes | None) -> list[tuple[str, float]]:
    """A list of a text and a number each, from JSON; what is none is left out."""
    try:
        found = json.loads(fact or b"[]")
    except ValueError:
        return []
    return [
        (one[0], float(one[1]))
        for one in found
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and isinstance(one[1], int | float)
    ]


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
