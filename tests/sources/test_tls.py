"""TLS as `tls_config` says: authorities, client certificates, names, versions, rotation; each mistake is a sentence."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sreconsole.config.model import HttpConfig, Secret, TlsConfig
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from sreconsole.sources import wire
from sreconsole.sources.tls import tls_context
from tests.servers.certificates import Authority, Issued
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.servers.prometheus import PrometheusServer
from tests.sources.asking import GOOD, api, failure, value


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def here(authority: Authority) -> Issued:
    return authority.issue("127.0.0.1")


@pytest.fixture(scope="module")
def client(authority: Authority) -> Issued:
    return authority.issue("ana")


def secure(context: ssl.SSLContext) -> FaultServer:
    return FaultServer(lambda _request: answer(200, GOOD), context)


def tls(**keys: Any) -> HttpConfig:
    return HttpConfig(tls=TlsConfig(**keys))


async def test_an_authority_by_file_or_inline_is_trusted(authority: Authority, here: Issued) -> None:
    with secure(here.server()) as server:
        assert await value(server.url, tls(ca_file=authority.file)) == 1.5
        assert await value(server.url, tls(ca=authority.file.read_text())) == 1.5


async def test_an_unknown_authority_names_ca_file(authority: Authority, here: Issued, tmp_path: Path) -> None:
    with secure(here.server()) as server:
        for http in (None, tls(ca_file=Authority(tmp_path, "other").file)):
            error = await failure(server.url, http)
            assert type(error) is Unreachable
            assert "authority this host does not know" in str(error)
            assert "tls_config.ca_file" in str(error)
        assert await value(server.url, tls(insecure_skip_verify=True)) == 1.5


async def test_another_name_asks_for_server_name(authority: Authority) -> None:
    with secure(authority.issue("prom.example").server()) as server:
        error = await failure(server.url, tls(ca_file=authority.file))
        assert type(error) is Unreachable
        assert "for another name than 127.0.0.1" in str(error)
        assert "tls_config.server_name" in str(error)
        assert await value(server.url, tls(ca_file=authority.file, server_name="prom.example")) == 1.5
        assert server.requests[-1].sni == "prom.example"


async def test_an_expired_certificate_is_said(authority: Authority) -> None:
    with secure(authority.issue("127.0.0.1", days_ago=9).server()) as server:
        error = await failure(server.url, tls(ca_file=authority.file))
    assert type(error) is Unreachable
    assert "has expired" in str(error)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_is_presented(
    authority: Authority, here: Issued, client: Issued, newest: ssl.TLSVersion
) -> None:
    context = here.server(clients=authority.file)
    context.maximum_version = newest
    with secure(context) as server:
        trusted = TlsConfig(ca_file=authority.file)
        by_file = replace(trusted, cert_file=client.cert, key_file=client.key)
        key = Secret("inline", client.key.read_text())
        inline = replace(trusted, cert=client.cert.read_text(), key=key)
        for known in (by_file, inline):
            assert await value(server.url, HttpConfig(tls=known)) == 1.5
        error = await failure(server.url, HttpConfig(tls=trusted))
        assert type(error) is Denied
        assert "wants a client certificate: set tls_config.cert_file and key_file" in str(error)


async def test_a_client_certificate_of_another_authority_is_refused(
    authority: Authority, here: Issued, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "other").issue("ana")
    with secure(here.server(clients=authority.file)) as server:
        error = await failure(server.url, tls(ca_file=authority.file, cert_file=other.cert, key_file=other.key))
    assert type(error) is Denied
    assert "refuses our client certificate" in str(error)


async def test_a_rotated_client_certificate_is_used_without_a_restart(
    authority: Authority, here: Issued, tmp_path: Path
) -> None:
    cert, key = tmp_path / "client.pem", tmp_path / "client.key"
    other = Authority(tmp_path, "other").issue("ana")
    cert.write_bytes(other.cert.read_bytes())
    key.write_bytes(other.key.read_bytes())
    right = authority.issue("ben")
    with secure(here.server(clients=authority.file)) as server:
        async with api(server.url, tls(ca_file=authority.file, cert_file=cert, key_file=key)) as asked:
            with pytest.raises(Denied):
                await asked.query("x", 0.0)
            cert.write_bytes(right.cert.read_bytes())
            key.write_bytes(right.key.read_bytes())
            assert (await asked.query("x", 0.0)).items


async def test_a_rotation_leaves_what_is_in_flight_alone(authority: Authority, here: Issued, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.file.read_bytes())
    asked_first, go_on = threading.Event(), threading.Event()

    def respond(_request: Request) -> bytes:
        if not asked_first.is_set():
            asked_first.set()
            go_on.wait(30)
        return answer(200, GOOD)

    with FaultServer(respond, here.server()) as server:
        async with api(server.url, tls(ca_file=ca)) as asked:
            slow = asyncio.create_task(asked.query("x", 0.0))
            await asyncio.to_thread(asked_first.wait, 30)
            ca.write_bytes(authority.file.read_bytes() + b"\n")
            assert (await asked.query("x", 0.0)).items
            go_on.set()
            assert (await slow).items
        assert (len(server.requests), server.connections) == (2, 2)


async def test_a_version_out_of_bounds_is_said(authority: Authority, here: Issued) -> None:
    context = here.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with secure(context) as server:
        error = await failure(server.url, tls(ca_file=authority.file, min_version="TLS13"))
        assert type(error) is Unreachable
        assert "tls_config.min_version" in str(error)
        assert await value(server.url, tls(ca_file=authority.file, max_version="TLS12")) == 1.5


async def test_plain_http_on_a_tls_port_and_the_reverse(authority: Authority, here: Issued) -> None:
    class Plain(FaultServer):
        def serve(self, conn: socket.socket) -> None:
            conn.recv(10_000)
            conn.sendall(answer(400))

    with Plain(lambda _request: b"") as plain:
        error = await failure(plain.url.replace("http:", "https:"), tls(ca_file=authority.file))
        assert type(error) is BadAnswer
        assert "does not speak TLS: write http://" in str(error)
    with secure(here.server()) as server:
        error = await failure(server.url.replace("https:", "http:"))
        assert "https:// in url" in str(error)


async def test_a_handshake_that_hangs_is_a_connect_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CONNECT", 0.1)

    class Silent(FaultServer):
        def serve(self, conn: socket.socket) -> None:
            self._stopping.wait()

    with Silent(lambda _request: Reply()) as server:
        error = await failure(server.url.replace("http:", "https:"), tls(insecure_skip_verify=True))
    assert type(error) is Unreachable
    assert "no connection to" in str(error)
    assert "within 0.1s" in str(error)


BROKEN: list[tuple[str, Callable[[Path, Issued], TlsConfig], str]] = [
    ("no ca", lambda tmp, _c: TlsConfig(ca_file=tmp / "none.pem"), "ca_file {tmp}/none.pem: No such file"),
    ("junk ca", lambda tmp, _c: TlsConfig(ca_file=_junk(tmp)), "ca_file {tmp}/junk: it is not a PEM certificate"),
    ("junk inline", lambda _t, _c: TlsConfig(ca="nothing"), "tls_config.ca: it is not a PEM certificate"),
    ("no key", lambda tmp, c: TlsConfig(cert_file=c.cert, key_file=tmp / "no"), "and its key: No such file"),
    ("junk key", lambda tmp, c: TlsConfig(cert_file=c.cert, key_file=_junk(tmp)), "and its key: it is not PEM"),
]


def _junk(tmp: Path) -> Path:
    (tmp / "junk").write_text("junk s3cret")
    return tmp / "junk"


@pytest.mark.parametrize(("make", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_file_that_cannot_be_used_is_named(
    make: Callable[[Path, Issued], TlsConfig], said: str, tmp_path: Path, client: Issued
) -> None:
    with pytest.raises(SourceError) as caught:
        tls_context(make(tmp_path, client))
    assert said.format(tmp=tmp_path) in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_encrypted_key_is_refused_and_nobody_is_asked(authority: Authority) -> None:
    locked = authority.issue("ana", password="s3cret-pass")
    with pytest.raises(SourceError, match="it is not PEM, unencrypted and matching"):
        tls_context(TlsConfig(cert_file=locked.cert, key_file=locked.key))


@pytest.mark.parametrize(("asked", "least"), [(None, "TLSv1_2"), ("TLS10", "TLSv1"), ("TLS13", "TLSv1_3")])
def test_tls_12_is_the_least_unless_asked(asked: Any, least: str) -> None:
    assert tls_context(TlsConfig(min_version=asked)).minimum_version.name == least


async def test_a_real_prometheus_behind_tls_and_basic_auth(tmp_path: Path, authority: Authority, here: Issued) -> None:
    web = {
        "tls_server_config": {"cert_file": str(here.cert), "key_file": str(here.key)},
        "basic_auth_users": {"ana": "$2b$04$abcdefghijklmnopqrstuuaUNpTaGyHErb7YklXKRt/SEtSLxPST6"},
    }
    with PrometheusServer(tmp_path, web_config=web) as server:
        error = await failure(server.url, tls(ca_file=authority.file))
        assert type(error) is Denied
        assert "401" in str(error)
        known = HttpConfig(tls=TlsConfig(ca_file=authority.file), basic_auth=("ana", Secret("inline", "s3cret-pass")))
        async with api(server.url, known) as asked:
            assert (await asked.query("1 + 1", 0.0)).items == [({}, 2.0)]
        plain = await failure(server.url.replace("https:", "http:"))
        assert type(plain) is BadAnswer
        assert "write https:// in url" in str(plain)
