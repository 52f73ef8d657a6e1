"""OAuth2 client credentials (RFC 6749 section 4.4): one token, kept until shortly before it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from sreconsole.config.model import OAuth2Config
from sreconsole.errors import BadAnswer, Denied, SourceError
from sreconsole.sources.auth import Sent, basic, bearer
from sreconsole.sources.sentences import shown_url, words

if TYPE_CHECKING:
    from sreconsole.sources.answer import Response
    from sreconsole.sources.wire import Wire

_EARLY = 10.0
"""Seconds before its end at which a token is no longer used."""
_UNSAID = 300.0
"""Seconds a token is used when the server does not say how long it holds."""


class _Grant(msgspec.Struct, gc=False):
    access_token: str
    expires_in: float | str | None = None


class OAuth2:
    """The token of one source."""

    def __init__(self, config: OAuth2Config, wire: Wire, source: str) -> None:
        """`wire` connects to the token server under its own TLS and proxy settings; `source` is for sentences."""
        self._config, self._wire, self._source = config, wire, source
        self._lock = asyncio.Lock()
        self._sent: Sent | None = None
        self._ends = 0.0
        self._in_body = False

    def __repr__(self) -> str:
        return f"OAuth2({shown_url(self._config.token_url)})"

    async def token(self, deadline: float) -> Sent:
        """The Authorization header; asks for a token when there is none that holds. `deadline` in seconds from now.

        Raises a SourceError that names the token server.
        """
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._sent is None or now >= self._ends:
                grant = await self._ask(deadline)
                self._sent = bearer("Bearer", grant.access_token)
                self._ends = now + _holds(grant)
            return self._sent

    def forget(self, refused: Sent) -> None:
        """The source refused this token: the next use asks for another (unless that has happened already)."""
        if self._sent is refused:
            self._sent = None

    async def aclose(self) -> None:
        """Close the connection to the token server."""
        await self._wire.aclose()

    async def _ask(self, deadline: float) -> _Grant:
        secret = await asyncio.to_thread(self._config.client_secret.reveal)
        answer = await self._post(secret, deadline)
        if answer.status in (400, 401) and not self._in_body:
            # Some servers take the credentials in the form only; the RFC lets them.
            self._in_body = True
            again = await self._post(secret, deadline)
            self._in_body = again.status == 200
            answer = again if self._in_body else answer
        return self._grant(answer)

    async def _post(self, secret: str, deadline: float) -> Response:
        form = {"grant_type": "client_credentials", **self._config.endpoint_params}
        if self._config.scopes:
            form["scope"] = " ".join(self._config.scopes)
        sent = basic(self._config.client_id, secret)
        if self._in_body:
            form |= {"client_id": self._config.client_id, "client_secret": secret}
            sent = Sent((), sent.secrets)
        return await self._wire.exchange("POST", self._config.token_url, sent, deadline, form=form)

    def _grant(self, answer: Response) -> _Grant:
        said = words(answer)
        if answer.status in (400, 401, 403):
            raise Denied(
                f"the token server {answer.url} refused the credentials of source {self._source} ({answer.status}): "
                f"check oauth2.client_id, client_secret and scopes",
                detail=said,
            )
        if answer.status != 200:
            raise SourceError(f"the token server {answer.url} answered {answer.status}, no token", detail=said)
        try:
            grant = msgspec.json.decode(answer.body, type=_Grant)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            grant = None
        if grant is None or not grant.access_token:  # its words are not shown: they may hold a token
            raise BadAnswer(f"the token server {answer.url} sent no access_token: is oauth2.token_url right?")
        return grant


def _holds(grant: _Grant) -> float:
    """Seconds for which a token may be used."""
    try:
        said = float(grant.expires_in) if grant.expires_in is not None else _UNSAID + _EARLY
    except ValueError:
        said = _UNSAID
    return max(said - _EARLY, said / 2) if said > 0 else 0.0
