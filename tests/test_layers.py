"""The rules of the architecture that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PACKAGE = CHECKOUT / "sreconsole"
CLOCKS = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.localtime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.gmtime", "time.strftime"),
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its path below it."""
    return {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def dotted(path: str) -> str:
    """The module name of a path below the package."""
    return "sreconsole." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def dotted_calls(tree: ast.Module) -> list[str]:
    """Every attribute that is read, with the two or three names before it: `time.time`, `datetime.datetime.now`."""
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def loaded_by(names: list[str]) -> set[str]:
    """The top-level packages in `sys.modules` after importing these modules in a fresh interpreter."""
    code = "import sys\n" + "".join(f"import {name}\n" for name in names) + "print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def inside(*folders: str) -> list[str]:
    """Names of the modules in these folders."""
    return [dotted(path) for path in modules() if path.split("/")[0] in folders]


def test_the_import_contracts_are_kept() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_part_of_the_package_has_its_layer() -> None:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    named = {name.strip() for line in layers for name in re.split("[|:]", line)}
    there = {"sreconsole." + path.split("/")[0].removesuffix(".py") for path in modules()}
    assert there - named == {"sreconsole.__init__", "sreconsole.__main__"}


def test_no_module_is_over_400_lines() -> None:
    lengths = {path: len((PACKAGE / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_no_function_is_over_80_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 80
    ]
    assert long == []


def test_every_module_says_what_it_is() -> None:
    assert [path for path, tree in modules().items() if not (ast.get_docstring(tree) or "").strip()] == []


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("folder", ["domain", "present"])
def test_no_clock_is_read_where_time_is_an_argument(folder: str) -> None:
    read = [
        f"{path}: {name}"
        for path, tree in modules().items()
        if path.startswith(folder + "/")
        for name in dotted_calls(tree)
        if ".".join(name.split(".")[-2:]) in CLOCKS
    ]
    imported = [
        f"{path}: from time import {alias.name}"
        for path, tree in modules().items()
        if path.startswith(folder + "/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    ]
    assert read + imported == []


def test_no_cancellation_is_lost() -> None:
    """Python 3.11's `wait_for` drops a cancellation that comes together with what it waits for: what is to end goes on.
    `async with asyncio.timeout(...)` does not."""
    assert [path for path, tree in modules().items() if "asyncio.wait_for" in dotted_calls(tree)] == []


def test_one_shot_layers_load_no_textual_when_they_run() -> None:
    assert inside("plain", "engine"), "there is something to load"
    loaded = loaded_by(inside("plain", "engine", "present", "sources", "journal", "ledger", "config", "domain"))
    assert "sreconsole" in loaded
    assert "textual" not in loaded, "Rich may be: httpx loads it for a command line of its own where click is installed"


def test_words_load_no_chart_before_one_opens() -> None:
    loaded = loaded_by(inside("present"))
    assert "sreconsole" in loaded
    assert "plotext" not in loaded


def test_the_domain_loads_the_standard_library_only() -> None:
    bare = loaded_by([])  # what `.pth` files of development tools load before any import of ours
    more = {name for name in loaded_by(inside("domain")) - bare if not name.startswith("_sysconfigdata")}
    assert more - set(sys.stdlib_module_names) == {"sreconsole"}
