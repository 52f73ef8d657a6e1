"""The history that a Prometheus writes of its alerts: its rule engine in a few lines, with restarts.

What it does is that of `rules/alerting.go`: an alert whose condition holds is pending since `activeAt` and fires once
that is `for` ago; `ALERTS` and `ALERTS_FOR_STATE` are written at each evaluation. After a restart `activeAt` is
restored for rules with a `for` of ten minutes and more only (`--rules.alert.for-grace-period`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers.history import Series

GRACE = 600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert, and when its condition holds: `[from, to)` in Unix seconds."""

    name: str
    holds: Sequence[tuple[float, float]]
    labels: Mapping[str, str] = field(default_factory=dict)
    severity: str = "page"
    wait: float = 0.0
    """Its `for`."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What really fired: one time for which an alert was firing without being resolved, gaps included."""

    name: str
    labels: tuple[tuple[str, str], ...]
    since: float
    first: float
    """The first evaluation that found it firing."""
    last: float


def evaluate(
    rules: Sequence[Rule], start: float, end: float, every: float, down: Sequence[tuple[float, float]] = ()
) -> tuple[list[Series], list[Fired]]:
    """Samples of evaluations each `every` seconds but those in `down` (`[from, to)`), and what fired."""
    series: list[Series] = []
    fired: list[Fired] = []
    for rule in rules:
        labels = {"alertname": rule.name, "severity": rule.severity, **rule.labels}
        states: dict[str, list[tuple[float, float]]] = {"pending": [], "firing": [], "": []}
        since: float | None = None
        spells: dict[float, tuple[float, float]] = {}
        was_down = False
        for number in range(int((end - start) // every) + 1):
            at = start + number * every
            if any(begin <= at < until for begin, until in down):
                was_down = True
                continue
            if was_down and rule.wait < GRACE:
                since = None
            was_down = False
            if not any(begin <= at < until for begin, until in rule.holds):
                since = None
                continue
            since = at if since is None else since
            state = "firing" if at - since >= rule.wait else "pending"
            states[state].append((at, 1.0))
            states[""].append((at, float(int(since))))
            if state == "firing":
                spells[since] = spells.get(since, (at, at))[0], at
        for state, samples in states.items():
            if samples and state:
                series.append(Series("ALERTS", {**labels, "alertstate": state}, samples))
            elif samples:
                series.append(Series("ALERTS_FOR_STATE", labels, samples))
        named = tuple(sorted(labels.items()))
        fired += [Fired(rule.name, named, at, first, last) for at, (first, last) in spells.items()]
    return series, fired
