"""What somebody noted: an event on a service, or on all of them, with what may be its end."""

from __future__ import annotations

from sreconsole.domain.entry import Recorded
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One note. Every text is cleaned."""

    id: str
    at: float
    """Unix seconds when what it speaks of was, or began."""
    text: str
    by: str
    written_at: float
    until: float | None = None
    """When it ended; None: it was a moment."""
    service: str | None = None
    """None: about all of them."""
    tags: tuple[str, ...] = ()
    source: str = "journal"
    """Where it was read."""


def noted(recorded: Recorded) -> Note | None:
    """The note that an entry of the journal is; None for other entries, and for one that was refused."""
    entry, outcome = recorded.entry, recorded.outcome
    if entry.kind != "note" or (outcome is not None and outcome.ending in ("refused", "failed")):
        return None
    return Note(
        entry.id, entry.at, entry.text, entry.actor.name, entry.written_at, entry.until, entry.service, entry.tags
    )
