"""Hostile text in what a person gives: arguments, files and their names, the environment. It is refused in clean words.

Also answers that no database takes, as lone surrogates.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.hostile.corpus import SENDABLE, TEXTS, odd_lines
from tests.plain.commands import Done, run
from tests.servers.faults import FaultServer, Request, answer
from tests.servers.prometheus import free_port

NO_ONE = f"http://127.0.0.1:{free_port()}"
GOOD = {
    "version": 1,
    "sources": {"prom": {"kind": "prometheus", "url": NO_ONE}},
    "services": {"checkout": {"slos": {"a": {"objective": 99.9, "sli": {"bad": "b", "total": "t"}}}}},
}
ALL = "".join(text for name, text in SENDABLE.items() if "long" not in name)
BYTES = b"a\xff\xfe\x9b31m\x1b[31m".decode("utf-8", "surrogateescape")
"""A file name that is no text."""


def refused(done: Done, *codes: int) -> None:
    assert done.code in codes, done.err
    assert done.err
    assert odd_lines(done.err) == [], done.err
    assert odd_lines(done.out) == []
    assert "Traceback" not in done.err


def written(folder: Path, config: object, name: str = "config.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(config, allow_unicode=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        *(("status", option, ALL) for option in ("--service", "--at", "--timeout", "--format", "--config")),
        *(("status", f"{option}={BYTES}") for option in ("--service", "--at", "--timeout", "--format", "--config")),
        *((f"--{ALL}",), (ALL,), (BYTES,), ("status", ALL), ("check", ALL), ("--theme", ALL, "check")),
    ],
    ids=range(16),
)
def test_arguments(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    config = written(tmp_path, GOOD)
    clean = [argument.replace("\x00", "") for argument in arguments]
    first = [] if "--config" in " ".join(clean) else ["--config", str(config)]
    done = run(tmp_path, *first, *clean)
    refused(done, 64, 78) if done.err or done.code else None
    assert odd_lines(done.out) == []


@pytest.mark.prove
@pytest.mark.parametrize("name", ["SRECONSOLE_CONFIG", "XDG_CONFIG_HOME", "HOME"])
@pytest.mark.parametrize("text", [ALL.replace("/", ""), BYTES], ids=["text", "bytes"])
def test_where_the_config_is_looked_for(tmp_path: Path, name: str, text: str) -> None:
    refused(run(tmp_path, "status", env={name: f"{tmp_path}/{text[:60]}"}), 78)


@pytest.mark.prove
@pytest.mark.parametrize("kind", SENDABLE)
def test_keys_and_values_of_a_config(tmp_path: Path, kind: str) -> None:
    text = SENDABLE[kind]
    config = {
        **GOOD,
        text: text,
        "environment": text,
        "timezone": text,
        "refresh": text,
        "theme": text,
        "author": "${" + text + "}",
        "sources": {text: {"kind": text, "url": text, text: text}, "am": {"kind": "alertmanager", "urls": [text]}},
        "services": {text: {"runbook": text, "tier": text, "match": {text: text}, "slos": {text: {"objective": text}}}},
        "fleets": [{"label": text, "except": [text], "slos": {text: {"objective": 99, "sli": {"total": text}}}}],
    }
    refused(run(tmp_path, "--config", written(tmp_path, config), "check"), 78)


@pytest.mark.parametrize("kind", ["C1", "bidi", "title", "controls", "separators", "byte order mark"])
def test_a_config_with_raw_text_in_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"version: 1\nenvironment: {SENDABLE[kind]}\n{SENDABLE[kind]}: x\n", encoding="utf-8")
    refused(run(tmp_path, "--config", path, "check"), 78)
    path.write_bytes(b"version: 1\nenvironment: \xff\x9b31m\x1b[31m\n")
    refused(run(tmp_path, "--config", path, "check"), 78)


@pytest.mark.parametrize("kind", ["title", "click", "bidi", "lines", "wide", "C1", "combining"])
def test_names_of_config_files(tmp_path: Path, kind: str) -> None:
    name = SENDABLE[kind].replace("/", "_") + ".yaml"
    refused(run(tmp_path, "--config", written(tmp_path, {"version": 1}, name), "check"), 78)
    refused(run(tmp_path, "--config", tmp_path / f"not-{name}", "check"), 78)
    refused(run(tmp_path, "--config", written(tmp_path, GOOD, name), "status", "--timeout", "1s"), 69)


@pytest.mark.parametrize("kind", ["lone surrogate", "C1", "title"])
def test_answers_no_database_gives(tmp_path: Path, kind: str) -> None:
    body = json.dumps(
        {
            "status": "success",
            "data": {"resultType": "vector", "result": [{"metric": {"a": TEXTS[kind]}, "value": [1, TEXTS[kind]]}]},
        }
    )

    def respond(request: Request) -> bytes:
        return answer(200, body, "application/json")

    with FaultServer(respond) as server:
        config = {**GOOD, "sources": {"prom": {"kind": "prometheus", "url": server.url}}}
        done = run(tmp_path, "--config", written(tmp_path, config), "status", "--timeout", "5s", "--format", "json")
        refused(done, 69)
        assert "prom: " in done.err


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["C1", "title", "bidi", "lines", "long"])
def test_content_types_and_headers(tmp_path: Path, kind: str) -> None:
    text = TEXTS[kind].replace("\n", " ").replace("\r", " ")
    for status in (200, 302, 401, 429, 503):
        sent = answer(status, "{}", text[:500], {"Location": f"http://x/{text[:100]}", "Retry-After": text[:100]})
        with FaultServer(lambda _request, sent=sent: sent) as server:  # type: ignore[misc]
            config = {**GOOD, "sources": {"prom": {"kind": "prometheus", "url": server.url}}}
            refused(run(tmp_path, "--config", written(tmp_path, config), "status", "--timeout", "5s"), 69)
