"""Long work in short turns: decoding a large answer never stalls the screen."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

SLICE = 0.002
"""Seconds of work after which the event loop gets its turn."""


async def each(items: Iterable[T], one: Callable[[T], bool]) -> int:
    """Call `one` for each item, giving way to the event loop after each slice; how many times it said False."""
    missed, waiting = 0, iter(items)
    while (more := _slice(waiting, one)) is not None:
        missed += more
        await turn()
    return missed


async def turn() -> None:
    """Let everything run that is due: timers that became due meanwhile come behind us in the first turn."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection inside: thousands of objects come and go at once and would set it off for nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _slice(waiting: Iterator[T], one: Callable[[T], bool]) -> int | None:
    """Work for `SLICE` seconds; how many times it said False, None when there was nothing left."""
    missed, until, done = 0, perf_counter() + SLICE, True
    with uncollected():
        for item in waiting:
            done = False
            missed += not one(item)
            if perf_counter() > until:
                break
    return None if done else missed
