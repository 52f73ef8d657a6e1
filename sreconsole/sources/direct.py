"""Carries plain HTTP/1.1: h11 says what the bytes mean, asyncio moves them. No TLS, no proxy, no name in Unicode.

Most servers inside a network are asked in this way. The library for all the rest (`sources.special`) takes as long to
load as a one-shot needs for its answer, and ten megabytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from urllib.parse import urlsplit

import h11

from sreconsole.patterns import pattern
from sreconsole.sources.carrier import Broken, Header, Kind, Limits
from sreconsole.sources.link import Link, connected

_HOST = pattern(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?|[0-9a-fA-F]*:[0-9a-fA-F:.]*")
_TARGET = pattern(r"([A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_OURS = frozenset(("connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "cookie"))
"""Headers that decide what the bytes mean: who sends some of his own is left to the library."""
_HEAD = 100 * 1024
"""Bytes that the head of an answer may have."""


def suits(url: str, names: Collection[str]) -> bool:
    """Whether a URL can be asked in this way, with configured headers of these names."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    target = f"{parts.path}?{parts.query}"
    return (
        parts.scheme == "http"
        and port != 0
        and "@" not in parts.netloc
        and "/." not in parts.path
        and _HOST.fullmatch(host) is not None
        and _TARGET.fullmatch(target) is not None
        and not _OURS.intersection(name.lower() for name in names)
    )


class Direct:
    """Connections to one host."""

    def __init__(self, kept: tuple[int, float]) -> None:
        """`kept`: how many idle connections are kept, and for how many seconds."""
        self._most, self._seconds = kept
        self._idle: list[tuple[float, Link, h11.Connection]] = []

    async def send(self, method: str, url: str, headers: Sequence[Header], body: bytes | None, limits: Limits) -> _Open:
        """Send a request and wait for the head of its answer. Raises Broken."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        link, talk = self._kept() or (await _connected(host, port, limits.connect), h11.Connection(h11.CLIENT, _HEAD))
        opened = _Open(self, link, talk, limits.read)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            named = {name.lower() for name, _ in headers}
            shown = f"[{host}]" if ":" in host else host
            own = [(b"Host", (shown if port == 80 else f"{shown}:{port}").encode())] if b"host" not in named else []
            own += [(b"Accept", b"*/*")] if b"accept" not in named else []
            own += [(b"Connection", b"keep-alive")]
            own += [(b"Content-Length", b"%d" % len(body))] if body is not None else []
            _send(link, talk, h11.Request(method=method, target=target, headers=[*own, *headers]), body)
            await opened.head()
        except h11.LocalProtocolError as error:
            link.abort()
            raise Broken("request", error) from error
        except BaseException:
            link.abort()
            raise
        return opened

    async def aclose(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop()[1].abort()

    def keep(self, link: Link, talk: h11.Connection) -> None:
        """Take back a connection whose answer was read."""
        over = talk.our_state is h11.DONE and talk.their_state is h11.DONE
        if (
            not over or not link.quiet or talk.trailing_data[0]
        ):  # an answer to nothing would be that to the next request
            link.abort()
            return
        talk.start_next_cycle()
        self._idle.append((asyncio.get_running_loop().time() + self._seconds, link, talk))
        while len(self._idle) > self._most:
            self._idle.pop(0)[1].abort()

    def _kept(self) -> tuple[Link, h11.Connection] | None:
        """A connection that is still good: open, not too old, and nothing came on it that nobody asked for."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            until, link, talk = self._idle.pop()
            if until > now and link.quiet:
                return link, talk
            link.abort()
        return None


class _Open:
    """An answer, its head read or about to be."""

    def __init__(self, home: Direct, link: Link, talk: h11.Connection, limit: float) -> None:
        self._home, self._link, self._talk, self._limit = home, link, talk, limit
        self._done = False
        self.status_code = 0
        self.headers: Mapping[str, str] = {}

    async def head(self) -> None:
        """Wait for the head. Raises Broken."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                break
            if not isinstance(event, h11.InformationalResponse):
                raise Broken("protocol", ConnectionError("the connection ended without sending a response"))
        self.status_code = event.status_code
        found: dict[str, str] = {}
        for raw, text in event.headers:
            name, value = raw.decode("ascii"), _decoded(text)
            found[name] = f"{found[name]}, {value}" if name in found else value
        self.headers = found

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises Broken."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._done = True
                return
            else:
                raise Broken("closed", ConnectionError("the connection ended"))

    async def aclose(self) -> None:
        """Done with it: a connection with more to come is of no use any more."""
        if self._done:
            self._home.keep(self._link, self._talk)
        else:
            self._link.abort()

    async def _event(self) -> object:
        """What comes next, read with the time limit of silence."""
        try:
            while (event := self._talk.next_event()) is h11.NEED_DATA:
                async with asyncio.timeout(self._limit):
                    data = await self._link.read()
                if not data and self._talk.their_state is h11.SEND_RESPONSE:
                    raise Broken("protocol", ConnectionError("the connection ended without sending a response"))
                self._talk.receive_data(data)
            return event
        except TimeoutError as error:
            raise Broken("timeout", error) from error
        except h11.RemoteProtocolError as error:
            raise Broken("protocol", error) from error
        except OSError as error:
            raise Broken("closed", error) from error


async def _connected(host: str, port: int, limit: float) -> Link:
    kind: Kind = "connect timeout"
    try:
        async with asyncio.timeout(limit):
            return await connected(host, port)
    except TimeoutError as error:
        raise Broken(kind, error) from error
    except UnicodeError as error:  # a host name that no resolver takes
        raise Broken("address", error) from error
    except OSError as error:
        kind = "connect"
        raise Broken(kind, error) from error


def _send(link: Link, talk: h11.Connection, request: h11.Request, body: bytes | None) -> None:
    data = talk.send(request) or b""
    if body:
        data += talk.send(h11.Data(data=body)) or b""
    link.write(data + (talk.send(h11.EndOfMessage()) or b""))


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
