"""Whatever fails, and whatever a server says back: no secret is in an error, its traceback, a repr or a log."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sreconsole.config.model import HttpConfig, OAuth2Config
from sreconsole.errors import SourceError
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from tests.servers.faults import FaultServer, Reply, Request, answer
from tests.servers.prometheus import free_port
from tests.sources.asking import inline

pytestmark = pytest.mark.usefixtures("carrier")


def said_back(request: Request) -> str:
    """Everything the client sent, as a debugging server would say it."""
    return "; ".join([value for name, value in request.headers if name != "host"] + [request.body.decode()])


def echo_json(status: int) -> Callable[[Request], bytes]:
    def respond(request: Request) -> bytes:
        text = json.dumps({"status": "error", "errorType": "bad_data", "error": said_back(request)})
        return answer(status, text)

    return respond


def echo_text(status: int, kind: str = "text/plain") -> Callable[[Request], bytes]:
    return lambda request: answer(status, said_back(request), kind)


def echo_often(request: Request) -> bytes:
    return answer(500, "x" + said_back(request) * 400, "text/plain")


def echo_location(request: Request) -> bytes:
    value = next((value for name, value in request.headers if name in ("authorization", "x-key")), "")
    return answer(302, "", "", {"Location": f"http://other/{value}"})


FAILINGS: dict[str, Callable[[Request], Reply | bytes]] = {
    "json 400": echo_json(400),
    "json 200": echo_json(200),
    "json 401": echo_json(401),
    "json 503": echo_json(503),
    "text 401": echo_text(401),
    "text 403": echo_text(403),
    "text 500": echo_text(500),
    "page 500": echo_text(500, "text/html"),
    "page 200": echo_text(200, "text/html"),
    "text 200": echo_text(200),
    "json damaged": echo_text(200, "application/json"),
    "often": echo_often,
    "location": echo_location,
    "cut": lambda request: Reply(answer(200, said_back(request))[:-3], "close"),
    "closed": lambda _request: Reply(b"", "close"),
    "no http": lambda request: Reply(said_back(request).encode("utf-8", "surrogateescape") + b"\r\n\r\n", "close"),
}


@dataclass
class Stage:
    """One server for all examples; what it does is set for each."""

    server: FaultServer
    nobody: str


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with FaultServer(lambda _request: b"") as server:
        yield Stage(server, f"http://127.0.0.1:{free_port()}")


def config(kind: str, secret: str, stage: Stage) -> HttpConfig:
    if kind == "basic":
        return HttpConfig(basic_auth=("ana", inline(secret)))
    if kind == "bearer":
        return HttpConfig(authorization=("Bearer", inline(secret)))
    if kind == "header":
        return HttpConfig(headers={"X-Key": (inline(secret),)})
    if kind == "proxy":
        password = "".join(f"%{byte:02X}" for byte in secret.encode("utf-8", "replace"))
        return HttpConfig(proxy_url=stage.server.url.replace("//", f"//ana:{password}@"))
    return HttpConfig(oauth2=OAuth2Config("me", inline(secret), f"{stage.server.url}/token"))


SECRETS = st.one_of(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=12, max_size=300),
    st.text(st.characters(codec="utf-8"), min_size=12, max_size=40),
    st.text("<>&'/%+ abc;=" + chr(34) + chr(92), min_size=12, max_size=40),
).map(lambda text: f"{text[:6]}Zq7x{text[6:]}")
"""With something inside that no error says of its own accord."""


@settings(max_examples=150, deadline=None)
@given(
    secret=SECRETS,
    kind=st.sampled_from(["basic", "bearer", "header", "proxy", "oauth2"]),
    failing=st.sampled_from([*FAILINGS, "refused"]),
)
@example(secret="multi\nline-secret", kind="header", failing="text 401")
@example(secret="surrogate\udcff-secret", kind="basic", failing="text 401")
@example(secret="long-" + "s3cret" * 40, kind="bearer", failing="often")
@example(secret='quo"ted\\ü&<secret>', kind="bearer", failing="json 401")
@example(secret='quo"ted\\ü&<secret>', kind="header", failing="page 500")
def test_no_secret_comes_out(stage: Stage, secret: str, kind: str, failing: str) -> None:
    stage.server.respond = FAILINGS.get(failing, lambda _request: answer(500))
    http = config(kind, secret, stage)
    url = stage.nobody if failing == "refused" else stage.server.url
    logged: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = logged.append  # type: ignore[method-assign,assignment]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        shown = asyncio.run(_fail(url, http))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    shown += "\n".join(record.getMessage() for record in logged)
    packed = base64.b64encode(f"ana:{secret}".encode("utf-8", "replace")).decode()
    leaked = [word for word in (secret, secret.strip(), packed) if len(word.strip()) >= 8 and word in shown]
    assert not leaked, shown
    assert "s3crets3cret" not in shown


async def _fail(url: str, http: HttpConfig) -> str:
    """Everything that can be seen of a failed query."""
    client = HttpClient("prom", url, http, 1 << 20)
    api = PromApi(client)
    try:
        await api.query("x", 0.0)
    except SourceError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        seen = [str(error), repr(error), error.detail, repr(error.args), *trace.format()]
        return "\n".join([*seen, repr(client), repr(api), repr(http), repr(vars(client))])
    finally:
        await api.aclose()
    raise AssertionError("the query did not fail")
