"""The Prometheus HTTP API: against a real Prometheus, and the corners of its JSON against a server of our own."""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.errors import BadAnswer, QueryRejected, Unreachable
from sreconsole.sources import promjson, turns
from sreconsole.sources.promapi import Matrix, PromApi
from tests.servers.faults import FaultServer, answer
from tests.servers.history import Series, counter, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.sources.asking import api, failure

pytestmark = pytest.mark.usefixtures("carrier")

T = 1_700_000_000 - 1_700_000_000 % 7200


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    data = tmp_path_factory.mktemp("prometheus")
    two = [
        counter("requests_total", {"code": code}, start=T, end=T + 3600, every=60, rate=rate)
        for code, rate in (("200", 2.0), ("500", 0.5))
    ]
    odd = [Series("odd", {"i": str(i)}, [(T + 60.0, v)]) for i, v in enumerate((math.nan, math.inf, -math.inf))]
    backfill(data, openmetrics([*two, *odd]))
    with PrometheusServer(data) as server:
        yield server


async def test_a_real_prometheus_answers(prometheus: PrometheusServer) -> None:
    async with api(prometheus.url) as asked:
        vector = await asked.query("increase(requests_total[30m])", T + 3600)
        assert vector.kind == "vector"
        assert sorted((labels["code"], round(found)) for labels, found in vector.items) == [("200", 3600), ("500", 900)]
        assert vector.warnings == ()
        assert vector.server_time is not None
        scalar = await asked.query("1 + 1", T)
        assert (scalar.kind, scalar.items) == ("scalar", [({}, 2.0)])
        assert (await asked.query("nothing", T)).items == []
        found = await asked.query_range("sum(rate(requests_total[5m]))", T, T + 7200, 600)
        (series,) = found.series
        assert list(series.times) == [float(T + 600 * step) for step in range(1, 7)]
        assert list(series.values) == [2.5] * 6
        odd = await asked.query("odd", T + 60)
        assert [str(found) for _labels, found in sorted(odd.items, key=lambda item: item[0]["i"])] == [
            "nan",
            "inf",
            "-inf",
        ]
        ranged = await asked.query_range("odd", T + 60, T + 60, 1)
        assert sorted(str(series.values[0]) for series in ranged.series) == ["-inf", "inf", "nan"]
        assert await asked.label_values("code", "requests_total", T, T + 3600) == ["200", "500"]
        assert await asked.label_values("code", "nothing", T, T + 3600) == []


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda a: a.query("requests_total{", T), "unexpected end of input"),
        (lambda a: a.query("requests_total + on() requests_total", T), "many-to-many"),
        (lambda a: a.query_range("requests_total", T, T + 1e9, 1), "exceeded maximum resolution of 11,000 points"),
        (lambda a: a.query("requests_total[5m]", T), "range of samples"),
        (lambda a: a.query('"text"', T), "gives a string"),
        (lambda a: a.label_values("co-de", "requests_total", T, T), 'invalid label name: "co-de"'),
    ],
)
async def test_what_a_real_prometheus_refuses(
    prometheus: PrometheusServer, ask: Callable[[PromApi], Any], said: str
) -> None:
    async with api(prometheus.url) as asked:
        with pytest.raises(QueryRejected) as caught:
            await ask(asked)
    assert said in str(caught.value)


async def test_a_wrong_prefix_and_tls_where_there_is_none(prometheus: PrometheusServer) -> None:
    assert f"no Prometheus API at {prometheus.url}/pre (404)" in str(await failure(prometheus.url + "/pre/"))
    assert "does not speak TLS" in str(await failure(prometheus.url.replace("http:", "https:")))


async def test_a_server_that_gives_up_by_its_own_limit(tmp_path: Path) -> None:
    backfill(tmp_path, openmetrics([counter("a_total", {}, start=T, end=T + 3600, every=15, rate=1)]))
    with PrometheusServer(tmp_path, arguments=("--query.timeout=1ms",)) as hurried:
        async with api(hurried.url) as asked:
            with pytest.raises(Unreachable, match="gave up on a query"):
                await asked.query_range("max_over_time(rate(a_total[5m])[30m:1s])", T, T + 3600, 1)


async def test_forms_are_short_and_exact() -> None:
    good = answer(200, json.dumps(matrix([])))
    with FaultServer(lambda _request: good) as server:
        async with api(server.url + "/prom/") as asked:
            await asked.query_range("up", 1_700_000_000, 1_700_000_060.25, 15.0, timeout=2.5)
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/prom/api/v1/query_range")
    assert request.form() == {
        "query": "up", "start": "1700000000", "end": "1700000060.25", "step": "15", "timeout": "2500ms",
    }  # fmt: skip
    assert request.header("accept-encoding") == "gzip"


def matrix(result: list[Any], **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}


async def ranged(body: Any) -> Matrix:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    with FaultServer(lambda _request: answer(200, text)) as server:
        async with api(server.url) as asked:
            return await asked.query_range("x", 0.0, 1.0, 1.0)


async def test_warnings_infos_and_partial_answers_are_told_apart() -> None:
    found = await ranged(matrix([], warnings=["store \x1b[31mgone"], infos=["a metric might not be a counter"]))
    assert found.warnings == ("store ␛gone",)
    assert found.infos == ("a metric might not be a counter",)
    partial = await ranged(matrix([], isPartial=True, warnings=None, infos=None))
    assert partial.warnings == ("the server says that its answer is partial",)
    assert partial.infos == ()


async def test_native_histograms_are_left_out_and_said() -> None:
    plain = {"metric": {"a": "b"}, "values": [[1, "2"]]}
    native = {"metric": {"a": "c"}, "histograms": [[1, {"count": "1", "sum": "2"}]]}
    found = await ranged(matrix([native, plain]))
    assert [series.labels for series in found.series] == [{"a": "b"}]
    assert found.infos == ("1 native histograms were left out",)
    assert found.warnings == ()


async def test_labels_stay_raw_for_matching() -> None:
    hostile = "\x1b[31m[red]\u202e"
    found = await ranged(matrix([{"metric": {"a": hostile}, "values": [[1, "2"]]}]))
    assert found.series[0].labels == {"a": hostile}


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**40), NUMBERS), min_size=1), max_size=5))
def test_every_number_survives(rows: list[list[tuple[int, float]]]) -> None:
    def written(number: float) -> str:
        if math.isfinite(number):
            return repr(number)
        return "NaN" if number != number else f"{number:+}".replace("inf", "Inf")

    result = [
        {"metric": {"i": str(i)}, "values": [[at / 1000, written(v)] for at, v in row]} for i, row in enumerate(rows)
    ]
    body = json.dumps(matrix(result)).encode()

    async def decoded() -> tuple[list[promjson.Series], int]:
        return await promjson.matrix_series(await promjson.envelope(body))

    series, left_out = asyncio.run(decoded())
    assert left_out == 0
    assert [one.labels["i"] for one in series] == [str(i) for i in range(len(rows))]
    for one, row in zip(series, rows, strict=True):
        assert [*map(repr, one.times)] == [repr(at / 1000) for at, _ in row]
        assert [*map(repr, one.values)] == [repr(number) for _, number in row]


@pytest.mark.parametrize(
    "values",
    [
        [[1, "0x10"]], [[1, "1_0"]], [[1, " 1"]], [[1, ""]], [[1, "one"]], [[1, None]], [[1, []]], [["one", "1"]],
        [[1]], [[1, "1", "1"]], [1, "1"], {"1": "1"}, "1",
    ],
)  # fmt: skip
async def test_what_is_no_sample_is_no_value(values: Any) -> None:
    with pytest.raises(BadAnswer, match="not the Prometheus API's"):
        await ranged(matrix([{"metric": {}, "values": values}]))


async def test_the_screen_gets_its_turn_while_a_big_answer_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE", 0.0)  # every series ends a slice
    body = json.dumps(matrix([{"metric": {"i": str(i)}, "values": [[1, "2"]]} for i in range(50)]))
    given = 0

    async def screen() -> None:
        nonlocal given
        while True:
            given += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(screen())
    series, _ = await promjson.matrix_series(await promjson.envelope(body.encode()))
    task.cancel()
    assert len(series) == 50
    assert given >= 50


async def test_importing_and_building_a_client_does_not_import_httpx() -> None:
    code = (
        "import sys; from sreconsole.sources.http import HttpClient; from sreconsole.sources.promapi import PromApi;"
        "from sreconsole.config.model import HttpConfig; PromApi(HttpClient('p', 'https://h', HttpConfig(), 1));"
        "sys.exit('httpx' in sys.modules)"
    )
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=Path(__file__).parents[2])
    assert await done.wait() == 0
