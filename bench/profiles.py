"""Where the time goes of what missed its target: imports by package, functions by their own time."""

from __future__ import annotations

import os
import pstats
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.terminal import Terminal

_LINES = 14
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")


def imports(command: Sequence[str], env: Mapping[str, str] = os.environ) -> str:
    """What a Python command imports until it ends, by top-level package (ours by folder): milliseconds of their own."""
    done = subprocess.run(
        (sys.executable, "-X", "importtime", *command), env=dict(env), capture_output=True, text=True, check=False
    )
    return _table(*_by_package(done.stderr))


def start(command: Sequence[str], env: Mapping[str, str], seconds: float = 3.0) -> str:
    """The imports of a console's start, and the functions of its first seconds."""
    told = {**env, "PYTHONPROFILEIMPORTTIME": "1"}
    with Terminal((sys.executable, *command), env=told) as terminal:
        terminal.read(seconds)
        written = b"".join(data for _, data in terminal.chunks).decode(errors="replace")
    packages = _table(*_by_package(written))
    return f"Imports of the start:\n\n{packages}\n\n{running(command, env, seconds)}"


def running(command: Sequence[str], env: Mapping[str, str], seconds: float, keys: Sequence[bytes] = ()) -> str:
    """The functions in which a console spends its first seconds on a terminal, and these keys after them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "profile"
        with Terminal((sys.executable, "-m", "cProfile", "-o", str(out), *command), env=env) as terminal:
            terminal.read(seconds)
            for key in (*keys, b"q"):
                terminal.send(key)
                terminal.read(1.0)
            terminal.read(10.0)
        return functions(out) if out.exists() else "The profiled program did not end in time."


def functions(path: Path) -> str:
    """The functions of a cProfile file with the most time of their own."""
    stats = pstats.Stats(str(path))
    found = stats.stats  # type: ignore[attr-defined]
    whole = sum(entry[2] for entry in found.values()) or 1.0
    rows = []
    for (file, line, name), entry in sorted(found.items(), key=lambda item: -item[1][2])[:_LINES]:
        where = "/".join(Path(file).parts[-3:]) + f":{line}" if line else ""
        rows.append(f"| `{name}` {where} | {entry[1]:,} | {entry[2] * 1e3:.0f} ms | {entry[2] / whole:.0%} |")
    head = "| function | calls | own time | share |\n|---|---|---|---|"
    return f"Functions by their own time (cProfile, which slows everything down):\n\n{head}\n" + "\n".join(rows)


def _by_package(text: str) -> tuple[dict[str, float], dict[str, int]]:
    spent: dict[str, float] = defaultdict(float)
    modules: dict[str, int] = defaultdict(int)
    for own, _, _, name in _IMPORT.findall(text):
        parts = name.split(".")
        package = ".".join(parts[:2]) if parts[0] == "sreconsole" else parts[0]
        spent[package] += int(own) / 1e3
        modules[package] += 1
    return spent, modules


def _table(spent: Mapping[str, float], modules: Mapping[str, int]) -> str:
    rows = [
        f"| {name} | {modules[name]} | {spent[name]:.1f} ms |" for name in sorted(spent, key=lambda name: -spent[name])
    ]
    whole = f"| all | {sum(modules.values())} | {sum(spent.values()):.1f} ms |"
    return "\n".join(["| package | modules | own time |", "|---|---|---|", *rows[:_LINES], whole])
