"""Status changes, in `history.db`: from what, to what, when and why, written once however many consoles saw them."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.ledger.salvage import Value
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import CHANGES, seal

KEPT = 400 * 86_400
"""Seconds for which changes are kept."""


class ChangeLog:
    """What is recorded. Calls block on the disk: make them off the event loop. Raises StoreFailed."""

    def __init__(self, store: Store) -> None:
        self.damaged = 0
        """Changes whose checksum was wrong; they are not shown."""
        self._store = store

    def record_change(self, scope: bytes, change: StatusChange) -> bool:
        """Record that an SLO has a status now; False when that is what was recorded last.

        `scope`: a hash of what the SLO measures, so that two configs with the same names do not mix. `before` is taken
        from what was recorded, not from what this console remembers.
        """
        return self._store.write(lambda connection: _record(connection, scope, change))

    def record_changes(self, changes: Sequence[tuple[bytes, StatusChange]]) -> list[bool]:
        """`record_change` for many, as one: whatever the number, the disk is waited for once."""
        return self._store.write(lambda connection: [_record(connection, *change) for change in changes])

    def changes(
        self, since: float, scopes: Iterable[bytes] | None = None, most: int = -1, until: float = math.inf
    ) -> list[StatusChange]:
        """Changes from `since` to `until` (Unix seconds, both included), oldest first; of these scopes only, when some
        are given, and at most the newest `most` of all."""
        wanted = None if scopes is None else frozenset(scopes)
        rows = self._store.read(
            lambda connection: connection.execute(
                f"SELECT {CHANGES} FROM changes WHERE at >= ? AND at <= ? ORDER BY at DESC, number DESC LIMIT ?",
                (since, until, most),
            ).fetchall()
        )
        read = [(row[0], _change(row)) for row in reversed(rows)]
        self.damaged = sum(change is None for _, change in read)
        return [change for scope, change in read if change is not None and (wanted is None or scope in wanted)]

    def moments(self, since: float, until: float = math.inf) -> dict[tuple[bytes, SloKey], list[float]]:
        """When each SLO of each scope changed from `since` to `until` (Unix seconds): the first and the last of every
        hour are enough to tell what lies within a day of a change. That an SLO is well when first seen is none."""
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT scope, service, slo, min(at), max(at) FROM changes WHERE at >= ? AND at <= ? "
                "AND NOT (before = '' AND after = 'ok') GROUP BY scope, service, slo, cast(at / 3600 AS INTEGER)",
                (since, until),
            ).fetchall()
        )
        found: dict[tuple[bytes, SloKey], list[float]] = {}
        for scope, service, slo, first, last in rows:
            found.setdefault((scope, SloKey(service, slo)), []).extend((first, last))
        return found


def _record(connection: sqlite3.Connection, scope: bytes, change: StatusChange) -> bool:
    rows = connection.execute(
        f"SELECT {CHANGES} FROM changes WHERE scope = ? AND service = ? AND slo = ? ORDER BY number DESC LIMIT 20",
        (scope, *change.key),
    )
    last = next((found.after for row in rows if (found := _change(row)) is not None), None)
    if last is change.after:
        return False
    row = (scope, float(change.at), *change.key, last.value if last else "", change.after.value, change.reason)
    connection.execute(f"INSERT INTO changes ({CHANGES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, seal(*row)))
    connection.execute("DELETE FROM changes WHERE at < ?", (change.at - KEPT,))
    return True


def _change(row: tuple[Value, ...]) -> StatusChange | None:
    """The change a row says; None when the row is damaged."""
    if seal(*row[:-1]) != row[-1]:
        return None
    _, at, service, slo, before, after, reason, _ = row
    assert isinstance(at, float)
    try:
        return StatusChange(
            SloKey(str(service), str(slo)), Status(before) if before else None, Status(after), at, str(reason)
        )
    except ValueError:  # a status of a newer version
        return None
