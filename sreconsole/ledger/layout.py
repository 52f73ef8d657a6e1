"""What stands in a SQLite file of ours, and how it comes to be of this version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from sreconsole.errors import SreconsoleError
from sreconsole.ledger.salvage import Found
from sreconsole.records import dataclass, field


class Refused(Exception):
    """The file is not ours to touch; says why, to follow its name."""


class Damaged(Exception):
    """The file is ours, and not as we left it."""

    close: Callable[[], None] | None = None
    """Closes the connection it was found with; only once the file was moved, as SQLite then leaves its log alone."""


class StoreFailed(SreconsoleError):
    """The file could not be read or written just now; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file."""

    application: int
    """The file's `application_id`: whose it is."""
    version: int
    """Its `user_version`; a file with a greater one is left alone."""
    schema: str
    """The statements that make an empty file one of this version, separated by `;`."""
    keeps: str
    """What is in it, in the plural, for sentences."""
    probe: tuple[str, ...]
    """Selects that fail when a table or column is missing."""
    upgrades: Mapping[int, Callable[[sqlite3.Connection], None]] = field(default_factory=dict)
    """By older version: what leads to the next. Files of a cache that are older than any of these are made anew."""
    rescue: Callable[[Iterable[Found], sqlite3.Connection], int] | None = None
    """Writes what was found in a damaged file into a new one and says how many rows that were; None: it is a cache,
    and simply starts anew."""
    audit: Callable[[sqlite3.Connection], int] | None = None
    """Counts the rows that are not what was written; None: they are noticed when they are read."""
    synchronous: str = "FULL"
    """FULL: what was committed survives a power cut. NORMAL: the newest rows may be lost by one, nothing is damaged."""


def make(connection: sqlite3.Connection, layout: Layout) -> None:
    """Turn an empty file into one of this layout."""
    run(connection, layout.schema)
    connection.execute(f"PRAGMA application_id = {layout.application}")
    connection.execute(f"PRAGMA user_version = {layout.version}")


def settle(connection: sqlite3.Connection, layout: Layout) -> None:
    """Bring the file to this version of its layout, within a transaction. Raises Refused when it is a newer one and
    Damaged when it cannot be what it says."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        make(connection, layout)
        return
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > layout.version:
        raise Refused("was written by a newer sreconsole")
    while version < layout.version:
        step = layout.upgrades.get(version)
        if step is None and layout.rescue is not None:
            raise Damaged
        try:
            _rebuild(connection, layout) if step is None else step(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # its tables are not those of that version
                raise Damaged from None
            raise
        version = layout.version if step is None else version + 1
        connection.execute(f"PRAGMA user_version = {version}")
    try:
        for statement in layout.probe:
            connection.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            raise Damaged from None
        raise


def run(connection: sqlite3.Connection, statements: str) -> None:
    """Execute statements one by one within the transaction that is open."""
    for statement in statements.split(";"):
        connection.execute(statement)


def _rebuild(connection: sqlite3.Connection, layout: Layout) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        connection.execute(f'DROP TABLE "{name}"')
    make(connection, layout)
