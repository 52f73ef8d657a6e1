"""Plain HTTP without the library: when it is used, what it sends, which connections it trusts."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest

from sreconsole.config.model import HttpConfig
from sreconsole.errors import Unreachable
from sreconsole.sources import link, wire
from sreconsole.sources.auth import NOTHING
from sreconsole.sources.carrier import Limits
from sreconsole.sources.direct import Direct, suits
from sreconsole.sources.wire import Wire
from tests.servers.faults import FaultServer, Reply, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import GOOD, api, failure, value

SOON = Limits(1.0, 1.0)


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("http://prom.example:9090/pre/api?x=1&y=%20", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:9090/", True),
        ("http://prom_1.example./", True),
        ("https://prom.example", False),
        ("http://büro.example", False),
        ("http://xn--bro-hoa.example", True),
        ("http://h/ä", False),
        ("http://h/a b", False),
        ("http://h/a/../b", False),
        ("http://h/100%", False),
        ("http://h/{x}", False),
        ("http://h:0/", False),
        ("http://h:99999/", False),
        ("http://-h/", False),
        ("http://", False),
        ("http://ana:pw@h/", False),
    ],
)
def test_what_needs_an_encoding_is_left_to_the_library(url: str, direct: bool) -> None:
    assert suits(url, ()) is direct


@pytest.mark.parametrize("name", ["Transfer-Encoding", "content-length", "Connection", "Upgrade"])
def test_headers_that_change_the_meaning_of_bytes_are_left_to_the_library(name: str) -> None:
    assert suits("http://h", ["X-Scope-OrgID"])
    assert not suits("http://h", ["X-Scope-OrgID", name])


@pytest.mark.usefixtures("carrier")
async def test_both_ways_ask_the_same() -> None:
    http = HttpConfig(headers={"X-Scope-OrgID": ("one", "two")})
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        with_query = f"{server.url}/pre?token=a%2Fb&time=old"
        async with api(with_query, http) as asked:
            await asked.query("up + 1", 0.0)
        carried = Wire(with_query, http, 1 << 20)
        await carried.exchange("GET", with_query, NOTHING, 5.0, params={"time": "new & 1"})
        await carried.aclose()
    post, get = server.requests
    assert post.target == "/pre/api/v1/query?token=a%2Fb&time=old"
    assert post.form()["query"] == "up + 1"
    assert post.header("content-length") == str(len(post.body))
    assert [text for name, text in post.headers if name == "x-scope-orgid"] == ["one", "two"]
    assert post.header("accept") == "application/json"
    assert get.target.replace("%20", "+").endswith("time=new+%26+1")
    assert "old" not in get.target
    for request in (post, get):
        assert request.header("host") == f"127.0.0.1:{server.port}"
        assert request.header("accept-encoding") == "gzip"
        assert request.header("connection") == "keep-alive"
        assert (request.header("user-agent") or "").startswith("sreconsole/")


@pytest.mark.usefixtures("carrier")
async def test_a_host_header_of_the_config_takes_the_place_of_ours() -> None:
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        assert await value(server.url, HttpConfig(headers={"Host": ("prom.example",)})) == 1.5
    assert [text for name, text in server.requests[0].headers if name == "host"] == ["prom.example"]


@pytest.mark.usefixtures("carrier")
async def test_what_comes_before_the_answer_is_skipped() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with FaultServer(lambda _request: Reply(early + answer(200, GOOD))) as server:
        assert await value(server.url) == 1.5


@pytest.mark.usefixtures("carrier")
async def test_an_endless_head_is_refused() -> None:
    with FaultServer(lambda _request: Reply(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, "hang")) as server:
        assert "does not speak HTTP" in str(await failure(server.url, timeout=5.0))


async def test_an_answer_nobody_asked_for_is_not_taken_for_the_next() -> None:
    other = answer(200, GOOD.replace("1.5", "666"))
    with FaultServer(lambda _request: Reply(answer(200, GOOD) + other)) as server:
        async with api(server.url) as asked:
            for _ in range(3):
                assert (await asked.query("x", 0.0)).items == [({"service": "a"}, 1.5)]
                await asyncio.sleep(0.02)


@pytest.mark.usefixtures("carrier")
async def test_connections_are_kept_unless_the_server_wants_them_closed() -> None:
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        async with api(server.url) as asked:
            for _ in range(3):
                await asked.query("x", 0.0)
            assert server.connections == 1
            server.respond = lambda _request: answer(200, GOOD, headers={"Connection": "close"})
            for _ in range(3):
                await asked.query("x", 0.0)
    assert server.connections == 3


async def test_a_connection_that_was_idle_for_too_long_is_not_used_again() -> None:
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        carrier = Direct((2, 0.0))
        for _ in range(2):
            opened = await carrier.send("GET", server.url, [], None, SOON)
            assert b"".join([part async for part in opened.aiter_raw()]) == GOOD.encode()
            await opened.aclose()
        await carrier.aclose()
    assert server.connections == 2


async def test_a_large_answer_waits_at_the_server_until_it_is_read() -> None:
    size = 64 << 20
    with FaultServer(lambda _request: answer(200, b"x" * size, "text/plain")) as server:
        carrier = Direct((2, 75.0))
        opened = await carrier.send("GET", server.url, [], None, SOON)
        await asyncio.sleep(0.2)
        assert opened._link._size < 8 * link._WAITING
        read = 0
        async for part in opened.aiter_raw():
            read += len(part)
        assert read == size
        await opened.aclose()
        await carrier.aclose()


@pytest.mark.usefixtures("carrier")
async def test_who_leaves_takes_the_connection_along() -> None:
    with FaultServer(lambda _request: Reply(then="hang")) as server:
        async with api(server.url) as asked:
            task = asyncio.create_task(asked.query("x", 0.0))
            async with asyncio.timeout(5):
                while not server.requests:  # noqa: ASYNC110 - the server is a thread
                    await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.wait([task])
            server.respond = lambda _request: answer(200, GOOD)
            assert (await asked.query("x", 0.0)).items
    assert server.connections == 2


@pytest.mark.usefixtures("carrier")
async def test_the_next_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *_: object, **__: object) -> list[object]:
        six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
        return [six, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", both)
        assert await value(f"http://two.example:{server.port}") == 1.5
        port = free_port()
        error = await failure(f"http://two.example:{port}")
    assert type(error) is Unreachable
    assert "connection refused" in str(error)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Mon, 23 Nov 2026 03:12:00 GMT", 1_795_403_520.0),
        ("Monday, 23-Nov-26 03:12:00 GMT", 1_795_403_520.0),
        ("Mon Nov 23 03:12:00 2026", 1_795_403_520.0),
        ("Mon, 32 Nov 2026 03:12:00 GMT", None),
        ("Mon, 23 Nox 2026 03:12:00 GMT", None),
        ("", None),
    ],
)
async def test_the_time_at_the_server(text: str, seconds: float | None) -> None:
    with FaultServer(lambda _request: answer(200, GOOD, headers={"Date": text})) as server:
        carried = Wire(server.url, HttpConfig(), 1 << 20)
        assert (await carried.exchange("GET", server.url, NOTHING, 5.0)).server_time == seconds
        await carried.aclose()


def test_the_library_is_loaded_only_where_it_is_needed() -> None:
    said = """
import asyncio, sys
from tests.servers.faults import FaultServer, answer
from tests.sources.asking import GOOD, value
when = {'Date': 'Mon, 23 Nov 2026 03:12:00 GMT'}
with FaultServer(lambda request: answer(200, GOOD, headers=when)) as server:
    assert asyncio.run(value(server.url)) == 1.5
print(*{'httpx', 'httpcore', 'anyio', 'email.utils', 'http.client', 'idna', 'certifi'} & sys.modules.keys())
"""
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert wire.DIRECT
    assert done.stdout.split() == []
