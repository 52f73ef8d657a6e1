"""Ticks stand under the bar of their moment."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.report import Trend
from sreconsole.present.cells import plain, width
from sreconsole.present.deploy_ticks import cell_of, shown, tick_line
from sreconsole.present.marks import ASCII, UNICODE
from sreconsole.present.spark import grouped

UTC = ZoneInfo("UTC")
START = 1_795_399_800  # 02:10, where a group of five minutes begins
HOUR = Trend(START, 60, (0.1,) * 60)
NOW = START + 3_640.0


def deploy(minute: float, minutes: float = 0, **changes: object) -> Deploy:
    """One that ends at a minute of the hour after so many minutes."""
    end = START + minute * 60
    made = Deploy("1", "checkout", "v42", started_at=end - minutes * 60, finished_at=end)
    return replace(made, **changes)  # type: ignore[arg-type]


def line(*deploys: Deploy, cells: int = 12, lead: int = 30, ascii: bool = False) -> str:
    glyphs = ASCII if ascii else UNICODE
    return plain(tick_line(deploys, HOUR, lead, cells, lead + cells, NOW, UTC, glyphs))


@given(
    st.integers(0, 10**9), st.sampled_from((60, 120, 300, 3_600)), st.integers(1, 120), st.integers(1, 60), st.data()
)
def test_a_moment_stands_under_the_bar_that_its_bucket_makes(
    first: int, bucket: int, count: int, cells: int, data: st.DataObject
) -> None:
    """The oracle is the sparkline itself: one burning bucket, where does it come out?"""
    place = data.draw(st.integers(0, count - 1))
    second = data.draw(st.integers(0, bucket - 1))
    burns = [1.0 if index == place else None for index in range(count)]
    drawn = grouped(burns, cells, first)
    found = cell_of(Trend(first * bucket, bucket, burns), cells, first * bucket + place * bucket + second)
    assert found == (drawn.index(1.0) if 1.0 in drawn else -1)


def test_before_and_after_the_axis() -> None:
    assert cell_of(HOUR, 12, START - 1) == -1
    assert cell_of(HOUR, 12, START + 3_600 + 200) == 11, "newer than the newest bucket: under it"
    assert cell_of(HOUR, 12, START + 3_600 + 400) is None, "the data is old: its axis ends before"
    assert cell_of(HOUR, 0, START) is None
    assert cell_of(Trend(START, 60, ()), 12, START) is None
    assert cell_of(HOUR, 12, float("nan")) is None


def test_only_what_is_on_the_axis_is_shown() -> None:
    on, before, unknown = deploy(30), deploy(-1), deploy(0, started_at=None, finished_at=None)
    runs = deploy(-200, status="running", finished_at=None)
    assert shown([runs, on, before, unknown], HOUR, 12) == [runs, on]
    assert shown([on], None, 12) == []


def test_the_line_says_what_the_newest_one_was_left_of_the_trend() -> None:
    newest, before = deploy(54, 11, kind="rollback", version="v41"), deploy(22, 4)
    text = line(newest, before)
    assert text[:30].strip() == "▾ 03:04 v41 rollback, 1 more"
    assert text[30:] == "   ─▴   ──▾ "
    assert line(newest, before, lead=38)[:38].strip() == "▾ 03:04 v41 rollback, ▴ 02:32 v42"


def test_a_rollback_that_runs_stands_beside_what_it_takes_back() -> None:
    runs = deploy(
        56, 0, kind="rollback", version="v41", prev_version="v42", status="running", started_at=START + 3_300.0,
        finished_at=None,
    )  # fmt: skip
    cause, config, before = deploy(50, 4), deploy(52, version="c7", kind="config"), deploy(20, version="v41")
    said = "▸ 03:05 v41 running rollback, ▴ 03:00 v42"
    assert line(runs, config, cause, before, lead=51)[:51].strip() == f"{said}, 2 more"
    assert line(runs, config, cause, lead=60)[:60].strip() == f"{said}, ▴ 03:02 c7"
    assert line(runs, config, cause, lead=30)[:30].strip() == "▸ 03:05 v41 running rollback,…"
    assert line(runs, cause, lead=60)[60:] == "         ─▴▸", "both have a cell"


def test_what_runs_reaches_to_the_newest_cell() -> None:
    runs = deploy(54, 0, status="running", started_at=START + 2_700.0, finished_at=None)
    assert line(runs)[30:] == "         ──▸"
    assert line(runs, ascii=True)[30:] == "         -->"


def test_of_several_in_one_cell_what_went_wrong_is_drawn() -> None:
    failed, good = deploy(31, status="failed"), deploy(32)
    assert line(good, failed)[30:] == line(failed, good)[30:] == "      ✗     "


@pytest.mark.parametrize("lead", [0, 1, 5, 80])
@pytest.mark.parametrize("version", ["v42", "a-very-long-version-of-a-service-with-many-words", "全角" * 9])
def test_the_line_is_exactly_as_wide_as_asked(lead: int, version: str) -> None:
    text = line(deploy(30, version=version), lead=lead)
    assert width(text) == lead + 12
    assert text.endswith("      ▴     ")
