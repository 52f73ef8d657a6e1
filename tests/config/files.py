"""Small configs for tests: written to disk, read, and what was said about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sreconsole.config.read import Loaded, load
from sreconsole.errors import ConfigError, Problem

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"

HEAD = """\
version: 1
sources:
  prom: {kind: prometheus, url: http://127.0.0.1:9090}
"""

SMALL = (
    HEAD
    + """\
services:
  checkout:
    slos:
      availability:
        objective: 99.9
        sli: {bad: bad_total, total: all_total}
"""
)


def write(directory: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A config file."""
    path = directory / "config.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def loaded(directory: Path, text: str, env: Mapping[str, str] | None = None) -> Loaded:
    """The config a text gives."""
    return load(write(directory, text), env or {})


def problems(
    directory: Path, text: str | bytes, env: Mapping[str, str] | None = None, mode: int = 0o600
) -> list[Problem]:
    """Every problem of a text; none when it loads."""
    try:
        load(write(directory, text, mode), env or {})
    except ConfigError as error:
        return error.problems
    return []


def said(directory: Path, text: str | bytes, env: Mapping[str, str] | None = None, mode: int = 0o600) -> list[str]:
    """The lines a user sees, without the file."""
    path = f"{directory / 'config.yaml'}:"
    lines = [str(problem) for problem in problems(directory, text, env, mode)]
    assert all(line.startswith(path) for line in lines)
    return [line.removeprefix(path) for line in lines]
