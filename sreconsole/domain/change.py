"""A change of status, as it is recorded: from what, to what, when and why."""

from __future__ import annotations

from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One SLO went from one status to another."""

    key: SloKey
    before: Status | None
    """None: nothing was recorded of this SLO before."""
    after: Status
    at: float
    """Unix seconds when it was seen."""
    reason: str
    """The first reason of the new status, a sentence; may be empty for ok."""
