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
ROWS = 1_000
SHARE = 0.1
SETTLE = 0.4
"""Seconds from the new values to a screen at rest; several times what the slowest table takes."""


async def serve(values: Values, publish: Callable[[list[SloReport]], None]) -> None:
    """Answer rounds until the control socket closes. `change`: a share of the rows; `same`: nothing visible; `idle`."""
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=int(os.environ[CONTROL])))
    while order := (await reader.readline()).decode().strip():
        changed = {"change": lambda: values.step(SHARE), "same": values.repeat, "idle": list}[order]()
        gc.collect()
        before, begun = time.process_time(), time.perf_counter()
        if order != "idle":
            publish(changed)
        held = time.perf_counter() - begun
        await asyncio.sleep(SETTLE)
        spent = time.process_time() - before
        writer.write(json.dumps({"cpu_ms": spent * 1e3, "call_ms": held * 1e3}).encode() + b"\n")
