"""The HTTP servers of the estate: just enough HTTP/1.1 for whatever reads it, on free ports of 127.0.0.1."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from sreconsole.demo.pages import CONTENT_TYPE
from sreconsole.records import dataclass, field

IDLE = 75.0
"""Seconds after which an unused connection is closed."""
LARGEST = 1 << 20
"""Bytes of a request's body; more is refused."""
PLAIN = "text/plain; charset=utf-8"
_REASONS = {
    **{200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large"},
    **{415: "Unsupported Media Type", 422: "Unprocessable Entity"},
}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: str = ""
    """Behind the question mark, as it came."""
    kind: str = ""
    """Content type of the body, in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int
    body: bytes = b""
    kind: str = PLAIN
    fields: Mapping[str, str] = field(default_factory=dict)
    """Further header fields."""


class Server:
    """One address whose every request `answer` answers at once."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        """Listen; returns the URL without a path."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=16 << 10)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and end the connections."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side went away or sent no HTTP: there is nobody to tell
        except asyncio.CancelledError:
            pass  # the estate ends; asyncio would print a traceback for a cancelled connection
        finally:
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection stays open."""
        async with asyncio.timeout(IDLE):
            head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target, _, protocol = rest.partition(" ")
        path, _, query = target.partition("?")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        async with asyncio.timeout(IDLE):
            body = await _body(reader, writer, fields)
        if body is None:
            answer = Answer(413, b"the body is too large\n")
        else:
            answer = self._answer(Request(method, path, query, fields.get("content-type", "").lower(), body))
        keep = protocol == "HTTP/1.1" and answer.status not in (405, 413) and fields.get("connection", "") != "close"
        writer.write(_head(answer, keep))
        if method != "HEAD":
            writer.write(answer.body)
        await writer.drain()
        return keep


def pages(page: Callable[[], str]) -> Callable[[Request], Answer]:
    """Answers /metrics with what `page` returns at that moment, and only that."""

    def answer(request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return Answer(405, b"only GET\n")
        if request.path != "/metrics":
            return Answer(404, b"see /metrics\n")
        return Answer(200, page().encode(), CONTENT_TYPE)

    return answer


async def _body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: Mapping[str, str]) -> bytes | None:
    """What follows the head; None when it is too large."""
    if fields.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if fields.get("transfer-encoding", "").lower() != "chunked":
        length = int(fields.get("content-length") or 0)
        return await reader.readexactly(length) if length <= LARGEST else None
    parts: list[bytes] = []
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        if size + sum(map(len, parts)) > LARGEST:
            return None
        parts.append((await reader.readexactly(size + 2))[:-2])
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # trailing fields, which say nothing to us
    return b"".join(parts)


def _head(answer: Answer, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}",
        f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime())}",
        *([f"Content-Type: {answer.kind}"] if answer.kind else []),
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.fields.items()),
        f"Connection: {'keep-alive' if keep else 'close'}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
