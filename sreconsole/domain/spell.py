"""A spell: one time for which an alert fired, put together from what a server tells about minutes.

`ALERTS_FOR_STATE` has for its value since when an alert is active, so the same value is the same spell, whatever gaps
lie in it. A restart of the server that forgets the value begins a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sreconsole.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Edge:
    """A minute in which an alert began to fire, or before which it stopped to."""

    key: str
    """Identifies the alert: a hash of its labels."""
    since: float
    """Since when it was active (Unix seconds), by which spells are told apart."""
    at: float
    """End of the minute."""
    begins: bool
    """It fired in this minute and, with the same `since`, not in the one before; or the other way round."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One time for which one alert fired."""

    key: str
    alert: str
    """Its name, cleaned."""
    start: float
    """Unix seconds: not before the beginning of the minute in which it was first seen to fire."""
    end: float | None
    """Unix seconds at which it was last seen to; None: it still does."""
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Raw: to find the service."""
    service: str | None = None


def spans(edges: Iterable[Edge], step: float) -> dict[tuple[str, float], tuple[float, float | None]]:
    """Start and end of every spell by key and `since`, where minutes are `step` seconds long.

    One that began before anything was asked for is taken to have begun when it became active.
    """
    found: dict[tuple[str, float], list[Edge]] = {}
    for edge in edges:
        found.setdefault((edge.key, edge.since), []).append(edge)
    return {spell: _span(sorted(each, key=_order), step) for spell, each in found.items()}


def _order(edge: Edge) -> tuple[float, bool]:
    return edge.at, edge.begins


def _span(edges: list[Edge], step: float) -> tuple[float, float | None]:
    first, last = edges[0], edges[-1]
    start = min(max(first.since, first.at - step), first.at) if first.begins else first.since
    return start, None if last.begins else max(start, last.at - step)
