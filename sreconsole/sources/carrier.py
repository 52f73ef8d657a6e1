"""What carries one exchange: a request out, an open answer back, or `Broken`. The rules are in `sources.wire`.

Two carriers: `direct` (h11 on a plain connection) where nothing but HTTP is needed, `special` (httpx) for TLS, proxies
and whatever else there is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

Header = tuple[bytes, bytes]
Kind = Literal["connect timeout", "connect", "timeout", "protocol", "closed", "proxy", "address", "request", "other"]
"""No connection in time or at all; silence; an answer that is no HTTP or ends early; a connection that closed; a proxy
that refused; a URL nobody can ask; a request that cannot be sent."""


class Broken(Exception):
    """An exchange that failed; `str()` is what the library says."""

    def __init__(self, kind: Kind, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.kind: Kind = kind
        self.cause = cause


class Limits(NamedTuple):
    """Seconds."""

    connect: float
    read: float
    """Without a byte."""


class Open(Protocol):
    """An answer whose head has arrived."""

    @property
    def status_code(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By name in lower case."""
        ...

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body as it comes, packed as it is. Raises Broken."""
        ...

    async def aclose(self) -> None:
        """Done with it, read or not."""
        ...


class Carrier(Protocol):
    """Connections to one host."""

    async def send(self, method: str, url: str, headers: Sequence[Header], body: bytes | None, limits: Limits) -> Open:
        """Send a request and wait for the head of its answer. Raises Broken."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...
