"""Who scrapes a source: one console or recorder at a time, the others read what it writes.

A lease runs out by itself when its holder no longer renews it, and is taken over at once when the holder was a
process of this host that is gone.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path
from secrets import token_hex

from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LEASES, seal
from sreconsole.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Holder:
    """One process, told apart from any other that has or had its number."""

    host: str
    pid: int
    started: int
    """Clock ticks since boot; 0 when the system does not say."""
    token: str = field(default_factory=lambda: token_hex(8))
    """Tells two holders within one process apart."""

    @classmethod
    def here(cls) -> Holder:
        """This process. The host's name is joined with its process numbering, as containers may share a name."""
        return cls(_host(), os.getpid(), _started(os.getpid()))


class Lease:
    """The right to scrape one source (`scope`: what is scraped, hashed)."""

    def __init__(self, store: Store, scope: bytes, seconds: float, holder: Holder | None = None) -> None:
        """`seconds`: how long it lasts without being renewed."""
        self.scope = scope
        self.seconds = seconds
        self.held = False
        self._store = store
        self._me = holder or Holder.here()

    def acquire(self, now: float) -> bool:
        """Take or renew it; False while somebody else has it. `now`: Unix seconds. Raises StoreFailed.

        Writes only when there is something to say: nobody has it, or a third of ours has passed.
        """
        left = self._store.read(lambda connection: self._left(connection, now))
        self.held = left is None or left > 0
        if left is not None and not 0 < left < self.seconds * 2 / 3:
            return self.held
        self.held = self._store.write(lambda connection: self._take(connection, now))
        return self.held

    def _take(self, connection: sqlite3.Connection, now: float) -> bool:
        left = self._left(connection, now)
        if left == 0:
            return False
        me = self._me
        row = (self.scope, me.token, me.host, me.pid, me.started, float(now + self.seconds))
        connection.execute(f"INSERT OR REPLACE INTO leases ({LEASES}) VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, seal(*row)))
        return True

    def release(self) -> None:
        """Give it back, if we have it. Raises StoreFailed."""
        self.held = False
        with self._store.writing() as connection:
            connection.execute("DELETE FROM leases WHERE scope = ? AND token = ?", (self.scope, self._me.token))

    def mine(self, connection: sqlite3.Connection) -> bool:
        """Whether it is still ours, within a transaction: nobody took it over while we slept."""
        row = connection.execute("SELECT token FROM leases WHERE scope = ?", (self.scope,)).fetchone()
        self.held = row is not None and row[0] == self._me.token
        return self.held

    def _left(self, connection: sqlite3.Connection, now: float) -> float | None:
        """Seconds our lease lasts; 0: somebody else has it; None: nobody has."""
        row = connection.execute(f"SELECT {LEASES} FROM leases WHERE scope = ?", (self.scope,)).fetchone()
        if row is None or (row[-1] is not None and row[-1] != seal(*row[:-1])):  # version 1 writes no checksum
            return None
        _, token, host, pid, started, expires, _ = row
        if expires <= now or expires > now + 100 * self.seconds:  # run out, or written by a clock far ahead
            return None
        if token == self._me.token:
            return float(expires - now)
        return None if host == self._me.host and _started(pid) != started else 0.0


def _host() -> str:
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()


def _started(pid: int) -> int:
    """When a process of this host began, in clock ticks since boot; 0: it is gone or not to be seen."""
    try:
        words = Path(f"/proc/{int(pid)}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return 0 if words[0] in ("Z", "X") else int(words[19])
    except (OSError, ValueError, IndexError):
        return 0
