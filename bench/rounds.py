"""Rounds, inside the measured program: wait for the word, publish values, let the screen settle, say what it cost."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
import time
from collections.abc import Callable

from bench.values import Values
from sreconsole.domain.report import SloReport

CONTROL = "BENCH_CONTROL"
"""Environment variable with the number of the control socket."""
ROWS_OF = "BENCH_ROWS"
"""Environment variable with the number of rows."""
ROWS = 1_000
SHARE = 0.1
VISIBLE = 30
"""Rows that any of the tables shows."""
SETTLE = 0.4
"""Seconds from the new values to a screen at rest; several times what the slowest table takes."""


def rows() -> int:
    """How many rows this program shows."""
    return int(os.environ.get(ROWS_OF, ROWS))


async def serve(values: Values, publish: Callable[[list[SloReport]], None]) -> None:
    """Answer rounds until the control socket closes.

    `change`: a share of the rows; `seen`: that share of the visible rows; `same`: nothing visible; `idle`; `many N`:
    N times a share of the rows, a breath apart; `deploy`: one more deploy.
    """
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=int(os.environ[CONTROL])))
    while order := (await reader.readline()).decode().split():
        many = int(order[1]) if order[1:] else 1
        gc.collect()
        before, held, built = time.process_time(), 0.0, 0.0
        for _ in range(many):
            made = time.process_time()
            changed = _next(values, order[0])
            built += time.process_time() - made
            begun = time.perf_counter()
            if order[0] != "idle":
                publish(changed)
            held += time.perf_counter() - begun
            await asyncio.sleep(SETTLE if many == 1 else 0.02)
        spent = time.process_time() - before - built
        writer.write(json.dumps({"cpu_ms": spent * 1e3, "call_ms": held * 1e3}).encode() + b"\n")


def _next(values: Values, order: str) -> list[SloReport]:
    if order == "idle":
        return []
    if order == "same":
        return values.repeat()
    if order == "deploy":
        values.deploy()
        return []
    return values.step(SHARE, VISIBLE if order == "seen" else None)
