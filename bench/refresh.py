"""Bytes and CPU of a refresh: our console and a DataTable side by side, round by round, on terminals of one size."""

from __future__ import annotations

import json
import os
import select
import socket
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.figures import Chapter, Figure, Run, compared, middle
from bench.floor import cells, floor
from bench.rounds import CONTROL, ROWS, ROWS_OF, SETTLE, SHARE, VISIBLE
from bench.terminal import Screen, Terminal

COLUMNS, LINES = 120, 36
SHORT, LONG = 200, 5_000
_READY = 60.0
_PERCENT = round(SHARE * 100)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one round cost."""

    cpu_ms: float
    written: int
    least: int
    """Bytes that a sender would have needed that knows both screens."""


class Subject:
    """One measured program on its terminal, with the socket that gives it the word; a context manager ends it."""

    def __init__(self, module: str, rows: int = ROWS, env: Mapping[str, str] | None = None) -> None:
        """`env`: what it is told besides."""
        self._control, inner = socket.socketpair()
        command = [sys.executable, "-m", module]
        environment = {**os.environ, CONTROL: str(inner.fileno()), ROWS_OF: str(rows), **(env or {})}
        self.terminal = Terminal(command, columns=COLUMNS, rows=LINES, env=environment, pass_fds=[inner.fileno()])
        inner.close()
        if not self.terminal.wait_for("service-0000", _READY):
            raise RuntimeError(f"{module} showed no service:\n{self.terminal.screen().text}")
        self.terminal.read(2.0)
        self._screen, self._fed = Screen(COLUMNS, LINES), 0
        self._look()

    def __enter__(self) -> Subject:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self.terminal.close()

    def round(self, order: str, patience: float = _READY) -> Cost:
        """One round to its end; the terminal is read all the while."""
        before, was = self.terminal.written, cells(self._screen.cells)
        self._control.sendall(f"{order}\n".encode())
        end = time.perf_counter() + patience
        while not select.select([self._control], [], [], 0)[0]:
            self.terminal.read(0.02)
            if self.terminal.ended or time.perf_counter() > end:
                raise RuntimeError(f"no answer to {order}:\n{self.terminal.screen().text}")
        said = json.loads(self._control.makefile().readline())
        self.terminal.read(0.05)
        self._look()
        return Cost(said["cpu_ms"], self.terminal.written - before, floor(was, cells(self._screen.cells)))

    def _look(self) -> None:
        for _, data in self.terminal.chunks[self._fed :]:
            self._screen.feed(data)
        self._fed = len(self.terminal.chunks)


Costs = dict[tuple[str, str], list[list[Cost]]]
"""By contender and order, run by run."""

_ORDERS = {
    "ours": ("idle", "change", "same"),
    "theirs": ("idle", "change"),
    "short": ("idle", "seen", "change"),
    "long": ("idle", "seen", "change"),
}


_PROGRAMS = {
    "ours": ("bench.console_app", ROWS),
    "theirs": ("bench.datatable_app", ROWS),
    "short": ("bench.console_app", SHORT),
    "long": ("bench.console_app", LONG),
}


def measure(runs: int, rounds: int) -> Chapter:
    """The chapter on refreshes."""
    found = taken(tuple(_PROGRAMS), [1] + [rounds] * runs)  # the first run fills the caches, and is not counted
    return _chapter({key: costs[1:] for key, costs in found.items()}, rounds)


def taken(names: Sequence[str], runs: Sequence[int]) -> Costs:
    """What rounds of these contenders cost, in turns; `runs`: how many rounds each run has."""
    with ExitStack() as stack:
        subjects = {name: stack.enter_context(Subject(*_PROGRAMS[name])) for name in names}
        costs: Costs = {}
        for rounds in runs:
            for name in names:
                for order in _ORDERS[name]:
                    costs.setdefault((name, order), []).append([])
            for _ in range(rounds):
                for name, subject in subjects.items():
                    for order in _ORDERS[name]:
                        costs[name, order][-1].append(subject.round(order))
    return costs


def _chapter(costs: Costs, rounds: int) -> Chapter:
    def cpu(name: str, order: str) -> list[Run]:
        """Milliseconds beyond an idle round of the same run."""
        found = zip(costs[name, order], costs[name, "idle"], strict=True)
        return [[max(0.01, statistics.median(c.cpu_ms for c in run) - _idle(idle))] for run, idle in found]

    changed = f"{_PERCENT} % of rows changed"
    figures = [
        *counts(costs),
        compared(f"{changed}, CPU", cpu("ours", "change"), cpu("theirs", "change"), 1 / 15),
        compared(
            f"{_PERCENT} % of visible rows changed: {LONG:,} rows against {SHORT}, CPU",
            cpu("long", "seen"),
            cpu("short", "seen"),
            2.0,
        ),
        compared(f"{changed}: {LONG:,} rows against {SHORT}, CPU", cpu("long", "change"), cpu("short", "change"), None),
        Figure(
            "no visible change, CPU",
            f"{middle(cpu('ours', 'same')):.1f} ms",
            "-",
            middle(cpu("ours", "same")),
            None,
            "ms",
        ),
    ]
    return Chapter(
        f"Refresh of {ROWS:,} rows",
        "`bench/console_app.py` (our console, its engine replaced by prepared values) and `bench/datatable_app.py` "
        f"(a DataTable, `update_cell` on changed cells only) on {COLUMNS}x{LINES} terminals; the same columns and the "
        f"same values in process, no reordering. {len(costs['ours', 'change'])} runs of {rounds} rounds in turns, "
        f"{SETTLE} s each. Bytes are counted at the terminal; of those without visible change the largest. The changed "
        "cells: both screens are replayed in an emulator, and `bench/floor.py` counts what a sender would need that "
        "knows both (cursor moves, changes of colour, cells). CPU is that of the whole process minus that of an idle "
        f"round. Visible rows are the first {VISIBLE}: their changes must not cost more when many rows are off screen.",
        figures,
    )


def counts(costs: Costs) -> list[Figure]:
    """Bytes to the terminal, of us and of the DataTable: counted, not timed."""

    def written(name: str, order: str) -> list[Run]:
        return [[cost.written for cost in run] for run in costs[name, order]]

    changed = f"{_PERCENT} % of rows changed"
    same = max(cost.written for run in costs["ours", "same"] for cost in run)
    least = [[cost.least for cost in run] for run in costs["ours", "change"]]
    return [
        Figure("no visible change, bytes", f"{same} B", "-", same, 64, "B", counted=True),
        _bytes(f"{changed}, against the changed cells", written("ours", "change"), least, 3.0),
        _bytes(f"{changed}, against the DataTable", written("ours", "change"), written("theirs", "change"), 1 / 8),
    ]


def _idle(run: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu_ms for cost in run)


def _bytes(name: str, ours: Sequence[Run], theirs: Sequence[Run], target: float) -> Figure:
    value = middle(ours) / max(1.0, middle(theirs))
    return Figure(name, f"{middle(ours):,.0f} B", f"{middle(theirs):,.0f} B", value, target, counted=True)
