"""Every way an HTTP source can fail is one sentence that says what to do; nothing hostile gets through."""

from __future__ import annotations

import gzip
import json
import socket
import zlib

import pytest

from sreconsole.errors import BadAnswer, Denied, QueryRejected, SourceError, TooLarge, Unreachable
from sreconsole.sources import wire
from tests.servers.faults import FaultServer, Reply, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import GOOD, api, failure, value

pytestmark = pytest.mark.usefixtures("carrier")

HOSTILE = "\x1b]0;owned\x07\x1b[2J[@click=app.quit]x[/]\u202eevil\u2066\r\n\x9b31m\u200b"


def envelope(kind: str, said: str) -> str:
    return json.dumps({"status": "error", "errorType": kind, "error": said})


REFUSALS: list[tuple[str, bytes, type[SourceError], list[str]]] = [
    (
        "bad query",
        answer(400, envelope("bad_data", "parse error")),
        QueryRejected,
        ["refused", "parse error"],
    ),
    ("execution", answer(422, envelope("execution", "many-to-many")), QueryRejected, ["refused", "many-to-many"]),
    ("victoria", answer(422, envelope("422", "cannot parse")), QueryRejected, ["refused", "cannot parse"]),
    ("error with 200", answer(200, envelope("bad_data", "no such")), QueryRejected, ["no such"]),
    ("query timeout", answer(503, envelope("timeout", "timed out in x")), Unreachable, ["gave up", "too heavy"]),
    (
        "internal",
        answer(500, envelope("internal", "tsdb broke")),
        BadAnswer,
        ["inside (500", "tsdb broke", "log"],
    ),
    ("login", answer(401, "Unauthorized", "text/plain"), Denied, ["401", "basic_auth", "source prom"]),
    ("login JSON", answer(401, envelope("", "who are you")), Denied, ["401", "basic_auth", "who are you"]),
    ("tenant", answer(401, "no org id", "text/plain"), Denied, ["X-Scope-OrgID", "http_headers"]),
    ("forbidden", answer(403, "go away", "text/plain"), Denied, ["403", "go away", "source prom"]),
    ("prefix", answer(404, "404 page not found", "text/plain"), BadAnswer, ["no Prometheus API at", "prefix"]),
    ("prefix JSON", answer(404, envelope("not_found", "x")), BadAnswer, ["no Prometheus API at", "prefix"]),
    ("proxy login", answer(407, "", ""), Denied, ["407", "proxy_url"]),
    ("limited", answer(429, "slow down", "text/plain", {"Retry-After": "7"}), Unreachable, ["429", "wait 7s"]),
    ("starting", answer(503, "Service Unavailable", "text/plain"), Unreachable, ["503", "not ready or overloaded"]),
    ("bad gateway", answer(502, "<html><title>502 Bad</title>", "text/html"), Unreachable, ["502", "502 Bad"]),
    ("gateway timeout", answer(504, "", ""), Unreachable, ["504", "no answer in time"]),
    ("broken", answer(500, "panic: oh", "text/plain"), BadAnswer, ["500", "panic: oh", "log"]),
    ("teapot", answer(418, "short", "text/plain"), BadAnswer, ["418", "short"]),
    (
        "TLS wanted",
        answer(400, "Client sent an HTTP request to an HTTPS server.\n", "text/plain"),
        BadAnswer,
        ["https://"],
    ),
    ("moved", answer(302, "", "", {"Location": "http://u:p@other/x?token=1"}), BadAnswer, ["http://other/x ", "(302)"]),
    ("moved nowhere", answer(301, "", ""), BadAnswer, ["nowhere", "301"]),
    ("to login", answer(302, "", "", {"Location": "https://sso.example/login?back=1"}), Denied, ["sso.example/login"]),
    (
        "login page",
        answer(200, "<!doctype html><title>Sign in</title><input type=password>", "text/html; charset=utf-8"),
        Denied,
        ["login page", "source prom"],
    ),
    ("web page", answer(200, "<html><body>Welcome to nginx!</body>", "text/html"), BadAnswer, ["web page", "prefix"]),
    ("page in disguise", answer(200, "\n<!DOCTYPE html><p>hi", "text/plain"), BadAnswer, ["web page"]),
    ("plain text", answer(200, "up 1", "text/plain"), BadAnswer, ["text/plain", "not JSON"]),
    ("no type", answer(200, GOOD, ""), BadAnswer, ["no content type", "not JSON"]),
    ("empty", answer(200, ""), BadAnswer, ["empty answer"]),
    ("no content", answer(204, "", ""), BadAnswer, ["empty answer"]),
    ("no JSON", answer(200, "{oops"), BadAnswer, ["damaged", "cut off"]),
    ("other JSON", answer(200, '{"hello": 1}'), BadAnswer, ["not the Prometheus API's"]),
    ("a list", answer(200, "[1, 2]"), BadAnswer, ["not the Prometheus API's"]),
    ("deep", answer(200, '{"status":"success","x":' + "[" * 200_000), BadAnswer, ["not the Prometheus API's"]),
    ("no data", answer(200, '{"status":"success"}'), BadAnswer, ["not the Prometheus API's"]),
    ("odd type", answer(200, GOOD.replace('"vector"', '"tensor"')), BadAnswer, ["not the Prometheus API's"]),
    ("a range", answer(200, GOOD.replace('"vector"', '"matrix"')), QueryRejected, ["range of samples"]),
    ("a string", answer(200, GOOD.replace('"vector"', '"string"')), QueryRejected, ["string"]),
    ("no number", answer(200, GOOD.replace("1.5", "1_5")), BadAnswer, ["not the Prometheus API's"]),
    ("no UTF-8", answer(200, GOOD.encode().replace(b'"a"', b'"\xff"')), BadAnswer, ["not the Prometheus API's"]),
    ("odd encoding", answer(200, GOOD, headers={"Content-Encoding": "br"}), BadAnswer, ["encoding"]),
    ("no gzip", answer(200, GOOD, headers={"Content-Encoding": "gzip"}), BadAnswer, ["damaged gzip"]),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", BadAnswer, ["does not speak HTTP", "port"]),
]


@pytest.mark.parametrize(("sent", "kind", "said"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
async def test_a_bad_answer_is_one_sentence(sent: bytes, kind: type[SourceError], said: list[str]) -> None:
    with FaultServer(lambda _request: Reply(sent, "close")) as server:
        error = await failure(server.url)
    assert type(error) is kind
    assert [part for part in said if part not in str(error)] == []
    assert "\n" not in str(error)
    if kind is not QueryRejected and "proxy" not in said[-1]:
        assert server.url in str(error)


async def test_the_url_is_named_without_user_password_and_query() -> None:
    with FaultServer(lambda _request: answer(404, "", "")) as server:
        error = await failure(server.url.replace("//", "//ana:hunter22@") + "/pre?token=abcdef")
        assert f"{server.url}/pre (404)" in str(error)
        assert "hunter22" not in str(error)
        assert server.requests[0].target == "/pre/api/v1/query?token=abcdef"
        assert (server.requests[0].header("authorization") or "").startswith("Basic ")


async def test_retry_after_counts_from_the_servers_own_clock() -> None:
    headers = {"Date": "Mon, 23 Nov 2026 03:12:00 GMT", "Retry-After": "Mon, 23 Nov 2026 03:12:30 GMT"}
    with FaultServer(lambda _request: answer(503, "", "", headers)) as server:
        assert (await failure(server.url)).retry_after == 30.0
        headers["Retry-After"] = "\u0663"
        assert (await failure(server.url)).retry_after is None


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 422, 429, 500, 503])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/html", "x\x1b[31m/y"])
async def test_hostile_words_are_harmless(status: int, kind: str) -> None:
    body = envelope("bad_data", HOSTILE) if kind == "application/json" else f"<title>{HOSTILE}</title>"
    location = {"Location": "http://h/\x1b[31m\u202e"} if status == 302 else {}
    with FaultServer(lambda _request: answer(status, body, kind, location)) as server:
        error = await failure(server.url)
    for text in (str(error), error.detail):
        assert not [char for char in text if not char.isprintable()]
        assert "\u202e" not in text
        assert "\u200b" not in text


async def test_refused_names_the_address() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = await failure(url)
    assert type(error) is Unreachable
    assert str(error) == f"nothing listens at {url} (connection refused): is it running, is the port right?"


async def test_an_unknown_name_is_said() -> None:
    error = await failure("http://no-such-host.invalid:9090")
    assert type(error) is Unreachable
    assert "the name no-such-host.invalid of http://no-such-host.invalid:9090 cannot be resolved" in str(error)


async def test_a_host_that_drops_packets_is_a_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # a full backlog drops what comes next
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        error = await failure(f"http://127.0.0.1:{port}", timeout=0.3)
        for filler in fillers:
            filler.close()
    assert type(error) is Unreachable
    assert "127.0.0.1" in str(error)


async def test_a_hanging_server_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READ", 0.1)
    with FaultServer(lambda _request: Reply(then="hang")) as server:
        error = await failure(server.url)
    assert type(error) is Unreachable
    assert "took the request but sends nothing for 0.1s" in str(error)


async def test_a_dripping_server_meets_the_time_limit() -> None:
    with FaultServer(lambda _request: Reply(answer(200, GOOD)[:-5], drip=True)) as server:
        server.respond = lambda _request: Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", drip=True)
        error = await failure(server.url, timeout=0.2)
    assert type(error) is Unreachable
    assert "no whole answer" in str(error)
    assert "in 0.2s" in str(error)


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_connection_that_closes_without_an_answer(then: str) -> None:
    with FaultServer(lambda _request: Reply(b"", "reset" if then == "reset" else "close")) as server:
        error = await failure(server.url)
    assert type(error) is Unreachable
    assert "closed the connection" in str(error)


def cut_forms() -> list[tuple[str, bytes, bytes]]:
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:40].encode(), GOOD[40:].encode()))
    kind = b"Content-Type: application/json\r\n"
    packed = gzip.compress(GOOD.encode(), mtime=0)
    return [
        ("length", b"HTTP/1.1 200 OK\r\n" + kind + b"Content-Length: %d\r\n\r\n" % len(GOOD), GOOD.encode()),
        ("chunked", b"HTTP/1.1 200 OK\r\n" + kind + b"Transfer-Encoding: chunked\r\n\r\n", chunked + b"0\r\n\r\n"),
        ("until close", b"HTTP/1.0 200 OK\r\n" + kind + b"\r\n", GOOD.encode()),
        ("gzip until close", b"HTTP/1.0 200 OK\r\n" + kind + b"Content-Encoding: gzip\r\n\r\n", packed),
    ]


@pytest.mark.parametrize(("head", "body"), [f[1:] for f in cut_forms()], ids=[f[0] for f in cut_forms()])
async def test_an_answer_cut_anywhere_never_gives_values(head: bytes, body: bytes) -> None:
    whole = head + body
    with FaultServer(lambda _request: Reply()) as server:
        async with api(server.url) as asked:
            for length in range(len(whole)):
                server.respond = lambda _request, length=length: Reply(whole[:length], "close")  # type: ignore[misc]
                with pytest.raises((Unreachable, BadAnswer)):
                    await asked.query("x", 0.0)
            server.respond = lambda _request: Reply(whole, "close")
            assert (await asked.query("x", 0.0)).items == [({"service": "a"}, 1.5)]


async def test_a_kept_connection_the_server_closed_is_opened_anew() -> None:
    replies = [Reply(answer(200, GOOD)), Reply(b"", "close"), Reply(answer(200, GOOD))]
    with FaultServer(lambda _request: replies.pop(0)) as server:
        async with api(server.url) as asked:
            for _ in range(2):
                assert (await asked.query("x", 0.0)).items == [({"service": "a"}, 1.5)]
        assert (len(server.requests), server.connections) == (3, 2)


@pytest.mark.parametrize("form", ["length", "no length", "gzip bomb"])
async def test_an_answer_over_the_cap_is_not_read(form: str) -> None:
    kind = "application/json"
    made = {
        "length": answer(200, b" " * 2000, kind),
        "no length": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * 2000,
        "gzip bomb": answer(200, gzip.compress(b" " * 5_000_000, 9), kind, {"Content-Encoding": "gzip"}),
    }[form]
    with FaultServer(lambda _request: Reply(made, "close")) as server:
        error = await failure(server.url, cap=1000)
    assert type(error) is TooLarge
    assert "passes 1000 bytes" in str(error)
    assert "max_answer" in str(error)


async def test_a_body_of_exactly_the_cap_is_read_packed_or_not() -> None:
    for data, headers in ((GOOD.encode(), {}), (gzip.compress(GOOD.encode()), {"Content-Encoding": "gzip"})):
        made = answer(200, data, headers=headers)
        with FaultServer(lambda _request, made=made: made) as server:  # type: ignore[misc]
            async with api(server.url, cap=len(GOOD)) as asked:
                assert (await asked.query("x", 0.0)).items == [({"service": "a"}, 1.5)]


async def test_junk_behind_a_gzip_answer_is_refused() -> None:
    packed = gzip.compress(GOOD.encode()) + zlib.compress(b"x" * 100)
    with FaultServer(lambda _request: answer(200, packed, headers={"Content-Encoding": "gzip"})) as server:
        assert "damaged gzip" in str(await failure(server.url))


async def test_never_more_than_two_in_flight() -> None:
    import asyncio
    import threading

    running, most, lock = 0, 0, threading.Lock()
    two = threading.Barrier(2)

    def respond(_request: object) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        two.wait(30)  # both slots are used, or this never ends
        with lock:
            running -= 1
        return answer(200, GOOD)

    with FaultServer(respond) as server:
        async with api(server.url) as asked:
            await asyncio.gather(*(asked.query("x", 0.0) for _ in range(8)))
    assert most == 2


async def test_the_environment_diverts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        assert await value(server.url) == 1.5
