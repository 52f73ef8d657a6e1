"""The sparkline: one scale for all rows, gaps, groups that stay put."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.report import Trend
from sreconsole.present.cells import Span, plain, width
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.spark import bar, grouped, sparkline, sparkline_spans, tone
from tests.present.reports import numbers, trends


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=lambda glyphs: glyphs.name)
def test_the_limits_are_visible_steps(glyphs: Glyphs) -> None:
    for limit in (1.0, 6.0, 14.4):
        assert bar(limit, glyphs) != bar(limit * 0.999, glyphs)
    levels = [bar(burn, glyphs) for burn in (0.0, 0.5, 1.0, 3.0, 6.0, 10.0, 14.4, 50.0)]
    assert "".join(levels) == glyphs.bars
    assert len(set(glyphs.bars)) == 8


def test_the_scale_does_not_follow_the_data() -> None:
    assert sparkline([0.0] * 4, 4, UNICODE) == "▁▁▁▁"
    assert sparkline([14.4] * 4, 4, UNICODE) == "▇▇▇▇"
    assert sparkline([0.98, 1.02, 0.99, 1.01], 4, UNICODE) == "▂▃▂▃"
    assert sparkline([0.2, 0.7, 3.1, 14.9, 60.0], 5, UNICODE) == "▁▂▄▇█"


def test_what_is_not_known_is_a_gap() -> None:
    assert sparkline([0.1, None, math.nan, 0.1], 4, UNICODE) == "▁  ▁"
    assert sparkline([None] * 3, 3, UNICODE) == "   "
    assert sparkline([], 3, UNICODE) == "   "


def test_newest_is_at_the_right_and_short_histories_leave_the_left_blank() -> None:
    assert sparkline([0.1, 20.0], 5, UNICODE) == "   ▁▇"


def test_a_group_shows_its_highest_bucket() -> None:
    assert grouped([0.1, 9.0, None, 0.2, None, None], 3) == [9.0, 0.2, None]


def test_groups_stay_put_while_time_passes() -> None:
    """A peak of one minute: seen from every later minute, it sits in one cell that moves left once per group."""
    history = [0.1] * 300
    history[100] = 20.0
    places = []
    for newest in range(120, 150):
        line = sparkline(history[newest - 60 : newest], 10, UNICODE, first=newest - 60)
        assert line.count("▇") == 1
        places.append(line.index("▇"))
    assert places == sorted(places, reverse=True)
    moves = [index for index in range(1, len(places)) if places[index] != places[index - 1]]
    assert [later - earlier for earlier, later in pairwise(moves)] == [6] * (len(moves) - 1)
    assert len(moves) == 5


def test_one_bucket_more_does_not_coarsen_the_line() -> None:
    assert grouped(list(range(61)), 20, first=0)[-1] == 60
    assert sum(burn is not None for burn in grouped([1.0] * 61, 20)) == 20


@pytest.mark.parametrize(("burn", "token"), [(None, "dim"), (0.99, "ok"), (1.0, "warn"), (5.9, "warn"), (6.0, "page")])
def test_tone(burn: float | None, token: str) -> None:
    assert tone(burn) == token


def test_spans_are_runs_of_one_tone() -> None:
    trend = Trend(0, 60, (0.1, 0.2, 2.0, None, 20.0))
    assert sparkline_spans(trend, 5, UNICODE) == [
        Span("▁▁", "ok"),
        Span("▃", "warn"),
        Span(" ", "dim"),
        Span("▇", "page"),
    ]


@given(st.lists(numbers, max_size=200), st.integers(-1, 80), st.integers(-(10**9), 10**9))
def test_any_burns_fill_exactly_the_cells(burns: list[float | None], cells: int, first: int) -> None:
    line = sparkline(burns, cells, UNICODE, first)
    assert len(line) == max(0, cells)
    assert set(line) <= {*UNICODE.bars, " "}


@given(trends, st.integers(-1, 80))
def test_any_trend_fills_exactly_the_cells(trend: Trend | None, cells: int) -> None:
    assert width(plain(sparkline_spans(trend, cells, ASCII))) == max(0, cells)
