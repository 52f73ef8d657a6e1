"""Every kind of secret is configured, everything fails and says back what it was sent: nothing of it is seen."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plain.commands import SCRIPT
from tests.servers.faults import FaultServer, Request, answer
from tests.servers.prometheus import free_port
from tests.terminal.pseudo import Pseudo

KINDS = {
    "basic": "basic_auth: {{username: ana, password: {secret}}}",
    "basicfile": "basic_auth: {{username: ana, password_file: {file}}}",
    "userfile": "basic_auth: {{username_file: {file}, password: x}}",
    "bearer": "authorization: {{credentials: {secret}}}",
    "bearerfile": "authorization: {{credentials_file: {file}}}",
    "token": "bearer_token: {secret}",
    "tokenfile": "bearer_token_file: {file}",
    "command": "authorization: {{type: Token, credentials: {{command: [cat, {file}]}}}}",
    "failing": 'authorization: {{credentials: {{command: [sh, -c, "cat {file}; cat {file} >&2; exit 3"]}}}}',
    "environment": 'bearer_token: "${{SECRET_OF_ENVIRONMENT}}"',
    "oauth": "oauth2: {{client_id: i, client_secret: {secret}, token_url: 'http://127.0.0.1:{port}/token'}}",
    "header": "http_headers: {{X-Team: {{secrets: [{secret}]}}}}",
    "headerfile": "http_headers: {{X-Team: {{files: [{file}]}}}}",
    "proxy": "proxy_url: 'http://ana:{secret}@127.0.0.1:{port}'",
    "connect": "proxy_url: 'http://127.0.0.1:{port}', proxy_connect_header: {{X-A: [{secret}]}}",
    "key": 'tls_config: {{cert: no-certificate, key: {secret}}}, url: "https://127.0.0.1:{port}"',
}


def secret_of(kind: str) -> str:
    return f"s3cr3t-{kind}-Zq7xW9"


def says_back(request: Request) -> bytes:
    """All that was sent, as a server would that was left in a debugging mode."""
    sent = "; ".join([request.target, *(f"{name}: {value}" for name, value in request.headers), request.body.decode()])
    if "token" in request.target and request.method == "POST":
        return answer(200, json.dumps({"access_token": "s3cr3t-granted-Zq7xW9"}))
    if "alerts" in request.target or "v2" in request.target:
        return answer(401, sent, "text/html")
    return answer(500, json.dumps({"status": "error", "errorType": "internal", "error": sent}))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(says_back) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: FaultServer) -> Path:
    """A source of both kinds for every kind of secret; half of them where nobody listens."""
    lines = ["version: 1", "refresh: 1s", "sources:"]
    for number, (kind, keys) in enumerate(KINDS.items()):
        file = tmp_path / f"{kind}.secret"
        file.write_text(secret_of(kind))
        port = server.port if number % 4 else free_port()
        block = keys.format(secret=secret_of(kind), file=file, port=port)
        where = (
            ""
            if "url: " in block.replace("proxy_url", "").replace("token_url", "")
            else (f'url: "http://127.0.0.1:{port}", ')
        )
        lines.append(f"  p{kind}: {{kind: prometheus, {where}{block}}}")
        if "url: " not in block.replace("proxy_url", "").replace("token_url", ""):
            lines.append(f'  a{kind}: {{kind: alertmanager, urls: ["http://127.0.0.1:{port}"], {block}}}')
    lines.append("services:")
    for kind in KINDS:
        sli = "{bad: bad_total, total: all_total}"
        lines.append(f"  {kind}: {{slos: {{errors: {{objective: 99, source: p{kind}, sli: {sli}}}}}}}")
    path = tmp_path / "config.yaml"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


def leaks(text: str) -> list[str]:
    """What of the secrets stands in a text: themselves, their end, or packed as basic auth packs them."""
    found = []
    for kind in (*KINDS, "granted"):
        secret = secret_of(kind)
        packed = [base64.b64encode(f"{user}:{secret}".encode()).decode() for user in ("ana", "")]
        packed.append(base64.b64encode(f"{secret}:x".encode()).decode())
        found += [word for word in (secret, *packed) if word in text]
    return found + (["Zq7x"] if "Zq7x" in text else [])


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SECRET_OF_ENVIRONMENT": secret_of("environment"),
    }


def until_said(path: Path, count: int) -> None:
    """Wait until a file says of so many sources that they are down."""
    end = time.monotonic() + 60
    while True:
        text = path.read_text() if path.exists() else ""
        if sum(f" p{kind}: " in text or f" p{kind} " in text for kind in KINDS) >= count:
            return
        assert time.monotonic() < end, text
        time.sleep(0.1)


def test_the_recorder_its_log_and_what_it_says(tmp_path: Path, server: FaultServer, config: Path) -> None:
    log, told = tmp_path / "mine.log", tmp_path / "told"
    with (
        told.open("w") as file,
        subprocess.Popen(
            [SCRIPT, "record", "--config", str(config), "--log", str(log)],
            stderr=file,
            stdout=file,
            env=environment(tmp_path),
        ) as recorder,
    ):
        try:
            until_said(log, len(KINDS))
            until_said(told, len(KINDS))
            recorder.send_signal(signal.SIGTERM)
            recorder.wait(60)
        finally:
            recorder.kill()
    assert recorder.returncode == 0
    sent = "\n".join(f"{request.target} {request.headers} {request.body!r}" for request in server.requests)
    assert len([kind for kind in KINDS if secret_of(kind) in sent]) >= 5, "they were sent"
    assert "s3cr3t-granted-Zq7xW9" in sent
    state = (tmp_path / ".local/state/sreconsole/sreconsole.log").read_text()
    for text in (told.read_text(), log.read_text(), state):
        assert leaks(text) == []
    assert "***" in state, "the servers said them back, and they were taken out"


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_one_shot(tmp_path: Path, config: Path, form: str) -> None:
    log = tmp_path / "mine.log"
    done = subprocess.run(
        [SCRIPT, "status", "--config", str(config), "--format", form, "--timeout", "8s", "--log", str(log)],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode == 69
    for text in (done.stdout, done.stderr, log.read_text()):
        assert leaks(text) == []
    assert "pbasic" in done.stderr


@pytest.mark.prove
def test_the_screen(tmp_path: Path, config: Path) -> None:
    shown = ""
    state = tmp_path / ".local/state/sreconsole/sreconsole.log"
    with Pseudo([str(SCRIPT), "--config", str(config)], size=(200, 60), env=environment(tmp_path)) as terminal:
        terminal.wait_for("? keys")
        until_said(state, len(KINDS))
        for keys in (b"", b"e", b"q", b"S", b"q", b"\r", b"q"):
            terminal.send(keys)
            terminal.read(0.5)
            shown += terminal.text
        terminal.send(b"\x03")
        terminal.wait_end()
        raw = terminal.output.decode("utf-8", "replace")
    assert "pbasic" in shown
    assert leaks(raw) == []
    assert leaks(shown) == []
    assert leaks(state.read_text()) == []


def test_a_defect_tells_no_values(tmp_path: Path) -> None:
    """A traceback is said without the values of variables, and a login in its last line goes."""
    code = (
        "import sys, sreconsole.cli.run as run\n"
        "def broken(*_):\n"
        "    secret = 's3cr3t-basic-Zq7xW9'\n"
        "    raise ValueError(f'http://ana:{secret}@host/')\n"
        "run._following = broken\n"
        "sys.exit(run.run(['record', '--log', sys.argv[1]]))\n"
    )
    (tmp_path / "code.py").write_text(code)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "code.py"), str(tmp_path / "x.log")],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode == 70
    assert "a defect of ours" in done.stderr
    said = (tmp_path / "x.log").read_text().replace("secret = 's3cr3t-basic-Zq7xW9'", "")
    assert "ValueError: http://***@host/" in said
    assert "http://***@host/" in done.stderr
    assert leaks(said) == leaks(done.stderr) == []
