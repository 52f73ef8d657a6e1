"""A silence: alerts whose labels satisfy all of its matchers do not notify while it is active."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sreconsole.domain.selector import Matcher
from sreconsole.records import dataclass

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


def concerns(silence: Silence, match: Mapping[str, str]) -> bool:
    """Whether it is about what carries the labels `match` (raw): it names one of them and contradicts none."""
    named = [matcher for matcher in silence.matchers if matcher.name in match]
    return bool(named) and all(_allows(matcher, match[matcher.name]) for matcher in named)


def _allows(matcher: Matcher, value: str) -> bool:
    try:
        return matcher.matches(value)
    except ValueError:  # a regular expression that only the server understands: it may well mean this value
        return True
