"""One TCP connection: bytes out at once, bytes in when they are wanted; more than a little waits at the server."""

from __future__ import annotations

import asyncio
from asyncio.staggered import staggered_race
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from socket import AF_INET6, SOCK_STREAM
from typing import Any

_WAITING = 1 << 18
"""Bytes that may wait to be read before the server is held."""
_NEXT = 0.25
"""Seconds after which the next address of a host is tried as well (RFC 8305)."""


class Link(asyncio.Protocol):
    """A connection; made by `connected`."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._held = self._ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def quiet(self) -> bool:
        """Whether it is open and nothing waits to be read."""
        return not self._ended and not self._parts

    def write(self, data: bytes) -> None:
        """Send; what the server does not take yet waits here."""
        assert self._transport is not None
        self._transport.write(data)

    async def read(self) -> bytes:
        """What has come, at least a byte; empty at the end. Raises OSError when the connection broke."""
        while not self._parts:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._size = [], 0
        if self._held and self._transport is not None and not self._ended:
            self._held = False
            self._transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close it now."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """For asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """For asyncio."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > _WAITING and not self._held and self._transport is not None:
            self._held = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """For asyncio: the connection is closed."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """For asyncio."""
        self._ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connected(host: str, port: int) -> Link:
    """A connection to the first address of a host that answers. Raises OSError of the last address that did not."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = _mixed([(info[0], info[4]) for info in found])

    async def one(family: int, address: Sequence[Any]) -> Link:
        _, link = await loop.create_connection(Link, address[0], address[1], family=family)
        return link

    if len(addresses) == 1:
        return await one(*addresses[0])
    link: Link | None
    link, _, errors = await staggered_race([partial(one, *way) for way in addresses], _NEXT)
    if link is not None:
        return link
    raise next((error for error in reversed(errors) if error is not None), OSError(f"{host} has no address"))


def _mixed(found: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """IPv6 and IPv4 in turns, the resolver's first kind first."""
    sixes = [way for way in found if way[0] == AF_INET6]
    others = [way for way in found if way[0] != AF_INET6]
    first, second = (sixes, others) if found and found[0][0] == AF_INET6 else (others, sixes)
    return [way for pair in zip_longest(first, second) for way in pair if way is not None]
