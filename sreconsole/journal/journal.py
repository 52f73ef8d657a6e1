"""What everybody who acts, and everybody who shows what was done, asks of the journal."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from sreconsole.domain.entry import Entry, EntryOutcome, Recorded
from sreconsole.errors import SreconsoleError
from sreconsole.records import dataclass


class JournalFailed(SreconsoleError):
    """It could be written down nowhere, not here either; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far somebody has read; to be handed back, not to be looked into."""

    store: int
    """Place of the newest row that was told; -1: the journal was away, so nothing of it was."""
    spool: int


class Journal(Protocol):
    """The journal of one start of the program. Every call but `state` may block: call it in a thread; any thread will
    do, several at once too."""

    @property
    def writer(self) -> str:
        """Who writes here: host, process and start."""

    @property
    def state(self) -> str | None:
        """Why entries are kept on this host just now, in a sentence; None: they stand in the journal."""

    def write(self, entry: Entry) -> None:
        """Write an intent; it is on the disk when this returns. Raises JournalFailed."""

    def ended(self, outcome: EntryOutcome) -> None:
        """Write what came of an entry; likewise. Where it fails it is tried again with whatever is written next."""

    def read(self, since: float, until: float | None = None, kinds: Collection[str] | None = None) -> list[Recorded]:
        """What speaks of a time from `since` to before `until`, newest last. What cannot be reached is left out, which
        `state` then says."""

    def newer(self, cursor: Cursor | None) -> tuple[list[Recorded], Cursor]:
        """What was written or ended since, by anybody, and the next cursor. None begins: with no rows.

        Cheap where nothing is new. One entry may be told more than once; its id says so, and what is told later holds.
        Also delivers what was kept on this host while the journal was away.
        """

    def verify(self) -> list[str]:
        """What does not stand there as it was written, a sentence each; reads everything."""

    def close(self) -> None:
        """Deliver what waits, if that can be done at once, and let go of the files."""
