"""`check` and `schema`: what goes to which stream, and what a script sees."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sreconsole.exits import Exit
from sreconsole.plain.check import run_check
from sreconsole.plain.schema import run_schema

GOOD = """\
version: 1
sources: {prom: {kind: prometheus, url: http://127.0.0.1:9090}}
services: {a: {slos: {up: {objective: 99, sli: {gauge: up}}, down: {objective: 98, sli: {gauge: up}}}}, b: {}}
"""
FLEETS = "fleets: [{label: job, slos: {x: {objective: 9, sli: {gauge: up}}}}]\n"
EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def checked(directory: Path, text: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    path = directory / "config.yaml"
    path.write_text(text)
    out, err = io.StringIO(), io.StringIO()
    code = run_check(path, env or {}, out, err)
    return code, out.getvalue().replace(str(path), "FILE"), err.getvalue().replace(str(path), "FILE")


def test_a_good_config_is_one_line_on_stdout(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD) == (Exit.OK, "FILE: ok: 1 source, 2 services, 2 SLOs\n", "")
    assert checked(tmp_path, GOOD + FLEETS) == (Exit.OK, "FILE: ok: 1 source, 2 services, 2 SLOs, 1 fleet\n", "")


def test_warnings_go_to_stderr_and_the_config_is_good(tmp_path: Path) -> None:
    code, out, err = checked(tmp_path, GOOD.replace("url:", "follow_redirects: true, url:"))
    assert (code, out) == (Exit.OK, "FILE: ok: 1 source, 2 services, 2 SLOs\n")
    assert err.startswith("FILE:2: warning: sources.prom.follow_redirects: ")
    assert err.count("\n") == 1


def test_mistakes_are_one_line_each_on_stderr(tmp_path: Path) -> None:
    code, out, err = checked(tmp_path, GOOD.replace("99", "0").replace("prom:", "prom: &p") + "refresh: ${EVERY}\n")
    assert (code, out) == (Exit.CONFIG, "")
    assert [line.partition(": ")[0] for line in err.splitlines()] == ["FILE:3", "FILE:4"]


def test_the_schema_is_json_on_stdout() -> None:
    out = io.StringIO()
    assert run_schema(out) == Exit.OK
    assert json.loads(out.getvalue())["$ref"] == "#/$defs/config"


def test_checking_loads_nothing_it_does_not_need() -> None:
    """`check` runs at every prompt of an editor: no network, no event loop, no terminal, no subprocess."""
    program = (
        "import sys, pathlib; from sreconsole.plain.check import run_check;"
        f"code = run_check(pathlib.Path({str(EXAMPLE)!r}), {{}}, sys.stdout, sys.stderr);"
        "print(sorted({name.partition('.')[0] for name in sys.modules})); raise SystemExit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))
    unwanted = {"httpx", "textual", "rich", "asyncio", "sqlite3", "plotext", "jsonschema", "subprocess", "ssl"}
    assert not modules & unwanted
    assert "yaml" in modules
