"""Hostile text of every source through every format of `status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.cells import cell_len

from tests.hostile.corpus import odd, odd_lines
from tests.hostile.world import World
from tests.plain.commands import Done, run

pytestmark = pytest.mark.prove

MOST = 35
"""Of the texts some look alike once cleaned, and count once."""


def status(where: World, *arguments: str) -> Done:
    done = run(where.home, "--config", where.config, "status", "--timeout", "20s", *arguments)
    assert done.code == 2, done.err
    assert odd_lines(done.err) == []
    return done


def test_text(hostile: World) -> None:
    done = status(hostile)
    assert odd_lines(done.out) == []
    rows = [line for line in done.out.splitlines() if "  availability  " in line]
    assert len(rows) > MOST
    columns = {cell_len(row.partition("  availability  ")[0]) for row in rows}
    assert len(columns) == 1, "no text of another width shifts a column"


def test_json(hostile: World) -> None:
    done = status(hostile, "--format", "json")
    assert odd_lines(done.out) == []
    assert done.out.count("\n") == 1 or json.loads(done.out)

    def refuse(constant: str) -> object:
        raise AssertionError(f"{constant} is no JSON")

    whole = json.loads(done.out, parse_constant=refuse)
    assert len(whole["services"]) > MOST
    assert len(whole["alerts"]) > MOST
    assert len(whole["silences"]) > MOST
    assert len({deploy["service"] for deploy in whole["deploys"]}) > MOST
    assert any("bad lines in" in note for source in whole["sources"] for note in source["notes"])
    assert any("bad lines in" in remark for remark in whole["toil"]["remarks"])
    assert len(whole["toil"]["offenders"]) > MOST
    assert whole["toil"]["weeks"][0]["measured"] > MOST * 5
    assert list(texts(whole))
    for text in texts(whole):
        assert odd(text) == [], text[:80]


def texts(value: object) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_tsv(hostile: World) -> None:
    done = status(hostile, "--format", "tsv")
    lines = done.out.splitlines()
    assert lines == done.out.removesuffix("\n").split("\n"), "nothing but a line feed ends a line"
    assert {line.count("\t") for line in lines} == {6}
    assert [odd(line.replace("\t", "")) for line in lines if odd(line.replace("\t", ""))] == []
    assert len(lines) > MOST


def test_prom(hostile: World) -> None:
    done = status(hostile, "--format", "prom")
    assert odd_lines(done.out) == []
    families = {family.name: family for family in text_string_to_metric_families(done.out)}
    services = {sample.labels["service"] for sample in families["sreconsole_slo_status"].samples}
    assert len(services) > MOST


def test_the_log(hostile: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    status(hostile, "--log", str(log))
    data = log.read_text(encoding="utf-8")
    assert "broken" in data
    assert odd_lines(data) == []
    assert all(line[:2] == "20" for line in data.splitlines()), "one line a record"
