"""`sreconsole note` and `sreconsole toil`, the installed script: what is kept, refused and told."""

from __future__ import annotations

import json
import stat
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.plain.commands import Done, run
from tests.servers.prometheus import free_port

CONFIG = """\
version: 1
{more}sources:
  am: {{kind: alertmanager, urls: ["http://127.0.0.1:{port}"]}}
services:
  checkout: {{}}
  search: {{}}
"""


def sre(home: Path, *arguments: str, more: str = "author: ana\n", **env: str) -> Done:
    path = home / "config.yaml"
    path.write_text(CONFIG.format(more=more, port=free_port()))
    return run(home, "--config", path, *arguments, env=env)


def document(done: Done) -> dict[str, Any]:
    assert done.out, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_note_is_kept_privately_and_told_by_list_and_status(tmp_path: Path) -> None:
    add = ("note", "add", "bumped the pool", "--service", "checkout", "--at", "10m ago", "--until", "+5m")
    done = sre(tmp_path, *add, "--tag", "pool", "--tag", "db", "--yes", "--format", "json")
    assert (done.code, done.err) == (0, "")
    told = document(done)
    assert (told["outcome"], told["matched"], told["of"]) == ("done", None, None)
    assert sre(tmp_path, "note", "add", "for all", "--yes").code == 0
    [journal] = tmp_path.rglob("journal.db")
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    whole = document(sre(tmp_path, "note", "list", "--format", "json"))
    newest, note = whole["notes"]
    assert (newest["text"], newest["service"], newest["until"]) == ("for all", None, None)
    assert note["id"] == told["results"][0]["id"]
    assert (note["text"], note["service"], note["tags"], note["by"]) == (
        *("bumped the pool", "checkout"),
        ["pool", "db"],
        "ana",
    )
    assert abs(time.time() - 600 - seconds(note["at"])) < 30
    assert seconds(note["until"]) - seconds(note["at"]) == 300
    assert "checkout: bumped the pool #pool #db (ana)" in sre(tmp_path, "note", "list").out
    assert len(document(sre(tmp_path, "note", "list", "--service", "search", "--format", "json"))["notes"]) == 1
    assert document(sre(tmp_path, "note", "list", "--since", "5m", "--format", "json"))["notes"] == [newest]
    status = document(sre(tmp_path, "status", "--format", "json"))
    assert status["notes"] == whole["notes"]
    assert "notes" not in status["missing"]
    before = document(sre(tmp_path, "status", "--format", "json", "--at", "5m ago"))
    assert before["notes"] == [note]


def test_toil_counts_in_this_week(tmp_path: Path) -> None:
    assert sre(tmp_path, "toil", "add", "25", "--category", "tickets", "quota raised", "--yes").code == 0
    add = ("toil", "add", "12.5", "--category", "page", "restarted it", "--service", "search", "--yes")
    assert sre(tmp_path, *add).code == 0
    report = document(sre(tmp_path, "toil", "report", "--format", "json"))
    assert report["toil"]["minutes"]["measured"] == 37.5
    assert report["toil"]["minutes"]["week"] == 37.5
    assert "37.5 min" in (text := sre(tmp_path, "toil", "report")).out or "38 min" in text.out
    assert document(sre(tmp_path, "status", "--format", "json"))["toil"]["minutes"]["week"] == 37.5


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    done = sre(tmp_path, "note", "list", "--format", "json")
    assert (done.code, document(done)["notes"]) == (0, [])
    assert "nothing to count" in sre(tmp_path, "toil", "report").out
    assert not list(tmp_path.rglob("journal.db"))
    assert not any(name.startswith("sreconsole.journal.") for name in done.modules)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("note", "add", "x"), 1, "--yes"),
        (("note", "add", " ", "--yes"), 64, "empty"),
        (("note", "add", "x" * 1001, "--yes"), 1, "longer than 1000"),
        (("note", "add", "x", "--service", "checkuot", "--yes"), 64, "did you mean 'checkout'"),
        (("note", "add", "x", "--at", "soon", "--yes"), 64, "--at"),
        (("note", "add", "x", "--at", "2999-01-01T00:00:00Z", "--yes"), 64, "future"),
        (("note", "add", "x", "--until", "10m ago", "--yes"), 64, "ends before"),
        (("note", "add", "x", "--yes", "--read-only"), 1, "read_only"),
        (("note", "add", "x", "--yes", "--author", "ubuntu"), 1, "people share"),
        (("note", "list", "--since", "7"), 64, "--since"),
        (("note",), 64, "ACTION"),
        (("toil", "add", "25", "--category", "c", "x"), 1, "--yes"),
        (("toil", "add", "25", "x", "--yes"), 64, "--category"),
        (("toil", "add", "many", "--category", "c", "x", "--yes"), 64, "MINUTES"),
        (("toil", "add", "0", "--category", "c", "x", "--yes"), 64, "more than 0"),
        (("toil", "add", "nan", "--category", "c", "x", "--yes"), 64, "more than 0"),
        (("toil", "add", "25", "--category", "c", "x", "--yes", "--read-only"), 1, "read_only"),
    ],
)
def test_what_is_refused_is_not_kept(arguments: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    done = sre(tmp_path, *arguments)
    assert (done.code, said in done.err) == (code, True), done.err
    assert not list(tmp_path.rglob("journal.db"))


def test_where_nothing_can_be_written_a_note_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    more = f"author: ana\njournal: {{path: {tmp_path}/file/journal.db}}\n"
    done = sre(tmp_path, "note", "add", "x", "--yes", more=more, XDG_STATE_HOME=str(tmp_path / "file"))
    assert done.code == 1, done.err
    assert "could not be written down" in done.err
    assert len(done.err.splitlines()) == 1
