"""The journal that a config asks for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sreconsole.domain.cleaning import clean
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.spool import Spool
from sreconsole.journal.sqlite_journal import SqliteStore
from sreconsole.journal.store import Away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sreconsole.config.model import Journal as Settings
    from sreconsole.domain.actor import Actor
    from sreconsole.journal.journal import Journal
    from sreconsole.journal.row import Row
    from sreconsole.journal.store import Store


def open_journal(settings: Settings, state_dir: Path | None, actor: Actor, now: float) -> Journal:
    """The journal of this start. Never raises and touches nothing yet: what cannot be used is said by `state` once it
    was tried, or by JournalFailed.

    `state_dir`: where entries are kept while the journal is away; None: nowhere. `now`: Unix seconds of the start.
    """
    store, target = _store(settings, state_dir)
    spool = None if state_dir is None else Spool(state_dir, target)
    return Recorder(store, spool, writer_name(actor.host, os.getpid(), now, os.urandom(5)))


def writer_name(host: str, process: int, now: float, chance: bytes) -> str:
    """What a start is called among all that ever write to a journal: containers share hosts' names and process ids."""
    named = clean(host, 100).encode("ascii", "replace").decode()
    return f"{named}:{process}:{int(now)}:{chance.hex()}"


def _store(settings: Settings, state_dir: Path | None) -> tuple[Store, str]:
    """Where rows go, and what names that place."""
    if settings.dsn is not None:
        from sreconsole.journal.postgres_journal import PostgresStore

        return PostgresStore(settings.dsn, settings.password_file), settings.dsn
    path = settings.path
    if path is None:
        if state_dir is None:
            return _Nowhere(), ""
        path = state_dir / "journal.db"
    return SqliteStore(path, settings.mode), str(path.absolute())


class _Nowhere:
    """No place at all: a host where the account has no home."""

    name, damage = "journal.db", None

    def put(self, rows: Sequence[Row]) -> None:
        raise Away("has no place: there is no home directory; set XDG_STATE_HOME, or journal: in the config")

    def entries(self, *_: object) -> list[Row]:
        return []

    def about(self, *_: object) -> list[Row]:
        return []

    def after(self, *_: object) -> list[Row]:
        return []

    def end(self) -> int:
        return 0

    def reached(self) -> int:
        return 0

    def close(self) -> None:
        pass
