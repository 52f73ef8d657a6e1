"""Secrets come from files, the environment, commands or a private file, and never show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sreconsole.config.model import HttpConfig, PrometheusSource, Secret
from sreconsole.config.read import load
from sreconsole.errors import ConfigError
from tests.config.files import problems, said, write

IN_THE_OPEN = (
    "a secret in a file that others can read: chmod 600 the file (owned by you), or use ${NAME}, a *_file or command"
)
PLACES = {
    "basic_auth.password": "basic_auth: {username: ana, password: S}",
    "authorization.credentials": "authorization: {credentials: S}",
    "bearer_token": "bearer_token: S",
    "oauth2.client_secret": "oauth2: {client_id: i, token_url: 'https://t', client_secret: S}",
    "tls_config.key": "tls_config: {cert: c, key: S}",
    "oauth2.tls_config.key": "oauth2: {client_id: i, token_url: 'https://t', client_secret: {command: [x]}, "
    "tls_config: {cert: c, key: S}}",
    "http_headers.X-A.secrets[0]": "http_headers: {X-A: {secrets: [S]}}",
    "proxy_connect_header.X-A[0]": "proxy_url: http://p, proxy_connect_header: {X-A: [S]}",
}


def config(block: str) -> str:
    return f"version: 1\nsources:\n  p: {{kind: prometheus, url: 'https://h', {block}}}\nservices: {{a: {{}}}}\n"


def http(path: Path, env: dict[str, str] | None = None) -> HttpConfig:
    source = load(path, env or {}).config.sources["p"]
    assert isinstance(source, PrometheusSource)
    return source.http


def secrets_in(value: object) -> list[Secret]:
    if isinstance(value, Secret):
        return [value]
    if isinstance(value, dict):
        return [secret for each in value.values() for secret in secrets_in(each)]
    if isinstance(value, tuple | list):
        return [secret for each in value for secret in secrets_in(each)]
    slots = getattr(type(value), "__slots__", ())
    return [secret for name in slots for secret in secrets_in(getattr(value, name))]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_an_inline_secret_needs_a_private_file(tmp_path: Path, place: str, mode: int) -> None:
    text = config(PLACES[place].replace("S", "hunter2"))
    assert said(tmp_path, text, mode=mode) == [f"3: sources.p.{place}: {IN_THE_OPEN}"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_an_inline_secret_in_a_private_file_is_taken(tmp_path: Path, place: str, mode: int) -> None:
    found = secrets_in(http(write(tmp_path, config(PLACES[place].replace("S", "hunter2")), mode)))
    assert "hunter2" in [secret.reveal() for secret in found if secret.origin == "inline"]


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_from_the_environment_may_be_named_anywhere(tmp_path: Path, place: str) -> None:
    path = write(tmp_path, config(PLACES[place].replace("S", "'${TOKEN}'")), 0o644)
    found = secrets_in(http(path, {"TOKEN": "hunter2"}))
    assert "hunter2" in [secret.reveal() for secret in found if secret.origin == "inline"]


def test_the_default_of_a_variable_is_written_in_the_file(tmp_path: Path) -> None:
    text = config("bearer_token: '${TOKEN:-hunter2}'")
    assert said(tmp_path, text, {}, 0o644) == [f"3: sources.p.bearer_token: {IN_THE_OPEN}"]
    assert said(tmp_path, text, {"TOKEN": "x"}, 0o644) == []


def test_a_private_file_of_somebody_else_is_not_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, config("bearer_token: hunter2"), 0o600)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    else:  # only root can give a file away; being somebody else comes to the same
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ConfigError, match="a secret in a file that others can read"):
        load(path, {})


@pytest.mark.parametrize("place", PLACES)
def test_a_command_is_kept_and_not_run(tmp_path: Path, place: str) -> None:
    ran = tmp_path / "ran"
    path = write(tmp_path, config(PLACES[place].replace("S", f"{{command: [touch, '{ran}']}}")), 0o644)
    (secret,) = [each for each in secrets_in(http(path)) if each.command[:1] == ("touch",)]
    assert (secret.origin, secret.command) == ("command", ("touch", str(ran)))
    assert not ran.exists()


FILES = {
    "basic_auth: {username_file: F, password_file: F}": 2,
    "authorization: {credentials_file: F}": 1,
    "bearer_token_file: F": 1,
    "oauth2: {client_id: i, token_url: 'https://t', client_secret_file: F}": 1,
    "http_headers: {X-A: {files: [F]}}": 1,
}


@pytest.mark.parametrize("block", FILES)
def test_files_are_relative_to_the_config_and_read_later(tmp_path: Path, block: str) -> None:
    (tmp_path / "token").write_text("old\n")
    found = secrets_in(http(write(tmp_path, config(block.replace("F", "token")), 0o644)))
    (tmp_path / "token").write_text("new\n")
    assert [secret.reveal() for secret in found] == ["new"] * FILES[block]
    assert [secret.path for secret in found] == [tmp_path / "token"] * FILES[block]


@pytest.mark.parametrize("block", FILES)
def test_files_must_exist(tmp_path: Path, block: str) -> None:
    found = problems(tmp_path, config(block.replace("F", "gone")))
    assert [problem.what for problem in found] == ["there is no file 'gone'"] * FILES[block]


def test_nothing_of_a_secret_shows(tmp_path: Path) -> None:
    blocks = ", ".join(
        PLACES[place].replace("S", "hunter2") for place in PLACES if place.startswith(("bas", "htt", "pro"))
    )
    text = config(f"{blocks}, tls_config: {{cert: c, key: hunter2}}, http_headers2: hunter2")
    found = problems(tmp_path, text)
    assert [problem.key for problem in found] == ["sources.p.http_headers2"]
    assert "hunter2" not in "\n".join(map(str, found))
    loaded = load(write(tmp_path, text.replace(", http_headers2: hunter2", "")), {}).config
    assert "hunter2" not in repr(loaded) + str(loaded)
    assert "***" in repr(loaded)


WRONG = {
    "password: hunter2": "unknown",
    "basic_auth: hunter2": "mapping",
    "basic_auth: {username: ana, password: [hunter2]}": "expected a secret",
    "basic_auth: {username: ana, pasword: hunter2}": "unknown key (did you mean password)",
    "bearer_token: {hunter2: x}": "unknown key",
    "http_headers: {X-A: hunter2}": "mapping",
    "http_headers: {X-A: {secrets: hunter2}}": "list",
    "http_headers: {Cookie: {values: [hunter2, hunter2]}, X-A: {}}": "missing",
    "proxy_url: 'http://u:hunter2@'": "host",
    "proxy_url: 'ftp://u:hunter2@p'": "http",
    "url: 'http://u:hunter2@h'": "duplicate",
    "oauth2: {client_id: i, client_secret: hunter2, token_url: 'https://u:hunter2@t'}": "basic_auth",
}


@pytest.mark.parametrize("block", WRONG)
def test_a_mistake_beside_a_secret_does_not_quote_it(tmp_path: Path, block: str) -> None:
    found = "\n".join(map(str, problems(tmp_path, config(block))))
    assert WRONG[block] in found
    assert "hunter2" not in found.replace("bearer_token.hunter2: unknown", "")


def test_a_password_in_the_address_of_a_proxy_is_a_secret(tmp_path: Path) -> None:
    text = config("proxy_url: 'http://u:hunter2@p:3128'")
    assert said(tmp_path, text, mode=0o644) == [f"3: sources.p.proxy_url: holds a password: {IN_THE_OPEN}"]
    path = write(tmp_path, text)
    assert http(path).proxy_url == "http://u:hunter2@p:3128"
    assert "hunter2" not in repr(load(path, {}))
    assert said(tmp_path, config("proxy_url: 'http://u:${P}@p'"), {"P": "hunter2"}, 0o644) == []


def test_header_values_that_look_like_secrets_are_kept_as_such(tmp_path: Path) -> None:
    path = write(
        tmp_path, config("http_headers: {X-Api-Key: {values: [hunter2]}, X-Scope-OrgID: {values: [team]}}"), 0o644
    )
    headers = http(path).headers
    assert "hunter2" not in repr(headers)
    assert headers["X-Scope-OrgID"] == ("team",)
    assert [warning.key for warning in load(path, {}).warnings] == ["sources.p.http_headers.X-Api-Key.values"]
