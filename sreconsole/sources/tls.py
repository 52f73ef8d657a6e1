"""TLS contexts from Prometheus' `tls_config`.

Building one reads files and the system's certificates (tens of milliseconds): call it off the event loop.
"""

from __future__ import annotations

import os
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sreconsole.config.model import TlsConfig
from sreconsole.errors import SourceError

_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_OLD = ("TLS10", "TLS11")

Stamp = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and change time (ns) of each file of a `tls_config`; None where one is missing."""


class _Context(ssl.SSLContext):
    """A context that presents and expects `server_name` whatever host is connected to, also through a tunnel."""

    server_name: str | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As in ssl.SSLContext, with the configured name in place of the host's."""
        return super().wrap_bio(incoming, outgoing, server_side, self.server_name or server_hostname, session)


def tls_context(tls: TlsConfig, *, server_name: bool = True) -> ssl.SSLContext:
    """The client context of a `tls_config`; `server_name` false leaves that key out (for the proxy's own TLS).

    TLS 1.2 at least unless `min_version` says otherwise; the system's authorities unless `ca` or `ca_file` is given.
    Raises SourceError naming the key and file at fault.
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    if server_name and tls.server_name:
        context.server_name = tls.server_name
    _set_versions(context, tls)
    if tls.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, tls)
    if tls.cert_file is not None or tls.cert is not None:
        _present(context, tls)
    return context


def tls_stamp(tls: TlsConfig) -> Stamp:
    """What the files look like now; another stamp means they were rotated and the context must be built anew."""
    return tuple(_stamp(path) for path in _files(tls))


def _files(tls: TlsConfig) -> list[Path]:
    key = tls.key.path if tls.key is not None else None
    return [path for path in (tls.ca_file, tls.cert_file, tls.key_file, key) if path is not None]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _set_versions(context: ssl.SSLContext, tls: TlsConfig) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old versions, asked for by name
        context.minimum_version = _VERSIONS[tls.min_version or "TLS12"]
        if tls.max_version:
            context.maximum_version = _VERSIONS[tls.max_version]
    if tls.min_version in _OLD:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # OpenSSL 3 refuses TLS below 1.2 at any other level


def _trust(context: ssl.SSLContext, tls: TlsConfig) -> None:
    """Load the authorities: the given one only, or the system's."""
    if tls.ca_file is None and tls.ca is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return
    place = f"tls_config.ca_file {tls.ca_file}" if tls.ca_file is not None else "tls_config.ca"
    try:
        if tls.ca_file is not None:
            context.load_verify_locations(cafile=str(tls.ca_file))
        if tls.ca is not None:
            context.load_verify_locations(cadata=tls.ca)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise SourceError(f"cannot use {place}: {_why(error, 'a PEM certificate')}") from None


def _present(context: ssl.SSLContext, tls: TlsConfig) -> None:
    """Load the client certificate and its key."""
    place = f"tls_config.cert_file {tls.cert_file}" if tls.cert_file is not None else "tls_config.cert"
    try:
        with _as_file(tls.cert) as cert, _as_file(tls.key.reveal() if tls.key else None) as key:
            context.load_cert_chain(
                certfile=cert or str(tls.cert_file),
                keyfile=key or (str(tls.key_file) if tls.key_file is not None else None),
                password=_no_passphrase,
            )
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot use {place} and its key: {_why(error, 'PEM, unencrypted and matching')}") from None


def _no_passphrase() -> str:
    """Called for an encrypted key, where OpenSSL would else ask at the terminal."""
    raise ValueError("the key is encrypted")


@contextmanager
def _as_file(text: str | None) -> Iterator[str | None]:
    """A path under which OpenSSL can read `text`: in memory where the system can, else a private temporary file."""
    if text is None:
        yield None
    elif hasattr(os, "memfd_create"):
        handle = os.memfd_create("tls")
        try:
            os.write(handle, text.encode())
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(text)
            file.flush()
            yield file.name


def _why(error: Exception, wanted: str) -> str:
    """What is wrong, without anything of the file's content."""
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        reason = getattr(error, "reason", None)
        return f"it is not {wanted}" + (f" ({reason})" if isinstance(reason, str) else "")
    return error.strerror or type(error).__name__
