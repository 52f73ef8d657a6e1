"""Deploys in the plain text of `status`: those that run and the newest, aligned; what is not known is said."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.present.deploy_section import deploy_section
from sreconsole.present.deploy_words import none_known

NOW = 1_763_892_000.0  # 2025-11-23 10:00 UTC, a Sunday
UTC = ZoneInfo("UTC")
CI = SourceState("ci", "file", "live", NOW)
ONE = Deploy("ci:1", "checkout", "v42", environment="prod", started_at=NOW - 900, finished_at=NOW - 780, actor="ana")
RUNS = replace(ONE, id="ci:2", version="v43", status="running", kind="rollback", started_at=NOW - 125, finished_at=None)
SEEN = replace(ONE, id="prom:3", service="a", version="v1", confidence="inferred", started_at=None, actor=None)


def lines(*deploys: Deploy, source: SourceState = CI) -> list[str]:
    return list(deploy_section(Snapshot(NOW, deploys=deploys, deploy_sources=(source,)), UTC))


def test_nothing_is_said_where_nobody_is_asked() -> None:
    assert list(deploy_section(Snapshot(NOW), UTC)) == []


def test_running_ones_and_the_newest_stand_in_columns() -> None:
    assert lines(RUNS, ONE, SEEN) == [
        "",
        "deploys: 1 running, 2 in 7d",
        "09:57   checkout  v43  prod  running rollback  2m  ana",
        "09:47   checkout  v42  prod  succeeded         2m  ana",
        "~09:47  a         v1   prod  succeeded         -",
    ]


def test_some_are_shown_and_how_many_more_there_are_is_said() -> None:
    made = lines(*(replace(ONE, id=str(n), finished_at=NOW - n) for n in range(9)))
    assert (len(made), made[-1]) == (8, "and 4 more in 30d")


def test_what_is_not_known_is_not_none() -> None:
    down = replace(CI, state="down", error="it is not there")
    assert lines(source=down) == ["", "deploys: unknown"]
    assert lines() == ["", "deploys: 0 in 7d"]


def test_what_is_yet_to_be_fetched_is_not_none() -> None:
    asked = replace(CI, name="prom", kind="prometheus", progress=0.256)
    assert lines(source=asked) == ["", "deploys: unknown"]
    assert lines(ONE, source=asked)[1] == "deploys: 1 in 7d, the rest unknown"
    snapshot = Snapshot(NOW, deploy_sources=(asked,))
    assert none_known(snapshot, NOW, 15.0, 80) == "none yet: prom history 25%"


def test_bad_lines_of_a_file_are_counted_and_the_rest_is_known() -> None:
    assert lines(source=replace(CI, bad_lines=1)) == ["", "deploys: 0 in 7d, 1 bad line"]
    assert lines(source=replace(CI, bad_lines=12)) == ["", "deploys: 0 in 7d, 12 bad lines"]
