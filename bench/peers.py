"""Other programs that people watch in a terminal, fetched into the cache folder; each is optional."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.month import CACHE

REFRESH = 5
"""Seconds between two refreshes of each that has any; the demo's."""
_PYTHON = CACHE / "peers"
_DEBIAN = CACHE / "debian"


class Unavailable(Exception):
    """A peer cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to watch."""

    name: str
    doing: str
    """What it does meanwhile."""
    command: Sequence[str]
    seconds: float = 60.0
    packages: Sequence[str] = ()
    """Debian's packages; else `name` is one of the Python index."""
    env: Mapping[str, str] = field(default_factory=dict)

    def fetched(self, home: Path) -> tuple[Sequence[str], dict[str, str]]:
        """Its command and environment, fetched when it is not there yet. Raises Unavailable."""
        env = {**os.environ, "HOME": str(home), "LANG": "C.UTF-8", "XDG_CONFIG_HOME": str(home / "config"), **self.env}
        if not self.packages:
            return [str(_python(self.name)), *self.command[1:]], env
        root = _debian(self.name, self.packages)
        libraries = {str(path.parent) for path in root.rglob("*.so*")}
        if libraries:
            env["LD_LIBRARY_PATH"] = os.pathsep.join(sorted(libraries))
        return [str(root / "usr" / "bin" / self.command[0]), *self.command[1:]], env


def peers(home: Path) -> list[Peer]:
    """All of them; `home` is a folder for their settings."""
    settings = home / "config" / "btop"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "btop.conf").write_text(f"update_ms = {1000 * REFRESH}\n", encoding="utf-8")
    every = f"refresh {REFRESH} s"
    libraries = ("libnl-3-200", "libnl-genl-3-200", "libncursesw6", "libtinfo6")
    return [
        Peer("htop", f"processes, {every}", ("htop", "-d", str(10 * REFRESH)), packages=("htop", *libraries)),
        Peer("btop", f"all boxes, {every}", ("btop", "--utf-force"), packages=("btop",)),
        Peer("glances", f"all plugins, {every}", ("glances", "-t", str(REFRESH), "--disable-check-update")),
        Peer("harlequin", "an empty database, idle", ("harlequin",), 20.0),
        Peer("dolphie", "its page for a new connection, no server", ("dolphie", "--tab-setup"), 20.0),
    ]


def _python(name: str) -> Path:
    """A program of the Python index, in a virtual environment for all of them."""
    program = _PYTHON / "bin" / name
    if not program.exists():
        if not (_PYTHON / "bin" / "pip").exists():
            _run(sys.executable, "-m", "venv", str(_PYTHON))
        _run(str(_PYTHON / "bin" / "pip"), "install", "--quiet", name)
    return program


def _debian(name: str, packages: Sequence[str]) -> Path:
    """Debian's packages, unpacked: no root, nothing is enabled."""
    root = _DEBIAN / name
    if not root.exists():
        scratch = _DEBIAN / f"{name}.new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        try:
            _run("apt-get", "download", *packages, cwd=scratch)
            for archive in sorted(scratch.glob("*.deb")):
                _run("dpkg", "-x", str(archive), str(scratch / "root"))
            (scratch / "root").rename(root)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return root


def _run(*command: str, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from None
    if done.returncode:
        raise Unavailable((done.stderr.strip().splitlines() or [f"{command[0]}: exit {done.returncode}"])[-1])
