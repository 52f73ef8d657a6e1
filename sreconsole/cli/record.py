"""`sreconsole record`: the engine without a screen. It fills the ledger and the history until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from sreconsole import __version__
from sreconsole.domain.cleaning import clean
from sreconsole.engine.console import Console
from sreconsole.engine.live import Change
from sreconsole.exits import Exit
from sreconsole.garbage import collect_from_here
from sreconsole.plain.narration import Narrator

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_record(console: Console) -> int:
    """Run until SIGTERM, SIGINT or SIGHUP; what happens is told on stderr."""
    asyncio.run(_record(console))
    return Exit.OK


async def _record(console: Console) -> None:
    collect_from_here()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, ended.set)
    narrator = Narrator(_say)
    sources = ", ".join(console.config.sources) or "no source"
    _say(f"sreconsole {__version__} records {clean(str(console.config.path))}: {sources}")
    narrator.take(Change(console.snapshot, frozenset(), frozenset()))
    console.subscribe(narrator.take)
    engine = asyncio.create_task(console.run())
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait([engine, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not engine.done():
        engine.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await engine
    _say("ended")


def _say(text: str) -> None:
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        # Whoever read us has gone; recording goes on. What is still buffered would fail again at the end.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
