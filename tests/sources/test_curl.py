"""A dry run shows what would be sent: run by a shell, its line sends the same bytes as we do; secrets are variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sreconsole.config.model import AlertmanagerSource, HttpConfig, OAuth2Config, Secret, TlsConfig
from sreconsole.domain.draft import Draft
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.sources.curl import curl
from sreconsole.sources.silence_writer import Expected, SilenceWriter
from tests.servers.faults import FaultServer, Request, answer
from tests.sources.asking import inline
from tests.sources.silencing import draft, writer_of

NASTY = 'it\'s "OPS-7" $(reboot) `id` !x \\ \n\u202e\u200b ünï \x1b[2J ; rm -rf / & | > %s'
SECRETS = {
    **{"AM_EU_TOKEN": "tok en'$x", "AM_EU_USER": "us", "AM_EU_PASSWORD": "pa:ss$(x)"},
    **{"AM_EU_X_KEY": "k1", "AM_EU_X_KEY_2": "k2", "AM_EU_QUERY": "orgId=1"},
}


def run(line: str, **variables: str) -> None:
    assert "\n" not in line
    assert line.isprintable()
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("no curl or bash here")
    env = {"PATH": os.environ["PATH"], **variables}
    subprocess.run(["bash", "-c", line], env=env, check=True, capture_output=True, timeout=20)


def seen(request: Request) -> tuple[object, ...]:
    names = ("accept", "content-type", "authorization", "x-key", "x-scope-orgid")
    headers = sorted((name, value) for name, value in request.headers if name in names)
    return request.method, request.target, tuple(headers), request.body


@pytest.mark.parametrize(
    "http",
    [
        HttpConfig(),
        HttpConfig(authorization=("Bearer", inline(SECRETS["AM_EU_TOKEN"]))),
        HttpConfig(basic_auth=("us", inline(SECRETS["AM_EU_PASSWORD"]))),
        HttpConfig(headers={"X-Key": (inline("k1"), inline("k2")), "X-Scope-OrgID": (NASTY.replace("\n", "")[:20],)}),
    ],
    ids=["nothing", "bearer", "basic", "headers"],
)
async def test_the_line_sends_what_we_send(http: HttpConfig) -> None:
    asked = draft(Matcher("a", "=", NASTY), Matcher("b", "=~", "x{1,2}"), comment=NASTY)
    kept = {
        **{"id": "i-1", "comment": NASTY, "createdBy": "ana", "startsAt": "2026-01-01T00:00:00.123456789Z"},
        **{"endsAt": "2099-01-01T00:00:00Z", "status": {"state": "active"}, "updatedAt": "2026-01-01T00:00:00Z"},
        "matchers": [{"name": "a", "value": NASTY, "isRegex": False}],
    }

    def respond(request: Request) -> bytes:
        if request.method == "GET" and "silence/" in request.target:
            return answer(200, json.dumps(kept))
        return answer(200, "[]") if request.method == "GET" else answer(200, '{"silenceID":"i-1"}')

    with FaultServer(respond) as server:
        source = AlertmanagerSource("am.eu", (server.url + "/prefix/?orgId=1",), http=http)
        writer = SilenceWriter(source, lambda: 1_900_000_000.0, patience=())
        try:
            asked = Draft(asked.matchers, 2_000_000_000.25, "ana", asked.comment, asked.nonce)
            lines = [writer.dry(asked)]
            await writer.create(asked)
            found = await writer.fetch("i-1")
            assert isinstance(found, Silence)
            longer = Expected("i-1", 2_000_000_000.5)
            lines += [writer.dry(longer), writer.dry(Expected("i-1"))]
            await writer.extend(found, 2_000_000_000.5)
            await writer.expire("i-1")
        finally:
            await writer.aclose()
        ours = [seen(request) for request in server.requests if request.method != "GET"]
        server.requests.clear()
        for line in lines:
            run(line, **SECRETS)
        # The end is asked for again where it has not come, as here.
        assert [seen(request) for request in server.requests] == ours[:3]


def test_no_secret_stands_in_a_line() -> None:
    tls = TlsConfig(ca="-----CA", cert="-----CERT", key=inline("hunter22-key"), insecure_skip_verify=True)
    for http in (
        HttpConfig(authorization=("Bearer", inline("hunter22"))),
        HttpConfig(basic_auth=(inline("hunter22-user"), inline("hunter22"))),
        HttpConfig(oauth2=OAuth2Config("us", inline("hunter22"), "https://login.example/token")),
        HttpConfig(headers={"X-Api-Key": (inline("hunter22"), Secret("command", command=("hunter22",)))}),
        HttpConfig(tls=tls, proxy_url="http://me:hunter22@proxy:3128", no_proxy=("a", "b")),
        HttpConfig(tls=TlsConfig(Path("/ca"), None, Path("/cert"), None, Path("/key"))),
    ):
        for url in ("https://ana:hunter22@am.example/x?token=hunter22#hunter22", "http://[::1]:9093"):
            line = curl("am", url, http, "POST", "/api/v2/silences", b"{}")
            assert "hunter22" not in line
            assert line.startswith("curl ")


def test_a_url_with_a_login_says_so() -> None:
    line = curl("am", "http://ana:pw@am.example", HttpConfig(), "DELETE", "/api/v2/silence/x")
    assert '-u "$AM_USER:$AM_PASSWORD"' in line
    assert line.endswith("http://am.example/api/v2/silence/x")


@pytest.mark.parametrize(
    ("source", "name"), [("本", "SOURCE"), ("2nd am", "SOURCE_2ND_AM"), ("eu-1", "EU_1"), ("$(x)", "X")]
)
def test_variables_have_names_that_a_shell_takes(source: str, name: str) -> None:
    line = curl(source, "http://h", HttpConfig(authorization=("Bearer", inline("x"))), "GET", "/")
    assert f'"${name}_TOKEN"' in line


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
def test_a_shell_reads_every_text_back(text: str) -> None:
    line = curl("am", "http://h", HttpConfig(headers={"X": (text,)}), "GET", "/")
    assert line.isprintable()
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    script = line.replace("curl ", "printf '%s\\0' ", 1)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", script], env=env, check=True, capture_output=True)
    assert f"X: {text}".encode() in done.stdout.split(b"\0")


async def test_a_dry_run_sends_nothing() -> None:
    with FaultServer(lambda _: answer(200, "[]")) as server:
        async with writer_of(server.url, read_only="off") as writer:
            assert " -X POST " in writer.dry(draft())
            assert " -X DELETE " in writer.dry(Expected("x"))
            assert " -X GET " in writer.dry(Expected("x", 2e9)), "what is there must be fetched first"
        assert not server.requests
