"""A target to scrape: a real HTTP server on 127.0.0.1 whose /metrics page a test changes between scrapes."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class MetricsTarget:
    """Answers /metrics with `page`; counts how often it was asked."""

    def __init__(self, page: str | bytes = "", content_type: str = TEXT, port: int = 0) -> None:
        self.page = page
        self.content_type = content_type
        self.status = 200
        self.asked = 0
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and body in one packet: two of them wait 40 ms for an acknowledgement

            def do_GET(self) -> None:
                target.asked += 1
                body = target.page.encode() if isinstance(target.page, str) else target.page
                self.send_response(target.status)
                self.send_header("Content-Type", target.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        ThreadingHTTPServer.daemon_threads = True
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The URL of its page."""
        return f"http://127.0.0.1:{self.port}/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
