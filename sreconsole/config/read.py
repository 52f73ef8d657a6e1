"""A config file read: all mistakes at once, or a Config and what to warn of."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from sreconsole.config.check import check
from sreconsole.config.model import Config
from sreconsole.config.reader import BAD, ROOT, Reader
from sreconsole.config.root import ROOT_BLOCK
from sreconsole.config.sources import declared_kinds
from sreconsole.config.yaml_tree import MAX_BYTES, parse_tree
from sreconsole.domain.cleaning import clean
from sreconsole.errors import ConfigError, Problem
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Loaded:
    """A config that can be used."""

    config: Config
    warnings: list[Problem]
    """What works but is probably not meant, by line."""


def load(path: Path, env: Mapping[str, str]) -> Loaded:
    """Read and validate a config file; nothing is connected to and no command is run.

    Raises ConfigError with every problem, sorted by line.
    """
    file = clean(str(path))
    data, private = _contents(path, file)
    root, duplicates = parse_tree(data, file)
    root.line = 1  # what the whole file misses is told at its top
    reader = Reader(path, env, private)
    reader.source_kinds = declared_kinds(root, reader)
    config = ROOT_BLOCK.read(root, ROOT, reader)
    check(root, reader)
    found = sorted(dict.fromkeys([*duplicates, *reader.problems]), key=lambda problem: problem.line)
    problems = [problem for problem in found if not problem.warning]
    if problems or config is BAD:
        raise ConfigError(problems)
    return Loaded(config, found)


def _contents(path: Path, file: str) -> tuple[bytes, bool]:
    """The bytes of the file (a little more than may be parsed), and whether nobody else can read it."""
    try:
        with open(path, "rb") as handle:
            status = os.fstat(handle.fileno())
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([Problem(file, 1, "", f"cannot be read: {error.strerror}")]) from None
    private = not stat.S_IMODE(status.st_mode) & 0o077 and status.st_uid in (0, os.geteuid())
    return data, private
