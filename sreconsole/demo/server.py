"""The /metrics servers of the estate: just enough HTTP/1.1 for anything that scrapes, on free ports of 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sreconsole.demo.pages import CONTENT_TYPE

IDLE = 75.0
"""Seconds after which an unused connection is closed."""
Page = Callable[[], str]


class MetricsServer:
    """One address that answers /metrics with what `page` returns at that moment."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        """Listen; returns the URL of the page."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=16 << 10)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/metrics"

    async def stop(self) -> None:
        """Stop listening and end the connections."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side went away or sent no HTTP: there is nobody to tell
        except asyncio.CancelledError:
            pass  # the estate ends; asyncio would print a traceback for a cancelled connection
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection stays open."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
        first, _, fields = head.decode("latin-1").partition("\r\n")
        method, _, rest = first.partition(" ")
        path, _, protocol = rest.partition(" ")
        if method not in ("GET", "HEAD"):
            status, body = "405 Method Not Allowed", "only GET\n"
        elif path.partition("?")[0] == "/metrics":
            status, body = "200 OK", self._page()
        else:
            status, body = "404 Not Found", "see /metrics\n"
        keep = method in ("GET", "HEAD") and protocol == "HTTP/1.1" and "connection: close" not in fields.lower()
        payload = body.encode()
        kind = CONTENT_TYPE if status.startswith("200") else "text/plain; charset=utf-8"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(payload)}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
        )
        if method != "HEAD":
            writer.write(payload)
        await writer.drain()
        return keep
