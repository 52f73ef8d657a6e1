"""A minute of watching: what our demo sends to a terminal of 80x24 and what it costs, beside other programs."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Chapter, Figure
from bench.peers import Peer, Unavailable, peers
from bench.terminal import Terminal
from bench.world import folders

COLUMNS, LINES = 80, 24
_SETTLED = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a minute of a program was."""

    first: float
    """Seconds until anything was on the screen."""
    memory: float
    cpu: float
    """Share of a core."""
    written: float
    """Bytes a minute."""


def measure(seconds: float, *, beside: bool = True) -> Chapter:
    """The chapter on watching; `beside`: the other programs too, where they can be had."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        demo = (sys.executable, str(Path(sys.executable).with_name("sreconsole")), "demo")
        ours = watch(demo, folders(home), seconds)
        rows = [_row("sreconsole demo", "the simulated estate, refresh 5 s", ours)]
        others: dict[str, Seen] = {}
        for peer in peers(home) if beside else ():
            try:
                others[peer.name] = _watched(peer, home, seconds)
            except Unavailable as reason:
                rows.append(f"| {peer.name} | could not run here: {reason} | | | | |")
            else:
                rows.append(_row(peer.name, peer.doing, others[peer.name]))
    return _chapter(ours, others, rows, seconds)


def watch(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Seen:
    """Start a program, let it settle, and watch it for so long. Raises Unavailable when it ends."""
    with Terminal(command, columns=COLUMNS, rows=LINES, env=env) as terminal:
        terminal.read(_SETTLED)
        first = terminal.first(r"\S")
        if terminal.ended or first is None:
            raise Unavailable(f"it ended: {' '.join(terminal.screen().text.split())[-120:]}")
        began, cpu, written = time.perf_counter(), terminal.cpu, terminal.written
        terminal.read(seconds)
        if terminal.ended:
            raise Unavailable("it ended while it was watched")
        took = time.perf_counter() - began
        return Seen(first, terminal.memory, (terminal.cpu - cpu) / took, (terminal.written - written) / took * 60)


def _watched(peer: Peer, home: Path, seconds: float) -> Seen:
    command, env = peer.fetched(home)
    return watch(command, env, min(seconds, peer.seconds))


def _row(name: str, doing: str, seen: Seen) -> str:
    return (
        f"| {name} | {doing} | {seen.first * 1e3:,.0f} ms | {seen.memory:.0f} MB | {seen.cpu:.2%} | "
        f"{seen.written:,.0f} |"
    )


def _chapter(ours: Seen, others: Mapping[str, Seen], rows: Sequence[str], seconds: float) -> Chapter:
    figures = [
        Figure(
            f"bytes a minute, against {name}",
            f"{ours.written:,.0f} B",
            f"{others[name].written:,.0f} B",
            ours.written / max(1.0, others[name].written),
            None,
        )
        for name in ("htop", "btop", "glances")
        if name in others
    ] or [Figure("bytes a minute", f"{ours.written:,.0f} B", "-", ours.written, None, "B")]
    head = "| program | doing | first paint | memory | CPU of a core | bytes a minute |\n|---|---|---|---|---|---|"
    return Chapter(
        "A minute of watching",
        f"Programs on a terminal of {COLUMNS}x{LINES} for {seconds:.0f} s, {_SETTLED:g} s after their start, one after "
        "another, once each; they do not do the same job, so this gives a sense of scale. Memory and CPU are those of "
        "the program itself; of the demo without the estate, which is a process of its own.",
        figures,
        found="\n".join([head, *rows]),
    )
