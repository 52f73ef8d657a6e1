"""A server that misbehaves on purpose, and a forward proxy: raw sockets on 127.0.0.1, one thread a connection.

with FaultServer(lambda request: Reply(answer(503, "not ready"))) as server:
    ...
    assert server.requests[0].header("authorization") == "Bearer x"
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    sni: str | None = None
    """The server name of the TLS handshake."""

    def header(self, name: str) -> str | None:
        """The first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    def form(self) -> dict[str, str]:
        """The fields of a posted form."""
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """Raw bytes to send, and what to do then."""

    data: bytes = b""
    then: Literal["keep", "close", "hang", "reset"] = "keep"
    drip: bool = False
    """Send byte by byte, for ever beginning anew, until the client goes."""


def answer(
    status: int = 200, body: str | bytes = b"", kind: str = "application/json", headers: dict[str, str] | None = None
) -> bytes:
    """A well-formed HTTP/1.1 answer."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(data)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + data


class _Listener:
    """Accepts connections on a free port and serves each in its own thread, until the context ends."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._names = threading.local()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        if self._context is not None:
            self._context.sni_callback = self._note_name
        self._thread(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)

    def serve(self, conn: socket.socket) -> None:
        """Serve one connection."""
        raise NotImplementedError

    def name(self) -> str | None:
        """The server name the client of this thread asked for."""
        return getattr(self._names, "name", None)

    def _note_name(self, _conn: object, name: str | None, _context: object) -> None:
        self._names.name = name

    def _thread(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                conn, _ = self._socket.accept()
            except OSError:
                return
            self._open.add(conn)
            self._thread(self._one, conn)

    def _one(self, plain: socket.socket) -> None:
        conn = plain
        try:
            if self._context is not None:
                conn = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                self._open.add(conn)
                self._shake(conn)
            self.serve(conn)
        except OSError:
            pass  # the client went away, or did not like our certificate
        finally:
            for one in {plain, conn}:
                self._open.discard(one)
                one.close()

    def _shake(self, conn: ssl.SSLSocket) -> None:
        """The handshake; when it fails, close so that the alert arrives: unread bytes would turn it into a reset."""
        try:
            conn.do_handshake()
        except ssl.SSLError:
            with socket.socket(fileno=os.dup(conn.fileno())) as raw:
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(65536):
                    pass
            raise


class FaultServer(_Listener):
    """Answers each request with what `respond` returns for it and remembers the requests."""

    def __init__(self, respond: Callable[[Request], Reply | bytes], context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.respond = respond
        self.requests: list[Request] = []
        self.connections = 0

    def serve(self, conn: socket.socket) -> None:
        """Answer requests until the client goes or a reply ends the connection."""
        self.connections += 1
        stream = conn.makefile("rb")
        with stream:
            while (request := _read(stream, self.name())) is not None:
                self.requests.append(request)
                made = self.respond(request)
                reply = Reply(made) if isinstance(made, bytes) else made
                conn.sendall(reply.data)
                while reply.drip and not self._stopping.wait(0.01):
                    conn.sendall(b" ")
                if reply.then == "hang":
                    self._stopping.wait()
                if reply.then == "reset":
                    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if reply.then != "keep":
                    return


class ForwardProxy(_Listener):
    """A forward proxy: CONNECT tunnels, and whole URLs for http. Every name leads to 127.0.0.1.

    `login` is the Proxy-Authorization value it demands; `refuse` a status it answers everything with.
    """

    def __init__(
        self, login: str | None = None, refuse: int | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(context)
        self.login, self.refuse = login, refuse
        self.requests: list[Request] = []

    def serve(self, conn: socket.socket) -> None:
        """Serve one connection: one request or one tunnel."""
        with conn.makefile("rb", buffering=0) as stream:
            request = _read(stream, self.name())
        if request is None:
            return
        self.requests.append(request)
        if self.refuse is not None:
            conn.sendall(answer(self.refuse, "", ""))
        elif self.login is not None and request.header("proxy-authorization") != self.login:
            conn.sendall(answer(407, "", ""))
        elif request.method == "CONNECT":
            self._tunnel(conn, int(request.target.rpartition(":")[2]))
        else:
            self._forward(conn, request)

    def _tunnel(self, conn: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            self._open.add(far)
            conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._thread(_pump, far, conn)
            _pump(conn, far)
            self._open.discard(far)

    def _forward(self, conn: socket.socket, request: Request) -> None:
        parts = urlsplit(request.target)
        with socket.create_connection(("127.0.0.1", parts.port or 80)) as far:
            self._open.add(far)
            kept = [(name, value) for name, value in request.headers if not name.startswith("proxy-")]
            head = [f"{request.method} {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in kept)]
            far.sendall("\r\n".join([*head, "Connection: close"]).encode() + b"\r\n\r\n" + request.body)
            _pump(far, conn)
            self._open.discard(far)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _read(stream: object, sni: str | None) -> Request | None:
    """One request; None at the end of the connection."""
    readline, read = stream.readline, stream.read  # type: ignore[attr-defined]
    first = readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: list[tuple[str, str]] = []
    while line := readline().decode("utf-8", "surrogateescape").strip():
        name, _, value = line.partition(":")
        headers.append((name.strip().lower(), value.strip()))
    left = int(dict(headers).get("content-length", "0"))
    body = b""
    while left > len(body) and (part := read(left - len(body))):
        body += part
    return Request(first[0], first[1], tuple(headers), body, sni)
