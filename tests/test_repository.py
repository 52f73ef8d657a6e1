"""The repository itself: nothing of one machine in it, every dependency pinned and explained, its top level."""

from __future__ import annotations

import re
import stat
import subprocess
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parent.parent
TOP = {
    *("pyproject.toml", "sreconsole", "themes", "tests", "config.example.yaml", "README.md", "Makefile"),
    *("constraints.txt", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs", "bench", ".ci", ".gitignore"),
}

PINNED_FOR = {"python_version": "3.11", "python_full_version": "3.11.2"}
"""The interpreter that constraints.txt was made with."""

# Built from parts, so that this file does not hold what it looks for.
MACHINE = {
    "a package registry host": r"py"
    + r"pi\.(org|python\.org)|python"
    + r"hosted\.org|/simp"
    + r"le\b|index-"
    + r"url|find-"
    + r"links",
    "a home folder": r"(?<![\w.])/(root|home/(?!USER\b|you\b)\w+|Users/\w+)/",
    "the folder of one checkout": r"(?<![\w.-])/wo" + r"rk/\w",
    "a secret key": r"BEGIN [A-Z ]*PRIVATE" + r" KEY-----\n[A-Za-z0-9+/]{40}",
    "a conflict mark": r"^(<{7}|>{7}) ",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks and that is still there."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return tuple(path for name in done.stdout.split("\0") if name and (path := CHECKOUT / name).is_file())


@cache
def texts() -> dict[str, str]:
    """Every tracked file that is text, by its name."""
    found = {}
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw:
            found[str(path.relative_to(CHECKOUT))] = raw.decode("utf-8")
    return found


@pytest.mark.parametrize("what", MACHINE)
def test_nothing_of_one_machine_is_tracked(what: str) -> None:
    pattern = re.compile(MACHINE[what], re.MULTILINE)
    found = [f"{name}: {hit[0]}" for name, text in texts().items() for hit in pattern.finditer(text)]
    assert not found


def test_the_patterns_find_what_they_are_for() -> None:
    samples = {
        "a package registry host": "https://files.python" + "hosted.org/x",
        "a home folder": "see /root" + "/notes",
        "the folder of one checkout": "cd /wo" + "rk/main",
        "a secret key": "-----BEGIN PRIVATE" + " KEY-----\n" + "A" * 64,
        "a conflict mark": "text\n" + "<" * 7 + " HEAD",
    }
    assert samples.keys() == MACHINE.keys()
    for what, sample in samples.items():
        assert re.search(MACHINE[what], sample, re.MULTILINE), what


def test_the_top_level_is_as_agreed() -> None:
    assert {path.relative_to(CHECKOUT).parts[0] for path in tracked()} <= TOP


def test_scripts_can_be_run() -> None:
    for name in (".ci/run", ".ci/venv"):
        assert (CHECKOUT / name).stat().st_mode & stat.S_IXUSR, name


@cache
def project() -> dict[str, object]:
    """`pyproject.toml`'s project table."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        table = tomllib.load(file)["project"]
    assert isinstance(table, dict)
    return table


def declared(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with these extras."""
    base = project()["dependencies"]
    optional = project()["optional-dependencies"]
    assert isinstance(base, list)
    assert isinstance(optional, dict)
    return [Requirement(text) for text in [*base, *(line for extra in extras for line in optional[extra])]]


def pins() -> dict[str, Version]:
    """constraints.txt: canonical name to version."""
    lines = (CHECKOUT / "constraints.txt").read_text().split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line) for line in lines), "only name==version"
    return {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in lines)}


def closure() -> set[str]:
    """Everything that is installed for the package and its dev extra, as the installed packages say."""
    todo, seen = declared("dev"), set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            lines = requires(requirement.name) or []
        except PackageNotFoundError:
            continue
        for child in map(Requirement, lines):
            wanted = [{**PINNED_FOR, "extra": extra} for extra in ("", *requirement.extras)]
            if child.marker is None or any(child.marker.evaluate(environment) for environment in wanted):
                todo.append(child)
    return {name for name, _ in seen}


def test_every_dependency_is_pinned_and_nothing_else() -> None:
    assert closure() == set(pins())


def test_the_pins_satisfy_what_is_declared() -> None:
    pinned = pins()
    wrong = [str(r) for r in declared("dev") if not r.specifier.contains(pinned[canonicalize_name(r.name)])]
    assert not wrong


def test_every_dependency_is_explained() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text().lower()
    assert [r.name for r in declared() if f"`{r.name.lower()}`" not in page] == []
