"""What a script sees when standard output is closed, full, or read by nobody: the exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sreconsole.exits import Exit
from tests.plain.commands import SCRIPT

CONFIG = """\
version: 1
sources: {ci: {kind: file, path: deploys.jsonl}}
services: {a: {}}
"""


def shell(home: Path, line: str) -> tuple[int, str]:
    (home / "config.yaml").write_text(CONFIG)
    (home / "deploys.jsonl").touch()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "SRECONSOLE_CONFIG": str(home / "config.yaml")}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("sreconsole", str(SCRIPT))],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("end", [">&-", "| sleep 0", ">&- 2>&-"])
def test_the_code_of_status_stands_when_nobody_reads(tmp_path: Path, form: str, end: str) -> None:
    assert shell(tmp_path, f"sreconsole status --format {form} {end}") == (Exit.UNKNOWN, "")


def test_a_closed_output_is_no_mistake_of_other_commands(tmp_path: Path) -> None:
    assert shell(tmp_path, "sreconsole schema >&- && sreconsole check >&- && sreconsole schema | sleep 0") == (0, "")


@pytest.mark.parametrize("command", ["status", "status --format json", "check", "schema"])
def test_a_full_disk_is_said_and_is_no_status(tmp_path: Path, command: str) -> None:
    code, said = shell(tmp_path, f"sreconsole {command} > /dev/full")
    assert code == Exit.OUTPUT
    assert said == "sreconsole: standard output takes no more: No space left on device\n"
