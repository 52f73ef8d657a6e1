"""From exec to the first paint and to the first frame with service names, against the least there can be."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import profiles
from bench.figures import Chapter, Figure, Run, compared
from bench.terminal import Terminal
from bench.world import World, console, fleet, folders, written

SERVICES, MANY, MEMBERS = 100, 1_000, 5_000
COLUMNS, LINES = 120, 36
_LIMIT = 60.0
_BORDER = "─".encode()

Taken = dict[str, list[list[tuple[float, float]]]]
"""By contender and run: seconds and seconds of CPU of each start."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program, what of its output says that it is there, and its environment."""

    name: str
    command: Sequence[str]
    shows: bytes
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def minimal(env: Mapping[str, str]) -> Contender:
    """The least a Textual program can be."""
    return Contender("minimal", (sys.executable, "-m", "bench.minimal_app"), b"minimal ready", env)


def measure(runs: int, rounds: int, members: int = MEMBERS) -> Chapter:
    """The chapter on the start."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        env = folders(home)
        few, many = home / "few.yaml", home / "many.yaml"
        few.write_text(written(SERVICES), encoding="utf-8")
        many.write_text(written(MANY), encoding="utf-8")
        with World(home / "fleet", members) as world:
            world.write(fleet(world.url)).warm()
            paints = [
                Contender("print", (sys.executable, "-c", "print()"), b"\n", env),
                Contender("paint", console(few), _BORDER, env),
            ]
            frames = [
                minimal(env),
                Contender("few", console(few), b"service-", env),
                Contender("many", console(many), b"service-", env),
                Contender("fleet", console(world.config), b"service-", world.env),
            ]
            taken = turns(paints, runs, 2 * rounds) | turns(frames, runs, rounds)
        return _chapter(taken, runs, rounds, members)


def turns(contenders: Sequence[Contender], runs: int, rounds: int) -> Taken:
    """So many runs of so many starts of each."""
    for contender in contenders:
        first(contender)  # fills the caches
    taken: Taken = {contender.name: [] for contender in contenders}
    for _ in range(runs):
        for one in taken.values():
            one.append([])
        for _ in range(rounds):
            for contender in contenders:
                taken[contender.name][-1].append(first(contender))
    return taken


def _chapter(taken: Taken, runs: int, rounds: int, members: int) -> Chapter:
    def of(name: str, which: int) -> list[Run]:
        return [[start[which] * 1e3 for start in run] for run in taken[name]]

    def figures(words: str, name: str, least: str, target: float) -> list[Figure]:
        return [
            compared(words, of(name, 0), of(least, 0), target),
            compared(f"{words}, CPU", of(name, 1), of(least, 1), None),
        ]

    return Chapter(
        "Start",
        "From exec until it is on the terminal, through the installed script, each on a terminal of its own "
        f"({COLUMNS}x{LINES}). First paint: until the first panel border, against the first byte of "
        "`python -c 'print()'`. First frame: until service names, against `bench/minimal_app.py` (an App with one "
        f"Static) until its text: {SERVICES} and {MANY:,} services written by hand whose source does not answer, and "
        f"a fleet of {members:,} on a ledger of 30 days. {runs} runs of {rounds} starts of each in turns "
        f"({2 * rounds} of the first paint). CPU is what the program has used by then.",
        [
            *figures("first paint", "paint", "print", 2.0),
            *figures(f"first frame, {SERVICES} services", "few", "minimal", 1.3),
            *figures(f"first frame, {MANY:,} written by hand", "many", "minimal", 1.6),
            *figures(f"first frame, fleet of {members:,}, warm ledger", "fleet", "minimal", 1.6),
        ],
        profile=_profile,
    )


def _profile() -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = home / "config.yaml"
        config.write_text(written(MANY), encoding="utf-8")
        return profiles.start(console(config)[1:], folders(home))


def first(contender: Contender) -> tuple[float, float]:
    """Seconds from exec until it has written what it should, and seconds of CPU by then."""
    with Terminal(contender.command, columns=COLUMNS, rows=LINES, env=contender.env) as terminal:
        seen, cpu = bytearray(), 0.0

        def there(data: bytes) -> bool:
            nonlocal cpu
            seen.extend(data)
            cpu = terminal.cpu
            return contender.shows in seen

        if not terminal.read(_LIMIT, until=there):
            raise RuntimeError(f"{' '.join(contender.command)}: no {contender.shows!r}:\n{terminal.screen().text}")
        return terminal.chunks[-1][0], cpu
