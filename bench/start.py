"""From exec to the first frame with service names, against the least a Textual program can be."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Contender:
    """A program and what says that its first frame is there."""

    command: tuple[str, ...]
    shows: str


def measure(rounds: int) -> Chapter:
    """The chapter on the start."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = home / "config.yaml"
        config.write_text(config_text(SERVICES), encoding="utf-8")
        contenders = (
            Contender((sys.executable, "-m", "sreconsole", "--config", str(config)), "service-0010"),
            Contender((sys.executable, "-m", "bench.minimal_app"), "minimal ready"),
        )
        taken: dict[str, list[tuple[float, float]]] = {contender.shows: [] for contender in contenders}
        for number in range(rounds + 1):
            for contender in contenders:
                frame = first_frame(contender, home)
                if number:  # the first round fills the caches of both
                    taken[contender.shows].append(frame)
    (wall, cpu), (least_wall, least_cpu) = (
        [statistics.median(values) * 1e3 for values in zip(*frames, strict=True)] for frames in taken.values()
    )
    return Chapter(
        "Start",
        f"From exec until service names are on the screen ({SERVICES} services in the config, no caches) against "
        f"`bench/minimal_app.py`, an App with one Static, until its text is; the same interpreter, {COLUMNS}x{LINES} "
        f"terminals. {rounds} starts of each in turns, medians. CPU is what the program has used by then: it says the "
        "same on a busy machine.",
        [
            Figure("first frame", f"{wall:.0f} ms", f"{least_wall:.0f} ms", wall / least_wall, 1.5),
            Figure("first frame, CPU", f"{cpu:.0f} ms", f"{least_cpu:.0f} ms", cpu / least_cpu, None),
        ],
    )


def first_frame(contender: Contender, home: Path) -> tuple[float, float]:
    """Seconds from exec until the screen shows what it should, and seconds of CPU by then."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
    env = {**os.environ, "HOME": str(home), **folders}
    with Terminal(contender.command, columns=COLUMNS, rows=LINES, env=env) as terminal:
        seen, cpu = bytearray(), 0.0

        def there(data: bytes) -> bool:
            nonlocal cpu
            seen.extend(data)
            cpu = terminal.cpu
            return contender.shows.encode() in seen

        if not terminal.read(_LIMIT, until=there):
            raise RuntimeError(f"{' '.join(contender.command)}: no {contender.shows}:\n{terminal.screen().text}")
        wall = terminal.chunks[-1][0]
        terminal.read(0.2)
        assert contender.shows in terminal.screen().text
        return wall, cpu
