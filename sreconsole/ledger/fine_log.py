"""Fine buckets around status changes, in `history.db`: an incident can be looked at when no server knows it any more.

Rows are named by what they measure and written by whichever console comes first; the others find nothing to add.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from sreconsole.ledger.chunks import Held
from sreconsole.ledger.fine import SPAN, Chunk, Fine, Part, add, unpacked
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import FINE

DAY = 86_400
KEPT = 400 * DAY
"""Seconds for which fine buckets are kept."""
DAY_MOST = 32 << 20
"""Bytes of the buckets of one day; what comes then is not kept."""
FILE_MOST = 512 << 20
"""Bytes of all of them; the oldest days go when there are more."""
OVERHEAD = 48
"""Bytes of a row besides its buckets."""
_SIZE = f"coalesce(sum(length(blob) + {OVERHEAD}), 0)"


class FineLog:
    """What is kept. Calls block on the disk: make them off the event loop. Raises StoreFailed."""

    def __init__(self, store: Store, *, day_most: int = DAY_MOST, file_most: int = FILE_MOST) -> None:
        self.damaged = 0
        """Rows whose checksum was wrong; they are not used."""
        self.full: int | None = None
        """Start (Unix seconds) of the newest day of which not all is kept."""
        self.cut: int | None = None
        """Everything before this moment went because there was too much of it."""
        self._store, self._day_most, self._file_most = store, day_most, file_most
        self._size: int | None = None

    def keep(self, parts: Iterable[Part], now: float) -> int:
        """Write what is not there yet, as one; how many rows that were. `now`: Unix seconds."""
        ordered = sorted(parts, key=_place)
        if not ordered:
            return 0
        if self._size is None:
            self._size = int(self._store.read(lambda connection: _one(connection, f"SELECT {_SIZE} FROM fine")))
        written, size, full = self._store.write(lambda connection: _keep(connection, ordered, now, self._day_most))
        if full is not None or (self.full is not None and now - self.full > 2 * DAY):
            self.full = full
        self._size += size
        if self._size > self._file_most:
            self.cut, self._size = self._store.write(lambda connection: _shorten(connection, self._file_most))
        return written

    def load(self, identities: Collection[bytes], since: Mapping[int, int], until: float) -> dict[bytes, Fine]:
        """Buckets of these series that end by `until`, of the rows that reach beyond `since`, by width (Unix seconds).

        The interval is that of the newest row."""
        rows = self._store.read(lambda connection: _rows(connection, since, until))
        wanted, found = frozenset(identities), dict[bytes, Fine]()
        self.damaged = 0
        for row in rows:
            if row.identity not in wanted:
                continue
            values = unpacked(row)
            if values is None:
                self.damaged += 1
                continue
            span = SPAN[row.width]
            count = min(span, int(until - row.start) // row.width)
            if count <= 0:
                continue
            helds = found[row.identity].helds if row.identity in found else []
            held = Held(row.identity, row.width, row.start, values[:count], values[span : span + count], until)
            found[row.identity] = Fine(row.identity, float(row.interval), _joined(helds, held))
        return found

    def note(self) -> str | None:
        """What is not kept, in a sentence; None: everything is."""
        if self.full is not None:
            much = f"{self._day_most >> 20} MB"
            return f"fine buckets around status changes of {_day(self.full)} take {much}: no more of them are kept"
        if self.cut is not None:
            much = f"{self._file_most >> 20} MB"
            return f"fine buckets around status changes take {much}: those before {_day(self.cut)} went"
        return None


def _place(part: Part) -> tuple[int, int, bytes]:
    return part.start, part.width, part.identity


def _keep(connection: sqlite3.Connection, parts: Sequence[Part], now: float, most: int) -> tuple[int, int, int | None]:
    """Rows and bytes that were written, and the newest day that is full."""
    connection.execute("DELETE FROM fine WHERE start < ?", (int(now) - KEPT,))
    sizes: dict[int, int] = {}
    changed: list[Chunk] = []
    size, full = 0, None
    for (start, width, identity), group in groupby(parts, _place):
        row = connection.execute(
            f"SELECT {FINE} FROM fine WHERE start = ? AND width = ? AND identity = ?", (start, width, identity)
        ).fetchone()
        old = None if row is None else Chunk._make(row)
        new = add(old, group)
        if new is None:
            continue
        day = start // DAY * DAY
        if day not in sizes:
            sizes[day] = _one(connection, f"SELECT {_SIZE} FROM fine WHERE start >= ? AND start < ?", day, day + DAY)
        more = len(new.blob) + OVERHEAD - (len(old.blob) + OVERHEAD if old is not None else 0)
        if sizes[day] + more > most:
            full = day
            continue
        sizes[day] += more
        size += more
        changed.append(new)
    connection.executemany(f"INSERT OR REPLACE INTO fine ({FINE}) VALUES (?, ?, ?, ?, ?, ?)", changed)
    return len(changed), size, full


def _shorten(connection: sqlite3.Connection, most: int) -> tuple[int | None, int]:
    """Let the oldest days go until a tenth of the room is free; everything before the first moment returned is gone,
    and so many bytes are left."""
    days = connection.execute(f"SELECT start / {DAY}, {_SIZE} FROM fine GROUP BY 1 ORDER BY 1").fetchall()
    size = sum(each for _, each in days)
    end: int | None = None
    for day, each in days[:-1]:
        if size <= most * 9 // 10:
            break
        size -= each
        end = (day + 1) * DAY
    if end is not None:
        connection.execute("DELETE FROM fine WHERE start < ?", (end,))
    return end, size


def _rows(connection: sqlite3.Connection, since: Mapping[int, int], until: float) -> list[Chunk]:
    found: list[Chunk] = []
    for width, start in since.items():
        found += map(
            Chunk._make,
            connection.execute(
                f"SELECT {FINE} FROM fine WHERE start > ? AND start < ? AND width = ? ORDER BY start",
                (start - width * SPAN[width], until, width),
            ),
        )
    return found


def _joined(helds: Sequence[Held], held: Held) -> Sequence[Held]:
    """Buckets in a row are one run."""
    last = helds[-1] if helds else None
    if last is None or last.width != held.width or last.start + len(last.total) * last.width != held.start:
        return [*helds, held]
    last.bad.extend(held.bad)
    last.total.extend(held.total)
    return helds


def _one(connection: sqlite3.Connection, query: str, *values: object) -> int:
    return int(connection.execute(query, values).fetchone()[0])


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
