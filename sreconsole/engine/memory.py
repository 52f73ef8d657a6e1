"""Memory that is not needed any more goes back to the system: the C library keeps what was freed between what is used.

A start reads two million buckets and an answer of ten thousand alerts takes thirty megabytes; a console that runs for
days should not hold on to its fullest minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

EVERY = 5.0
"""Seconds between two looks; one that finds nothing takes a fifth of a millisecond, in a thread."""


async def give_back_now_and_then(every: float = EVERY) -> None:
    """Give back what is free until cancelled; ends where the C library has no way to."""
    await asyncio.sleep(every)
    give_back = await asyncio.to_thread(_found)
    while give_back is not None:
        await asyncio.to_thread(give_back, 0)
        await asyncio.sleep(every)


def _found() -> Callable[[int], int] | None:
    """`malloc_trim` of the GNU C library; other libraries give memory back by themselves, or not at all."""
    try:
        import ctypes

        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (ImportError, OSError, AttributeError):
        return None
    return trim
