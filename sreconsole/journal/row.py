"""A row of the journal, sealed: each row of a writer carries a hash over itself and the one before.

Whoever edits or removes a row later breaks the chain at that row. It is no signature: who can write to the file and
computes all later hashes anew leaves no trace in it.
"""

from __future__ import annotations

import hashlib

from sreconsole.journal.body import Columns, columns
from sreconsole.records import dataclass

START = bytes(32)
"""What stands in the place of the hash before the first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an intent, or what came of one. Never changed."""

    writer: str
    seq: int
    """Of this writer, from 1."""
    columns: Columns
    body: str
    """JSON in ASCII: what it says. All else can be told from it."""
    hash: bytes
    place: int = 0
    """Where it stands in its file, from 1, without gaps; 0: nowhere yet."""


def seal(previous: bytes, writer: str, seq: int, body: str) -> bytes:
    """The hash of a row."""
    head = f"sreconsole journal 1\n{writer}\n{seq}\n".encode("utf-8", "surrogatepass")
    return hashlib.sha256(previous + head + body.encode()).digest()


class Chain:
    """The rows of one writer, in order."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        self._seq, self._hash = 0, START

    @property
    def length(self) -> int:
        """How many rows there are."""
        return self._seq

    def following(self, body: str) -> Row:
        """The next row, which `take` makes part of the chain."""
        seq = self._seq + 1
        return Row(self.writer, seq, columns(body), body, seal(self._hash, self.writer, seq, body))

    def take(self, row: Row) -> None:
        """It may stand somewhere now, so the next one follows it."""
        self._seq, self._hash = row.seq, row.hash
