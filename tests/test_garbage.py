"""Garbage is not looked for while starting; afterwards it is, but not among what the start made."""

from __future__ import annotations

import subprocess
import sys

import pytest

LINES = {
    "check": "False False",
    "status": "True True",
}
CONFIG = """\
version: 1
sources:
  prom: {kind: prometheus, url: "http://127.0.0.1:9"}
services:
  checkout: {}
"""


@pytest.mark.parametrize("command", LINES)
def test_what_goes_on_collects(command: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (home / "config.yaml").chmod(0o600)
    code = (
        "import gc, sys; from sreconsole import garbage; from sreconsole.cli import main\n"
        "garbage.nothing_at_the_end = lambda: None\n"
        f"main(['--config', {str(home / 'config.yaml')!r}, {command!r}])\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    )
    env = {"HOME": str(home), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.stdout.splitlines()[-1] == LINES[command], done.stderr


def test_a_process_that_collects_goes_on_as_it_was() -> None:
    code = (
        "import gc; from sreconsole.garbage import collect_from_here; collect_from_here()\n"
        "print(gc.get_freeze_count(), gc.get_threshold()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 700\n"
