"""Real servers for tests, from Debian's packages unpacked into `.cache/debian` of the checkout.

`apt-get download` and `dpkg -x` need no root and start no service. A program already in PATH is used only when the
package cannot be had. A missing server is an error, never a skip.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "debian"

_POSTGRES = (
    *("postgresql-15", "libpq5", "libicu72", "libxml2", "libldap-2.5-0", "libsasl2-2", "libssl3", "libgssapi-krb5-2"),
    *("libkrb5-3", "libk5crypto3", "libkrb5support0", "libkeyutils1", "libcom-err2"),
)
PACKAGES: dict[str, tuple[str, ...]] = {
    "prometheus": ("prometheus",),
    "promtool": ("prometheus",),
    "prometheus-alertmanager": ("prometheus-alertmanager",),
    "amtool": ("prometheus-alertmanager",),
    "victoria-metrics": ("victoria-metrics",),
    "initdb": _POSTGRES,
    "postgres": _POSTGRES,
    "tmux": ("tmux", "libevent-core-2.1-7", "libutempter0"),
}
"""Program to the package that holds it, and the libraries it needs beyond those of every system."""
LIBRARIES: dict[str, str] = {"libfaketimeMT.so.1": "libfaketime"}
"""Library for `LD_PRELOAD` to the package that holds it."""
_OWN_FIRST = frozenset({"tmux"})
"""Programs that people have and that no test needs in Debian's version: one in PATH is as good."""


class ServerMissing(Exception):
    """A program for the tests can be had neither from Debian nor from PATH."""


def binary(name: str) -> Path:
    """The path of a program, fetching and unpacking its package the first time.

    Safe to call from several processes at once. Raises ServerMissing with what was tried.
    """
    package = PACKAGES[name][0]
    found = shutil.which(name)
    if found and name in _OWN_FIRST:
        return Path(found)
    program = _place(package, name)
    if program.exists():
        return program
    CACHE.mkdir(parents=True, exist_ok=True)
    with _locked(CACHE / f"{package}.lock"):
        program = _place(package, name)
        if program.exists():
            return program
        problem = _unpack(*PACKAGES[name])
    program = _place(package, name)
    if program.exists():
        return program
    if found:
        return Path(found)
    raise ServerMissing(f"no {name}: `apt-get download {package}` failed ({problem}) and none is in PATH")


def _place(package: str, name: str) -> Path:
    """Where a program of a package is, or would be."""
    root = CACHE / package / "usr"
    return next(root.glob(f"lib/postgresql/*/bin/{name}"), root / "bin" / name)


def libraries(package: str) -> str:
    """The `LD_LIBRARY_PATH` for programs that no script has been put in place of."""
    return ":".join(str(path) for path in (CACHE / package).glob("**/lib/*-linux-*") if path.is_dir())


def library(name: str) -> Path:
    """The path of a library, fetching and unpacking its package the first time. Raises ServerMissing."""
    package = LIBRARIES[name]
    CACHE.mkdir(parents=True, exist_ok=True)
    with _locked(CACHE / f"{package}.lock"):
        problem = "" if (CACHE / package).exists() else _unpack(package)
    for path in (CACHE / package).glob(f"usr/lib/**/{name}"):
        return path
    raise ServerMissing(f"no {name}: `apt-get download {package}` failed ({problem})")


def fetch_all() -> list[Path]:
    """Fetch every program and library the tests need; the paths."""
    return [*(binary(name) for name in PACKAGES), *(library(name) for name in LIBRARIES)]


def _unpack(package: str, *libraries: str) -> str:
    """Download and unpack a package with its libraries into place; empty, or what went wrong."""
    scratch = CACHE / f"{package}.{os.getpid()}.new"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        problem = _run("apt-get", "download", package, *libraries, cwd=scratch)
        if problem:
            _run("apt-get", "update", cwd=scratch)
            problem = _run("apt-get", "download", package, *libraries, cwd=scratch)
        archives = sorted(scratch.glob("*.deb"))
        if problem or not archives:
            return problem or "nothing was downloaded"
        for archive in archives:
            problem = problem or _run("dpkg", "-x", str(archive), str(scratch / "root"), cwd=scratch)
        if not problem:
            if libraries and (scratch / "root" / "usr" / "bin" / package).exists():
                _wrap(scratch / "root" / "usr" / "bin" / package, CACHE / package)
            (scratch / "root").rename(CACHE / package)
        return problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _wrap(program: Path, root: Path) -> None:
    """Put a script in the place of a program that finds the libraries beside it."""
    program.rename(program.with_name(f"{program.name}.real"))
    found = ":".join(f"{root}/usr/lib/{path.name}" for path in program.parents[1].glob("lib/*-linux-*"))
    program.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{found}" exec "{root}/usr/bin/{program.name}.real" "$@"\n')
    program.chmod(0o755)


def _run(*command: str, cwd: Path) -> str:
    """Run a command; empty on success, else the last line it said."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
