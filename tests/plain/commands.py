"""Running the installed `sreconsole` as people do: a process with its own home, its output and exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("sreconsole")
_SPY = """
import atexit, os, sys
atexit.register(lambda: open(os.environ["LOADED_MODULES"], "w").write("\\n".join(sorted(sys.modules))))
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str
    modules: frozenset[str]
    """Names in its `sys.modules` at exit."""


def run(home: Path, *arguments: str | Path, env: dict[str, str] | None = None, timeout: float = 60) -> Done:
    """Run the installed script with a home of its own."""
    spy = home / "spy"
    spy.mkdir(parents=True, exist_ok=True)
    (spy / "sitecustomize.py").write_text(_SPY)
    loaded = home / "modules.txt"
    loaded.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(spy),
        "LOADED_MODULES": str(loaded),
        **(env or {}),
    }
    done = subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    modules = frozenset(loaded.read_text().splitlines()) if loaded.exists() else frozenset()
    return Done(done.returncode, done.stdout, done.stderr, modules)
