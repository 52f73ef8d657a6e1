"""A server that demands each kind of credentials gets them, read anew at each use."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig, Secret
from sreconsole.errors import Denied, SourceError
from sreconsole.sources.auth import sent_headers
from tests.servers.faults import FaultServer, Request, answer
from tests.sources.asking import GOOD, api, failure, inline, value

pytestmark = pytest.mark.usefixtures("carrier")


def demanding(header: str, wanted: str) -> FaultServer:
    """A server that lets in only who sends this header."""

    def respond(request: Request) -> bytes:
        let_in = request.header(header) == wanted
        return answer(200, GOOD) if let_in else answer(401, "Unauthorized", "text/plain")

    return FaultServer(respond)


def packed(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


@pytest.mark.parametrize(
    ("http", "header", "wanted"),
    [
        (HttpConfig(basic_auth=("ana", inline("pä:ss"))), "authorization", packed("ana:pä:ss")),
        (HttpConfig(basic_auth=(inline("ana"), None)), "authorization", packed("ana:")),
        (HttpConfig(authorization=("Bearer", inline("tok"))), "authorization", "Bearer tok"),
        (HttpConfig(authorization=("Token", inline("tok"))), "authorization", "Token tok"),
        (HttpConfig(headers={"X-Scope-OrgID": ("team-a",)}), "x-scope-orgid", "team-a"),
        (HttpConfig(headers={"X-Key": (inline("s3cret"),)}), "x-key", "s3cret"),
    ],
    ids=["basic", "basic without password", "bearer", "other type", "header", "secret header"],
)
async def test_each_kind_is_sent(http: HttpConfig, header: str, wanted: str) -> None:
    with demanding(header, wanted) as server:
        assert await value(server.url, http) == 1.5
        assert type(await failure(server.url)) is Denied


async def test_user_and_password_of_the_url_are_basic_auth_unless_other_credentials_are_given() -> None:
    with demanding("authorization", packed("ana:p@ss")) as server:
        url = server.url.replace("//", "//ana:p%40ss@")
        assert await value(url) == 1.5
        assert type(await failure(url, HttpConfig(authorization=("Bearer", inline("x"))))) is Denied


async def test_files_and_commands_are_read_at_each_use(tmp_path: Path) -> None:
    user, token = tmp_path / "user", tmp_path / "token"
    http = HttpConfig(
        authorization=("Bearer", Secret("file", path=token)),
        headers={
            "X-User": (Secret("file", path=user),),
            "X-Made": (Secret("command", command=(sys.executable, "-c", "print('by command')")),),
        },
    )
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        async with api(server.url, http) as asked:
            for turn in ("one", "two"):
                user.write_text(f"user {turn}\n")
                token.write_text(f"token-{turn}\r\n")
                await asked.query("x", 0.0)
                request = server.requests[-1]
                assert request.header("authorization") == f"Bearer token-{turn}"
                assert request.header("x-user") == f"user {turn}"
                assert request.header("x-made") == "by command"
            token.unlink()
            with pytest.raises(SourceError, match=r"cannot read the secret file .*token: No such file"):
                await asked.query("x", 0.0)
        assert len(server.requests) == 2


async def test_every_value_of_a_header_is_sent_in_order() -> None:
    http = HttpConfig(headers={"X-Many": ("first", inline("second"))})
    with FaultServer(lambda _request: answer(200, GOOD)) as server:
        await value(server.url, http)
        assert [kept for name, kept in server.requests[0].headers if name == "x-many"] == ["first", "second"]


@pytest.mark.parametrize(
    ("http", "said"),
    [
        (HttpConfig(headers={"X-Key": (inline("line1\nX-Evil: line2"),)}), "http_headers.X-Key holds a line break"),
        (HttpConfig(headers={"X Key": ("v",)}), "http_headers: 'X Key' cannot be the name of a header"),
        (HttpConfig(authorization=("Bearer", inline("a\rbcdef"))), "authorization.credentials holds a line break"),
        (HttpConfig(authorization=("Bearer", inline("a\udcffbcdef"))), "authorization.credentials is not UTF-8"),
        (HttpConfig(basic_auth=("ana", inline("a\udcffbcdef"))), "basic_auth is not UTF-8"),
    ],
)
def test_what_cannot_be_a_header_is_said_without_its_value(http: HttpConfig, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        sent_headers(http)
    assert said in str(caught.value)
    assert "line2" not in str(caught.value)
    assert "bcdef" not in str(caught.value)
