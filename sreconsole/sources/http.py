"""The HTTP client of one source: asks with its credentials, returns a good answer or raises one of our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from sreconsole.config.model import HttpConfig, OAuth2Config
from sreconsole.errors import SourceError
from sreconsole.sources.answer import Expect, Response
from sreconsole.sources.auth import Header, Sent, basic, reads_outside, sent_headers
from sreconsole.sources.forms import Params
from sreconsole.sources.meter import Meter
from sreconsole.sources.sentences import check_good, refusal, shown_url
from sreconsole.sources.wire import Wire, split_login

if TYPE_CHECKING:
    from sreconsole.sources.oauth import OAuth2

Explain = Callable[[Response], SourceError | None]
"""Given an answer that is not 2xx: the error, or None for the ordinary one."""

_TOKEN_CAP = 1 << 20


class HttpClient:
    """Requests to one base URL, at most two in flight. No redirects; the environment is not read unless told.

    Raises SourceError values only; they hold no secret, and neither do their tracebacks.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        http: HttpConfig,
        max_answer: int,
        *,
        api: str = "Prometheus API",
        meter: Meter | None = None,
        writes: bool = False,
    ) -> None:
        """`name` is the source's, `max_answer` the byte cap, `api` what should answer there, for sentences; `meter` is
        that of the source. Without `writes` nothing but reads can leave."""
        self.name = name
        self._base, self._login = split_login(base_url)
        self._http, self._api = http, api
        self._wire = Wire(self._base, http, max_answer, meter, "write" if writes else "ask")
        if meter is not None:
            meter.asks(self.url)
        self._oauth = _oauth(http.oauth2, http, name) if http.oauth2 is not None else None
        self._outside = reads_outside(http)

    def __repr__(self) -> str:
        return f"HttpClient({self.name}, {self.url})"

    @property
    def url(self) -> str:
        """The base URL as people may see it."""
        return shown_url(self._base)

    async def get(
        self,
        path: str,
        params: Params | None = None,
        timeout: float = 10.0,
        *,
        accept: str = "application/json",
        expect: Expect = "json",
        explain: Explain | None = None,
    ) -> Response:
        """GET `path` below the base URL (empty: the base URL itself)."""
        return await self._ask("GET", path, timeout, accept, expect, explain, params=params)

    async def post_form(
        self,
        path: str,
        data: Mapping[str, str],
        timeout: float = 10.0,
        *,
        expect: Expect = "json",
        explain: Explain | None = None,
    ) -> Response:
        """POST a form that only asks (it may be sent twice when a kept connection was closed meanwhile)."""
        return await self._ask("POST", path, timeout, "application/json", expect, explain, form=data)

    async def post_json(self, path: str, body: bytes, timeout: float = 10.0) -> Response:
        """POST a JSON body that changes something, once: the answer, whatever its status.

        Raises Lost where it may have arrived without an answer; with any other SourceError nothing has (ReadOnly:
        this client may not write).
        """
        return await self._write("POST", path, body, timeout)

    async def delete(self, path: str, timeout: float = 10.0) -> Response:
        """DELETE what stands at `path`, once; as `post_json`."""
        return await self._write("DELETE", path, None, timeout)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()
        if self._oauth is not None:
            await self._oauth.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        timeout: float,
        accept: str,
        expect: Expect,
        explain: Explain | None,
        form: Mapping[str, str] | None = None,
        params: Params | None = None,
    ) -> Response:
        return await _bare(self._answer(method, path, timeout, accept, expect, explain, form, params))

    async def _write(self, method: str, path: str, body: bytes | None, timeout: float) -> Response:
        return await _bare(self._written(method, path, body, timeout))

    async def _written(self, method: str, path: str, body: bytes | None, timeout: float) -> Response:
        """Sent once: also a token that is refused is no reason to send it again."""
        heads: tuple[Header, ...] = ((b"Accept", b"application/json"),)
        if body is not None:
            heads += ((b"Content-Type", b"application/json"),)
        sent, _ = await self._credentials(timeout)
        return await self._wire.write(method, _joined(self._base, path), sent, timeout, body, heads)

    async def _answer(
        self,
        method: str,
        path: str,
        timeout: float,
        accept: str,
        expect: Expect,
        explain: Explain | None,
        form: Mapping[str, str] | None,
        params: Params | None,
    ) -> Response:
        extra: tuple[Header, ...] = ((b"Accept", accept.encode()),)
        url = _joined(self._base, path)
        for again in (False, True):
            sent, token = await self._credentials(timeout)
            answer = await self._wire.exchange(method, url, sent, timeout, form=form, params=params, headers=extra)
            if answer.status == 401 and token is not None and self._oauth is not None and not again:
                self._oauth.forget(token)
                continue
            break
        if 200 <= answer.status < 300:
            check_good(answer, expect, self.name, self._api)
            return answer
        said = explain(answer) if explain is not None else None
        raise said or refusal(answer, self.name, self._api)

    async def _credentials(self, timeout: float) -> tuple[Sent, Sent | None]:
        """Everything that lets us in, and the OAuth2 token in it."""
        sent = await asyncio.to_thread(sent_headers, self._http) if self._outside else sent_headers(self._http)
        if self._oauth is not None:
            token = await self._oauth.token(timeout)
            return sent.plus(token), token
        if self._login is not None and self._http.basic_auth is None and self._http.authorization is None:
            sent = sent.plus(basic(*self._login))
        return sent, None


async def _bare(asked: Awaitable[Response]) -> Response:
    """What is asked, its failure raised from here, so that no frame that held a secret stands in the traceback."""
    try:
        return await asked
    except SourceError as error:
        failure = error
    failure.__context__ = failure.__cause__ = None
    raise failure.with_traceback(None)


def _oauth(config: OAuth2Config, http: HttpConfig, name: str) -> OAuth2:
    """Its token server is reached under the TLS keys of `oauth2`, and its proxy, else the source's."""
    from sreconsole.sources.oauth import OAuth2

    way = HttpConfig(
        tls=config.tls,
        proxy_url=config.proxy_url or http.proxy_url,
        no_proxy=http.no_proxy,
        proxy_from_environment=http.proxy_from_environment,
        proxy_headers=http.proxy_headers,
    )
    return OAuth2(config, Wire(config.token_url, way, _TOKEN_CAP, permit="token"), name)


def _joined(base: str, path: str) -> str:
    """The base URL with `path` below its own; its query stays."""
    if not path:
        return base
    parts = urlsplit(base)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))
