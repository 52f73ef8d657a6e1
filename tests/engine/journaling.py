"""A journal in memory, which fails when it is told to."""

from __future__ import annotations

from collections.abc import Collection

from sreconsole.domain.actor import Actor
from sreconsole.domain.entry import Entry, EntryOutcome, Recorded
from sreconsole.journal.journal import Cursor, JournalFailed
from sreconsole.records import replace

ANA = Actor("ana", "config", "ana", "bastion")


class MemoryJournal:
    """Implements `journal.journal.Journal`; `failing` makes the next writes fail."""

    writer = "here"

    def __init__(self) -> None:
        self.rows: list[Recorded] = []
        self.log: list[str] = []
        """What was written, in order: `intent KIND`, `ENDING KIND`."""
        self.failing: str | None = None
        self.state: str | None = None
        self.closed = False

    def write(self, entry: Entry) -> None:
        self._may()
        self.rows.append(Recorded(entry, None, self.writer, len(self.rows)))
        self.log.append(f"intent {entry.kind}")

    def ended(self, outcome: EntryOutcome) -> None:
        self._may()
        for place, row in enumerate(self.rows):
            if row.entry.id == outcome.entry:
                self.rows.append(replace(self.rows.pop(place), outcome=outcome))
                self.log.append(f"{outcome.ending} {row.entry.kind}")
                return
        raise AssertionError("an outcome without an intent")

    def read(self, since: float, until: float | None = None, kinds: Collection[str] | None = None) -> list[Recorded]:
        self._may()
        wanted = [row for row in self.rows if row.entry.at >= since and (until is None or row.entry.at < until)]
        return sorted((row for row in wanted if kinds is None or row.entry.kind in kinds), key=lambda row: row.entry.at)

    def newer(self, cursor: Cursor | None) -> tuple[list[Recorded], Cursor]:
        self._may()
        new = [] if cursor is None else self.rows[-max(0, len(self.log) - cursor.store) :]
        return (new if cursor is not None and len(self.log) > cursor.store else []), Cursor(len(self.log), 0)

    def verify(self) -> list[str]:
        return []

    def close(self) -> None:
        self.closed = True

    def _may(self) -> None:
        if self.failing is not None:
            raise JournalFailed(self.failing)
