"""The estate as a process: /metrics servers, what answers for alerts and pages, files kept current, and a config.

It prints the path of the config and runs until SIGTERM, SIGINT or SIGHUP, or, started by a console, until that is
gone: then standard input ends, also when the console was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from sreconsole.demo.logs import Log, logs
from sreconsole.demo.pages import nodes, page
from sreconsole.demo.past import Past
from sreconsole.demo.server import Answer, Request, Server, pages
from sreconsole.demo.settings import HISTORY_FILE, Estate, settings, zone
from sreconsole.demo.story import Story
from sreconsole.records import dataclass

CONFIG_FILE = "config.yaml"
SEED = 2
"""Of the story people see when they name none."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an estate is run; all but the defaults are for tests and pictures."""

    seed: int = SEED
    started_ago: float = 0.0
    """Seconds since the story began: the position in it."""
    directory: Path | None = None
    """Where its files go, kept at the end; None: a temporary directory, removed at the end."""
    console: int | None = None
    """The process that started it: it ends when standard input (a pipe) does or this is no longer its parent."""


class Clock:
    """The time of day that never runs backwards, as counters must not."""

    def __init__(self) -> None:
        self._latest = 0.0

    def __call__(self) -> float:
        """Unix seconds."""
        self._latest = max(self._latest, time.time())
        return self._latest


def serve(options: Options, env: Mapping[str, str] = os.environ) -> int:
    """Run an estate until it is ended; returns the exit code."""
    made = options.directory is None
    directory = Path(tempfile.mkdtemp(prefix="sreconsole-demo-")) if options.directory is None else options.directory
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        asyncio.run(_run(options, directory, env))
    finally:
        if made:
            shutil.rmtree(directory, ignore_errors=True)
    return 0


async def _run(options: Options, directory: Path, env: Mapping[str, str]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: to outlive the terminal is what was asked for
            loop.add_signal_handler(number, ended.set)
    if options.console is not None:
        loop.add_reader(0, _until_eof, ended)
    clock = Clock()
    zone_name, where = zone(env)
    story = Story(options.seed, int((clock() - options.started_ago) // 60) * 60, where)
    servers = [Server(pages(partial(_page, story, node, clock))) for node in nodes(story)]
    targets = [f"{await server.start()}/metrics" for server in servers]
    servers += [Server(_alerting(story, clock)), Server(_history(story, clock))]
    alerting, history = [await server.start() for server in servers[-2:]]
    files: list[Past | Log] = [Past(story, directory / HISTORY_FILE), *logs(story, directory)]
    for file in files:
        file.write(clock())
    config = directory / CONFIG_FILE
    _write(config, settings(story, Estate(targets, alerting, history, zone_name)))
    with contextlib.suppress(BrokenPipeError):  # who asked is gone: standard input or a signal ends us
        os.write(sys.stdout.fileno(), f"{config}\n".encode())
    await _keep_current(files, clock, ended, options.console)
    for server in servers:
        await server.stop()


async def _keep_current(files: Sequence[Past | Log], clock: Clock, ended: asyncio.Event, parent: int | None) -> None:
    """Append what closes or happens until the end, or until we have another parent than we should."""
    while not ended.is_set() and parent in (None, os.getppid()):
        now = clock()
        for file in files:
            file.catch_up(now)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(1.0, 60.01 - now % 60)):
                await ended.wait()


def _page(story: Story, node: int, clock: Clock) -> str:
    return page(story, node, clock())


def _alerting(story: Story, clock: Clock) -> Callable[[Request], Answer]:
    """The alerting system, made when it is asked for the first time: nobody waits for its code at the start."""

    @cache
    def made() -> Callable[[Request], Answer]:
        from sreconsole.demo.alertmanager import Alertmanager

        return Alertmanager(story, clock)

    return lambda request: made()(request)


def _history(story: Story, clock: Callable[[], float]) -> Callable[[Request], Answer]:
    """The Prometheus that knows what paged, likewise."""

    @cache
    def made() -> Callable[[Request], Answer]:
        from sreconsole.demo.prometheus import Prometheus

        return Prometheus(story, clock)

    return lambda request: made()(request)


def _until_eof(ended: asyncio.Event) -> None:
    if not os.read(0, 4096):
        asyncio.get_running_loop().remove_reader(0)
        ended.set()


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
