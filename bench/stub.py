"""A Prometheus that computes its answers: `python -m bench.stub SERVICES` serves them and says its port.

It knows the queries of counters grouped by `service`, and answers for so many services whatever they are restricted to.
`--every`: seconds between samples. `--restless`: with each request for the newest minutes a tenth of the services had
other failures in them. GET /spent gives the seconds it took since it was asked last, and the number of requests.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from bench.clock import clock

_MARK = re.compile(r'"sreconsole", "(\d+)\.(\d)(?:\.(\w+))?"')
_FAILURES = ("0", "2")
"""The parts of an SLO that are its failures: asked for on their own, and in one look with the rest of the total."""
_TENTH = 10


class Answers:
    """What the server says; one for all connections."""

    def __init__(self, services: int, every: float, restless: bool) -> None:
        self.names = [f"service-{number:04d}" for number in range(services)]
        self.every, self.restless = every, restless
        self.lock = threading.Lock()
        self.spent, self.requests = 0.0, 0
        self._swing = [1.0] * services
        self._turn = 0

    def to(self, path: str, form: dict[str, str]) -> str:
        """The answer to a request."""
        if "query" not in form:  # alerts and rules
            return '{"status":"success","data":{"alerts":[],"groups":[]}}'
        query = form["query"]
        if query == "1 + 1":
            return f'{{"status":"success","data":{{"resultType":"scalar","result":[{form["time"]},"2"]}}}}'
        ranged = path.endswith("/query_range")
        series = self._ranges(query, form) if ranged else self._values(query, form["time"])
        kind = "matrix" if ranged else "vector"
        return f'{{"status":"success","data":{{"resultType":"{kind}","result":[{",".join(series)}]}}}}'

    def _values(self, query: str, at: str) -> Iterator[str]:
        for group, part, tag in _MARK.findall(query):
            digits = re.sub(r"\D", "", tag)
            counted = tag.startswith(("most", "fewest"))
            for number, head in self._heads(group, part, tag):
                value = int(digits) / self.every if counted else self._events(number, part, int(digits))
                yield f'{head},"value":[{at},"{value:g}"]}}'

    def _ranges(self, query: str, form: dict[str, str]) -> Iterator[str]:
        start, end, step = (int(float(form[key])) for key in ("start", "end", "step"))
        if self.restless and step == 60 and end - start < 600:
            self._toss()
        stamps = range(start, end + 1, step)
        for group, part, tag in _MARK.findall(query):
            for number, head in self._heads(group, part, tag):
                text = f"{self._events(number, part, step):g}"
                moved = f"{self._events(number, part, step) * self._swing[number]:g}"
                newest = end - 180 if step == 60 and part in _FAILURES else end
                values = ",".join(f'[{at},"{moved if at > newest else text}"]' for at in stamps)
                yield f'{head},"values":[{values}]}}'

    def _heads(self, group: str, part: str, tag: str) -> Iterator[tuple[int, str]]:
        mark = f"{group}.{part}.{tag}" if tag else f"{group}.{part}"
        for number, name in enumerate(self.names):
            yield number, f'{{"metric":{{"service":"{name}","sreconsole":"{mark}"}}'

    def _events(self, number: int, part: str, seconds: int) -> float:
        """Events of a service; one in fifty services burns."""
        total = seconds * (1.0 + number % 7)
        share = 0.02 if number % 50 == 0 else 0.0001 * (number % 13)
        return total * share if part in _FAILURES else total

    def _toss(self) -> None:
        """Other failures in the newest minutes of the next tenth of the services."""
        self._turn += 1
        for number in range(self._turn % _TENTH, len(self.names), _TENTH):
            self._swing[number] = 1.0 if self._swing[number] > 1 else 3.0 + self._turn % 5


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answers: Answers
    clock = staticmethod(clock())

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        began = time.perf_counter()
        self._send(self.answers.to(self.path.partition("?")[0], {key: found[0] for key, found in form.items()}))
        with self.answers.lock:
            self.answers.spent += time.perf_counter() - began
            self.answers.requests += 1

    def do_GET(self) -> None:
        if self.path != "/spent":
            self._send(self.answers.to(self.path.partition("?")[0], {}))
            return
        with self.answers.lock:
            said = json.dumps({"seconds": self.answers.spent, "requests": self.answers.requests})
            self.answers.spent, self.answers.requests = 0.0, 0
        self._send(said)

    def _send(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.clock() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A client that goes away in the middle is nothing to complain about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            traceback.print_exc()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", type=int)
    parser.add_argument("--every", type=float, default=60.0)
    parser.add_argument("--restless", action="store_true")
    given = parser.parse_args()
    Handler.answers = Answers(given.services, given.every, given.restless)
    server = Server(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
