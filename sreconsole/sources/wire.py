"""One HTTP exchange at a time with one host: connection, TLS, proxy, time limits and the byte cap.

What carries the exchange is loaded and built when the first one needs it, off the event loop, and anew when a file of
the TLS config was rotated.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus, urlsplit, urlunsplit
from weakref import WeakKeyDictionary, WeakValueDictionary

from sreconsole import __version__
from sreconsole.config.model import HttpConfig
from sreconsole.errors import Lost, SourceError, Unreachable
from sreconsole.sources.answer import Response, read_answer
from sreconsole.sources.auth import NOTHING, Header, Sent, basic, custom_headers
from sreconsole.sources.carrier import Broken, Carrier, Kind, Limits
from sreconsole.sources.forms import KIND, Params, encoded, pairs
from sreconsole.sources.meter import Meter
from sreconsole.sources.permit import Permit, check
from sreconsole.sources.proxy import proxy_for
from sreconsole.sources.resolving import resolve_aside
from sreconsole.sources.sentences import shown_url
from sreconsole.sources.tls import Stamp, tls_stamp

if TYPE_CHECKING:
    from sreconsole.sources.special import ProxyWay

CONNECT = 3.0
"""Seconds to connect, TLS included in a second such span."""
READ = 10.0
"""Seconds without a byte after which a server counts as hanging."""
IN_FLIGHT = 2
"""Requests at one server at the same time, whichever sources and feeds they are of."""
_KEEP = 75.0
"""Seconds an idle connection is kept: several refreshes."""
DIRECT = True
"""Whether what needs no library is carried without it."""
_UNSENT: tuple[Kind, ...] = ("connect timeout", "connect", "proxy", "address", "request")
"""Failures before the first byte of a request has left."""

_SLOTS: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, asyncio.Semaphore]] = WeakKeyDictionary()
"""By event loop and server: its slots, as long as somebody asks there."""

for _name in ("httpx", "httpcore"):
    # They log whole URLs at INFO and headers at DEBUG: secrets, whatever the root logger is set to.
    logging.getLogger(_name).setLevel(logging.WARNING)


class Wire:
    """Exchanges with the host of `url` under one `http_config` (its TLS and proxy keys only)."""

    def __init__(
        self, url: str, http: HttpConfig, cap: int, meter: Meter | None = None, permit: Permit = "ask"
    ) -> None:
        """`cap` is the longest body in bytes, unpacked; `meter` counts what is sent; `permit`: what may leave."""
        self._url, self._http, self._cap, self._permit = url, http, cap, permit
        self._meter = meter or Meter()
        self._carrier: Carrier | None = None
        self._stamp: Stamp = ()
        self._proxy: str | None = None
        self._proxy_sent = NOTHING
        self._retired: list[Carrier] = []
        self._running = 0
        self._building = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Wire({self.url})"

    @property
    def url(self) -> str:
        """The base URL as people may see it."""
        return shown_url(self._url)

    async def aclose(self) -> None:
        """Close every connection; the next exchange opens new ones."""
        self._retire()
        await self._close_retired()

    async def exchange(
        self,
        method: str,
        url: str,
        sent: Sent,
        timeout: float,
        *,
        form: Mapping[str, str] | None = None,
        params: Params | None = None,
        headers: tuple[Header, ...] = (),
    ) -> Response:
        """Ask and read the whole answer, whatever its status, within `timeout` seconds from having a slot.

        What is asked is safe to repeat: a kept connection that the server closed meanwhile is retried once.
        Raises a SourceError, ReadOnly for what would do more than ask.
        """
        check("token" if self._permit == "token" else "ask", method, url, self._url, form is not None)
        async with _slots(self._url):
            self._running += 1
            try:
                async with asyncio.timeout(timeout):
                    carrier = await self._ready()
                    heads = [*_fixed(), *headers, *_kind(form), *sent.headers]
                    body = encoded(form) if form is not None else None
                    return await self._send(carrier, (method, _with(url, params), heads, body), sent, timeout)
            except TimeoutError:
                raise Unreachable(
                    f"no whole answer from {self.url} in {timeout:.3g}s: is it overloaded, or the query heavy?"
                ) from None
            finally:
                self._running -= 1
                if not self._running:
                    await self._close_retired()

    async def write(
        self, method: str, url: str, sent: Sent, timeout: float, body: bytes | None, headers: tuple[Header, ...]
    ) -> Response:
        """Send what changes something, once, whatever happens; the whole answer, whatever its status.

        It waits for no slot: a person waits for it. Raises ReadOnly, Lost where it may have arrived, any other
        SourceError where nothing of it can have.
        """
        check(self._permit, method, url, self._url, False)
        self._running += 1
        left = False
        try:
            async with asyncio.timeout(timeout):
                carrier = await self._ready()
                left = True
                request = (method, url, [*_fixed(), *headers, *sent.headers], body)
                return await self._send(carrier, request, sent, timeout, write=True)
        except TimeoutError:
            kind = Lost if left else Unreachable
            raise kind(f"no whole answer from {self.url} in {timeout:.3g}s: is it overloaded or hanging?") from None
        finally:
            self._running -= 1
            if not self._running:
                await self._close_retired()

    async def _send(
        self,
        carrier: Carrier,
        request: tuple[str, str, list[Header], bytes | None],
        sent: Sent,
        timeout: float,
        *,
        write: bool = False,
    ) -> Response:
        limits = Limits(min(CONNECT, timeout), min(READ, timeout))
        for last in (write, True):
            opened = False
            began = asyncio.get_running_loop().time()
            self._meter.sent()
            try:
                response = await carrier.send(*request, limits)
                opened = True
                try:
                    answer = await read_answer(response, self.url, self._cap, sent.plus(self._proxy_sent))
                finally:
                    await response.aclose()
                self._meter.answered(asyncio.get_running_loop().time() - began)
                return answer
            except Broken as error:
                if opened or last or error.kind not in ("protocol", "closed"):
                    failure = self._explained(error, limits, opened)
                    lost = write and (opened or error.kind not in _UNSENT)
                    raise (_lost(failure) if lost else failure) from None
            except SourceError as error:  # an answer that cannot be read whole
                raise (_lost(error) if write else error) from None
        raise AssertionError("unreachable")

    def _explained(self, error: Broken, limits: Limits, opened: bool) -> SourceError:
        from sreconsole.sources.faults import connection_error

        limit = limits.connect if error.kind == "connect timeout" else limits.read
        proxy = shown_url(self._proxy) if self._proxy else None
        return connection_error(error, self.url, proxy, f"{limit:.3g}s", opened)

    async def _ready(self) -> Carrier:
        """The carrier, built when there is none or a file of its TLS config changed."""
        stamp = tls_stamp(self._http.tls) if self._url.startswith("https:") else ()
        resolve_aside()
        async with self._building:
            if self._carrier is None or stamp != self._stamp:
                self._retire()  # closed when nothing is in flight on it any more
                self._proxy = proxy_for(self._url, self._http)
                self._carrier = await asyncio.to_thread(self._build)
                self._stamp = stamp
            return self._carrier

    def _retire(self) -> None:
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            self._retired.append(carrier)

    async def _close_retired(self) -> None:
        while self._retired:
            await self._retired.pop().aclose()

    def _build(self) -> Carrier:
        kept = IN_FLIGHT, _KEEP
        if DIRECT and self._proxy is None and not self._url.startswith("https:"):
            from sreconsole.sources.direct import Direct, suits

            if suits(self._url, self._http.headers):
                return Direct(kept)
        from sreconsole.sources.special import Special

        return Special(self._url, self._http, self._proxy_way(), kept)

    def _proxy_way(self) -> ProxyWay | None:
        if self._proxy is None:
            return None
        from sreconsole.sources.special import ProxyWay

        bare, login = split_login(self._proxy)
        extra = custom_headers(self._http.proxy_headers, "proxy_connect_header")
        self._proxy_sent = extra.plus(basic(*login)) if login else extra
        return ProxyWay(bare, login, extra)


def _lost(error: SourceError) -> Lost:
    return Lost(str(error), detail=error.detail, retry_after=error.retry_after)


def _slots(url: str) -> asyncio.Semaphore:
    """The slots of the server that `url` leads to, shared by everything that asks it on this event loop."""
    by_server = _SLOTS.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    parts = urlsplit(url)
    return by_server.setdefault(f"{parts.scheme}://{parts.netloc}".lower(), asyncio.Semaphore(IN_FLIGHT))


def split_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """A URL without its user and password, and those, decoded."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user), unquote(password))


def _with(url: str, params: Params | None) -> str:
    """The URL with these parameters behind, and in place of, those it has."""
    if not params:
        return url
    parts = urlsplit(url)
    names = {name for name, _ in pairs(params)}
    own = [one for one in parts.query.split("&") if one and unquote_plus(one.partition("=")[0]) not in names]
    return urlunsplit(parts._replace(query="&".join((*own, encoded(params).decode()))))


def _kind(form: Mapping[str, str] | None) -> tuple[Header, ...]:
    return () if form is None else ((b"Content-Type", KIND),)


def _fixed() -> tuple[Header, ...]:
    return ((b"Accept-Encoding", b"gzip"), (b"User-Agent", f"sreconsole/{__version__}".encode()))
