"""`sreconsole status`, the installed script, against a real Prometheus: words, JSON, exit codes, moments, failures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.estate import NOW, counters, truth
from tests.plain.commands import Done, run
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill, free_port

CONFIG = """\
version: 1
refresh: 15s
timezone: Europe/Berlin
sources:
  prom: {{kind: prometheus, url: "{url}"}}
services:
  a:
    slos:
      availability:
        objective: 99.9
        sli:
          bad: http_requests_total{{service="a",code=~"5.."}}
          total: http_requests_total{{service="a"}}
  calm:
    slos:
      availability:
        objective: 90
        sli:
          bad: http_requests_total{{service="b",code=~"5.."}}
          total: http_requests_total{{service="b"}}
"""
AT = datetime.fromtimestamp(NOW, UTC).isoformat()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("status-command")
    backfill(data, openmetrics([*counters("a", every=30, days=1.5), *counters("b", every=30, days=1.5)]))
    with PrometheusServer(data) as running:
        yield running


def write(home: Path, url: str, more: str = "") -> Path:
    path = home / "config.yaml"
    path.write_text(CONFIG.format(url=url) + more)
    return path


def status(home: Path, url: str, *arguments: str, more: str = "") -> Done:
    return run(home, "status", "--config", write(home, url, more), *arguments)


def test_json_is_the_whole_truth_at_that_moment(server: PrometheusServer, tmp_path: Path) -> None:
    done = status(tmp_path, server.url, "--format", "json", "--at", AT)
    document: dict[str, Any] = json.loads(done.out)
    assert done.code == 2
    assert document["status"] == "page"
    assert document["at"] == datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert document["counts"] == {"page": 1, "warn": 0, "unknown": 0, "stale": 0, "ok": 1}
    found = document["services"][0]["slos"][0]
    assert found["error_ratio"]["1h"] == pytest.approx(truth(3600), rel=0.03)
    assert found["error_ratio"]["1d"] == pytest.approx(truth(86_400), rel=0.01)
    assert found["coverage"] == pytest.approx(1.5 / 30, rel=0.02)
    assert found["budget"]["remaining_full_window"] is not None
    assert document["sources"][0]["state"] == "live"
    assert document["sources"][0]["progress"] is None, "history was fetched within the time-out"
    assert "ledger" in done.err, "progress is said on stderr"


def test_a_day_earlier_it_was_only_a_warning(server: PrometheusServer, tmp_path: Path) -> None:
    earlier = datetime.fromtimestamp(NOW - 6 * 3600, UTC).isoformat()
    done = status(tmp_path, server.url, "--format", "json", "--at", earlier)
    assert done.code == 1
    found = json.loads(done.out)["services"][0]["slos"][0]
    assert found["error_ratio"]["1h"] == pytest.approx(0.05 / 10.05, rel=0.02)


def test_text_is_a_table_without_control_characters(server: PrometheusServer, tmp_path: Path) -> None:
    done = status(tmp_path, server.url, "--at", AT)
    assert done.code == 2
    assert re.search(r"^PAGE .*\ba\b.* availability ", done.out, re.M)
    assert "Europe/Berlin" in done.out or "CEST" in done.out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.out)


def test_one_service_limits_rows_counts_and_the_exit_code(server: PrometheusServer, tmp_path: Path) -> None:
    done = status(tmp_path, server.url, "--service", "calm", "--format", "json", "--at", AT)
    document = json.loads(done.out)
    assert done.code == 0
    assert [service["name"] for service in document["services"]] == ["calm"]
    assert document["status"] == "ok"
    assert sum(document["counts"].values()) == 1


def test_of_the_past_an_alertmanager_that_is_down_takes_the_silences_only(
    server: PrometheusServer, tmp_path: Path
) -> None:
    path = write(tmp_path, server.url, "  jobs: {}\n")
    deaf = f"http://127.0.0.1:{free_port()}"
    path.write_text(path.read_text().replace("services:", f"  am: {{kind: alertmanager, urls: [{deaf}]}}\nservices:"))
    calm = [line for line in path.read_text().splitlines() if 'service="a"' not in line]
    start, end = calm.index("  a:"), calm.index("  calm:")
    path.write_text("\n".join([*calm[:start], *calm[end:]]))
    done = run(tmp_path, "status", "--config", path, "--format", "json", "--at", AT)
    document = json.loads(done.out)
    assert done.code == 0, "nothing fired, whoever was silenced"
    assert {source["name"]: source["state"] for source in document["sources"]} == {"prom": "live", "am": "down"}
    assert "alerts" not in document["missing"]
    assert document["missing"]["silences"].startswith(f"am: nothing listens at {deaf}")
    jobs = next(service for service in document["services"] if service["name"] == "jobs")
    assert jobs["status"] == "ok"


def test_of_the_past_an_alertmanager_alone_knows_no_alerts_and_is_not_down(tmp_path: Path) -> None:
    deaf = f"http://127.0.0.1:{free_port()}"
    path = tmp_path / "config.yaml"
    path.write_text(f"version: 1\nsources:\n  am: {{kind: alertmanager, urls: [{deaf}]}}\nservices: {{jobs: {{}}}}\n")
    done = run(tmp_path, "status", "--config", path, "--format", "json", "--at", AT)
    document = json.loads(done.out)
    assert done.code == 3
    (source,) = document["sources"]
    assert (source["state"], source["error"], source["last_error"]) == ("partial", None, None)
    assert "alerts of the past are not known" in source["notes"][0]
    assert "alerts of the past are not known" in document["missing"]["alerts"]
    text = run(tmp_path, "status", "--config", path, "--at", AT).out
    assert "source am: not asked\n" in text
    assert "alerts: unknown (alerts of the past are not known" in text


def test_without_a_home_it_works_from_memory_and_makes_none(server: PrometheusServer, tmp_path: Path) -> None:
    home = tmp_path / "nobody"
    path = write(tmp_path, server.url)
    for form in ("json", "text"):
        done = run(tmp_path, "status", "--config", path, "--format", form, env={"HOME": str(home)})
        assert (done.out + done.err).count("kept in memory only") == 1
        assert f"{home} does not exist" in done.out
    assert not home.exists(), "root could make it, but nobody looks there"


def test_an_unknown_service_is_a_mistake_with_the_nearest_name(server: PrometheusServer, tmp_path: Path) -> None:
    done = status(tmp_path, server.url, "--service", "clam")
    assert (done.code, done.out) == (64, "")
    assert "did you mean 'calm'?" in done.err


FLEET = """\
fleets:
  - label: service
    slos:
      errors:
        objective: 99
        sli: {bad: 'http_requests_total{code=~"5.."}', total: http_requests_total}
"""


def test_an_unknown_service_of_a_silent_fleet_is_not_called_a_mistake(tmp_path: Path) -> None:
    done = status(tmp_path, f"http://127.0.0.1:{free_port()}", "--service", "zebra", more=FLEET)
    assert done.code == 3
    assert "did not answer" in done.err


def test_nothing_known_is_69_and_says_what_to_do(tmp_path: Path) -> None:
    done = status(tmp_path, f"http://127.0.0.1:{free_port()}", "--format", "json")
    assert done.code == 69
    document = json.loads(done.out)
    assert document["status"] == "unknown"
    assert document["sources"][0]["state"] == "down"
    assert document["sources"][0]["error"]
    assert "every source is down" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--timeout", "10"], "is not a duration"),
        (["--timeout", "0s"], "longer than 0"),
        (["--at", "tomorrow"], "is not a time"),
        (["--at", "2999-01-01T00:00:00Z"], "future"),
        (["--format", "xml"], "invalid choice"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_a_wrong_command_line_is_64(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = status(tmp_path, "http://127.0.0.1:1", *arguments)
    assert (done.code, done.out) == (64, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_without_any_config_three_lines_say_how_to_begin(tmp_path: Path) -> None:
    done = run(tmp_path, "status", env={"XDG_CONFIG_HOME": str(tmp_path / "none")})
    if Path("/etc/sreconsole/config.yaml").exists():
        pytest.fail("this machine has a config in /etc")
    assert (done.code, done.out) == (78, "")
    assert len(done.err.splitlines()) == 3
    for word in ("demo", "discover", "config.example.yaml"):
        assert word in done.err


def test_a_broken_config_is_78_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "http://127.0.0.1:1")
    path.write_text(path.read_text().replace("objective: 90", "objektive: 90"))
    done = run(tmp_path, "status", "--config", path)
    assert (done.code, done.out) == (78, "")
    assert "config.yaml:17: services.calm.slos.availability.objektive: " in done.err
    assert "did you mean" in done.err


def test_global_options_stand_before_or_after_the_command(server: PrometheusServer, tmp_path: Path) -> None:
    path = write(tmp_path, server.url)
    before = run(tmp_path, "--config", path, "status", "--at", AT)
    after = run(tmp_path, "status", "--config", path, "--at", AT)
    assert before.out == after.out != ""


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["check"], ["schema"], ["status", "--at", AT]])
def test_no_one_shot_command_loads_textual(server: PrometheusServer, tmp_path: Path, command: list[str]) -> None:
    path = write(tmp_path, server.url)
    done = run(tmp_path, *command, env={"SRECONSOLE_CONFIG": str(path)})
    assert done.code in (0, 2)
    assert done.out
    assert done.modules, "the modules were read at exit"
    heavy = {"textual", "plotext", "httpx", "rich"} | ({"asyncio"} if command[0] != "status" else set())
    assert not heavy & done.modules
