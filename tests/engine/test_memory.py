"""What was freed goes back to the system."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sreconsole.engine import memory


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_what_was_freed_between_what_is_kept_goes_back() -> None:
    assert memory._found() is not None, "tests run on Debian"
    pieces = [bytes(4096 + number % 7) for number in range(20_000)]
    full = resident()
    del pieces[:-1]  # the last one keeps the heap from shrinking by itself
    task = asyncio.create_task(memory.give_back_now_and_then(0.01))
    await asyncio.sleep(0.5)
    task.cancel()
    assert full - resident() > 50 << 20


async def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_found", lambda: None)
    async with asyncio.timeout(5):
        await memory.give_back_now_and_then(0.01)
