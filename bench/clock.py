"""A clock that runs faster than the wall's, the same one in every process that is told of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

CLOCK = "BENCH_CLOCK"
"""Environment variable: the wall's moment from which on it runs faster, and how many times."""


def faster(times: float) -> dict[str, str]:
    """The environment of a clock that shows the wall's time now and runs so many times faster from here on."""
    return {CLOCK: f"{time.time()!r} {times!r}"}


def clock(env: Mapping[str, str] = os.environ) -> Callable[[], float]:
    """The clock this process was told of; the wall's when it was not."""
    if CLOCK not in env:
        return time.time
    begin, times = map(float, env[CLOCK].split())
    return lambda: begin + (time.time() - begin) * times
