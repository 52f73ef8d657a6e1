"""What waits on this host while the journal is away: a file of the same layout in the state directory.

Delivering is harmless to repeat: a row that stands there already is left as it is. So a process that was killed
between delivering and taking note of it loses and doubles nothing, and any process of the same user can go on.
Delivered rows stay: they are few, and `verify` holds them against the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sreconsole.journal.row import Row
from sreconsole.journal.sqlite_journal import SqliteStore
from sreconsole.journal.store import Away, Store

_BATCH, _MANY = 200, 100_000


class Spool:
    """The rows that one user on one host keeps for one journal."""

    def __init__(self, folder: Path, target: str) -> None:
        """`target`: names the journal they are for, so that another config's entries do not go there."""
        digest = hashlib.sha256(target.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self.store = SqliteStore(folder / f"spool-{digest}.db")
        self._noted = 0
        """The newest place that we delivered, where the file takes no note any more."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here: most hosts never see it."""
        return self.store.path.exists()

    def put(self, rows: Sequence[Row]) -> None:
        """Keep rows, durably. Raises Away."""
        self.store.put(rows)

    def waiting(self) -> int:
        """How many entries wait, or what came of them does; 0 where that cannot be told."""
        return len({row.columns.entry for row in self.kept()[1]})

    def kept(self) -> tuple[list[Row], list[Row]]:
        """The rows that were delivered, and those that wait."""
        rows = self.read(lambda store: store.after(0, _MANY))
        try:
            mark = self._mark() if rows else 0
        except Away:
            mark = 0
        return [row for row in rows if row.place <= mark], [row for row in rows if row.place > mark]

    def deliver(self, store: Store) -> bool:
        """Hand over what waits; whether there was anything. Raises Away where the store is."""
        told = False
        while rows := self.read(lambda spool: spool.after(self._mark(), _BATCH)):
            store.put(rows)
            told = True
            self._take_note(rows[-1].place)
        return told

    def read(self, ask: Callable[[SqliteStore], list[Row]]) -> list[Row]:
        """What the file answers; nothing where it is not there or cannot be read."""
        if not self.exists:
            return []
        try:
            return ask(self.store)
        except Away:
            return []

    def end(self) -> int:
        """Its newest place; 0 where that cannot be told."""
        try:
            return self.store.end() if self.exists else 0
        except Away:
            return 0

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()

    def _mark(self) -> int:
        """The newest place that was delivered. Raises Away."""
        try:
            with self.store.writing() as connection:
                noted = int(connection.execute("SELECT coalesce(max(place), 0) FROM delivered").fetchone()[0])
        except Away:
            if self.store.damage is None:
                raise
            noted = 0  # all of it that can be read is delivered, once by each process
        return max(noted, self._noted)

    def _take_note(self, place: int) -> None:
        self._noted = place
        with suppress(Away), self.store.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO delivered VALUES (?)", (place,))
