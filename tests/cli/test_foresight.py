"""The names of a fleet on the first frame: remembered by the cache, looked up without waiting for anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sreconsole.cli import foresight
from sreconsole.cli.wiring import wire
from sreconsole.config.model import Config
from sreconsole.config.read import load
from sreconsole.domain.status import Status
from sreconsole.engine.console import Console
from sreconsole.engine.members import name_of, packed, scope_of
from sreconsole.ledger.ledger_file import LedgerFile

NOW = 1_800_000_000.0
CONFIG = """\
version: 1
sources:
  prom: {{kind: prometheus, url: "http://127.0.0.1:9", {more}}}
services:
  written:
    slos:
      availability: {{objective: 99, sli: {{bad: "errors", total: "requests"}}}}
fleets:
  - label: service
    except: ["test-*", written]
    slos:
      availability: {{objective: 99.9, sli: {{bad: 'x{{code="500"}}', total: "x"}}}}
      other: {{objective: 99, sli: {{bad: 'x{{code="404"}}', total: "x"}}}}
"""


def _config(home: Path, more: str = "") -> Config:
    path = home / "config.yaml"
    path.write_text(CONFIG.format(more=more), encoding="utf-8")
    path.chmod(0o600)
    return load(path, _env(home)).config


def _env(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state")}


def _file(home: Path) -> Path:
    return home / "cache" / "sreconsole" / "ledger.db"


def _remember(home: Path, config: Config, members: list[str], seen: float = NOW - 60) -> None:
    """As a console keeps it."""
    (source,), (fleet,) = config.sources.values(), config.fleets
    scope = scope_of(source)  # type: ignore[arg-type]
    file = LedgerFile.open(_file(home))
    fact = packed((value, seen) for value in members)
    file.put_facts({name_of(scope, fleet, template): fact for template in fleet.slos}, NOW)
    assert file.notice is None
    file.close()


def _console(home: Path, config: Config, *, trends: bool = True) -> Console:
    return wire(config, lambda: NOW, _env(home), trends=trends)


def _names(console: Console) -> list[str]:
    return [service.name for service in console.snapshot.services]


def test_members_stand_on_the_first_frame_by_name_after_what_is_written(tmp_path: Path) -> None:
    config = _config(tmp_path)
    _remember(tmp_path, config, ["b", "written", "a", "test-1"])
    console = _console(tmp_path, config)
    assert _names(console) == ["written", "a", "b"]
    assert [report.key.slo for report in console.snapshot.services[1].slos] == ["availability", "other"]
    assert {report.status for service in console.snapshot.services for report in service.slos} == {Status.UNKNOWN}
    console.groups.begin()
    (feed,) = console.feeds.values()
    assert {slo.service for slo in feed.slos()} == {"written", "a", "b"}, "and stay while the buckets are read"


def test_of_thousands_those_on_the_screen_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight, "_SHOWN", 3)
    config = _config(tmp_path)
    _remember(tmp_path, config, [f"s{number}" for number in range(9, 0, -1)])
    console = _console(tmp_path, config)
    assert _names(console) == ["written", "s1", "s2", "s3"]
    console.groups.begin()
    (feed,) = console.feeds.values()
    assert len(feed.slos()) == 1 + 2 * 9


def test_members_not_seen_for_a_day_are_not_foreseen(tmp_path: Path) -> None:
    config = _config(tmp_path)
    _remember(tmp_path, config, ["a"], seen=NOW - 86_401)
    assert _names(_console(tmp_path, config)) == ["written"]


def test_one_shots_do_not_look(tmp_path: Path) -> None:
    config = _config(tmp_path)
    _remember(tmp_path, config, ["a"])
    assert _names(_console(tmp_path, config, trends=False)) == ["written"]


def test_who_reads_headers_from_files_is_not_told_apart_at_once(tmp_path: Path) -> None:
    (tmp_path / "tenant").write_text("one", encoding="utf-8")
    config = _config(tmp_path, f"http_headers: {{X-Scope-OrgID: {{files: [{tmp_path}/tenant]}}}}")
    _remember(tmp_path, config, ["a"])
    assert _names(_console(tmp_path, config)) == ["written"]


def test_the_members_of_another_tenant_are_not_ours(tmp_path: Path) -> None:
    _remember(tmp_path, _config(tmp_path, "http_headers: {X-Scope-OrgID: {values: [one]}}"), ["a"])
    assert _names(_console(tmp_path, _config(tmp_path, "http_headers: {X-Scope-OrgID: {values: [two]}}"))) == [
        "written"
    ]


@pytest.mark.parametrize("what", ["nothing", "a directory", "no database", "another layout", "a damaged row"])
def test_what_cannot_be_read_is_left_to_the_engine(tmp_path: Path, what: str) -> None:
    config = _config(tmp_path)
    path = _file(tmp_path)
    if what in ("a directory", "no database"):
        path.parent.mkdir(parents=True)
        path.mkdir() if what == "a directory" else path.write_bytes(b"SQLite format 3\0" + bytes(5000))
    elif what != "nothing":
        _remember(tmp_path, config, ["a"])
        with sqlite3.connect(path) as connection:
            change = "PRAGMA user_version = 99" if what == "another layout" else "UPDATE facts SET value = x'5b5d'"
            connection.execute(change)
        connection.close()
    assert _names(_console(tmp_path, config)) == ["written"]


def test_somebody_who_holds_the_file_is_not_waited_for(tmp_path: Path) -> None:
    config = _config(tmp_path)
    _remember(tmp_path, config, ["a"])
    with sqlite3.connect(_file(tmp_path), isolation_level=None) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert _names(_console(tmp_path, config)) == ["written"]
        other.execute("ROLLBACK")
    other.close()


def test_looking_changes_nothing(tmp_path: Path) -> None:
    config = _config(tmp_path)
    _remember(tmp_path, config, ["a"])
    before = _file(tmp_path).read_bytes()
    assert _names(_console(tmp_path, config)) == ["written", "a"]
    assert _file(tmp_path).read_bytes() == before
    assert _names(_console(tmp_path / "elsewhere", config)) == ["written"]
    assert not (tmp_path / "elsewhere").exists()
