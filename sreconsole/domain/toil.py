"""Toil and operational load as they are told: pages of a shift, minutes of a week, counters, repeat offenders.

Terms and defaults: Google's SRE book, chapters 5 (toil) and 11 (at most two incidents per 12 h shift). How spells
become incidents is in `domain.incident`, where shifts begin in `domain.shift`, how minutes add up in `domain.load`.
"""

from __future__ import annotations

from sreconsole.domain.reading import Figure
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift on call."""

    start: float
    """Unix seconds."""
    end: float
    label: str
    """As in the config: `08:00-20:00`."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Pages near each other: one interruption."""

    start: float
    """Unix seconds when its first page fired."""
    end: float | None
    """When its last one ended; None: it still fires."""
    alerts: tuple[str, ...]
    """Names of the alerts, cleaned, the first to fire first."""
    services: tuple[str, ...] = ()
    pages: int = 1
    """Spells of alerts in it."""


@dataclass(frozen=True, slots=True)
class Counter:
    """One configured counter."""

    title: str
    value: Figure
    unit: str = ""
    minutes: Figure = Figure.missing("no minutes each are configured")
    """What it cost: the value times the minutes each."""
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of toil of one week, in the configured zone, from Monday on."""

    start: float
    """Unix seconds of its Monday, midnight."""
    measured: Figure
    """Written down by people."""
    assumed: Figure
    """Counted things times a default each."""
    pages: Figure
    """Incidents in it."""

    @property
    def total(self) -> Figure:
        """All minutes of which anything is known; not known where neither part is."""
        known = [part.value for part in (self.measured, self.assumed) if part.value is not None]
        return Figure(sum(known)) if known else self.measured


@dataclass(frozen=True, slots=True)
class Offender:
    """An alert that paged again and again in the last seven days."""

    alert: str
    service: str | None
    count: int
    minutes: float
    """What that cost, at the default minutes a page."""
    flapping: bool = False
    """Four spells or more within a day, or a median spell below five minutes."""


@dataclass(frozen=True, slots=True)
class ToilReport:
    """What is known of toil and load. What is not known carries its reason."""

    shift: Shift | None
    """The present one; None: none is configured, or nobody is on call now."""
    pages: Figure
    """Incidents of this shift."""
    pages_budget: int | None
    incidents: tuple[Incident, ...]
    """Those of this shift, newest first."""
    weeks: tuple[Minutes, ...]
    """The present week first, then those before it, eight in all."""
    cap: float | None
    """Minutes a week that toil may take: people x hours x 60 x cap; None: the number of people is not configured."""
    counters: tuple[Counter, ...]
    """In config order."""
    offenders: tuple[Offender, ...]
    """The costliest first."""
    silenced_included: bool = True
    """Pages are counted where alerts fire, before silences: what was silenced is among them."""
    remarks: tuple[str, ...] = ()
    """Bad lines in a log, history that reaches less far than eight weeks: sentences."""
