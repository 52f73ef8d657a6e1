"""Starting an estate from a console: a process of its own that tells the path of its config and dies with us."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO

from sreconsole.domain.cleaning import clean
from sreconsole.errors import SreconsoleError

PATIENCE = 30.0
"""Seconds an estate may take to tell its path."""


class EstateError(SreconsoleError):
    """The estate did not start."""


class Estate:
    """An estate that starts or runs; a context manager that ends it."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes], temporary: bool) -> None:
        self._process = process
        self._complaints = complaints
        self._temporary = temporary

    @cached_property
    def config(self) -> Path:
        """The path of its config, all that a console gets; waits until the estate answers.

        Raises EstateError when it does not come up.
        """
        path = _first_line(self._process)
        if not path:
            _end(self._process)
            raise EstateError(f"the simulated estate did not start: {_last(self._complaints)}")
        return Path(path)

    @property
    def directory(self) -> Path:
        """Its private directory, gone after `stop` unless it was named at the start."""
        return self.config.parent

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process still lives."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and remove its files; may be called again."""
        _end(self._process)
        self._complaints.close()
        if self._temporary and "config" in self.__dict__:  # it removes them itself, unless it had to be killed
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Estate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_estate(seed: int | None = None, started_ago: float = 0.0, directory: Path | None = None) -> Estate:
    """Start an estate without waiting for it (its `config` waits: a fraction of a second).

    It lives until `stop`, or until this process ends in any way: it watches a pipe that only we hold open, and whose
    child it is. `seed`, `started_ago` (seconds) and `directory` are as in `estate.Options`.
    """
    command = [sys.executable, "-P", "-m", "sreconsole.demo", "--console", str(os.getpid())]
    command += ["--started-ago", str(started_ago)]
    command += [] if seed is None else ["--seed", str(seed)]
    command += [] if directory is None else ["--directory", str(directory)]
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the estate lives
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
        env=_environment(),
    )
    return Estate(process, complaints, temporary=directory is None)


def _environment() -> dict[str, str]:
    """Ours, with our own search path for modules: the same sreconsole, and never one from the current directory."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _first_line(process: subprocess.Popen[bytes]) -> str:
    """What it prints first, or nothing when it ends or takes too long before."""
    assert process.stdout is not None
    text, deadline = b"", time.monotonic() + PATIENCE
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(process.stdout.fileno(), 4096) if ready else b""
        if not part:
            return ""
        text += part
    return os.fsdecode(text[:-1])


def _last(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return clean(lines[-1], 200) if lines else f"no answer in {PATIENCE:.0f}s"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe it watches, and kill it when that does not help."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
