"""`sreconsole check`: validates a config offline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from sreconsole.config.model import Config
from sreconsole.config.read import load
from sreconsole.errors import ConfigError
from sreconsole.exits import Exit


def run_check(path: Path, env: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """Mistakes and warnings to `err`, one line each; one line to `out` when the config can be used."""
    try:
        loaded = load(path, env)
    except ConfigError as error:
        err.write(f"{error}\n")
        return Exit.CONFIG
    for warning in loaded.warnings:
        err.write(f"{warning}\n")
    out.write(f"{path}: ok: {_contents(loaded.config)}\n")
    return Exit.OK


def _contents(config: Config) -> str:
    counts = (
        (len(config.sources), "source"),
        (len(config.services), "service"),
        (len(config.slos()), "SLO"),
        (len(config.fleets), "fleet"),
    )
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts if number)
