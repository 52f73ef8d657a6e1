"""Rows in a PostgreSQL database, for teams whose people sit on several hosts.

The driver is optional and loaded with the first use. Nothing may hang: a server that takes a connection and answers
nothing is cut off here, as its own time limits cannot help then.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from sreconsole.domain.cleaning import clean
from sreconsole.domain.redacting import redacted
from sreconsole.journal.body import Columns
from sreconsole.journal.row import Row
from sreconsole.journal.store import Away

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")
VERSION = 1
CONNECTING, LIMIT = 3, 4.0
"""Seconds for a connection to come about, and for one transaction."""
_LOCK = 0x5352454A
"""Key of the advisory lock that puts writers in a row: places have no gaps and come in the order of commits."""
_SELECT = "SELECT writer, seq, entry, kind, began, ended, body, hash, place FROM sreconsole_journal"
_DURABLE = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
_INSERT = (
    "INSERT INTO sreconsole_journal (place, writer, seq, entry, kind, began, ended, body, hash)"
    " SELECT (SELECT coalesce(max(place), 0) + 1 FROM sreconsole_journal),"
    " %(writer)s, %(seq)s, %(entry)s, %(kind)s, %(began)s, %(ended)s, %(body)s, %(hash)s"
    " WHERE NOT EXISTS (SELECT 1 FROM sreconsole_journal WHERE writer = %(writer)s AND seq = %(seq)s)"
)
_SCHEMA = (
    "CREATE TABLE sreconsole_journal (place bigint PRIMARY KEY, writer text NOT NULL, seq bigint NOT NULL,"
    " entry text NOT NULL, kind text NOT NULL, began double precision NOT NULL, ended double precision NOT NULL,"
    " body text NOT NULL, hash bytea NOT NULL, UNIQUE (writer, seq))",
    "CREATE INDEX sreconsole_journal_time ON sreconsole_journal (ended) WHERE kind <> 'outcome'",
    "CREATE INDEX sreconsole_journal_entry ON sreconsole_journal (entry)",
    "CREATE OR REPLACE FUNCTION sreconsole_journal_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE EXCEPTION 'the journal is only ever added to'; END$$",
    "CREATE TRIGGER sreconsole_journal_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON sreconsole_journal"
    " FOR EACH STATEMENT EXECUTE FUNCTION sreconsole_journal_refuse()",
    f"COMMENT ON TABLE sreconsole_journal IS 'sreconsole journal {VERSION}'",
)


class PostgresStore:
    """One table of a database; connected when it is first used, and again after it failed."""

    damage = None

    def __init__(self, dsn: str, password_file: Path | None = None) -> None:
        """`password_file` is read with each connection, so that passwords can change."""
        parts = urlsplit(dsn)
        port = "" if parts.port is None else f":{parts.port}"
        self.name = clean(f"postgresql://{parts.hostname}{port}{parts.path}", 120)
        self._dsn, self._password_file = dsn, password_file
        self._connection: Connection | None = None

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows, all or none of them, durably. Raises Away."""

        def work(connection: Connection) -> None:
            connection.execute(_sql(_DURABLE))
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            for row in rows:
                given = {"writer": row.writer, "seq": row.seq, "body": row.body, "hash": row.hash}
                connection.execute(_INSERT, given | row.columns._asdict())

        self._run(work)

    def entries(self, since: float, until: float | None, kinds: Collection[str] | None) -> list[Row]:
        """The intents that speak of a time from `since` to before `until`. Raises Away."""
        where, values = " WHERE kind <> 'outcome' AND ended >= %s", [since]
        if until is not None:
            where, values = where + " AND began < %s", [*values, until]
        rows = self._rows(f"{_SELECT}{where} ORDER BY ended, place", values)
        return rows if kinds is None else [row for row in rows if row.columns.kind in kinds]

    def about(self, entries: Collection[str]) -> list[Row]:
        """Every row of these entries, in the order of their places. Raises Away."""
        return self._rows(f"{_SELECT} WHERE entry = ANY(%s) ORDER BY place", [sorted(entries)])

    def after(self, place: int, limit: int) -> list[Row]:
        """The rows behind a place, in order. Raises Away."""
        return self._rows(f"{_SELECT} WHERE place > %s ORDER BY place LIMIT %s", [place, limit])

    def end(self) -> int:
        """The newest place. Raises Away."""
        query = "SELECT coalesce(max(place), 0) FROM sreconsole_journal"
        (place,) = self._run(lambda connection: connection.execute(query).fetchone() or (0,))
        return int(place)

    def reached(self) -> int:
        """The newest place; whether there were newer ones is not known. Raises Away."""
        return self.end()

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _rows(self, query: str, values: Sequence[object]) -> list[Row]:
        return self._run(lambda connection: [_row(found) for found in connection.execute(_sql(query), values)])

    def _run(self, work: Callable[[Connection], T]) -> T:
        """Do a piece of work in a transaction; once more where the connection proves to have gone meanwhile, as that
        is harmless. Raises Away."""
        psycopg = _driver()
        kept = self._connection
        done = False
        try:
            connection = kept or self._connect(psycopg)
            with _watched(connection) as watch:
                connection.execute(_sql(f"SET LOCAL statement_timeout = {int(LIMIT * 1000)}"))
                found = work(connection)
                done = True
                connection.commit()
                return found
        except psycopg.Error as error:
            again = kept is not None and kept.broken and not watch.cut
            self.close()
            if again:
                return self._run(work)
            gone = isinstance(error, psycopg.OperationalError)
            raise Away(_why(error, gone), maybe=done, slow=gone) from None

    def _connect(self, psycopg: Any) -> Connection:
        given = {"connect_timeout": str(CONNECTING), "application_name": "sreconsole", "tcp_user_timeout": "4000"}
        given |= psycopg.conninfo.conninfo_to_dict(self._dsn)
        if self._password_file is not None:
            try:
                given["password"] = self._password_file.read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, ValueError):
                raise Away(
                    f"has a password file that cannot be read ({clean(str(self._password_file), 200)})"
                ) from None
        # Poolers hand a session to others: nothing is prepared, nothing is set but for a transaction.
        connection: Connection = psycopg.connect(**given, prepare_threshold=None, client_encoding="utf8")
        try:
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            with _watched(connection):
                _settle(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


def _settle(connection: Connection) -> None:
    """See that the table is there, and of a layout that we know. Raises Away or an error of the driver."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    query = "SELECT to_regclass('sreconsole_journal'), obj_description(to_regclass('sreconsole_journal'), 'pg_class')"
    table, comment = connection.execute(query).fetchone() or (None, None)
    if table is None:
        for statement in _SCHEMA:
            connection.execute(_sql(statement))
    else:
        words = str(comment or "").split()
        if words[:2] != ["sreconsole", "journal"] or not words[-1].isdigit():
            raise Away("has a table sreconsole_journal that is not ours")
        if int(words[-1]) > VERSION:
            raise Away("was written by a newer sreconsole")
    connection.commit()


class _Watch:
    """Whether a connection was cut as it took too long."""

    def __init__(self, number: int) -> None:
        self.cut = False
        self._number, self._over, self._lock = number, False, threading.Lock()

    def cut_off(self) -> None:
        """End the connection under whoever waits for it."""
        with self._lock:
            if not self._over:
                self.cut = True
                with suppress(OSError), socket.socket(fileno=os.dup(self._number)) as twin:
                    twin.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """The number may belong to another file from now on."""
        with self._lock:
            self._over = True


@contextmanager
def _watched(connection: Connection) -> Iterator[_Watch]:
    watch = _Watch(connection.fileno())
    timer = threading.Timer(LIMIT, watch.cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        watch.end()


def _driver() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as error:
        what = f"pip install 'sreconsole[postgres]' ({clean(str(error), 100)})"
        raise Away(f"needs the PostgreSQL driver: {what}") from None
    return psycopg


def _sql(text: str) -> Any:
    """The driver wants to see that statements are not put together from what people typed; ours never are."""
    return text.encode()


def _row(found: Sequence[Any]) -> Row:
    writer, seq, entry, kind, began, ended, body, sealed, place = found
    return Row(writer, seq, Columns(entry, kind, began, ended), body, bytes(sealed), place)


def _why(error: Exception, gone: bool) -> str:
    lines = [line.strip() for line in redacted(str(error)).splitlines() if line.strip()]
    said = clean(lines[0] if lines else type(error).__name__, 200)
    return f"{'is away' if gone else 'takes nothing'} ({said})"
