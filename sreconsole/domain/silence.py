"""A silence: alerts whose labels satisfy all of its matchers do not notify while it is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sreconsole.domain.selector import Matcher

SilenceState = Literal["active", "pending", "expired"]


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence of one source."""

    id: str
    source: str
    state: SilenceState
    matchers: tuple[Matcher, ...]
    """Raw values, in the server's order; `str(matcher)` is the form for people, after `clean`."""
    created_by: str
    """Cleaned; the server believes whatever the client says."""
    comment: str
    """Cleaned."""
    starts_at: float
    """Unix seconds."""
    ends_at: float
    mutes_now: int | None = None
    """Alerts of its source that it mutes now; None: the alerts of the source are not known."""
    updated_at: float | None = None
