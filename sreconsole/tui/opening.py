"""Opens an address in the person's browser, where there is one: never over SSH, never without a display."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Mapping

RUNNING: set[asyncio.Task[int]] = set()
"""Waits for openers that have not ended: a browser may take its time, and nobody waits for it here."""


def opener(env: Mapping[str, str]) -> str | None:
    """The program that opens addresses here; None: copy it instead."""
    if "SSH_CONNECTION" in env or "SSH_TTY" in env:
        return None
    if sys.platform == "darwin":
        return shutil.which("open")
    if not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open", path=env.get("PATH"))


async def opened(address: str, env: Mapping[str, str]) -> bool:
    """Hand an http address to the opener and let it go; whether there was one to take it."""
    program = opener(env)
    if program is None or not address.startswith(("http://", "https://")):
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            *(program, address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    waiting = asyncio.create_task(process.wait())
    RUNNING.add(waiting)
    waiting.add_done_callback(RUNNING.discard)
    return True
