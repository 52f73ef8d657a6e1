"""Long work in short turns: decoding a large answer never stalls the screen."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

from sreconsole.turns import SLICE, give_way

T = TypeVar("T")


async def each(items: Iterable[T], one: Callable[[T], bool]) -> int:
    """Call `one` for each item, giving way to the event loop after each slice; how many times it said False."""
    missed, waiting = 0, iter(items)
    while (more := _slice(waiting, one)) is not None:
        missed += more
        await give_way()
    return missed


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
