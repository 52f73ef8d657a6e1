"""Status changes, in `history.db`: from what, to what, when and why, written once however many consoles saw them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from zlib import crc32

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.ledger.store import Store

KEPT = 400 * 86_400
"""Seconds for which changes are kept."""
_COLUMNS = "scope, at, service, slo, before, after, reason, checksum"


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
        key = change.key
        with self._store.writing() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM changes WHERE scope = ? AND service = ? AND slo = ? "
                "ORDER BY number DESC LIMIT 20",
                (scope, key.service, key.slo),
            )
            last = next((found.after for row in rows if (found := _change(row)) is not None), None)
            if last is change.after:
                return False
            row = (
                *(scope, float(change.at), key.service, key.slo),
                *(last.value if last else "", change.after.value, change.reason),
            )
            connection.execute(
                f"INSERT INTO changes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, checksum(row))
            )
            connection.execute("DELETE FROM changes WHERE at < ?", (change.at - KEPT,))
        return True

    def changes(self, since: float, scopes: Iterable[bytes] | None = None) -> list[StatusChange]:
        """Changes at or after `since` (Unix seconds), oldest first; of these scopes only, when some are given."""
        wanted = None if scopes is None else frozenset(scopes)
        with self._store.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM changes WHERE at >= ? ORDER BY at, number", (since,)
            ).fetchall()
        found = []
        self.damaged = 0
        for row in rows:
            change = _change(row)
            if change is None:
                self.damaged += 1
            elif wanted is None or row[0] in wanted:
                found.append(change)
        return found


def checksum(row: tuple[object, ...]) -> int:
    """Over everything a row says but its checksum; -1 when it holds what no row can."""
    scope, at, *texts = row
    if type(scope) is not bytes or type(at) is not float or not all(type(text) is str for text in texts):
        return -1
    value = crc32(struct.pack("<d", at), crc32(scope))
    for text in texts:
        data = str(text).encode("utf-8", "surrogatepass")
        value = crc32(data, crc32(struct.pack("<q", len(data)), value))
    return value


def _change(row: tuple[object, ...]) -> StatusChange | None:
    """The change a row says; None when the row is damaged."""
    if checksum(row[:-1]) != row[-1]:
        return None
    _, at, service, slo, before, after, reason, _ = row
    assert isinstance(at, float)
    try:
        return StatusChange(
            SloKey(str(service), str(slo)), Status(before) if before else None, Status(after), at, str(reason)
        )
    except ValueError:  # a status of a newer version
        return None
