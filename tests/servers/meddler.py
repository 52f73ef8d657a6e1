"""A proxy before an Alertmanager that passes reads on and meddles with writes: cuts, hangs, answers for itself.

with Meddler(server.url) as proxy:
    proxy.meddle(CUT, landed=True)     # the next write arrives, and its answer is lost
"""

from __future__ import annotations

import http.client
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.servers.faults import FaultServer, Reply, Request, answer

Change = Callable[[bytes], Reply]
"""The real answer (empty where nothing was passed on) to what is sent instead."""

PAGE = "<!doctype html><html><title>Sign in</title><form>password</form></html>"

CUT: Change = lambda _: Reply(b"", "close")  # noqa: E731
RESET: Change = lambda _: Reply(b"", "reset")  # noqa: E731
FIRST_BYTE: Change = lambda _: Reply(b"H", "close")  # noqa: E731
HALF: Change = lambda real: Reply((real or answer(200, '{"silenceID":"half"}'))[:-9], "close")  # noqa: E731
HANG: Change = lambda _: Reply(b"", "hang")  # noqa: E731
BAD_GATEWAY: Change = lambda _: Reply(answer(502, "<html><title>502 Bad Gateway</title>", "text/html"))  # noqa: E731
SERVER_ERROR: Change = lambda _: Reply(answer(500, '{"message":"oh"}'))  # noqa: E731
REDIRECT: Change = lambda _: Reply(answer(302, "", "", {"Location": "/elsewhere"}))  # noqa: E731
KEPT_METHOD: Change = lambda _: Reply(answer(307, "", "", {"Location": "/api/v2/silences"}))  # noqa: E731
WEB_PAGE: Change = lambda _: Reply(answer(200, PAGE, "text/html"))  # noqa: E731
EMPTY: Change = lambda _: Reply(answer(200, ""))  # noqa: E731
OTHER_JSON: Change = lambda _: Reply(answer(200, '{"status":"success"}'))  # noqa: E731
LIMITED: Change = lambda _: Reply(answer(429, "slow down", "text/plain", {"Retry-After": "1"}))  # noqa: E731
TIMED_OUT: Change = lambda _: Reply(answer(408, '{"message":"too slow"}'))  # noqa: E731

CHANGES: dict[str, Change] = {
    "cut": CUT,
    "reset": RESET,
    "first byte": FIRST_BYTE,
    "half": HALF,
    "hang": HANG,
    "502": BAD_GATEWAY,
    "500": SERVER_ERROR,
    "302": REDIRECT,
    "307": KEPT_METHOD,
    "page": WEB_PAGE,
    "empty": EMPTY,
    "other JSON": OTHER_JSON,
    "429": LIMITED,
    "408": TIMED_OUT,
}


class Meddler(FaultServer):
    """Stands before the server at `target`."""

    def __init__(self, target: str) -> None:
        super().__init__(self._meddled)
        self._target = urlsplit(target)
        self._plans: deque[tuple[Change, bool]] = deque()
        self.reads: Change | None = None
        """What happens to reads; None: they pass."""
        self.blind_after_write = False
        """Whether reads hang once a write has come."""
        self.headers: Callable[[bytes], bytes] = lambda real: real
        """What is made of every real answer."""

    def meddle(self, change: Change, *, landed: bool, times: int = 1) -> None:
        """Change the answers of the next writes; `landed`: they are passed on all the same."""
        self._plans.extend([(change, landed)] * times)

    def forget(self) -> None:
        """Pass on what comes from now on."""
        self._plans.clear()

    @property
    def writes(self) -> list[Request]:
        """Those that came, passed on or not."""
        return [request for request in self.requests if request.method != "GET"]

    def _meddled(self, request: Request) -> Reply:
        if request.method == "GET":
            if self.blind_after_write and self.writes:
                return Reply(b"", "close")
            return self.reads(b"") if self.reads is not None else Reply(self._passed(request))
        if not self._plans:
            return Reply(self._passed(request))
        change, landed = self._plans.popleft()
        return change(self._passed(request) if landed else b"")

    def _passed(self, request: Request) -> bytes:
        link = http.client.HTTPConnection(self._target.netloc, timeout=10)
        try:
            link.request(
                request.method, self._target.path + request.target, request.body or None, dict(request.headers)
            )
            got = link.getresponse()
            body = got.read()
        finally:
            link.close()
        kept: dict[str, Any] = {
            name: value
            for name, value in got.getheaders()
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "content-type")
        }
        return self.headers(answer(got.status, body, got.headers.get("content-type", ""), kept))
