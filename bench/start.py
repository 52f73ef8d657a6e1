"""From exec to the first frame with service names, against the least a Textual program can be."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Chapter, Figure
from bench.terminal import Terminal

SERVICES = 100
COLUMNS, LINES = 120, 36
_LIMIT = 30.0

_HEAD = """\
version: 1
environment: bench
sources:
  prom: {kind: prometheus, url: "http://127.0.0.1:9"}
services:
"""
_SERVICE = """\
  service-%04d:
    slos:
      availability:
        objective: 99.9
        sli:
          bad: http_requests_total{service="service-%04d",code=~"5.."}
          total: http_requests_total{service="service-%04d"}
"""


def config_text(services: int) -> str:
    """A config with so many services; nothing listens where its source points, so that only the start is timed."""
    return _HEAD + "".join(_SERVICE % (number, number, number) for number in range(services))


def measure(rounds: int) -> Chapter:
    """The chapter on the start."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = home / "config.yaml"
        config.write_text(config_text(SERVICES), encoding="utf-8")
        contenders = (
            (
                "ours",
                [sys.executable, "-m", "sreconsole", "--config", str(config)],
                r"service-\d{4}(?s:.*)service-\d{4}",
            ),
            ("minimal", [sys.executable, "-m", "bench.minimal_app"], "minimal ready"),
        )
        times: dict[str, list[float]] = {name: [] for name, _, _ in contenders}
        for number in range(rounds + 1):
            for name, command, shows in contenders:
                taken = first_frame(command, shows, home)
                if number:  # the first round fills the caches of both
                    times[name].append(taken)
    ours, minimal = statistics.median(times["ours"]), statistics.median(times["minimal"])
    return Chapter(
        "Start",
        f"From exec until service names are on the screen ({SERVICES} services in the config, no caches) against "
        f"`bench/minimal_app.py`, an App with one Static, until its text is; the same interpreter, {COLUMNS}x{LINES} "
        f"terminals. {rounds} starts of each in turns, medians.",
        [Figure("first frame", f"{ours * 1e3:.0f} ms", f"{minimal * 1e3:.0f} ms", ours / minimal, 1.5)],
    )


def first_frame(command: Sequence[str], shows: str, home: Path) -> float:
    """Seconds from exec until the screen shows the pattern."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
    with Terminal(command, columns=COLUMNS, rows=LINES, env={**os.environ, "HOME": str(home), **folders}) as terminal:
        words = b"ready" if "minimal" in shows else b"service-"
        terminal.read(_LIMIT, until=lambda data: words in data)
        terminal.read(0.3)
        when = terminal.first(shows)
        if when is None:
            raise RuntimeError(f"{' '.join(command)} never showed {shows}:\n{terminal.screen().text}")
        return when
