"""The estate as a process: what it serves, where it keeps it, and that it dies with whoever started it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from sreconsole.config.model import AlertmanagerSource, ScrapeSource
from sreconsole.config.read import load
from sreconsole.demo import process as module
from sreconsole.demo.process import Estate, EstateError, start_estate
from sreconsole.demo.server import LARGEST, Answer, Request, Server, pages
from sreconsole.demo.settings import zone

STARTER = """
import signal, subprocess, sys
from sreconsole.demo.process import start_estate
estate = start_estate()
other = 0
if "--leak" in sys.argv:
    other = subprocess.Popen(["sleep", "60"], pass_fds=[estate._process.stdin.fileno()]).pid
print(estate.pid, other, estate.config, flush=True)
signal.pause()
"""


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with start_estate() as running:
        yield running


def settings(estate: Estate) -> dict[str, dict[str, dict[str, list[str]]]]:
    loaded: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(estate.config.read_text())
    return loaded


def targets(estate: Estate) -> list[str]:
    return settings(estate)["sources"]["estate"]["targets"]


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text: str = answer.read().decode()
    return text


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Whether a process ends; the long patience is for a loaded machine, not a promise."""
    for _ in range(300):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def test_its_files_are_private(estate: Estate) -> None:
    assert stat.S_IMODE(estate.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(estate.config.stat().st_mode) == 0o600


def test_the_keys_of_the_terminal_do_not_reach_it(estate: Estate) -> None:
    assert os.getsid(estate.pid) == estate.pid


def test_every_target_answers_with_live_counters(estate: Estate) -> None:
    assert len(targets(estate)) == len(set(targets(estate))) == 4
    services = set()
    for url in targets(estate):
        assert url.startswith("http://127.0.0.1:")
        for family in parse(fetch(url)):
            services |= {sample.labels["service"] for sample in family.samples}
    assert services == set(settings(estate)["services"])


def test_the_history_is_current_to_the_minute(estate: Estate) -> None:
    now = time.time()
    lines = [json.loads(line) for line in (estate.directory / "past.jsonl").read_text().splitlines()]
    ends = {line["start"] + line["width"] for line in lines}
    assert max(ends) >= now // 60 * 60 - 60
    assert max(ends) <= time.time()
    assert min(line["start"] for line in lines) <= now - 31 * 86_400


def test_a_named_directory_a_seed_and_a_position_in_the_story(tmp_path: Path) -> None:
    bad = {}
    for ago in (0, 1200):
        directory = tmp_path / str(ago)
        with start_estate(seed=5, started_ago=ago, directory=directory) as running:
            assert running.config == directory / "config.yaml"
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
            begun = time.time() - ago
        assert not running.running
        lines = [json.loads(line) for line in (directory / "past.jsonl").read_text().splitlines()]
        story = [line for line in lines if (line["service"], line["slo"]) == ("checkout", "availability")]
        bad[ago] = [line["start"] for line in story if line["width"] == 60 and line["bad"] > 0.2 * line["total"]]
        assert abs(bad[ago][0] + 180 - begun) < 130, "the incident begins three minutes before the start"
    assert len(bad[0]) <= len(bad[1200]) == 3


def test_it_can_be_stopped_before_it_answers() -> None:
    estate = start_estate()
    estate.stop()
    assert not estate.running


def test_stopping_it_removes_everything() -> None:
    estate = start_estate()
    (url, *_) = targets(estate)
    estate.stop()
    estate.stop()
    assert estate._process.returncode == 0, "the end of its input ends it, it is not killed"
    assert not estate.directory.exists()
    with pytest.raises(urllib.error.URLError):
        fetch(url)


@pytest.mark.parametrize("leak", [False, True], ids=["pipe", "pipe held open by another"])
def test_it_dies_with_a_console_that_is_killed(leak: bool) -> None:
    console = subprocess.Popen(
        [sys.executable, "-c", STARTER, *(["--leak"] if leak else [])], stdout=subprocess.PIPE, env=environment()
    )
    assert console.stdout is not None
    pid, other, path = console.stdout.readline().decode().split(None, 2)
    try:
        assert alive(int(pid))
        console.kill()
        console.wait()
        assert gone(int(pid))
        assert not Path(path.strip()).parent.exists()
    finally:
        if int(other):
            os.kill(int(other), signal.SIGKILL)
        console.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_served_alone_it_runs_until_a_signal_and_not_until_the_end_of_input(number: int) -> None:
    alone = subprocess.Popen(
        [sys.executable, "-P", "-m", "sreconsole.demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert alone.stdout is not None
    config = Path(alone.stdout.readline().decode().strip())
    try:
        assert config.is_file()
        (url, *_) = yaml.safe_load(config.read_text())["sources"]["estate"]["targets"]
        assert "# TYPE" in fetch(url)
        alone.send_signal(number)
    except BaseException:
        alone.kill()
        raise
    rest, complaints = alone.communicate(timeout=30)
    assert (alone.returncode, rest, complaints) == (0, b"", b"")
    assert not config.parent.exists()


def test_under_nohup_it_outlives_the_terminal() -> None:
    start = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    )
    alone = subprocess.Popen(
        [sys.executable, "-c", start, sys.executable, "-P", "-m", "sreconsole.demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert alone.stdout is not None
    try:
        (url, *_) = yaml.safe_load(Path(alone.stdout.readline().decode().strip()).read_text())["sources"]["estate"][
            "targets"
        ]
        alone.send_signal(signal.SIGHUP)
        for _ in range(3):
            assert "# TYPE" in fetch(url)
    finally:
        alone.terminate()
        alone.communicate(timeout=30)
    assert alone.returncode == 0, "it was still there to be ended"


def test_a_module_of_the_same_name_in_the_current_directory_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sreconsole").mkdir()
    for name in ("sreconsole/__init__.py", "asyncio.py"):
        (tmp_path / name).write_text("raise SystemExit('hijacked')")
    monkeypatch.setattr(sys, "path", [os.path.abspath(entry) for entry in sys.path if entry])
    monkeypatch.chdir(tmp_path)
    with start_estate() as estate:
        assert estate.config.is_file()


def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        start_estate(directory=tmp_path / "file" / "below") as estate,
        pytest.raises(EstateError, match=r"did not start: .*Error.*file"),
    ):
        _ = estate.config


def test_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with start_estate() as estate, pytest.raises(EstateError, match="no answer in 0s"):
        _ = estate.config


async def test_the_server_keeps_connections_and_refuses_what_is_not_for_it() -> None:
    server = Server(pages(lambda: "a_total 1\n"))
    host, port = (await server.start()).removeprefix("http://").split(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        get = b" /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
        writer.write(b"GET" + get + b"HEAD" + get + b"GET /other HTTP/1.1\r\n\r\n" + b"POST" + get)
        answer = (await reader.read(-1)).decode()
        statuses = [line for line in answer.splitlines() if line.startswith("HTTP/")]
        assert statuses == [
            "HTTP/1.1 200 OK",
            "HTTP/1.1 200 OK",
            "HTTP/1.1 404 Not Found",
            "HTTP/1.1 405 Method Not Allowed",
        ]
        assert answer.count("a_total 1\n") == 1
        writer.close()
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"x" * 100_000)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
    finally:
        await server.stop()


async def test_the_server_reads_bodies_of_either_kind_and_refuses_large_ones() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(200)

    server = Server(answer)
    host, port = (await server.start()).removeprefix("http://").split(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /a?b=c HTTP/1.1\r\nContent-Type: Text/X\r\nContent-Length: 3\r\n\r\nabc")
        writer.write(b"POST /chunks HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailing: yes\r\n\r\n")
        writer.write(f"POST /large HTTP/1.1\r\nContent-Length: {LARGEST + 1}\r\n\r\n".encode())
        statuses = [line for line in (await reader.read(-1)).decode().splitlines() if line.startswith("HTTP/")]
        writer.close()
    finally:
        await server.stop()
    assert [status.split()[1] for status in statuses] == ["200", "100", "200", "413"]
    assert asked == [Request("POST", "/a", "b=c", "text/x", b"abc"), Request("POST", "/chunks", body=b"abcde")]


@pytest.mark.parametrize(
    ("said", "zone_name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Asia/Tokyo", "Asia/Tokyo"),
        ("", "UTC"),
        ("CET-1CEST", "UTC"),
        ("/", "UTC"),
    ],
)
def test_the_zone_is_that_of_the_reader_or_utc(said: str, zone_name: str) -> None:
    name, where = zone({"TZ": said})
    assert name == zone_name
    assert str(where) == zone_name


def test_its_config_is_one_a_user_could_write(estate: Estate) -> None:
    loaded = load(estate.config, {})
    assert loaded.warnings == []
    source = loaded.config.sources["estate"]
    assert isinstance(source, ScrapeSource)
    assert (loaded.config.environment, loaded.config.refresh, source.interval) == ("simulated", 5.0, 5.0)
    assert source.history == estate.directory / "past.jsonl"
    assert isinstance(loaded.config.sources["am"], AlertmanagerSource)
    assert len(loaded.config.slos()) == 18


async def test_a_connection_ends_also_when_a_request_comes_together_with_the_end() -> None:
    server = Server(lambda request: Answer(200))
    url = await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    reader = asyncio.StreamReader()
    serving = asyncio.create_task(server._serve(reader, writer))
    await asyncio.sleep(0.05)
    reader.feed_data(b"GET / HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0)
    serving.cancel()
    done, _ = await asyncio.wait([serving], timeout=10)
    assert done == {serving}
    await server.stop()
