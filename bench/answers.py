"""One prepared range answer to every query: `python -m bench.answers SERIES POINTS` serves it and says its port."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

START = 1_800_000_000


def body(series: int, points: int) -> bytes:
    """What Prometheus would answer: so many series with so many values."""
    result = [
        {
            "metric": {"service": f"service-{number:04d}"},
            "values": [[START + 60 * point, f"{number * 1.5 + point:.6f}"] for point in range(points)],
        }
        for number in range(series)
    ]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


class Handler(BaseHTTPRequestHandler):
    """Reads the form, sends the answer."""

    protocol_version = "HTTP/1.1"
    answer = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Handler.answer = body(int(sys.argv[1]), int(sys.argv[2]))
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
