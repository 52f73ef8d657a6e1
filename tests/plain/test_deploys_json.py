"""Deploys in `status`: the contract as JSON, one service, a moment of the past, and why there are none."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.plain.status_json import document
from tests.plain.commands import run

NOW = 1_790_001_034.7
CONFIG = """\
version: 1
sources: {ci: {kind: file, path: deploys.jsonl}}
services: {checkout: {}, search: {}}
"""


def test_every_key_of_the_contract_is_there_and_what_is_not_known_is_null() -> None:
    deploy = Deploy("ci:1", "checkout", "v42", environment="prod", finished_at=NOW, sources=("ci",))
    made = document(Snapshot(NOW, deploys=(deploy,), deploy_sources=(SourceState("ci", "file", "live", NOW),)))
    assert made["deploys"] == [
        {
            "id": "ci:1", "service": "checkout", "owned": True,
            "environment": "prod", "namespace": None, "production": True,
            "version": "v42", "prev_version": None, "sha": None, "status": "succeeded", "raw_status": None,
            "kind": "deploy", "attempt": 1, "created_at": None, "started_at": None,
            "finished_at": "2026-09-21T14:30:34Z", "margin_seconds": 0.0, "actor": None, "url": None, "message": "",
            "confidence": "exact", "sources": ["ci"], "remarks": [], "verdict": None,
        }
    ]  # fmt: skip
    assert "deploys" not in made["missing"]


def test_why_there_are_none_is_said() -> None:
    assert document(Snapshot(NOW))["missing"]["deploys"] == "the config names no source of deploys"
    states = (SourceState("ci", "file", "down", error="it is not there"),)
    made = document(Snapshot(NOW, deploy_sources=states, missing={"deploys": "ci: it is not there"}))
    assert made["missing"]["deploys"] == "ci: it is not there"


def told(home: Path, *arguments: str) -> dict[str, Any]:
    done = run(home, "status", "--config", home / "config.yaml", "--format", "json", *arguments)
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_command_tells_of_one_service_and_of_a_moment(tmp_path: Path) -> None:
    now = time.time()
    lines = [
        {"ts": now - 7200, "service": "checkout", "version": "v1"},
        {"ts": now - 3600, "started_at": now - 4200, "service": "checkout", "version": "v2"},
        {"ts": now - 60, "service": "search", "version": "v9"},
    ]
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "deploys.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    made = told(tmp_path)
    assert [(each["service"], each["version"]) for each in made["deploys"]] == [
        ("search", "v9"),
        ("checkout", "v2"),
        ("checkout", "v1"),
    ]
    assert [each["version"] for each in told(tmp_path, "--service", "search")["deploys"]] == ["v9"]
    then = told(tmp_path, "--at", f"@{now - 4000:.0f}")["deploys"]
    assert [(each["version"], each["status"]) for each in then] == [("v2", "running"), ("v1", "succeeded")]
    assert then[0]["finished_at"] is None
