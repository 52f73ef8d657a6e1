"""One entry of the journal: what somebody set out to do or noted, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sreconsole.domain.actor import Actor
from sreconsole.records import dataclass, field

EntryKind = Literal["silence.create", "silence.extend", "silence.expire", "note", "toil"]
Ending = Literal["done", "refused", "failed", "unknown"]
"""unknown may be followed by another ending once it is settled; the newest counts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The intent; written before anything is sent. Never changed afterwards."""

    id: str
    """Sorts by time: 26 characters, unique (ULID)."""
    kind: EntryKind
    written_at: float
    """Unix seconds."""
    actor: Actor
    text: str = ""
    """Cleaned: the comment, the note, what the toil was."""
    service: str | None = None
    since: float | None = None
    """Unix seconds that a note or toil speaks of; None: when it was written."""
    until: float | None = None
    """End of the span it speaks of."""
    tags: tuple[str, ...] = ()
    nonce: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    """JSON values: for silences `source`, `silence_id`, `matchers` (texts), `ends_at`, `matched`, `of`; for toil
    `minutes`, `category`; whatever else is worth keeping. No secrets."""

    @property
    def at(self) -> float:
        """When what it speaks of began, Unix seconds."""
        return self.written_at if self.since is None else self.since


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """What came of an entry; a row of its own."""

    entry: str
    """Id of the entry."""
    ending: Ending
    at: float
    answer: str = ""
    """Cleaned, short: what the server said."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """`silence_id` from the answer, `status`, `annotation_id`."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry and the newest of its outcomes."""

    entry: Entry
    outcome: EntryOutcome | None
    """None: the writer ended between intent and outcome; what came of it is not known."""
    writer: str = ""
    """Who wrote it: host, process and start."""
    seq: int = 0
