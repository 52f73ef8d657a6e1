"""A proxy that forwards to a real server and keeps what it saw: requests, sizes, how many at once."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True)
class Seen:
    """One request and its answer."""

    path: str
    form: dict[str, str]
    status: int
    size: int
    samples: int = 0
    """Samples the server touched for it, when that is counted."""


@dataclass(slots=True)
class _Book:
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: list[Seen] = field(default_factory=list)
    running: int = 0
    down: bool = False
    most: int = 0


class RecordingProxy:
    """Forwards every request to `upstream`; a context manager. `date`: what time its answers say it is."""

    def __init__(self, upstream: str, date: Callable[[], float] | None = None, *, stats: bool = False) -> None:
        """`stats`: ask the server how many samples it touched."""
        self._book = _Book()
        host = urlsplit(upstream).netloc
        book = self._book

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and body in one packet: two of them wait 40 ms for an acknowledgement
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                if book.down:
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                with book.lock:
                    book.running += 1
                    book.most = max(book.most, book.running)
                try:
                    self._forward(body)
                finally:
                    with book.lock:
                        book.running -= 1

            do_GET = do_POST

            def _forward(self, body: bytes) -> None:
                if stats and body:
                    body += b"&stats=all"
                there = http.client.HTTPConnection(host, timeout=60)
                headers = {
                    k: v
                    for k, v in self.headers.items()
                    if k.lower() not in ("host", "accept-encoding", "content-length")
                }
                there.request(self.command, self.path, body, headers)
                answer = there.getresponse()
                payload = answer.read()
                there.close()
                form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
                with book.lock:
                    book.seen.append(
                        Seen(self.path, form, answer.status, len(payload), _samples(payload) if stats else 0)
                    )
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.getheader("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(date() if date is not None else None)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> RecordingProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def seen(self) -> list[Seen]:
        """Every request so far."""
        with self._book.lock:
            return list(self._book.seen)

    @property
    def samples(self) -> int:
        """Samples the server touched for all of them."""
        return sum(one.samples for one in self.seen)

    @property
    def most_at_once(self) -> int:
        """The most requests that ran at the same time."""
        return self._book.most

    def take_down(self, down: bool) -> None:
        """Close every connection without an answer, or serve again."""
        self._book.down = down

    def clear(self) -> None:
        """Forget what was seen."""
        with self._book.lock:
            self._book.seen.clear()
            self._book.most = 0


def _samples(payload: bytes) -> int:
    """Samples touched, by the statistics in an answer of the API."""
    found = re.search(rb'"totalQueryableSamples":(\d+)', payload)
    return int(found[1]) if found else 0
