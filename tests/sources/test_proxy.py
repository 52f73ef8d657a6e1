"""Proxies: who is reached through one and who is not, tunnels, logins, refusals."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig, TlsConfig
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from sreconsole.sources.proxy import bypassed, proxy_for
from tests.servers.certificates import Authority
from tests.servers.faults import FaultServer, ForwardProxy, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import GOOD, failure, inline, value


def good() -> FaultServer:
    return FaultServer(lambda _request: answer(200, GOOD))


async def test_http_goes_through_the_proxy_with_its_login_and_the_server_never_sees_that() -> None:
    login = "Basic " + base64.b64encode(b"ana:p@ss").decode()
    with good() as server, ForwardProxy(login=login) as proxy:
        url = f"http://prom.example:{server.port}/pre"
        known = HttpConfig(proxy_url=proxy.url.replace("//", "//ana:p%40ss@"))
        assert await value(url, known) == 1.5
        assert proxy.requests[0].target == f"http://prom.example:{server.port}/pre/api/v1/query"
        assert server.requests[0].header("proxy-authorization") is None
        error = await failure(url, HttpConfig(proxy_url=proxy.url))
        assert type(error) is Denied
        assert "407" in str(error)
        assert "proxy_url" in str(error)


async def test_https_is_tunnelled_and_the_proxy_sees_no_credentials(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.issue("prom.example").server()
    trusted = TlsConfig(ca_file=authority.file)
    with FaultServer(lambda _request: answer(200, GOOD), context) as server, ForwardProxy() as proxy:
        http = HttpConfig(
            proxy_url=proxy.url,
            tls=trusted,
            authorization=("Bearer", inline("tok")),
            proxy_headers={"X-Proxy": (inline("for the proxy"),)},
        )
        assert await value(f"https://prom.example:{server.port}", http) == 1.5
        (request,) = proxy.requests
        assert (request.method, request.target) == ("CONNECT", f"prom.example:{server.port}")
        assert request.header("x-proxy") == "for the proxy"
        assert request.header("authorization") is None
        assert server.requests[0].header("authorization") == "Bearer tok"
        assert server.requests[0].header("x-proxy") is None


async def test_server_name_holds_inside_a_tunnel(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.issue("inside.example").server()
    trusted = TlsConfig(ca_file=authority.file, server_name="inside.example")
    with FaultServer(lambda _request: answer(200, GOOD), context) as server, ForwardProxy() as proxy:
        url = f"https://outside.example:{server.port}"
        assert await value(url, HttpConfig(proxy_url=proxy.url, tls=trusted)) == 1.5
        assert server.requests[0].sni == "inside.example"


async def test_a_proxy_behind_tls_of_the_same_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.issue("127.0.0.1").server()
    trusted = TlsConfig(ca_file=authority.file, server_name="not.for.the.proxy")
    with good() as server, ForwardProxy(context=context) as proxy:
        assert await value(server.url, HttpConfig(proxy_url=proxy.url, tls=trusted)) == 1.5


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (407, Denied, "wants a login (407): put user and password into proxy_url"),
        (403, Denied, "forbids this connection (403 Forbidden)"),
        (502, Unreachable, "cannot open the connection (502 Bad Gateway)"),
    ],
)
async def test_a_tunnel_that_is_refused_names_the_proxy(status: int, kind: type[SourceError], said: str) -> None:
    with ForwardProxy(refuse=status) as proxy:
        http = HttpConfig(
            proxy_url=proxy.url.replace("//", "//ana:hunter22@"), tls=TlsConfig(insecure_skip_verify=True)
        )
        error = await failure("https://prom.example", http)
    assert type(error) is kind
    assert f"the proxy {proxy.url} {said}" in str(error)


async def test_a_proxy_that_is_not_there_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = await failure("http://prom.example", HttpConfig(proxy_url=url))
    assert type(error) is Unreachable
    assert f"nothing listens at the proxy {url}" in str(error)


async def test_no_proxy_goes_straight() -> None:
    with good() as server:
        http = HttpConfig(proxy_url=f"http://127.0.0.1:{free_port()}", no_proxy=("127.0.0.0/8",))
        assert await value(server.url, http) == 1.5


def test_another_kind_of_proxy_is_refused() -> None:
    with pytest.raises(SourceError, match="socks5 proxies are not supported"):
        proxy_for("http://a", HttpConfig(proxy_url="socks5://u:p@b"))


async def test_an_address_nobody_can_ask_is_said() -> None:
    error = await failure(f"http://{'a' * 70}.example")
    assert isinstance(error, BadAnswer | Unreachable)
    assert "url" in str(error)


@pytest.mark.parametrize(
    ("rule", "host", "port", "is_bypassed"),
    [
        ("*", "a.example", 80, True),
        ("example", "example", 80, True),
        ("example", "a.example", 80, True),
        ("example", "aexample", 80, False),
        ("EXAMPLE", "A.Example.", 80, True),
        (".example", "a.example", 80, True),
        (".example", "example", 80, False),
        ("*.example", "a.example", 80, True),
        ("example:9090", "example", 9090, True),
        ("example:9090", "example", 80, False),
        ("10.0.0.1", "10.0.0.1", 80, True),
        ("10.0.0.0/8", "10.2.3.4", 80, True),
        ("10.0.0.0/8", "11.2.3.4", 80, False),
        ("10.0.0.0/8", "example", 80, False),
        ("10.0.0.0/99", "10.2.3.4", 80, False),
        ("[::1]:80", "::1", 80, True),
        ("[::1]:80", "::1", 81, False),
        ("::1", "::1", 80, True),
        ("fd00::/8", "fd00::5", 80, True),
        ("", "example", 80, False),
    ],
)
def test_rules_of_no_proxy(rule: str, host: str, port: int, is_bypassed: bool) -> None:
    assert bypassed(host, port, ["other", rule]) is is_bypassed


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("http://a", {"HTTP_PROXY": "http://p"}, "http://p"),
        ("http://a", {"http_proxy": "p:3128"}, "http://p:3128"),
        ("https://a", {"HTTP_PROXY": "http://p"}, None),
        ("https://a", {"HTTPS_PROXY": "http://p"}, "http://p"),
        ("http://a.b", {"HTTP_PROXY": "http://p", "NO_PROXY": "x, b"}, None),
        ("http://127.0.0.2", {"HTTP_PROXY": "http://p"}, None),
        ("http://[::1]:9", {"HTTP_PROXY": "http://p"}, None),
        ("http://localhost", {"HTTP_PROXY": "http://p"}, None),
        ("http://a", {}, None),
    ],
)
def test_the_environment_counts_only_when_asked(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, HttpConfig(proxy_from_environment=True), environ) == proxy
    assert proxy_for(url, HttpConfig(), environ) is None
