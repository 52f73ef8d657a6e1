"""The burn chart: exact size for anything, gaps, limits, local times, and no state carried over."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.report import Trend
from sreconsole.present.chart import budget_chart, burn_chart, chart_width
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from tests.present.reports import NOW, checkout, numbers, trends
from tests.present.test_cells import measured

BERLIN = ZoneInfo("Europe/Berlin")
LIMITS = (14.4, 6.0, 3.0, 1.0)
BRAILLE = {chr(code) for code in range(0x2801, 0x2900)}


def draw(
    trend: Trend | None, width: int = 80, height: int = 14, glyphs: Glyphs = UNICODE, now: float = NOW
) -> list[str]:
    return burn_chart(trend, width, height, LIMITS, glyphs, now, BERLIN).lines


def steady(*burns: float | None) -> Trend:
    return Trend(1_763_946_720, 60, burns)


def columns(lines: list[str]) -> set[int]:
    """Columns in which the curve leaves a dot."""
    return {index for line in lines for index, char in enumerate(line) if char in BRAILLE}


def test_the_picture_has_local_times_and_labelled_limits() -> None:
    lines = draw(checkout().trend)
    labels = [line.split("┤")[0].strip() for line in lines if "┤" in line]
    assert labels == ["21.0x", "14.4x", "6.0x", "3.0x", "1.0x", "0x"]
    assert lines[-1].split() == ["02:15", "02:30", "02:45", "03:00"]
    assert lines[3].count("┄") > 60


def test_the_axis_begins_at_nought_and_calm_looks_calm() -> None:
    lines = draw(steady(*[0.04] * 60))
    (nought,) = [line for line in lines if line.lstrip().startswith("0x")]
    assert set(nought) & BRAILLE
    assert not any(set(line) & BRAILLE for line in lines if line is not nought)


def test_gaps_stay_gaps() -> None:
    broken = columns(draw(steady(*[2.0] * 20, *[None] * 20, *[2.0] * 20)))
    whole = columns(draw(steady(*[2.0] * 60)))
    missing = sorted(whole - broken)
    assert len(missing) >= 20
    assert missing == list(range(missing[0], missing[-1] + 1))


def test_a_lone_value_between_gaps_is_drawn() -> None:
    assert columns(draw(steady(*[None] * 30, 2.0, *[None] * 29)))


def test_silence_until_now_is_room_at_the_right() -> None:
    trend = steady(*[2.0] * 60)
    end = trend.start + 60 * 60
    assert max(columns(draw(trend, now=end))) > 75
    assert max(columns(draw(trend, now=end + 1_800))) < 60
    assert max(columns(draw(trend, now=end + 10**7))) > 75


def test_one_drawing_leaves_nothing_behind_for_the_next() -> None:
    first = draw(steady(*[2.0] * 60))
    draw(checkout().trend, 120, 30)
    assert draw(steady(*[2.0] * 60)) == first


def test_without_room_the_newest_values_are_listed() -> None:
    assert draw(steady(0.1, 2.0, None, 14.9), 20, 3) == [
        "02:15  14.9x        ",
        "02:13   2.0x        ",
        "02:12   0.1x        ",
    ]


@pytest.mark.parametrize("trend", [None, steady(), steady(None, float("nan"), float("inf"))])
def test_nothing_known_is_said(trend: Trend | None) -> None:
    lines = draw(trend)
    assert "".join(lines).strip() == "no burn rate known in this span"


def test_the_ascii_picture_is_ascii() -> None:
    assert "".join(draw(checkout().trend, glyphs=ASCII)).isascii()


def test_plotext_is_loaded_with_the_first_chart_only() -> None:
    probe = (
        "import sys, sreconsole.present.chart, sreconsole.present.slo_detail, sreconsole.present.status_text\n"
        "from zoneinfo import ZoneInfo\n"
        "from sreconsole.domain.report import Trend\n"
        "from sreconsole.present.marks import UNICODE\n"
        "before = 'plotext' in sys.modules\n"
        "sreconsole.present.chart.burn_chart(Trend(0, 60, (1.0, 2.0)), 60, 10, (), UNICODE, 120, ZoneInfo('UTC'))\n"
        "print(before, 'plotext' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@settings(max_examples=60, deadline=None)
@given(
    trends,
    st.integers(-1, 150),
    st.integers(-1, 40),
    st.lists(st.floats(), max_size=5),
    numbers.filter(lambda value: value is not None),
    st.sampled_from((UNICODE, ASCII)),
)
def test_any_trend_fills_exactly_the_box(
    trend: Trend | None, width: int, height: int, limits: list[float], now: float, glyphs: Glyphs
) -> None:
    lines = burn_chart(trend, width, height, limits, glyphs, now, BERLIN).lines
    assert len(lines) == (max(0, height) if width > 0 else 0)
    for line in lines:
        assert measured(line) == {width}
        assert line.isprintable()


def test_a_spike_far_above_the_limits_leaves_them_in_the_picture() -> None:
    burns = [0.2] * 30 + [5.0] * 10 + [400.0] * 3
    lines = burn_chart(Trend(0, 60, tuple(burns)), 100, 20, (1.0, 6.0, 14.4), UNICODE, len(burns) * 60, UTC).lines
    labels = [line.split("┤")[0].strip() for line in lines if "┤" in line]
    assert labels == ["420x", "14.4x", "6.0x", "1.0x", "0x"]


def test_a_moment_stands_where_its_dot_is() -> None:
    """The column of a lone value is the one that `column` gives for its moment."""
    for place in (0, 7, 30, 59):
        picture = burn_chart(
            steady(*[None] * place, 9.0, *[None] * (59 - place)), 90, 12, (), UNICODE, 1_763_946_720 + 3_600, BERLIN
        )
        (dot,) = columns(picture.lines)
        assert picture.column(1_763_946_720 + 60 * place + 30) == dot
    assert picture.column(0) is None


def test_the_budget_falls_from_all_to_what_is_left() -> None:
    course = [(float(hour * 3_600), 1 - hour / 40) for hour in range(21)]
    picture = budget_chart(course, (0.0, 72_000.0), False, 60, 12, UNICODE, UTC)
    assert [line.split("┤")[0].strip() for line in picture.lines if "┤" in line] == ["100%", "50%", "0%"]
    dots = [[place for place, char in enumerate(line) if char in BRAILLE] for line in picture.lines]
    filled = [line for line in dots if line]
    assert min(filled[0]) == picture.left
    assert max(filled[-1]) == 59
    assert not any(char == "·" for line in picture.lines for char in line)
    ideal = budget_chart(course, (0.0, 144_000.0), True, 60, 12, UNICODE, UTC).lines
    assert any("·" in line for line in ideal)


def test_an_overspent_budget_goes_below_nothing_and_an_unknown_one_is_a_sentence() -> None:
    course = [(0.0, 1.0), (3_600.0, None), (7_200.0, -0.5)]
    labels = [
        line.split("┤")[0].strip() for line in budget_chart(course, (0, 7_200), False, 60, 12, UNICODE, UTC).lines
    ]
    assert "-50%" in labels
    assert "no budget known" in "".join(budget_chart([(0.0, 1.0)], (0, 7_200), False, 60, 12, UNICODE, UTC).lines)


def test_a_chart_is_as_fine_as_its_dots_and_the_ledger() -> None:
    assert [chart_width(seconds, 70) for seconds in (3_600, 21_600, 86_400, 259_200, 604_800, 2_592_000)] == [
        *(60, 300, 900, 3_600, 7_200, 21_600)
    ]
    assert chart_width(86_400, 160) == 300
    assert chart_width(604_800, 100) == 3_600
