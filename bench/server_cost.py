"""What the requests of a first start cost a server, by kind: each is sent again, kind by kind."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Sequence

from bench.engine import METRICS, cpu
from tests.servers.prometheus import PrometheusServer
from tests.servers.recording import Seen

_WIDTHS = {"60": "minutes", "300": "five minutes", "3600": "hours"}


def breakdown(server: PrometheusServer, seen: Sequence[Seen]) -> str:
    """A table of requests, samples and CPU by kind of request."""
    kinds: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.path in METRICS:
            kinds[_kind(one)].append(one)
    spent = {kind: _again(server, requests) for kind, requests in kinds.items()}
    rows = [
        f"| {kind} | {len(kinds[kind])} | {sum(one.samples for one in kinds[kind]):,} | {spent[kind]:.1f} s |"
        for kind in sorted(kinds, key=lambda kind: -spent[kind])
    ]
    head = "| asked for | requests | samples | CPU of the server |\n|---|---|---|---|"
    return "The first start by kind of request:\n\n" + "\n".join([head, *rows])


def _kind(one: Seen) -> str:
    if not one.path.endswith("_range"):
        return "instants (short windows, scrape intervals)"
    exact = "exact growth" if "last_over_time" in one.form["query"] else "plain increase"
    return f"{_WIDTHS.get(one.form['step'], one.form['step'])}, {exact}"


def _again(server: PrometheusServer, requests: Sequence[Seen]) -> float:
    before = cpu(server.pid)
    for one in requests:
        body = urllib.parse.urlencode(one.form).encode()
        with urllib.request.urlopen(f"{server.url}{one.path}", body) as answer:
            answer.read()
    return cpu(server.pid) - before
