"""Targets read over real HTTP: labels added, each target failing for itself."""

from __future__ import annotations

import socket

import pytest

from sreconsole.config.model import HttpConfig, ScrapeSource
from sreconsole.errors import BadAnswer, Denied, TooLarge, Unreachable
from sreconsole.sources.scrape import ScrapeReader, TargetRead, instance_of
from tests.servers.metrics import OPENMETRICS, MetricsTarget


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def read(*targets: str, max_answer: int = 1 << 20, **labels: str) -> list[TargetRead]:
    reader = ScrapeReader(ScrapeSource("local", targets, labels=labels, max_answer=max_answer, http=HttpConfig()))
    try:
        return await reader.read(frozenset({"req_total", "up"}), 1_763_856_000.0)
    finally:
        await reader.aclose()


async def test_labels_are_added_and_what_the_target_says_is_honoured() -> None:
    with MetricsTarget('req_total{code="200"} 1\nup{instance="db:1",cluster="own"} 1\nother 2\n') as target:
        (got,) = await read(target.url, cluster="bastion")
    assert got.error is None
    assert got.samples is not None
    assert [(s.name, dict(s.labels), s.value) for s in got.samples] == [
        ("req_total", {"code": "200", "instance": f"127.0.0.1:{target.port}", "cluster": "bastion"}, 1.0),
        ("up", {"instance": "db:1", "cluster": "own"}, 1.0),
    ]


async def test_openmetrics_is_known_by_its_content_type() -> None:
    with MetricsTarget("# TYPE req counter\nreq_total 3\n# EOF\n", OPENMETRICS) as whole, MetricsTarget(
        "# TYPE req counter\nreq_total 3\n", OPENMETRICS
    ) as cut:  # fmt: skip
        good, bad = await read(whole.url, cut.url)
    assert good.samples is not None
    assert [sample.value for sample in good.samples] == [3.0]
    assert bad.samples is None
    assert str(bad.error).startswith(f"{cut.url}: the page ends without # EOF")


async def test_one_target_that_fails_leaves_the_others() -> None:
    dead = f"http://127.0.0.1:{closed_port()}/metrics"
    with MetricsTarget("req_total 1\n") as one, MetricsTarget("req_total{ 1\n") as broken:
        reads = await read(one.url, dead, broken.url)
    assert [got.samples is not None for got in reads] == [True, False, False]
    assert isinstance(reads[1].error, Unreachable)
    assert "connection refused" in str(reads[1].error)
    assert isinstance(reads[2].error, BadAnswer)
    assert str(reads[2].error).startswith(f"{broken.url}: line 1 is malformed")


@pytest.mark.parametrize(
    ("status", "kind", "page", "error", "words"),
    [
        (200, "text/html", "<html><title>Sign in</title><form>password</form></html>", Denied, "login page"),
        (200, "text/html", "<html><title>Welcome</title></html>", BadAnswer, "web page"),
        (200, "text/plain", "<p>hello</p>", BadAnswer, "web page"),
        (404, "text/plain", "not found", BadAnswer, "404"),
        (401, "text/plain", "no", Denied, "401"),
        (500, "text/plain", "oops \x1b[2J", BadAnswer, "500"),
        (200, "text/plain", "", BadAnswer, "empty answer"),
        (200, "text/plain", "x" * 2000, TooLarge, "1000 bytes"),
    ],
)
async def test_every_failure_is_one_sentence_naming_the_target(
    status: int, kind: str, page: str, error: type[Exception], words: str
) -> None:
    with MetricsTarget(page, kind) as target:
        target.status = status
        (got,) = await read(target.url, max_answer=1000)
    assert type(got.error) is error
    assert words in str(got.error)
    assert target.url in str(got.error)
    assert str(got.error).isprintable()


async def test_a_password_in_a_target_is_sent_and_never_shown() -> None:
    with MetricsTarget("up 1\n") as target:
        (got,) = await read(target.url.replace("http://", "http://ana:hunter2@"))
        target.status = 403
        (denied,) = await read(target.url.replace("http://", "http://ana:hunter2@"))
    assert got.samples is not None
    assert "hunter2" not in f"{got} {denied} {denied.error}"
    assert got.target == target.url


@pytest.mark.parametrize(
    ("url", "instance"),
    [
        ("http://127.0.0.1:8000/metrics", "127.0.0.1:8000"),
        ("https://user:secret@host/metrics", "host:443"),
        ("http://HOST", "host:80"),
        ("http://[::1]:9/m", "[::1]:9"),
    ],
)
def test_the_instance_is_host_and_port(url: str, instance: str) -> None:
    assert instance_of(url) == instance
