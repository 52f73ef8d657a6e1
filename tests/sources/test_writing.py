"""Writes on the wire: sent once whatever happens, never where only reading is allowed, and known how far they came."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from sreconsole.config.model import HttpConfig, OAuth2Config
from sreconsole.errors import Lost, ReadOnly, SourceError
from sreconsole.sources.answer import Response
from sreconsole.sources.auth import NOTHING
from sreconsole.sources.http import HttpClient
from sreconsole.sources.wire import Wire
from tests.servers.faults import FaultServer, ForwardProxy, Reply, Request, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import inline

pytestmark = pytest.mark.usefixtures("carrier")

BODY = b'{"comment":"\\u202e OPS-7"}'
GOOD = answer(200, '{"silenceID":"1"}')


@asynccontextmanager
async def client(
    url: str, *, writes: bool = True, http: HttpConfig | None = None, cap: int = 1 << 16
) -> AsyncIterator[HttpClient]:
    made = HttpClient("am", url, http or HttpConfig(), cap, writes=writes)
    try:
        yield made
    finally:
        await made.aclose()


async def posted(url: str, timeout: float = 5.0, http: HttpConfig | None = None) -> Response:
    async with client(url, http=http) as asked:
        return await asked.post_json("/api/v2/silences", BODY, timeout)


async def failed(url: str, timeout: float = 5.0, http: HttpConfig | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await posted(url, timeout, http)
    assert caught.value.__context__ is None, "no frame with a secret in it"
    return caught.value


async def test_a_write_says_what_it_is_and_any_answer_is_an_answer() -> None:
    replies = [answer(status, "said", "text/plain", {"Location": "/x"}) for status in (200, 202, 302, 400, 429, 502)]
    with FaultServer(lambda request: replies[len(server.requests) - 1]) as server:
        async with client(server.url) as asked:
            got = [await asked.post_json("/api/v2/silences", BODY) for _ in range(5)]
            got.append(await asked.delete("/api/v2/silence/1"))
        assert [one.status for one in got] == [200, 202, 302, 400, 429, 502]
        first, last = server.requests[0], server.requests[-1]
        assert (first.method, first.target, first.body) == ("POST", "/api/v2/silences", BODY)
        assert first.header("content-type") == "application/json"
        assert (last.method, last.target, last.body) == ("DELETE", "/api/v2/silence/1", b"")
        assert last.header("content-type") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "TRACE"])
async def test_what_may_not_write_sends_nothing_but_reads(method: str) -> None:
    with FaultServer(lambda _: GOOD) as server:
        for wire in (
            Wire(server.url, HttpConfig(), 1 << 16),
            Wire(server.url, HttpConfig(), 1 << 16, permit="token"),
        ):
            for path in ("/api/v2/silences", "/api/v1/query", "/api/v1/write", ""):
                with pytest.raises(ReadOnly):
                    await wire.write(method, server.url + path, NOTHING, 5.0, BODY, ())
                with pytest.raises(ReadOnly):
                    await wire.exchange(method, server.url + path, NOTHING, 5.0)
                if path not in ("", "/api/v1/query") or method != "POST":
                    with pytest.raises(ReadOnly):
                        await wire.exchange(method, server.url + path, NOTHING, 5.0, form={"a": "b"})
            await wire.aclose()
        async with client(server.url, writes=False) as asked:
            for write in (asked.post_json("/api/v2/silences", BODY), asked.delete("/api/v2/silence/1")):
                with pytest.raises(ReadOnly, match="nothing was sent"):
                    await write
            with pytest.raises(ReadOnly):
                await asked.post_form("/api/v2/silences", {"a": "b"})
            with pytest.raises(ReadOnly):
                await asked.post_form("/api/v1/write?x=/api/v1/query", {"a": "b"})
        assert not server.requests
        assert not server.connections


async def test_what_may_not_write_still_asks() -> None:
    with FaultServer(lambda _: GOOD) as server:
        async with client(server.url, writes=False) as asked:
            assert (await asked.get("/api/v2/silences")).status == 200
            assert (await asked.post_form("/prom/api/v1/query_range", {"query": "x"})).status == 200
        assert [request.method for request in server.requests] == ["GET", "POST"]


async def test_one_that_may_write_does_not_do_so_by_the_way_that_may_send_twice() -> None:
    with FaultServer(lambda _: GOOD) as server:
        async with client(server.url) as asked:
            with pytest.raises(ReadOnly):
                await asked.post_form("/api/v2/silences", {"a": "b"})
        assert not server.requests


LOST: dict[str, Reply] = {
    "cut before the answer": Reply(b"", "close"),
    "reset before the answer": Reply(b"", "reset"),
    "cut after the first byte": Reply(GOOD[:1], "close"),
    "cut within the head": Reply(GOOD[:30], "close"),
    "reset within the head": Reply(GOOD[:30], "reset"),
    "cut within the body": Reply(GOOD[:-3], "close"),
    "hangs": Reply(b"", "hang"),
    "hangs after a byte": Reply(GOOD[:1], "hang"),
    "hangs within the body": Reply(GOOD[:-1], "hang"),
    "drips": Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", drip=True),
    "no HTTP": Reply(b"SSH-2.0-OpenSSH_9.2\r\n", "close"),
    "no HTTP either": Reply(b"\x15\x03\x01\x00\x02\x02\x0a", "close"),
    "damaged gzip": Reply(answer(200, b"no gzip", headers={"Content-Encoding": "gzip"})),
    "half a gzip": Reply(answer(200, zlib.compress(b"x" * 99, wbits=31)[:-9], headers={"Content-Encoding": "gzip"})),
    "an encoding nobody asked for": Reply(answer(200, b"x", headers={"Content-Encoding": "br"})),
    "too large": Reply(answer(200, b" " * (1 << 17))),
}


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
async def test_a_write_without_a_whole_answer_may_have_arrived_and_is_sent_once(name: str, kept: bool) -> None:
    with FaultServer(lambda request: GOOD if request.method == "GET" else LOST[name]) as server:
        async with client(server.url) as asked:
            if kept:
                await asked.get("/api/v2/silences")
            with pytest.raises(Lost) as caught:
                await asked.post_json("/api/v2/silences", BODY, 0.3)
        assert [request.method for request in server.requests].count("POST") == 1
        assert server.url in str(caught.value)


async def test_a_kept_connection_that_was_closed_meanwhile_makes_no_second_write() -> None:
    def respond(request: Request) -> Reply:
        return Reply(GOOD, "keep") if request.method == "GET" else Reply(b"", "reset")

    with FaultServer(respond) as server:
        async with client(server.url) as asked:
            for _ in range(5):
                await asked.get("/api/v2/silences")
                with pytest.raises(Lost):
                    await asked.delete("/api/v2/silence/1")
        assert [request.method for request in server.requests] == ["GET", "DELETE"] * 5


def nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"


UNSENT: dict[str, Callable[[], tuple[str, HttpConfig]]] = {
    "refused": lambda: (nowhere(), HttpConfig()),
    "no such host": lambda: ("http://nowhere.invalid:9093", HttpConfig()),
    "an unreadable secret": lambda: (nowhere(), HttpConfig(authorization=("Bearer", inline("a\nb")))),
    "no token server": lambda: (nowhere(), HttpConfig(oauth2=OAuth2Config("us", inline("secret"), nowhere()))),
    "no proxy": lambda: ("https://am.example", HttpConfig(proxy_url=nowhere())),
}


@pytest.mark.parametrize("name", UNSENT)
async def test_what_cannot_have_left_is_not_lost(name: str) -> None:
    url, http = UNSENT[name]()
    assert not isinstance(await failed(url, http=http), Lost | ReadOnly)


async def test_a_server_without_tls_and_a_proxy_that_refuses_get_nothing() -> None:
    with FaultServer(lambda _: GOOD) as server, ForwardProxy(refuse=403) as proxy:
        assert not isinstance(await failed(server.url.replace("http:", "https:")), Lost)
        http = HttpConfig(proxy_url=f"http://127.0.0.1:{proxy.port}")
        assert not isinstance(await failed("https://am.example", http=http), Lost)
        assert not [one for one in server.requests if one.method == "POST"], "a greeting of TLS may look like a request"


async def test_a_refused_token_is_no_reason_to_send_a_write_again() -> None:
    def respond(request: Request) -> bytes:
        token = '{"access_token":"t","expires_in":"3600"}'
        return answer(200, token) if request.target == "/token" else answer(401, "no", "text/plain")

    with FaultServer(respond) as server:
        http = HttpConfig(oauth2=OAuth2Config("us", inline("secret"), f"{server.url}/token"))
        assert (await posted(server.url, http=http)).status == 401
        assert [request.target for request in server.requests] == ["/token", "/api/v2/silences"]
