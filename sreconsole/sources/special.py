"""Carries what is special: TLS, proxies, names and paths that want an encoding. httpx, loaded when it is needed."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sreconsole.config.model import HttpConfig
from sreconsole.sources.auth import Sent
from sreconsole.sources.carrier import Broken, Header, Kind, Limits
from sreconsole.sources.httpx_alone import httpx
from sreconsole.sources.tls import tls_context

_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (httpx.ConnectTimeout, "connect timeout"),
    (httpx.ProxyError, "proxy"),
    (httpx.ConnectError, "connect"),
    (httpx.TimeoutException, "timeout"),
    (httpx.RemoteProtocolError, "protocol"),
    (httpx.InvalidURL, "address"),
    (httpx.UnsupportedProtocol, "address"),
    (UnicodeError, "address"),  # a host name that no resolver takes
    (httpx.LocalProtocolError, "request"),
    (httpx.ReadError, "closed"),
    (httpx.WriteError, "closed"),
    (httpx.CloseError, "closed"),
    (httpx.HTTPError, "other"),
    (OSError, "other"),  # TLS alerts on reading are ssl.SSLError
)


class Special:
    """Connections to the host of `url`; building it reads files of the TLS config: not on the event loop."""

    def __init__(self, url: str, http: HttpConfig, proxy: ProxyWay | None, kept: tuple[int, float]) -> None:
        """`kept`: how many connections there may be, and seconds for which an idle one is kept."""
        # Without https there is nothing to trust: an empty context verifies nobody and costs nothing.
        context = tls_context(http.tls) if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        number, seconds = kept
        transport = httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            limits=httpx.Limits(max_connections=number, max_keepalive_connections=number, keepalive_expiry=seconds),
            proxy=None if proxy is None else proxy.made(http),
        )
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)

    async def send(self, method: str, url: str, headers: Sequence[Header], body: bytes | None, limits: Limits) -> _Open:
        """Send a request and wait for the head of its answer. Raises Broken."""
        with _broken():
            request = self._client.build_request(
                method,
                url,
                headers=list(headers),
                content=body,
                timeout=httpx.Timeout(limits.read, connect=limits.connect),
            )
            return _Open(await self._client.send(request, stream=True))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class ProxyWay:
    """A proxy, its login apart, and what is sent to it."""

    def __init__(self, url: str, login: tuple[str, str] | None, sent: Sent) -> None:
        self._url, self._login, self._sent = url, login, sent

    def made(self, http: HttpConfig) -> httpx.Proxy:
        """As the library wants it."""
        context = tls_context(http.tls, server_name=False) if self._url.startswith("https:") else None
        return httpx.Proxy(self._url, auth=self._login, headers=list(self._sent.headers), ssl_context=context)


class _Open:
    """An open answer of httpx."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises Broken."""
        with _broken():
            async for part in self._response.aiter_raw():
                yield part

    async def aclose(self) -> None:
        """Done with it."""
        await self._response.aclose()


@contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    except tuple(kind for kind, _ in _KINDS) as error:
        raise Broken(next(kind for known, kind in _KINDS if isinstance(error, known)), error) from error
