"""What a request carries to be let in: Authorization and custom headers, read anew at each use.

Secrets pass through here and nowhere else; every one that was sent is remembered so that `Sent.hide` can take it out
of a server's words before they are shown.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from sreconsole.config.model import HttpConfig, Secret
from sreconsole.errors import SourceError
from sreconsole.records import dataclass

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BROKEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SHORTEST = 4
"""Characters; shorter secrets are no secrets, and hiding them would garble the words."""

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """The headers of one request and the secrets in them; `repr` shows neither."""

    headers: tuple[Header, ...] = ()
    secrets: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return "Sent(***)"

    def plus(self, other: Sent) -> Sent:
        """Both together."""
        return Sent(self.headers + other.headers, self.secrets | other.secrets)

    def hide(self, text: str) -> str:
        """`text` with every secret that was sent, in any of its spellings, replaced by `***`."""
        for secret in sorted(_spellings(self.secrets), key=len, reverse=True):
            text = text.replace(secret, "***")
            for length in range(min(len(secret), len(text) + 1) - 1, _SHORTEST - 1, -1):
                if text.endswith(secret[:length]):  # the text was cut in the middle of a secret
                    text = text[:-length] + "***"
                    break
        return text


NOTHING = Sent()
"""A request that carries nothing."""


def basic(user: str, password: str) -> Sent:
    """The Authorization header of basic auth. Raises SourceError when user and password are not text."""
    packed = base64.b64encode(_bytes("basic_auth", f"{user}:{password}")).decode()
    return Sent(((b"Authorization", f"Basic {packed}".encode()),), frozenset((packed, password)))


def bearer(kind: str, credentials: str) -> Sent:
    """The Authorization header of a type and its credentials. Raises SourceError when they cannot be a header."""
    value = _value("authorization.credentials", f"{kind} {credentials}")
    return Sent(((b"Authorization", value),), frozenset((credentials,)))


def sent_headers(http: HttpConfig) -> Sent:
    """Everything of an `http_config` but oauth2, secrets read now: may read files and run commands.

    Raises SourceError naming what cannot be read or sent, never its content.
    """
    sent = custom_headers(http.headers, "http_headers")
    if http.basic_auth is not None:
        user, password = http.basic_auth
        sent = sent.plus(basic(_reveal(user), _reveal(password) if password is not None else ""))
    if http.authorization is not None:
        kind, credentials = http.authorization
        sent = sent.plus(bearer(kind, _reveal(credentials)))
    return sent


def custom_headers(headers: Mapping[str, tuple[str | Secret, ...]], key: str) -> Sent:
    """Headers given by name; `key` is the config's name of the block, for sentences."""
    made: list[Header] = []
    secrets: set[str] = set()
    for name, values in headers.items():
        if not _TOKEN.fullmatch(name):
            raise SourceError(f"{key}: {name[:40]!r} cannot be the name of a header")
        for value in values:
            text = _reveal(value)
            made.append((name.encode(), _value(f"{key}.{name}", text)))
            if isinstance(value, Secret):
                secrets.add(text)
    return Sent(tuple(made), frozenset(secrets))


def reads_outside(http: HttpConfig) -> bool:
    """Whether building the headers reads a file or runs a command, so that it must leave the event loop."""
    secrets: list[object] = [value for values in http.headers.values() for value in values]
    secrets += http.basic_auth or ()
    secrets += http.authorization or ()
    return any(isinstance(secret, Secret) and secret.origin != "inline" for secret in secrets)


def _reveal(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _value(key: str, text: str) -> bytes:
    """The bytes of a header's value."""
    if _BROKEN.search(text):
        raise SourceError(f"{key} holds a line break or control character: it must be one line of plain text")
    return _bytes(key, text.strip(" \t"))


def _bytes(key: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # bytes of the environment that are no UTF-8
        raise SourceError(f"{key} is not UTF-8 text") from None


def _spellings(secrets: Iterable[str]) -> frozenset[str]:
    """The secrets as a server may say them back: as they are, misread as Latin-1, escaped in JSON, HTML or a URL."""
    import html
    import json

    found: set[str] = set()
    for secret in secrets:
        for text in (secret, secret.strip(), secret.encode("utf-8", "replace").decode("latin-1")):
            found |= {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
            found |= {html.escape(text), html.escape(text, quote=False), html.escape(text).replace("&quot;", "&#34;")}
            found |= {quote(text), quote(text, safe=""), quote_plus(text)}
    return frozenset(word for word in found if len(word) >= _SHORTEST)
