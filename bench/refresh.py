"""Bytes and CPU of a refresh: our console and a DataTable side by side, round by round, on terminals of one size."""

from __future__ import annotations

import json
import os
import select
import socket
import statistics
import sys
import time
from dataclasses import dataclass

from bench.figures import Chapter, Figure
from bench.rounds import CONTROL, ROWS, SETTLE, SHARE
from bench.terminal import Terminal

COLUMNS, LINES = 120, 36
_READY = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one round cost."""

    cpu_ms: float
    written: int


class Subject:
    """One measured program on its terminal, with the socket that gives it the word."""

    def __init__(self, module: str) -> None:
        self._control, inner = socket.socketpair()
        command = [sys.executable, "-m", module]
        environment = {**os.environ, CONTROL: str(inner.fileno())}
        self.terminal = Terminal(command, columns=COLUMNS, rows=LINES, env=environment, pass_fds=[inner.fileno()])
        inner.close()
        if not self.terminal.wait_for("service-0000", _READY):
            raise RuntimeError(f"{module} showed no service:\n{self.terminal.screen().text}")
        self.terminal.read(2.0)

    def round(self, order: str) -> Cost:
        """One round to its end; the terminal is read all the while."""
        before = self.terminal.written
        self._control.sendall(f"{order}\n".encode())
        end = time.perf_counter() + _READY
        while not select.select([self._control], [], [], 0)[0]:
            self.terminal.read(0.02)
            if self.terminal.ended or time.perf_counter() > end:
                raise RuntimeError(f"no answer to {order}:\n{self.terminal.screen().text}")
        said = json.loads(self._control.makefile().readline())
        self.terminal.read(0.05)
        return Cost(said["cpu_ms"], self.terminal.written - before)

    def close(self) -> None:
        """End it."""
        self._control.close()
        self.terminal.close()


def measure(rounds: int) -> Chapter:
    """The chapter on refreshes."""
    ours, theirs = Subject("bench.console_app"), Subject("bench.datatable_app")
    try:
        costs: dict[tuple[str, str], list[Cost]] = {}
        for number in range(rounds + 1):
            for name, subject in (("ours", ours), ("theirs", theirs)):
                for order in ("idle", "change", "same") if name == "ours" else ("idle", "change"):
                    cost = subject.round(order)
                    if number:  # the first round fills caches on both sides
                        costs.setdefault((name, order), []).append(cost)
    finally:
        ours.close()
        theirs.close()
    return _chapter(costs, rounds)


def _chapter(costs: dict[tuple[str, str], list[Cost]], rounds: int) -> Chapter:
    def cpu(name: str, order: str) -> float:
        idle = statistics.median(cost.cpu_ms for cost in costs[name, "idle"])
        return max(0.01, statistics.median(cost.cpu_ms for cost in costs[name, order]) - idle)

    def written(name: str, order: str) -> float:
        return statistics.median(cost.written for cost in costs[name, order])

    fewer = written("ours", "change") / written("theirs", "change")
    faster = cpu("ours", "change") / cpu("theirs", "change")
    same = max(cost.written for cost in costs["ours", "same"])
    percent = round(SHARE * 100)
    return Chapter(
        f"Refresh of {ROWS:,} rows",
        "`bench/console_app.py` (our console, its engine replaced by prepared values) and `bench/datatable_app.py` "
        f"(a DataTable, `update_cell` on changed cells only) on {COLUMNS}x{LINES} terminals; the same columns and the "
        f"same values in process, no reordering. {rounds} rounds in turns, {SETTLE} s each. Bytes are counted at the "
        "terminal; CPU is that of the whole process minus that of an idle round. Medians; of the bytes without "
        "visible change the largest.",
        [
            Figure("no visible change, bytes", f"{same} B", "-", same, 64, "B"),
            Figure(
                f"{percent} % of rows changed, bytes",
                f"{written('ours', 'change'):,.0f} B",
                f"{written('theirs', 'change'):,.0f} B",
                fewer,
                1 / 8,
            ),
            Figure(
                f"{percent} % of rows changed, CPU",
                f"{cpu('ours', 'change'):.1f} ms",
                f"{cpu('theirs', 'change'):.1f} ms",
                faster,
                1 / 15,
            ),
            Figure("no visible change, CPU", f"{cpu('ours', 'same'):.1f} ms", "-", cpu("ours", "same"), None, "ms"),
        ],
    )
