"""How long a key takes: beside a refresh and without one, in the detail view, while a large answer arrives."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import profiles
from bench.answers import START, body
from bench.figures import Chapter, Figure, Run, compared
from bench.keyboard import Keyboard
from bench.terminal import Screen, Terminal
from bench.world import World, written
from sreconsole.config.model import HttpConfig
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi

SERVICES = 1_000
KEYS = 1_000
BLOCKS = 5
"""Turns of keys beside a refresh and keys without one."""
COLUMNS, LINES = 120, 36
_SERIES, _POINTS = 200, 880
_BEAT = 0.001


def measure(runs: int, rounds: int, *, keys: int = KEYS, services: int = SERVICES, blocks: int = BLOCKS) -> Chapter:
    """The chapter on keys; `rounds` of each run for the views and the large answer, keys beside a refresh once."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--every", "1", "--restless")
        with World(Path(folder), services, *options) as world:
            world.write(written(services, world.url, refresh="1s")).warm()
            busy, calm = _beside(world, keys, blocks)
            views, plain, importing = _views(world, runs, rounds)
    with _answering() as url:
        stalls, parses = asyncio.run(_stalls(url, runs, rounds))
    return _chapter(busy, calm, views, plain, importing, stalls, parses, services, blocks)


def _beside(world: World, keys: int, blocks: int) -> tuple[list[float], list[float]]:
    """Seconds each key took while SLOs refresh, and in the same console without a refresh."""
    with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
        keyboard = settled(terminal)
        busy: list[float] = []
        calm: list[float] = []
        for _ in range(blocks):
            busy += keyboard.moves(keys // blocks)
            keyboard.press(b" ", lambda screen: "paused" in screen.text, rest=2.0)
            terminal.read(1.0)
            calm += keyboard.moves(keys // blocks)
            keyboard.press(b" ", lambda screen: "paused" not in screen.text, rest=2.0)
            terminal.read(2.0)
    return busy, calm


def settled(terminal: Terminal, seconds: float = 6.0) -> Keyboard:
    """A console that has its data, its rows in an order that stays; `seconds`: until its history is there."""
    keyboard = Keyboard(terminal)
    if not terminal.wait_for("prom live", 60):
        raise RuntimeError(terminal.screen().text)
    terminal.read(seconds)
    for _ in range(6):
        if "by name" in keyboard.look().text:
            break
        terminal.press(b"o")
        terminal.read(min(1.0, seconds / 2))
    terminal.press(b"g")
    terminal.read(min(1.0, seconds / 2))
    return keyboard


def _views(world: World, runs: int, rounds: int) -> tuple[list[Run], list[Run], list[float]]:
    """Seconds to open the detail view and to move the cursor, and of keys pressed while it is opened first."""
    with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
        importing = _importing(terminal)
    with Terminal(world.console(), columns=COLUMNS, rows=LINES, env=world.env) as terminal:
        keyboard = settled(terminal)
        keyboard.press(b" ", lambda screen: "paused" in screen.text, rest=1.0)
        keyboard.press(b"\r", _chart, rest=1.0)
        keyboard.press(b"\x1b", lambda screen: not _chart(screen), rest=1.0)
        opened: list[Run] = []
        moved: list[Run] = []
        for _ in range(runs):
            views: list[float] = []
            plain: list[float] = []
            for _ in range(rounds):
                views.append(keyboard.press(b"\r", _chart))
                keyboard.press(b"\x1b", lambda screen: not _chart(screen))
                plain += keyboard.moves(2)
            opened.append(views)
            moved.append(plain)
    return opened, moved, importing


def _importing(terminal: Terminal) -> list[float]:
    """Type into a new console while it settles down, rest for the second after which it loads plotext, and go on
    typing: seconds until anything was drawn after each of those keys."""
    if not terminal.wait_for("prom live", 60):
        raise RuntimeError(terminal.screen().text)
    for number in range(200):  # pausing in between, so that nothing else is done when it comes to that
        terminal.read(0.03)
        terminal.press(b" " if number == 100 else b"jk"[number % 2 :][:1])
    terminal.read(0.97)
    sent = []
    for number in range(40):
        terminal.read(0.03)
        sent.append(terminal.press(b"jk"[number % 2 :][:1]))
    terminal.read(1.0)
    drawn = [when for when, _ in terminal.chunks]
    return [next((when for when in drawn if when > at), at + 1.0) - at for at in sent]


def _chart(screen: Screen) -> bool:
    """Whether the detail view is there with its chart."""
    return "┤" in screen.text and "Error budget" in screen.text


@contextmanager
def _answering() -> Iterator[str]:
    """A server of the large answer; its address."""
    command = [sys.executable, "-m", "bench.answers", str(_SERIES), str(_POINTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


async def _stalls(url: str, runs: int, rounds: int) -> tuple[list[Run], list[Run]]:
    """The longest stall of the loop while a large answer arrives, and what `json.loads` takes for it: seconds."""
    text = body(_SERIES, _POINTS)
    stalls: list[list[float]] = []
    parses: list[list[float]] = []
    api = PromApi(HttpClient("prom", url, HttpConfig(), 32 << 20))
    await _stall(api)
    for _ in range(runs):
        stalls.append([])
        parses.append([])
        for _ in range(rounds):
            stalls[-1].append(await _stall(api))
            gc.collect()
            began = time.perf_counter()
            json.loads(text)
            parses[-1].append(time.perf_counter() - began)
    await api.aclose()
    return list(stalls), list(parses)


async def _stall(api: PromApi) -> float:
    """The longest time between two beats of the loop that should be a millisecond apart, less that."""
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_BEAT)
            longest = max(longest, time.perf_counter() - began - _BEAT)

    gc.collect()
    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.05)
    longest = 0.0
    matrix = await api.query_range("up", START, START + 60 * (_POINTS - 1), 60)
    await asyncio.sleep(0)
    beating.cancel()
    assert len(matrix.series) == _SERIES
    return longest


def _chapter(
    busy: list[float],
    calm: list[float],
    views: list[Run],
    plain: list[Run],
    importing: list[float],
    stalls: list[Run],
    parses: list[Run],
    services: int,
    blocks: int,
) -> Chapter:
    size = len(body(_SERIES, _POINTS)) / 1e6

    def ratio(name: str, share: float, target: float | None) -> Figure:
        ours, theirs = (_quantile(waits, share) * 1e3 for waits in (busy, calm))
        return Figure(name, f"{ours:.1f} ms", f"{theirs:.1f} ms", ours / theirs, target)

    longest, usual = max(importing) * 1e3, _quantile([wait for run in plain for wait in run], 0.99) * 1e3
    return Chapter(
        "Keys",
        f"The console on {services:,} SLOs of a stub, refreshed each second with other failures in a tenth of them "
        f"({COLUMNS}x{LINES}): from writing the key to the terminal until the cursor stands on its row. {len(busy):,} "
        "keys at random moments (30 to 120 ms apart) while it refreshes and as many while it is paused, in "
        f"{blocks} turns. Detail view: from enter until its chart is drawn, against moving the cursor, nothing "
        "refreshing, after it was opened once. plotext is loaded in the first second without a key of a new console: "
        "keys go on then, 30 ms apart: the longest until anything is drawn, against the slowest in a hundred plain "
        "keys. Stall: the "
        f"longest time for which the loop did nothing else while {size:.1f} MB of {_SERIES} series arrive and are "
        "decoded, against `json.loads` of the same.",
        [
            ratio("key beside a refresh, median", 0.5, 1.3),
            ratio("key beside a refresh, slowest in a hundred", 0.99, 2.0),
            ratio("key beside a refresh, the slowest", 1.0, None),
            compared("detail view, plotext loaded", _ms(views), _ms(plain), 2.0),
            Figure("key while plotext is loaded", f"{longest:.1f} ms", f"{usual:.1f} ms", longest / usual, None),
            compared("stall by a large answer", _ms(stalls), _ms(parses), 1 / 8),
        ],
        profile=_profile,
    )


def _profile() -> str:
    """A refresh each second, a detail view opened, left and opened again."""
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), SERVICES, "--every", "1", "--restless") as world:
        world.write(written(SERVICES, world.url, refresh="1s")).warm()
        keys = b"\r", b"\x1b", b"\r", b"\x1b"
        return profiles.running(world.console()[1:], world.env, 20.0, keys)


def _ms(runs: list[Run]) -> list[Run]:
    return [[seconds * 1e3 for seconds in run] for run in runs]


def _quantile(waits: list[float], share: float) -> float:
    return sorted(waits)[min(len(waits) - 1, int(share * len(waits)))] if share != 0.5 else statistics.median(waits)
