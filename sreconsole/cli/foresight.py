"""The members of fleets before anything was asked: the cache remembers them, and the first frame shows their names."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from sreconsole.config.model import PrometheusSource
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.records import replace

_PATIENCE = 0.25
"""Seconds for the look into the cache: a disk that hangs must not keep the first frame."""
_SHOWN = 200
"""Services of a fleet on the first frame, more than a terminal has lines; the others follow at once. Thousands would
hold it up by as much as all the rest of the start."""

Members = Mapping[SloKey, str]
"""Label values by SLO."""


def foresee(
    measured: Sequence[tuple[PrometheusSource, Sequence[Fleet]]], cache: Path, now: float
) -> dict[str, Members]:
    """By source: who was in its fleets within the last day, as far as that can be told at once."""
    found: dict[str, Members] = {}

    def look() -> None:
        for source, fleets in measured:
            found[source.name] = _recalled(source, fleets, cache, now)

    looking = threading.Thread(target=look, name="foresight", daemon=True)
    looking.start()
    looking.join(_PATIENCE)
    return {name: members for name, members in [*found.items()] if members}


def shown_first(
    measured: Sequence[tuple[PrometheusSource, Sequence[Fleet]]], foreseen: Mapping[str, Members]
) -> list[Slo]:
    """The SLOs of the members that stand first on the screen."""
    slos = []
    for source, fleets in measured:
        templates = {template.name: template for fleet in fleets for template in fleet.slos}
        members = foreseen.get(source.name, {})
        names = set(sorted({key.service for key in members})[:_SHOWN])
        slos += [replace(templates[key.slo], service=key.service) for key in members if key.service in names]
    return sorted(slos, key=lambda slo: slo.service)


def _recalled(source: PrometheusSource, fleets: Sequence[Fleet], cache: Path, now: float) -> Members:
    from sreconsole.engine.members import name_of, recalled, scope_of, told_at_once
    from sreconsole.ledger.peek import peek

    if not told_at_once(source):
        return {}
    scope = scope_of(source)
    facts = peek(cache, [name_of(scope, fleet, template) for fleet in fleets for template in fleet.slos])
    return {one.key: one.value for one in recalled(fleets, scope, facts.get, now)}
