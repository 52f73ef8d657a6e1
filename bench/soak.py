"""A night in front of the console: `python -m bench.soak --minutes 480`. Exit code 1 when anything grows.

Two consoles at once, one on the simulated estate, one on a real Prometheus that scrapes restless counters each second;
somebody presses keys now and then. Sampled: CPU, memory, open files, bytes to the terminal, what a key takes. A
refresh each second puts fifteen of the usual ones into the time of one; `--refresh 15s` makes it the usual pace.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.keyboard import Keyboard
from bench.terminal import Screen, Terminal
from bench.world import console, folders, written
from sreconsole.demo.process import start_estate
from tests.bad_days.estate import Restless
from tests.servers.prometheus import PrometheusServer

COLUMNS, LINES = 120, 36
SERVICES = 40
_SAMPLES = 240
"""About as many in all, at least five seconds apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is sampled, and by how much it may be higher late than early."""

    name: str
    unit: str
    share: float
    more: float


MEASURES = (
    Measure("CPU", "% of a core", 0.25, 1.0),
    Measure("memory", "MB", 0.03, 1.0),
    Measure("open files", "", 0.0, 2.0),
    Measure("bytes", "a second", 0.25, 50.0),
    Measure("key", "ms", 0.5, 10.0),
)


@dataclass(slots=True)
class Watched:
    """One console and what was sampled of it."""

    name: str
    terminal: Terminal
    samples: list[tuple[float, ...]] = field(default_factory=list)
    _before: tuple[float, float, int] | None = None

    def sample(self) -> None:
        """Press keys, and note how it is doing since the sample before."""
        terminal = self.terminal
        if terminal.ended:
            raise RuntimeError(f"{self.name} ended:\n{terminal.screen().text}")
        before, now = self._before, self._now()
        took = self._keys() * 1e3
        if before is not None:  # what the keys cost is not counted
            seconds = now[0] - before[0]
            cpu, written = (now[1] - before[1]) / seconds * 100, (now[2] - before[2]) / seconds
            files = len(os.listdir(f"/proc/{terminal.process.pid}/fd"))
            self.samples.append((cpu, terminal.memory, files, written, took))
        self._before = self._now()

    def _now(self) -> tuple[float, float, int]:
        return time.perf_counter(), self.terminal.cpu, self.terminal.written

    def _keys(self) -> float:
        keyboard = Keyboard(self.terminal)
        for key in (b"j", b"\r", b"\x1b", b"k"):
            self.terminal.send(key)
            self.terminal.read(0.3)
        opened = keyboard.press(b"?", _helped, 0.5)
        keyboard.press(b"\x1b", lambda screen: not _helped(screen), 0.5)
        return opened


def _helped(screen: Screen) -> bool:
    return "this list" in screen.text


def report(name: str, samples: Sequence[Sequence[float]]) -> tuple[str, list[str]]:
    """A table of early against late, and what grows. The first quarter is the warming up."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    rows, grown = [f"### {name}", "", "| measure | early | late | |", "|---|---|---|---|"], []
    for index, measure in enumerate(MEASURES):
        before, after = (statistics.median(sample[index] for sample in part) for part in (early, late))
        grows = after > before * (1 + measure.share) + measure.more
        rows.append(
            f"| {measure.name} | {before:.1f} {measure.unit} | {after:.1f} {measure.unit} | "
            f"{'**grows**' if grows else 'steady'} |"
        )
        if grows:
            grown.append(f"{name}: {measure.name} from {before:.1f} to {after:.1f} {measure.unit}")
    return "\n".join(rows), grown


def soak(minutes: float, refresh: str) -> tuple[str, list[str]]:
    """Run for so long; the report and what grows."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        watched = _consoles(stack, home, refresh)
        end = time.monotonic() + minutes * 60
        apart = max(5.0, minutes * 60 / _SAMPLES)
        for one in watched:
            if not one.terminal.wait_for(" live", 60):
                raise RuntimeError(one.terminal.screen().text)
        while time.monotonic() < end:
            until = time.monotonic() + apart
            for one in watched:
                one.sample()
            while time.monotonic() < until:
                for one in watched:
                    one.terminal.read(0.2)
    reports = [report(one.name, one.samples) for one in watched]
    head = f"{minutes:g} minutes, refresh {refresh}, {len(watched[0].samples)} samples; early is the second quarter."
    return "\n\n".join([head, *(text for text, _ in reports)]), [each for _, grown in reports for each in grown]


def _consoles(stack: ExitStack, home: Path, refresh: str) -> list[Watched]:
    estate = stack.enter_context(start_estate())
    target = stack.enter_context(Restless(*(f"service-{number:04d}" for number in range(SERVICES))))
    server = stack.enter_context(PrometheusServer(home / "data", scrape=(f"127.0.0.1:{target.port}",)))
    config = home / "config.yaml"
    config.write_text(written(SERVICES, server.url, refresh=refresh), encoding="utf-8")
    watched = []
    for name, path in (("simulated estate", estate.config), ("Prometheus", config)):
        command = console(path)
        env = folders(home / name.replace(" ", "-"))
        terminal = Terminal(command, columns=COLUMNS, rows=LINES, env=env)
        watched.append(Watched(name, stack.enter_context(terminal)))
    return watched


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--refresh", default="1s", help="of the console on Prometheus (1s)")
    given = parser.parse_args()
    text, grown = soak(given.minutes, given.refresh)
    print(text)
    for each in grown:
        print(f"grows: {each}", file=sys.stderr)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
