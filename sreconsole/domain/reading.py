"""What is known of one window: counts with their coverage, or the reason why nothing is known."""

from __future__ import annotations

from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts over one window."""

    bad: float
    """Bad events (samples for gauges; bad seconds for time-weighted SLIs), never negative."""
    total: float
    """All events in the same unit; 0 with `known` above 0 means proven idle: no traffic."""
    known: float
    """Seconds of the window for which the total is known."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing usable is known of the window."""

    reason: str


WindowReading = Reading | Missing


@dataclass(frozen=True, slots=True)
class Figure:
    """A number for the screen and JSON, or None with its reason: exactly one of the two is None."""

    value: float | None
    reason: str | None = None

    @classmethod
    def known(cls, value: float) -> Figure:
        """A known number."""
        return cls(value, None)

    @classmethod
    def missing(cls, reason: str) -> Figure:
        """An unknown number and why."""
        return cls(None, reason)
