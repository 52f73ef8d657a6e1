"""A request as a line for a shell: exactly what would be sent, with `$NAME` in the place of every secret."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from sreconsole.config.model import HttpConfig, Secret, TlsConfig
from sreconsole.sources.wire import split_login

_NOT_A_NAME = re.compile(r"[^A-Z0-9]+")


def curl(source: str, base: str, http: HttpConfig, method: str, path: str, body: bytes | None = None) -> str:
    """The line. `$NAME`s begin with the name of the source; a line holds no line break, whatever was put into it."""
    name = _NOT_A_NAME.sub("_", source.upper()).strip("_")
    if not name or name[0].isdigit():  # a shell knows no such name
        name = f"SOURCE_{name}".strip("_")
    bare, login = split_login(base)
    parts = urlsplit(bare)
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, query="", fragment=""))
    words = ["curl", "-sS", "-g", "-X", method]
    words += _credentials(name, http, login is not None)
    words += ["-H", _plain("Accept: application/json")]
    if body is not None:
        words += ["-H", _plain("Content-Type: application/json"), "--data-binary", _plain(body.decode("ascii"))]
    words += [*_tls(name, http.tls), *_way(name, http)]
    words.append(_plain(url) + (f'"?${name}_QUERY"' if parts.query else ""))
    return " ".join(words)


def _credentials(name: str, http: HttpConfig, login: bool) -> Iterator[str]:
    for header, values in http.headers.items():
        for number, value in enumerate(values):
            yield "-H"
            if isinstance(value, Secret):
                variable = f"{name}_{_NOT_A_NAME.sub('_', header.upper())}" + (f"_{number + 1}" if number else "")
                yield _plain(f"{header}: ") + f'"${variable}"'
            else:
                yield _plain(f"{header}: {value}")
    if http.basic_auth is not None or (login and http.authorization is None and http.oauth2 is None):
        yield from ("-u", f'"${name}_USER:${name}_PASSWORD"')
    elif http.authorization is not None:
        yield from ("-H", _plain(f"Authorization: {http.authorization[0]} ") + f'"${name}_TOKEN"')
    elif http.oauth2 is not None:
        yield from ("-H", _plain("Authorization: Bearer ") + f'"${name}_TOKEN"')


def _tls(name: str, tls: TlsConfig) -> Iterator[str]:
    for option, file, text in (("--cacert", tls.ca_file, tls.ca), ("--cert", tls.cert_file, tls.cert)):
        if file is not None:
            yield from (option, _plain(str(file)))
        elif text is not None:
            yield from (option, f'"${name}_{option[2:].upper()}_FILE"')
    if tls.key_file is not None:
        yield from ("--key", _plain(str(tls.key_file)))
    elif tls.key is not None:
        yield from ("--key", f'"${name}_KEY_FILE"')
    if tls.insecure_skip_verify:
        yield "-k"


def _way(name: str, http: HttpConfig) -> Iterator[str]:
    if http.proxy_url is not None:
        bare, login = split_login(http.proxy_url)
        yield from ("--proxy", f'"${name}_PROXY"' if login else _plain(bare))
        if http.no_proxy:
            yield from ("--noproxy", _plain(",".join(http.no_proxy)))
    elif not http.proxy_from_environment:
        yield from ("--noproxy", "'*'")


def _plain(text: str) -> str:
    """For a shell, word for word; what cannot be seen is spelled out."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_spelled(char) for char in text) + "'"


def _spelled(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}" if ord(char) > 0x7F else f"\\x{ord(char):02x}"
