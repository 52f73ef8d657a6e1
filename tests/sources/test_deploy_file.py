"""Files of deploys: our own lines and CDEvents, updates, mistakes that cost only themselves, rotation, what is read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.errors import SourceError, Unreachable
from sreconsole.sources import deploy_file
from sreconsole.sources.deploy_file import AHEAD, BACKWARDS, DeployFile
from sreconsole.sources.deploy_lines import told

T0 = 1_763_856_000
NOW = T0 + 86_400.0


def line(at: float = 0, version: object = "v1", **more: object) -> dict[str, object]:
    return {"ts": T0 + at, "service": "checkout", "version": version, **more}


def event(kind: str, **content: object) -> dict[str, object]:
    context = {
        "type": f"dev.cdevents.{kind}.0.2.0",
        "id": "e1",
        "timestamp": "2025-11-23T00:00:00Z",
        "version": "0.5.0",
    }
    return {"context": context, "subject": {"id": "/ns/checkout", "type": "service", "content": content}}


class Written:
    """A file that somebody appends to, and who reads it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "deploys.jsonl"
        self.file = DeployFile("ci", self.path)
        self.known: tuple[Deploy, ...] = ()

    def add(self, *lines: dict[str, object] | bytes) -> tuple[Deploy, ...]:
        with self.path.open("ab") as out:
            for one in lines:
                out.write(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n")
        return self.read()

    def read(self) -> tuple[Deploy, ...]:
        found = self.file.read(NOW)
        self.known = self.known if found is None else found
        return self.known


@pytest.fixture
def ci(tmp_path: Path) -> Written:
    return Written(tmp_path)


def test_a_line_says_what_ended_and_what_it_does_not_say_is_not_known(ci: Written) -> None:
    (one,) = ci.add(line())
    assert (one.service, one.version, one.status, one.kind) == ("checkout", "v1", "succeeded", "deploy")
    assert (one.started_at, one.finished_at, one.seconds, one.actor, one.sha) == (None, T0, None, None, None)
    assert (one.sources, one.confidence, one.id[:3]) == (("ci",), "exact", "ci:")
    assert ci.file.read(NOW) is None


def test_every_field_is_taken_cleaned(ci: Written) -> None:
    (one,) = ci.add(
        line(
            version=42, environment="prod", status="FAILURE", started_at="2025-11-22T23:50:00+00:00", actor="dep[bot]",
            url="https://user:pw@ci.example/1", message="fix \x1b[31mred", sha="ABCDEF0", id=7, attempt=2,
            commit_at=(T0 - 3600) * 1000, unknown={"key": 1},
        )
    )  # fmt: skip
    assert (one.id, one.version, one.environment, one.status, one.raw_status) == (
        "ci:7",
        "42",
        "prod",
        "failed",
        "FAILURE",
    )
    assert (one.started_at, one.finished_at, one.commit_at, one.attempt) == (T0 - 600, T0, T0 - 3600, 2)
    assert (one.actor, one.actor_is_bot, one.url, one.sha) == ("dep[bot]", True, "https://ci.example/1", "abcdef0")
    assert "\x1b" not in one.message
    (_, other) = ci.add(line(60, status="shrug", kind="hotfix", url="javascript:alert(1)", sha="not hex"))
    assert (other.status, other.raw_status, other.kind, other.url, other.sha) == (
        "unknown",
        "shrug",
        "unknown",
        None,
        None,
    )


def test_later_lines_with_the_same_id_update_and_one_that_begins_again_is_another_attempt(ci: Written) -> None:
    ci.add(line(id="a", status="queued"), line(60, id="a", status="running", actor="ana"))
    (one,) = ci.add(line(120, id="a", status="failed"))
    assert (one.created_at, one.started_at, one.finished_at) == (T0, T0 + 60, T0 + 120)
    assert (one.actor, one.status, one.attempt) == ("ana", "failed", 1)
    (one,) = ci.add(line(300, id="a", status="running"))
    assert (one.status, one.started_at, one.finished_at, one.attempt) == ("running", T0 + 300, None, 2)
    (one,) = ci.add(line(400, id="a"))
    assert (one.status, one.attempt) == ("succeeded", 2)


def test_without_ids_the_end_belongs_to_what_runs(ci: Written) -> None:
    (one,) = ci.add(line(status="running"), line(90))
    assert (one.status, one.started_at, one.finished_at) == ("succeeded", T0, T0 + 90)
    assert len(ci.add(line(1000), line(2000, "v2", status="running"), line(2100, environment="x"))) == 4


def test_times_that_do_not_fit_are_said(ci: Written) -> None:
    (one,) = ci.add(line(started_at=T0 + 60))
    assert (one.started_at, one.finished_at, one.remarks) == (T0 + 60, None, (BACKWARDS,))
    (_, ahead) = ci.add(line(86_400 * 3, "v2"))
    assert (ahead.finished_at, ahead.remarks) == (T0 + 86_400 * 3, (AHEAD,))


def test_cdevents(ci: Written) -> None:
    digest = "sha256%3A0123456789abcdef0123456789abcdef"
    artifact = f"pkg:oci/checkout@{digest}?repository_url=reg.example%2Fcheckout&tag=1.4.0"
    (one,) = ci.add(event("service.deployed", environment={"id": "prod", "source": "x"}, artifactId=artifact))
    assert (one.id, one.service, one.environment, one.version) == ("ci:e1", "checkout", "prod", "1.4.0")
    assert (one.finished_at, one.kind) == (T0, "deploy")
    (one,) = ci.add(event("service.rolledback", environment={"id": "prod"}, artifactId=f"pkg:oci/checkout@{digest}"))
    assert (one.kind, one.version) == ("rollback", "0123456789ab")
    ci.add(event("incident.detected"), event("service.removed"), event("service.published"))
    assert (len(ci.known), ci.file.lines.bad_lines) == (1, 0)
    assert ci.file.notes() == ("3 other events in it are not about deploys",)


BAD = [
    b"\x00\x01\n", b"{}\n", b'"text"\n', b"\xff\xfe\n", b'{"ts": 1, "service": "a"}\n',
    b'{"ts": "now", "service": "a", "version": "1"}\n', b'{"ts": 1763856000, "service": " ", "version": "1"}\n',
    b'{"ts": 1763856000, "service": "a", "version": null}\n',
    b'{"context": {"type": "com.example"}, "subject": {}}\n', b'{"a": ' * 5000 + b"\n", b"x" * 70_000 + b"\n",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_costs_nothing_but_itself(ci: Written, bad: bytes) -> None:
    known = ci.add(line(), bad, line(60, "v2"))
    assert [one.version for one in known] == ["v1", "v2"]
    assert ci.file.lines.bad_lines == 1
    (note,) = ci.file.notes()
    assert f"1 bad line in {ci.path}"[:60] in note
    assert "the first: line 2: " in note
    ci.add(b"more\n")
    assert ci.file.lines.bad_lines == 2
    assert "2 bad lines" in ci.file.notes()[0]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_line_or_a_mistake(text: bytes) -> None:
    with suppress(ValueError):
        found = told(text)
        assert found is None or found.service


def test_rotation_and_copytruncate_keep_what_was_known(ci: Written) -> None:
    ci.add(line(id="a"), b'{"ts"')
    os.rename(ci.path, ci.path.with_suffix(".1"))
    with ci.path.with_suffix(".1").open("ab") as out:
        out.write(json.dumps(line(60, "v2", id="b"))[5:].encode() + b"\n")
    assert [one.id for one in ci.add(line(120, "v3", id="c"))] == ["ci:a", "ci:b", "ci:c"]
    ci.path.write_bytes(b"")
    assert [one.id for one in ci.add(line(180, "v4", id="d"), line(240, id="a", status="failed"))] == [
        "ci:a", "ci:b", "ci:c", "ci:d"
    ]  # fmt: skip
    assert ci.known[0].status == "failed"
    assert ci.file.lines.bad_lines == 0


def test_no_file_and_what_is_no_file_is_said_and_nothing_known_is_lost(ci: Written) -> None:
    with pytest.raises(Unreachable, match="is not there"):
        ci.read()
    ci.add(line())
    ci.path.unlink()
    with pytest.raises(Unreachable, match="is not there"):
        ci.read()
    for folder in (True, False):
        ci.path.mkdir() if folder else os.mkfifo(ci.path)
        with pytest.raises(SourceError, match="is not a file"):
            ci.read()
        (ci.path.rmdir if ci.path.is_dir() else ci.path.unlink)()
    assert len(ci.add(line(60, "v2"))) == 2


def test_only_what_was_added_is_read(ci: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    ci.add(*(line(n, f"v{n}") for n in range(2000)))
    read: list[int] = []
    pread = os.pread

    def counted(number: int, size: int, offset: int) -> bytes:
        found = pread(number, size, offset)
        read.append(len(found))
        return found

    monkeypatch.setattr(os, "pread", counted)
    ci.read()
    assert sum(read) < 200
    read.clear()
    ci.add(line(5000, "new"))
    assert sum(read) < 400
    assert len(ci.known) == 2001


def test_more_than_can_be_held_leaves_out_the_oldest(ci: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy_file, "MOST", 3)
    known = ci.add(*(line(-n, f"v{n}") for n in range(5)))
    assert sorted(one.version for one in known) == ["v0", "v1", "v2"]
    assert ci.file.truncated
    assert ci.file.notes() == ("it tells of more than 3 deploys: the oldest are left out",)
