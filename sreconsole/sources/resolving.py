"""Looking up host names aside, so that a resolver that hangs delays nothing else and nobody who leaves.

asyncio looks names up in its pool of a few threads and waits for all of them at the end: a handful of lookups that hang
would stop everything else that uses the pool, and keep the program from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any

_Asked = tuple[Any, ...]
_Outcome = tuple[list[Any], Exception | None]


class Resolver:
    """Asks the host's resolver in threads that nothing waits for, one for each name that is being looked up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: dict[_Asked, asyncio.Future[_Outcome]] = {}

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        """As `socket.getaddrinfo`. Who asks for a name that is being looked up already waits for the same answer."""
        asked = (host, port, family, type, proto, flags)
        waiting = self._pending.get(asked)
        if waiting is None:
            waiting = self._pending[asked] = self._loop.create_future()
            threading.Thread(target=self._ask, args=(asked,), name="resolver", daemon=True).start()
        found, error = await asyncio.shield(waiting)
        if error is not None:
            raise error
        return found

    def _ask(self, asked: _Asked) -> None:
        outcome: _Outcome
        try:
            outcome = socket.getaddrinfo(*asked), None
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
            outcome = [], error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._answered, asked, outcome)

    def _answered(self, asked: _Asked, outcome: _Outcome) -> None:
        self._pending.pop(asked).set_result(outcome)


def resolve_aside() -> None:
    """Make the running loop look names up in this way, from now on."""
    loop = asyncio.get_running_loop()
    if not isinstance(getattr(loop.getaddrinfo, "__self__", None), Resolver):
        loop.getaddrinfo = Resolver(loop).getaddrinfo  # type: ignore[method-assign]
