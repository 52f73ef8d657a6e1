"""The tools of the tests hold: a real Prometheus answers what was backfilled."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill

T = 1_700_000_000 - 1_700_000_000 % 7200


def test_backfilled_history_is_answered(tmp_path: Path) -> None:
    made = counter(
        "http_requests_total",
        {"code": "200", "path": 'a"b\\c'},
        start=T,
        end=T + 3600,
        every=60,
        rate=2.0,
        resets=[T + 1800],
        gaps=[(T + 600, T + 1200)],
    )
    assert dict(made.samples)[T + 1800 + 60] == 120.0
    assert T + 660 not in dict(made.samples)
    odd = Series("odd", {}, [(T + 60.0, float("nan")), (T + 120.0, float("inf"))])
    backfill(tmp_path, openmetrics([made, odd]))
    with PrometheusServer(tmp_path) as server:
        assert _ask(server, "http_requests_total[1h1s]") == [
            {
                "metric": {"__name__": "http_requests_total", "code": "200", "path": 'a"b\\c'},
                "values": [[at, f"{value:g}"] for at, value in made.samples],
            }
        ]
        assert [value for _at, value in _ask(server, "odd[1h1s]")[0]["values"]] == ["NaN", "+Inf"]


def _ask(server: PrometheusServer, expr: str) -> list[dict[str, list[list[object]]]]:
    with urllib.request.urlopen(f"{server.url}/api/v1/query?{urlencode({'query': expr, 'time': T + 3600})}") as answer:
        result: list[dict[str, list[list[object]]]] = json.load(answer)["data"]["result"]
        return result
