"""What crossed a line within a span of time: one answer for each SLO, from its recorded changes of status."""

from __future__ import annotations

from collections.abc import Iterable

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Crossing:
    """How one SLO went from what it was to what it is."""

    key: SloKey
    before: Status | None
    """None: nothing was recorded of it before."""
    reached: Status
    """Where it is now; the worst it was where it is back at what it was before."""
    at: float
    """Unix seconds when that was seen."""
    back: bool = False
    """Whether it is back at what it was before."""


def crossed(changes: Iterable[StatusChange], since: float, until: float) -> list[Crossing]:
    """The SLOs with a change in `(since, until]` (Unix seconds), the worst first; `changes` in any order."""
    by_key: dict[SloKey, list[StatusChange]] = {}
    for change in changes:
        if since < change.at <= until:
            by_key.setdefault(change.key, []).append(change)
    found = [_crossing(key, sorted(mine, key=lambda change: change.at)) for key, mine in by_key.items()]
    return sorted(found, key=lambda one: (one.back, one.reached.rank, one.at, one.key))


def _crossing(key: SloKey, changes: list[StatusChange]) -> Crossing:
    before, last = changes[0].before, changes[-1]
    if last.after is not before:
        return Crossing(key, before, last.after, last.at)
    worst = min(changes, key=lambda change: change.after.rank)
    return Crossing(key, before, worst.after, worst.at, back=True)
