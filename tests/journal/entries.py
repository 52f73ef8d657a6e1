"""Entries to write, and a journal to write them to."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

from sreconsole.domain.actor import Actor
from sreconsole.domain.entry import Ending, Entry, EntryOutcome
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.spool import Spool
from sreconsole.journal.sqlite_journal import SqliteStore
from sreconsole.journal.store import Store

T0 = 1_795_000_000.0
ANA = Actor("ana", "config", "ana", "bastion-2", "10.1.2.3")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def entry(number: int, **more: Any) -> Entry:
    fields: dict[str, Any] = {
        "id": f"01J{number:023d}",
        "kind": "silence.create",
        "written_at": T0 + number % 10**6,
        "actor": ANA,
        "text": f"reindexing OPS-{number}",
        "service": "checkout",
        "nonce": "abcdefgh",
        "facts": {"source": "am", "matchers": ['service="checkout"'], "matched": 3, "of": 41},
    }
    return Entry(**(fields | more))


def outcome(number: int, ending: Ending = "done", **more: Any) -> EntryOutcome:
    return EntryOutcome(f"01J{number:023d}", ending, more.pop("at", T0 + number % 10**6 + 0.5), **more)


def journal(folder: Path, store: Store | None = None, *, name: str = "", clock: Clock | None = None) -> Recorder:
    """The journal at a folder, with a spool beside it."""
    made = store or SqliteStore(folder / "journal.db")
    writer = name or f"bastion-2:{random.randrange(10**9)}"
    return Recorder(made, Spool(folder, "a journal"), writer, clock or Clock())


def numbers(recorder: Recorder) -> list[int]:
    """The numbers of all entries that can be read."""
    return [int(recorded.entry.id[3:]) for recorded in recorder.read(0)]


def raw(path: Path) -> sqlite3.Connection:
    """A connection as somebody with a shell has it."""
    return sqlite3.connect(path, isolation_level=None)
