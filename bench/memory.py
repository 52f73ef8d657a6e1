"""What the console holds in memory: beside the least program, after many refreshes, with many alerts and after them."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Chapter, Figure, compared
from bench.terminal import Terminal
from bench.world import World, folders, written
from tests.servers.alertmanager import AlertmanagerServer

SERVICES, REFRESHES, ALERTS = 1_000, 1_000, 10_000
COLUMNS, LINES = 120, 36
_SETTLED = 15.0
_POST = 500
_PATIENCE = 300.0


def measure(
    runs: int, services: int = SERVICES, refreshes: int = REFRESHES, alerts: int = ALERTS, rest: float = 15.0
) -> Chapter:
    """The chapter on memory; refreshes and alerts once, with a rest before each look."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with World(home / "slos", services, "--every", "1", "--restless") as world:
            world.write(written(services, world.url, refresh="1s")).warm()
            pairs = [(_loaded(world), _least(home)) for _ in range(runs)]
            before, after = _refreshed(world, refreshes)
        empty, full, left = _alerted(home / "alerts", alerts, rest)
    ours, least = ([[pair[which]] for pair in pairs] for which in (0, 1))
    return Chapter(
        "Memory",
        f"Resident memory of the process. {services:,} SLOs on a ledger of 30 days, {_SETTLED:g} s after the source "
        f"was live, against `bench/minimal_app.py`; {runs} runs in turns. The same console after {refreshes // 10:,} "
        f"refreshes with other failures in a tenth of the SLOs, and after {refreshes:,} more (key `r` asks for them, "
        f"as fast as they are answered). {alerts:,} alerts of a real Alertmanager: before, while they fire, after they "
        "have ended. Once each.",
        [
            compared(f"{services:,} SLOs, 30 days", ours, least, 3.0, unit="MB"),
            Figure(f"after {refreshes:,} refreshes", f"{after:.1f} MB", f"{before:.1f} MB", after / before, 1.03),
            Figure(f"{alerts:,} alerts", f"{full:.1f} MB", f"{empty:.1f} MB", full - empty, 100.0, "MB more"),
            Figure("when they have ended", f"{left:.1f} MB", f"{empty:.1f} MB", left - empty, 20.0, "MB more"),
        ],
    )


def _loaded(world: World) -> float:
    with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
        if not terminal.wait_for("prom live", 60):
            raise RuntimeError(terminal.screen().text)
        terminal.read(_SETTLED)
        return terminal.memory


def _least(home: Path) -> float:
    command = (sys.executable, "-m", "bench.minimal_app")
    with Terminal(command, columns=COLUMNS, rows=LINES, env=folders(home)) as terminal:
        terminal.wait_for("minimal ready", 60)
        terminal.read(_SETTLED)
        return terminal.memory


def _refreshed(world: World, refreshes: int) -> tuple[float, float]:
    """Memory after a tenth of so many refreshes, and after as many more."""
    with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
        if not terminal.wait_for("prom live", 60):
            raise RuntimeError(terminal.screen().text)
        terminal.read(_SETTLED)
        return _after(world, terminal, refreshes // 10), _after(world, terminal, refreshes)


def _after(world: World, terminal: Terminal, refreshes: int) -> float:
    """Memory after so many refreshes more: the median of a few moments."""
    world.spent()
    asked, end = 0, time.monotonic() + max(60.0, refreshes)
    while asked < refreshes:
        if time.monotonic() > end:
            raise RuntimeError(f"{asked} of {refreshes} refreshes in time")
        for _ in range(10):
            terminal.send(b"r")
            terminal.read(0.1)
        asked += world.requests()
    moments = []
    for _ in range(5):
        terminal.read(0.7)
        moments.append(terminal.memory)
    return statistics.median(moments)


def _alerted(home: Path, alerts: int, rest: float) -> tuple[float, float, float]:
    """Memory before, while and after so many alerts fire."""
    with World(home, 100) as world, AlertmanagerServer(home / "am") as server:
        am = f'  am: {{kind: alertmanager, urls: ["{server.url}"]}}\n  prom:'
        world.write(written(100, world.url, refresh="5s").replace("  prom:", am)).warm()
        fired = [
            {"alertname": f"Flood{number % 50}", "service": f"s{number}", "severity": "warn", "pod": f"pod-{number}"}
            for number in range(alerts)
        ]
        with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
            if not terminal.wait_for("am live", 60):
                raise RuntimeError(terminal.screen().text)
            terminal.read(_SETTLED)
            empty = terminal.memory
            for start in range(0, alerts, _POST):
                server.fire(*fired[start : start + _POST], annotations={"summary": "it is too much " * 5})
                terminal.read(0.01)
            if not terminal.wait_for(f"{alerts} firing", _PATIENCE):
                raise RuntimeError(terminal.screen().text)
            terminal.read(rest)
            full = terminal.memory
            for start in range(0, alerts, _POST):
                server.resolve(*fired[start : start + _POST])
                terminal.read(0.01)
            if not terminal.wait_for("no alerts", _PATIENCE):
                raise RuntimeError(terminal.screen().text)
            terminal.read(2 * rest)
            return empty, full, terminal.memory
