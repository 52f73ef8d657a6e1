"""The status words, their order, and the roll-up. Source: docs/words.md. Never a mean."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Status(Enum):
    """What an SLO, a service or the whole is, worst first in the order of definition."""

    PAGE = "page"
    WARN = "warn"
    UNKNOWN = "unknown"
    STALE = "stale"
    OK = "ok"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]


_RANKS = {status: rank for rank, status in enumerate(Status)}


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of them; unknown when there is none (nothing known is never ok)."""
    return min(statuses, key=lambda status: status.rank, default=Status.UNKNOWN)
