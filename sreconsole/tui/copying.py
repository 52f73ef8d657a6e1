"""Copies text to the clipboard of the person, over SSH and through tmux.

Inside tmux the text goes to tmux's own buffer with its relay flag (its default `set-clipboard external` ignores
OSC 52 from programs); elsewhere as OSC 52 to the terminal. No clipboard tool of X or Wayland is ever started: they hang
without a display.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

_SECONDS = 2.0


async def copy(text: str, env: Mapping[str, str], osc52: Callable[[str], None]) -> str:
    """Copy `text`; returns where it went, in words. `osc52` writes the sequence to the terminal."""
    if env.get("TMUX") and await _to_tmux(text):
        return "copied to the tmux buffer and the clipboard"
    osc52(text)
    return "sent to the terminal's clipboard"


async def _to_tmux(text: str) -> bool:
    """Whether tmux took the text."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_SECONDS):
            await process.communicate(text.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
