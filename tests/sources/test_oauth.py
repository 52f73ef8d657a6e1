"""OAuth2 client credentials against a token server of our own: asked once, kept, renewed, refused."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig, OAuth2Config, Secret, TlsConfig
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from tests.servers.certificates import Authority
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import GOOD, api, failure, inline


class TokenServer(FaultServer):
    """Gives tokens t1, t2, … to who knows the secret."""

    def __init__(self, *, in_form: bool = False, expires_in: object = 3600) -> None:
        super().__init__(self.grant)
        self.in_form, self.expires_in, self.given = in_form, expires_in, 0

    def grant(self, request: Request) -> bytes:
        if self.in_form:
            known = request.form().get("client_secret") == "s3cret"
        else:
            known = request.header("authorization") == "Basic " + base64.b64encode(b"me:s3cret").decode()
        if not known:
            return answer(401, '{"error":"invalid_client"}')
        self.given += 1
        return answer(200, json.dumps({"access_token": f"t{self.given}-long", "expires_in": self.expires_in}))


class Guarded(FaultServer):
    """Lets in who carries the wanted token."""

    def __init__(self, wanted: str = "t1-long") -> None:
        super().__init__(self.check)
        self.wanted = wanted

    def check(self, request: Request) -> bytes:
        let_in = request.header("authorization") == f"Bearer {self.wanted}"
        return answer(200, GOOD) if let_in else answer(401, "expired", "text/plain")


def oauth(server: FaultServer | str, secret: str = "s3cret") -> HttpConfig:
    url = server if isinstance(server, str) else f"{server.url}/token"
    return HttpConfig(oauth2=OAuth2Config("me", inline(secret), url, ("read", "query"), {"audience": "prom"}))


async def test_one_token_serves_many_requests() -> None:
    with TokenServer() as tokens, Guarded() as server:
        async with api(server.url, oauth(tokens)) as asked:
            await asyncio.gather(*(asked.query("x", 0.0) for _ in range(5)))
        (request,) = tokens.requests
    assert request.form() == {"grant_type": "client_credentials", "scope": "read query", "audience": "prom"}


async def test_credentials_in_the_form_where_the_server_wants_them_there() -> None:
    with TokenServer(in_form=True, expires_in="0") as tokens, Guarded() as server:
        async with api(server.url, oauth(tokens)) as asked:
            await asked.query("x", 0.0)
            server.wanted = "t2-long"
            await asked.query("x", 0.0)
        assert [bool(request.header("authorization")) for request in tokens.requests] == [True, False, False]


async def test_a_token_at_its_end_is_renewed_before_it_is_used() -> None:
    with TokenServer(expires_in=0) as tokens, Guarded() as server:
        async with api(server.url, oauth(tokens)) as asked:
            await asked.query("x", 0.0)
            server.wanted = "t2-long"
            await asked.query("x", 0.0)
        assert len(server.requests) == 2


async def test_a_token_that_is_refused_is_renewed_once() -> None:
    with TokenServer() as tokens, Guarded() as server:
        async with api(server.url, oauth(tokens)) as asked:
            await asked.query("x", 0.0)
            server.wanted = "t2-long"
            await asked.query("x", 0.0)
            assert tokens.given == 2
            server.wanted = "never"
            with pytest.raises(Denied, match="401"):
                await asked.query("x", 0.0)
            assert tokens.given == 3


async def test_wrong_credentials_name_the_token_server() -> None:
    with TokenServer() as tokens, Guarded() as server:
        error = await failure(server.url, oauth(tokens, "wrong-secret"))
        assert server.requests == []
    assert type(error) is Denied
    assert f"the token server {tokens.url}/token refused the credentials of source prom (401)" in str(error)
    assert "check oauth2.client_id" in str(error)
    assert "invalid_client" in error.detail


@pytest.mark.parametrize(
    ("sent", "kind", "said"),
    [
        (answer(500, "oops", "text/plain"), SourceError, "answered 500, no token"),
        (answer(302, "", "", {"Location": "/login"}), SourceError, "answered 302, no token"),
        (answer(200, "<html>", "text/html"), BadAnswer, "sent no access_token"),
        (answer(200, '{"access_token": ""}'), BadAnswer, "sent no access_token"),
        (answer(200, "[" * 100_000), BadAnswer, "sent no access_token"),
        (answer(200, '{"access_token": "a\\nb"}'), SourceError, "line break"),
        (b"", Unreachable, "closed the connection without an answer"),
    ],
)
async def test_a_token_server_that_fails(sent: bytes, kind: type[SourceError], said: str) -> None:
    with FaultServer(lambda _request: Reply(sent, "close")) as tokens:
        error = await failure("http://prom.example", oauth(tokens))
    assert type(error) is kind
    assert said in str(error)


async def test_no_token_server() -> None:
    url = f"http://127.0.0.1:{free_port()}/token"
    error = await failure("http://prom.example", oauth(url))
    assert type(error) is Unreachable
    assert f"nothing listens at {url}" in str(error)


async def test_the_token_server_has_its_own_tls_and_the_secret_is_read_from_its_file(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "secret").write_text("s3cret\n")
    with TokenServer() as plain:
        grant = plain.grant
        with FaultServer(grant, authority.issue("tokens.example").server()) as tokens, Guarded() as server:
            known = OAuth2Config(
                "me",
                Secret("file", path=tmp_path / "secret"),
                tokens.url,
                tls=TlsConfig(ca_file=authority.file, server_name="tokens.example"),
            )
            async with api(server.url, HttpConfig(oauth2=known)) as asked:
                assert (await asked.query("x", 0.0)).items
