"""Ends the program when its terminal goes away, whatever signals are blocked.

An input thread that reads a dead terminal spins for ever: a lost SSH session then burns a core until somebody notices.
SIGHUP says that the terminal went, but may be ignored (nohup) or never arrive (another session leader), so a thread
also looks every two seconds. It is a thread, not a timer on the loop, because a full output queue blocks the loop.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable

CHECK_SECONDS = 2.0
_GRACE_SECONDS = 1.0
_LOST = 129
"""Exit code after a lost terminal: 128 + SIGHUP, as a shell would report it."""


class HangupGuard(threading.Thread):
    """Watches a terminal: once gone, calls `leave(code)` on the loop; if that does not help, ends the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, leave: Callable[[int], None], fd: int = 0) -> None:
        super().__init__(name="hangup-guard", daemon=True)
        self._loop, self._leave, self._fd = loop, leave, fd
        self._done = threading.Event()

    def run(self) -> None:
        """Look at the terminal until told to stop."""
        while not self._done.wait(CHECK_SECONDS):
            if not alive(self._fd):
                break
        else:
            return
        try:
            self._loop.call_soon_threadsafe(self._leave, _LOST)
        except RuntimeError:  # the loop is closed: the program is ending already
            return
        if not self._done.wait(_GRACE_SECONDS):
            os._exit(_LOST)  # the loop is stuck writing to a terminal that nobody reads; nothing can be restored there

    def stop(self) -> None:
        """The screen is closed in an orderly way: stop watching."""
        self._done.set()


def alive(fd: int) -> bool:
    """Whether `fd` is still a terminal with somebody at the other end."""
    try:
        if not os.isatty(fd):
            return False
        os.ttyname(fd)
    except OSError:
        return False
    return True


def let_go() -> None:
    """The terminal is gone: what is still to be written goes nowhere, or Python would end with an error of its own."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)


def end_on_signals(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Leave in order on SIGTERM and SIGHUP; a SIGHUP that was ignored on purpose stays ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, leave, 128 + number)
