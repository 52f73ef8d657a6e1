"""A fleet whose every status changes at each refresh: a real Prometheus behind a proxy that rewrites its answers."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.bad_days.conftest import Day
from tests.bad_days.estate import slo
from tests.servers.faults import FaultServer, Request, answer

_BAD_PART = re.compile(r"\d+\.[02](?!\d)")
"""How the console marks the bad events of a request, asked for apart (0) or in one look with the total (2)."""


def members(source: str) -> dict[str, Any]:
    """The SLO of a fleet's members in the config's words."""
    made = slo("", source)
    made["sli"] = {name: query.replace('service=""', "").replace("{,", "{") for name, query in made["sli"].items()}
    return made


class Flips:
    """Makes every second answer to a question about the last five minutes one without failures, and with it all that
    follow until the next. While it does, a question is asked of the real server once only, so that it is never slow."""

    def __init__(self, upstream: str) -> None:
        self._host = urlsplit(upstream).netloc
        self._flipping = False
        self._well = False
        self._kept: dict[tuple[str, bool], bytes] = {}
        self.turns = 0

    def start(self) -> None:
        """From now on."""
        self._flipping = True

    def stop(self) -> None:
        """From now on nothing fails any more."""
        self._flipping, self._well = False, True

    def respond(self, request: Request) -> bytes:
        """The answer of the real server, with or without its failures."""
        query = request.form().get("query", "")
        if self._flipping and "[299999ms]" in query:
            self._well = not self._well
            self.turns += 1
        well = self._well
        if not self._flipping or not request.target.endswith("/query"):
            return self._asked(request, well)
        if (query, well) not in self._kept:
            self._kept[query, well] = self._asked(request, well)
        return self._kept[query, well]

    def _asked(self, request: Request, well: bool) -> bytes:
        status, kind, body = forward(self._host, request)
        return answer(status, _without_failures(body) if well else body, kind)


def forward(host: str, request: Request) -> tuple[int, str, bytes]:
    """Ask the real server the same; status, content type and body of its answer."""
    there = http.client.HTTPConnection(host, timeout=60)
    kept = {name: value for name, value in request.headers if name in ("content-type", "accept")}
    there.request(request.method, request.target, request.body, kept)
    got = there.getresponse()
    body = got.read()
    there.close()
    return got.status, got.getheader("Content-Type", ""), body


def _without_failures(body: bytes) -> bytes:
    whole = json.loads(body)
    if whole.get("status") != "success" or not isinstance(whole["data"], dict):
        return body
    for series in whole["data"].get("result", ()):
        if isinstance(series, dict) and _BAD_PART.match(series["metric"].get("sreconsole", "")):
            for at in [series["value"]] if "value" in series else series.get("values", ()):
                at[1] = "0"
    return json.dumps(whole).encode()


@contextmanager
def flipping(day: Day, count: int) -> Iterator[tuple[str, Flips]]:
    """A fleet of so many services that all page, until it is told to flip; the URL and the switch."""
    victim = day.estate.prometheus(*(f"s-{number:04}" for number in range(count)))
    flips = Flips(victim.url)
    with FaultServer(flips.respond) as proxy:
        yield proxy.url, flips
