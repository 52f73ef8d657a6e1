"""Deploys in `history.db`: once however many consoles, whole or not at all, also out of older and damaged files."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from sreconsole.domain.deploy import Deploy
from sreconsole.ledger.deploy_log import KEPT, DeployLog
from sreconsole.ledger.layout import make
from sreconsole.ledger.salvage import Found
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import DEPLOYS, LAYOUT, audit, rescue

T0 = 1_763_856_000.0
SCOPE, OTHER = b"s" * 16, b"o" * 16
ONE = Deploy(
    "ci:1", "checkout", "v42", environment="prod", status="failed", kind="rollback", started_at=T0 - 60, finished_at=T0,
    sha="abcdef0", actor="Zoë", message="a" * 2000, attempt=3, confidence="manual", margin=1.5, sources=("ci",),
    remarks=("odd",), prev_version="v41",
)  # fmt: skip
PLAIN = Deploy("ci:2", "search", "v1", finished_at=T0 - 10, sources=("ci",))


def opened(path: Path | None) -> tuple[DeployLog, Store]:
    store = Store.open(path, LAYOUT)
    return DeployLog(store), store


def bare(deploy: Deploy) -> Deploy:
    return replace(deploy, id="", sources=())


def test_what_was_told_comes_back_whole_also_after_opening_anew(tmp_path: Path) -> None:
    log, store = opened(tmp_path / "h.db")
    assert log.record([(SCOPE, "1", ONE), (SCOPE, "2", PLAIN)], T0) == 2
    store.close()
    again, _ = opened(tmp_path / "h.db")
    assert again.deploys([SCOPE], 0) == [(SCOPE, "2", bare(PLAIN)), (SCOPE, "1", bare(ONE))]
    assert again.deploys([SCOPE], T0 - 5) == [(SCOPE, "1", bare(ONE))]
    assert again.deploys([OTHER], 0) == []


def test_what_several_consoles_see_is_written_once_and_what_differs_again(tmp_path: Path) -> None:
    logs = [opened(tmp_path / "h.db")[0] for _ in range(3)]
    assert [log.record([(SCOPE, "1", ONE)], T0 + n) for n, log in enumerate(logs)] == [1, 0, 0]
    ended = replace(ONE, status="succeeded", finished_at=T0 + 5)
    assert [log.record([(SCOPE, "1", ended)], T0 + 9) for log in logs] == [1, 0, 0]
    assert logs[0].deploys([SCOPE], 0) == [(SCOPE, "1", bare(ended))]


def test_what_runs_is_known_however_long_ago_it_began(tmp_path: Path) -> None:
    log, _ = opened(None)
    running = replace(PLAIN, status="running", finished_at=None, started_at=T0 - 9e6)
    log.record([(SCOPE, "2", running)], T0)
    assert log.deploys([SCOPE], T0) == [(SCOPE, "2", bare(running))]


def test_of_long_ago_the_last_of_each_version_that_ran_is_known(tmp_path: Path) -> None:
    log, _ = opened(None)
    rows = [replace(PLAIN, finished_at=T0 + n, version=f"v{n % 2}") for n in range(6)]
    log.record([(SCOPE, str(n), each) for n, each in enumerate(rows)], T0)
    log.record([(SCOPE, "x", replace(PLAIN, version="v9", status="failed"))], T0)
    found = log.ran([SCOPE], T0 + 5)
    assert [(scope, each.version, each.finished_at) for scope, each in found] == [
        (SCOPE, "v1", T0 + 3),
        (SCOPE, "v0", T0 + 4),
    ]


def test_what_is_older_than_all_that_is_kept_goes(tmp_path: Path) -> None:
    log, _ = opened(None)
    log.record([(SCOPE, "1", ONE)], T0)
    log.record([(SCOPE, "2", replace(PLAIN, finished_at=T0 + KEPT + 60))], T0 + KEPT + 60)
    assert [key for _, key, _ in log.deploys([SCOPE], 0)] == ["2"]


def test_a_damaged_row_is_not_believed(tmp_path: Path) -> None:
    log, store = opened(tmp_path / "h.db")
    log.record([(SCOPE, "1", ONE), (SCOPE, "2", PLAIN)], T0)
    with store.writing() as connection:
        connection.execute("UPDATE deploys SET version = 'v666' WHERE id = '1'")
        assert audit(connection) == 1
    assert [key for _, key, _ in log.deploys([SCOPE], 0)] == ["2"]


def test_a_damaged_row_did_not_run(tmp_path: Path) -> None:
    log, store = opened(tmp_path / "h.db")
    rows = [replace(PLAIN, version=version, finished_at=T0 + n) for n, version in enumerate(("v1", "v2", "v2"))]
    again = replace(PLAIN, version="v3", kind="restart", finished_at=T0 + 9)
    log.record([(SCOPE, str(n), each) for n, each in enumerate([*rows, again])], T0)
    assert [(each.version, each.finished_at) for _, each in log.ran([SCOPE], T0 + 60)] == [("v1", T0), ("v2", T0 + 2)]
    with store.writing() as connection:
        connection.execute("UPDATE deploys SET version = 'v666' WHERE id = '0'")
        connection.execute("UPDATE deploys SET at = at + 7 WHERE id = '2'")
    # the older one of the same version is whole
    assert [(each.version, each.finished_at) for _, each in log.ran([SCOPE], T0 + 60)] == [("v2", T0 + 1)]


def test_out_of_a_damaged_file_the_newest_whole_version_is_taken(tmp_path: Path) -> None:
    log, store = opened(tmp_path / "h.db")
    found = []
    for at, version in ((T0, "v1"), (T0 + 60, "v2")):
        log.record([(SCOPE, "1", replace(PLAIN, version=version))], at)
        with store.reading() as connection:
            found.append(connection.execute(f"SELECT {DEPLOYS} FROM deploys").fetchone())
    spoilt = (*found[1][:7], "v3", *found[1][8:])
    rows = [
        Found(tuple(int(v) if v == T0 else v for v in row), live)
        for row in (found[1], found[0], spoilt)
        for live in (True, False)
    ]
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make(connection, LAYOUT)
    assert rescue(rows, connection) == 1
    assert connection.execute("SELECT version FROM deploys").fetchall() == [("v2",)]
    connection.close()


def test_a_file_that_is_hit_keeps_the_deploys_on_its_other_pages(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    log, store = opened(path)
    log.record([(SCOPE, str(n), replace(ONE, finished_at=T0 + n)) for n in range(200)], T0)
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)
    again, store = opened(path)
    kept = again.deploys([SCOPE], 0)
    assert 150 < len(kept) < 200
    assert store.notice is not None
    assert "was damaged" in store.notice
    assert all(deploy == bare(replace(ONE, finished_at=T0 + int(key))) for _, key, deploy in kept)


def test_a_file_of_version_2_is_taken_along(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    _, store = opened(path)
    with store.writing() as connection:
        connection.execute("DROP TABLE deploys")
        connection.execute("DROP TABLE fine")
        connection.execute("PRAGMA user_version = 2")
    store.close()
    log, store = opened(path)
    assert log.record([(SCOPE, "1", ONE)], T0) == 1
    assert store.notice is None
