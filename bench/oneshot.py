"""Commands that print and end: against a bare interpreter, a bare parse, and the least a Textual program can be."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from bench import profiles
from bench.figures import Chapter, Figure, Run, compared, middle
from bench.start import first, minimal
from bench.world import World, console, folders, written

FEW, MANY = 100, 1_000
BARE = 2.5
"""How many bare interpreters a command that needs nothing may take."""

Costs = dict[str, list[list[tuple[float, float]]]]
"""By command and run: seconds and seconds of CPU of each time."""


def measure(runs: int, rounds: int) -> Chapter:
    """The chapter on one-shots."""
    with tempfile.TemporaryDirectory() as folder, World(Path(folder) / "warm", FEW) as world:
        home = Path(folder)
        world.write(written(FEW, world.url)).warm()
        world.config.chmod(0o600)
        env = folders(home)
        commands = _commands(home, env)
        costs: Costs = {name: [] for name in (*commands, "status", "minimal")}
        parses: dict[int, list[list[float]]] = {FEW: [], MANY: []}
        for run in range(runs + 1):  # the first fills the caches, and is not counted
            for of in costs.values():
                of.append([])
            for texts in parses.values():
                texts.append([])
            for _ in range(rounds if run else 1):
                for name, command in commands.items():
                    costs[name][-1].append(_cost(command, env))
                for services, texts in parses.items():
                    texts[-1].append(_parse(home / f"{services}.yaml"))
                costs["status"][-1].append(_status(world))
                costs["minimal"][-1].append(first(minimal(env)))
        return _chapter(
            {name: runs[1:] for name, runs in costs.items()}, {n: runs[1:] for n, runs in parses.items()}, rounds
        )


def _commands(home: Path, env: Mapping[str, str]) -> dict[str, Sequence[str]]:
    made: dict[str, Sequence[str]] = {"pass": (sys.executable, "-c", "pass")}
    for services in (FEW, MANY):
        path = home / f"{services}.yaml"
        path.write_text(written(services), encoding="utf-8")
        program = console(path)
        made[f"check {services}"] = (*program, "check")
    program = program[:2]
    return made | {"--version": (*program, "--version"), "--help": (*program, "--help")}


def _chapter(costs: Costs, parses: Mapping[int, Sequence[Run]], rounds: int) -> Chapter:
    def of(name: str, which: int = 0) -> list[Run]:
        return [[one[which] * 1e3 for one in run] for run in costs[name]]

    figures = [compared(f"`{name}`", of(name), of("pass"), BARE) for name in ("--version", "--help")]
    figures += [_check(services, of(f"check {services}"), of("pass"), parses[services]) for services in (FEW, MANY)]
    figures += [
        compared("`status`, warm ledger", of("status"), of("minimal"), 1.0),
        compared("`status`, warm ledger, CPU", of("status", 1), of("minimal", 1), None),
    ]
    return Chapter(
        "One-shots",
        "From exec until the end of the process, standard output to a pipe, through the installed script. `--version` "
        "and `--help` against `python -c pass`. `check` of a config against two and a half of those plus one parse of "
        f"the same file by PyYAML's C parser into plain values, for {FEW} and {MANY:,} services. `status` of {FEW} "
        "services on a ledger of 30 days against the first frame of `bench/minimal_app.py`; the seconds the stub "
        "(`bench/stub.py`) took for its answers are subtracted. "
        f"{len(costs['pass'])} runs of {rounds} rounds in turns.",
        figures,
        profile=_profile,
    )


def _check(services: int, ours: Sequence[Run], bare: Sequence[Run], parse: Sequence[Run]) -> Figure:
    allowed = [BARE * statistics.median(a) + statistics.median(b) * 1e3 for a, b in zip(bare, parse, strict=True)]
    ratios = [statistics.median(run) / limit for run, limit in zip(ours, allowed, strict=True)]
    return Figure(
        f"`check`, {services:,} services",
        f"{middle(ours):,.1f} ms",
        f"{BARE:g} x {middle(bare):,.1f} ms + {middle(parse) * 1e3:,.1f} ms",
        statistics.median(ratios),
        1.0,
        spread=(min(ratios), max(ratios)),
    )


def _cost(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until it has ended, and its seconds of CPU."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, env=dict(env), capture_output=True, check=False)
    took, after = time.perf_counter() - began, os.times()
    if done.returncode > 3:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.decode()}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return took, cpu


def _status(world: World) -> tuple[float, float]:
    world.spent()
    took, cpu = _cost(world.console("status"), world.env)
    return took - world.spent(), cpu


def _parse(path: Path) -> float:
    text = path.read_text(encoding="utf-8")
    began = time.perf_counter()
    yaml.load(text, yaml.CSafeLoader)
    return time.perf_counter() - began


def _profile() -> str:
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), FEW) as world:
        world.write(written(FEW, world.url)).warm()
        parts = []
        for words in ("--help", "check", "status"):
            packages = profiles.imports([*world.console()[1:], words], world.env)
            parts.append(f"Imports of `{words}`:\n\n{packages}")
        return "\n\n".join(parts)
