"""`sreconsole status` by its exit code: what is known decides, also when a server is gone."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.engine.test_reloading import MEASURED, PROMETHEUS, requests
from tests.plain.commands import run
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill, free_port


def config(home: Path, text: str) -> Path:
    path = home / "config.yaml"
    path.write_text(text)
    return path


def test_with_cached_counts_a_dead_server_is_no_reason_for_69(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    now = time.time() // 60 * 60
    backfill(tmp_path / "data", openmetrics(requests("a", now)))
    with PrometheusServer(tmp_path / "data") as server:
        path = config(tmp_path, PROMETHEUS.format(url=server.url) + MEASURED.format(name="a"))
        known = run(tmp_path, "status", "--config", path, "--format", "json")
        assert known.code == 0, known.err
    gone = run(tmp_path, "status", "--config", path, "--format", "json")
    document = json.loads(gone.out)
    found = document["services"][0]["slos"][0]
    assert document["sources"][0]["state"] == "down"
    assert gone.code == {"ok": 0, "stale": 3}[document["status"]], gone.err
    assert found["budget"]["remaining"] is not None
    before = json.loads(known.out)["services"][0]["slos"][0]["budget"]["remaining"]
    assert abs(found["budget"]["remaining"] - before) < 0.01


def test_every_source_down_is_69_whatever_its_kind(tmp_path: Path) -> None:
    am = f'  am: {{kind: alertmanager, urls: ["http://127.0.0.1:{free_port()}"]}}\n'
    alone = config(tmp_path, f"version: 1\nsources:\n{am}services:\n  a: {{}}\n")
    assert run(tmp_path, "status", "--config", alone).code == 69
    text = PROMETHEUS.format(url=f"http://127.0.0.1:{free_port()}").replace("services:\n", f"{am}services:\n")
    both = config(tmp_path, text + MEASURED.format(name="a"))
    done = run(tmp_path, "status", "--config", both)
    assert done.code == 69
    assert "every source is down" in done.err
    assert "am: " in done.err
    assert "prom: " in done.err


def test_a_one_shot_logs_where_it_is_told_and_nowhere_else(tmp_path: Path) -> None:
    text = PROMETHEUS.format(url=f"http://127.0.0.1:{free_port()}") + MEASURED.format(name="a")
    path = config(tmp_path, text)
    run(tmp_path, "status", "--config", path)
    assert not list(tmp_path.rglob("*.log"))
    run(tmp_path, "--log", tmp_path / "x.log", "status", "--config", path)
    said = (tmp_path / "x.log").read_text()
    assert "prom: down: nothing listens" in said
    assert "status ends: nothing is known" in said
    done = run(tmp_path, "status", "--config", path, "--log", "/dev/full")
    assert done.code == 69
    assert "no log is kept: /dev/full cannot be written" in done.err
