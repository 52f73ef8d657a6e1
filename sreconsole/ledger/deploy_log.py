"""Deploys, in `history.db`: what a source told, known when it tells no more; written once whoever saw it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from sreconsole.domain.deploy import Deploy
from sreconsole.ledger.salvage import Value
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import DEPLOYS, seal

KEPT = 400 * 86_400
"""Seconds for which deploys are kept."""
_COLUMNS = ("status", "service", "environment", "version", "sha")
_BODY = (
    *("raw_status", "kind", "created_at", "started_at", "finished_at", "prev_sha", "prev_version", "actor"),
    *("actor_is_bot", "url", "message", "commit_at", "oldest_commit_at", "attempt", "confidence", "margin", "remarks"),
    "namespace",
)
_UNSAID = Deploy("", "", "")


class DeployLog:
    """What is recorded. Calls block on the disk: make them off the event loop. Raises StoreFailed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, deploys: Iterable[tuple[bytes, str, Deploy]], now: float) -> int:
        """Write deploys as one, each by the scope of its source and its key there; returns how many were new or
        differed. `now`: Unix seconds."""
        rows = [_row(*deploy, now) for deploy in deploys]
        return self._store.write(lambda connection: _write(connection, rows, now))

    def deploys(self, scopes: Collection[bytes], since: float) -> list[tuple[bytes, str, Deploy]]:
        """Those of these sources from `since` (Unix seconds) on, the oldest first. Damaged rows are left out."""
        rows = self._store.read(
            lambda connection: connection.execute(
                f"SELECT {DEPLOYS} FROM deploys WHERE scope IN ({_marks(scopes)}) AND (at >= ? OR status IN "
                "('queued', 'running')) ORDER BY at, id",
                (*scopes, since),
            ).fetchall()
        )
        return [found for row in rows if (found := _read(row)) is not None]

    def ran(self, scopes: Collection[bytes], until: float) -> list[tuple[bytes, Deploy]]:
        """What ran before `until`: the last successful deploy of each version, with little more than its name.

        The oldest first. Damaged rows are left out: an older one of the same version stands for them."""
        rows = self._store.read(
            lambda connection: connection.execute(
                f"SELECT {DEPLOYS} FROM deploys WHERE scope IN ({_marks(scopes)}) AND at < ? AND status = 'succeeded' "
                "ORDER BY at, id",
                (*scopes, until),
            ).fetchall()
        )
        last: dict[tuple[Value, ...], tuple[bytes, Deploy]] = {}
        for row in rows:
            if (found := _read(row)) is None or found[2].kind == "restart":
                continue
            scope, _, told = found
            at, which = row[2], (scope, told.service, told.environment, told.namespace, told.version, told.sha)
            assert isinstance(at, float)
            last.pop(which, None)
            ran = Deploy("", told.service, told.version, told.environment, told.namespace, finished_at=at, sha=told.sha)
            last[which] = scope, ran
        return list(last.values())


def _marks(scopes: Collection[bytes]) -> str:
    return ", ".join("?" for _ in scopes)


def _row(scope: bytes, key: str, deploy: Deploy, now: float) -> tuple[Value, ...]:
    told = {name: value for name in _BODY if (value := getattr(deploy, name)) != getattr(_UNSAID, name)}
    columns = (getattr(deploy, name) or "" for name in _COLUMNS)
    row = (scope, key, float(deploy.at or now), float(now), *columns, json.dumps(told, sort_keys=True))
    return (*row, seal(*row))


def _write(connection: sqlite3.Connection, rows: Sequence[tuple[Value, ...]], now: float) -> int:
    before = connection.total_changes
    connection.executemany(
        f"INSERT INTO deploys ({DEPLOYS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "at = excluded.at, seen = excluded.seen, status = excluded.status, service = excluded.service, "
        "environment = excluded.environment, version = excluded.version, sha = excluded.sha, body = excluded.body, "
        "checksum = excluded.checksum WHERE (at, status, service, environment, version, sha, body) IS NOT "
        "(excluded.at, excluded.status, excluded.service, excluded.environment, excluded.version, excluded.sha, "
        "excluded.body)",
        rows,
    )
    written = connection.total_changes - before
    if written:
        connection.execute("DELETE FROM deploys WHERE at < ?", (now - KEPT,))
    return written


def _read(row: tuple[Value, ...]) -> tuple[bytes, str, Deploy] | None:
    """The deploy a row says; None when the row is damaged, or of a newer version."""
    if seal(*row[:-1]) != row[-1]:
        return None
    scope, key, _, _, status, service, environment, version, sha, body, _ = row
    assert isinstance(scope, bytes)
    try:
        told = json.loads(str(body))
        told["remarks"] = tuple(told.get("remarks", ()))
        deploy = Deploy(
            "",
            str(service),
            str(version),
            environment=str(environment),
            status=status,  # type: ignore[arg-type]  # sealed: what was written
            sha=str(sha) or None,
            **told,
        )
    except (TypeError, ValueError):
        return None
    return scope, str(key), deploy
