"""A connection that failed, as one of our errors: what the operating system, OpenSSL and HTTP say, in a sentence."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from sreconsole.domain.cleaning import clean
from sreconsole.errors import BadAnswer, Denied, SourceError, Unreachable
from sreconsole.sources.carrier import Broken

_NAME_MISMATCH = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, _NOT_YET_VALID


def connection_error(error: Broken, shown: str, proxy: str | None, waited: str, opened: bool) -> SourceError:
    """Our error for one of a carrier.

    `shown` is the URL and `proxy` the proxy, both as people may see them; `waited` says the time limit, as `3s`;
    `opened`: the head of an answer had arrived.
    """
    whole = list(_chain(error.cause))
    there = f"the proxy {proxy}" if proxy else shown
    if error.kind == "connect timeout":
        return Unreachable(f"no connection to {there} within {waited}: is the host up, does a firewall drop us?")
    for cause in whole:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError):
            return _tls_error(cause, shown)
    if error.kind == "proxy":
        return _proxy_error(str(error), proxy or "")
    if error.kind == "connect":
        return _not_connected(whole, there, "proxy_url" if proxy else "url")
    if error.kind == "timeout":
        return Unreachable(f"{shown} took the request but sends nothing for {waited}: is it overloaded or hanging?")
    if error.kind == "protocol":
        return _protocol_error(str(error), shown)
    if error.kind == "address":
        return BadAnswer(f"{shown} is not an address that can be asked: correct url")
    if error.kind == "request":
        return BadAnswer(f"the request to {shown} cannot be sent: check the http_headers of this source")
    if error.kind == "closed":
        return _cut_off(shown) if opened else _no_answer(shown)
    return Unreachable(f"the exchange with {shown} failed ({type(error.cause).__name__})")


def _not_connected(whole: list[BaseException], there: str, key: str) -> SourceError:
    for cause in whole:
        if isinstance(cause, socket.gaierror):
            host = urlsplit(there.rpartition(" ")[2]).hostname or there
            return Unreachable(
                f"the name {clean(host, 100)} of {there} cannot be resolved: check {key}, or DNS on this host"
            )
    numbers = {cause.errno for cause in whole if isinstance(cause, OSError)}
    if errno.ECONNREFUSED in numbers:
        return Unreachable(f"nothing listens at {there} (connection refused): is it running, is the port right?")
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}:
        return Unreachable(f"no route to {there}: check the network or VPN of this host")
    return Unreachable(f"cannot connect to {there}: check {key}, and the network of this host")


def _proxy_error(text: str, proxy: str) -> SourceError:
    """The proxy refused to open a tunnel; `text` is its status line."""
    said = clean(text, 80)
    if text.startswith("407"):
        return Denied(f"the proxy {proxy} wants a login (407): put user and password into proxy_url")
    if text.startswith("403"):
        return Denied(f"the proxy {proxy} forbids this connection ({said}): ask for the host to be allowed there")
    return Unreachable(f"the proxy {proxy} cannot open the connection ({said}): is the host right, does it answer?")


def _protocol_error(text: str, shown: str) -> SourceError:
    if "without sending complete message body" in text or "incomplete chunked read" in text:
        return _cut_off(shown)
    if "without sending a response" in text:
        return _no_answer(shown)
    return BadAnswer(f"{shown} does not speak HTTP: is the port right, does it want https:// in url?")


def _cut_off(shown: str) -> SourceError:
    return Unreachable(f"the answer of {shown} was cut off: look at the server and any proxy before it")


def _no_answer(shown: str) -> SourceError:
    doubt = "a client certificate (tls_config)" if shown.startswith("https:") else "https:// in url"
    return Unreachable(f"{shown} closed the connection without an answer: look at its log, or does it want {doubt}?")


def _tls_error(error: ssl.SSLError, shown: str) -> SourceError:
    host = urlsplit(shown).hostname or shown
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error, shown, host)
    reason = (error.reason or "").upper()
    if any(word in reason for word in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH", "RECORD_LAYER")):
        return BadAnswer(f"{shown} does not speak TLS: write http:// in url, or correct the port")
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return Unreachable(f"{shown} speaks no TLS version we allow: see tls_config.min_version and max_version")
    if "UNRECOGNIZED_NAME" in reason:
        return Unreachable(f"{shown} knows no host of this name: set tls_config.server_name")
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return Denied(f"{shown} wants a client certificate: set tls_config.cert_file and key_file")
    if "ALERT" in reason:  # bad_certificate, unknown_ca, certificate_expired …: it is ours that is refused
        what = clean(reason.lower().replace("_", " "), 60)
        return Denied(f"{shown} refuses our client certificate ({what}): check tls_config.cert_file and key_file")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or "EOF" in reason:
        return Unreachable(f"{shown} ended the TLS connection: does it speak TLS, does it want a client certificate?")
    return Unreachable(f"TLS with {shown} failed ({clean(reason.lower(), 60) or 'no reason given'}): see tls_config")


def _untrusted(error: ssl.SSLCertVerificationError, shown: str, host: str) -> SourceError:
    code = error.verify_code
    if code in _NAME_MISMATCH:
        return Unreachable(
            f"the certificate of {shown} is for another name than {clean(host, 100)}: correct url, or set "
            f"tls_config.server_name to the name in it"
        )
    if code == _EXPIRED:
        return Unreachable(f"the certificate of {shown} has expired: renew it there (or is this host's clock wrong?)")
    if code == _NOT_YET:
        return Unreachable(f"the certificate of {shown} is not valid yet: is this host's clock wrong?")
    return Unreachable(
        f"the certificate of {shown} is signed by an authority this host does not know: put that authority's "
        f"certificate into tls_config.ca_file ({clean(error.verify_message or '', 80)})"
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it, groups opened."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
