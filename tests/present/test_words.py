"""Numbers as words: the worked examples, and that no number whatsoever breaks a cell."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.reading import Figure
from sreconsole.present import words
from tests.present.reports import NOW, given_figures, numbers

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (float("inf"), "-"),
        (10**400, "-"),
        (Figure(None, "no traffic"), "-"),
        (0, "0.0x"),
        (-0.0, "0.0x"),
        (0.01, "<0.1x"),
        (0.12, "0.1x"),
        (4, "4.0x"),
        (Figure(14.9), "14.9x"),
        (99.949, "99.9x"),
        (99.95, "100x"),
        (149.2, "149x"),
        (9_999.4, "9999x"),
        (9_999.5, "10kx"),
        (123_456, "123kx"),
        (1e9, ">1Mx"),
    ],
)
def test_burn(rate: words.Number, said: str) -> None:
    assert words.burn(rate) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "-"),
        (0, "0%"),
        (1, "100%"),
        (0.31, "31%"),
        (0.9996, "99.9%"),
        (0.99999999, "99.9%"),
        (0.004, "0.4%"),
        (0.0000001, "<0.1%"),
        (-0.0000001, "-0.1%"),
        (-0.004, "-0.4%"),
        (-2.06, "-206%"),
        (-999, "-99k%"),
        (-1e13, "->999T%"),
        (1.79e308, ">999T%"),
    ],
)
def test_percent(share: words.Number, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (-5, "0s"),
        (45, "45s"),
        (99.6, "2m"),
        (720, "12m"),
        (5_400, "90m"),
        (53_927, "15h"),
        (518_400, "6d"),
        (86_400 * 900, "900d"),
        (86_400 * 3_000, "8y"),
        (1e300, ">999y"),
    ],
)
def test_span(seconds: words.Number, said: str) -> None:
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "-"), (-1, "0s"), (4.9, "0s"), (59, "55s"), (60, "1m"), (299, "4m"), (7_199, "1h"), (172_801, "2d")],
)
def test_ages_move_in_coarse_steps(seconds: words.Number, said: str) -> None:
    assert words.age(seconds) == said


def test_a_budget_that_outlasts_the_window_says_nothing() -> None:
    assert words.lasts(2_592_000, 2_592_000) == "30d"
    assert words.lasts(2_592_001, 2_592_000) == "-"
    assert words.lasts(Figure(None, "no burn"), 2_592_000) == "-"


@pytest.mark.parametrize(
    ("fraction", "said"), [("0.999", "99.9"), ("0.9995", "99.95"), ("0.99", "99"), ("0.9", "90"), ("0.5000", "50")]
)
def test_objective_has_no_needless_zeros(fraction: str, said: str) -> None:
    assert words.objective(Decimal(fraction)) == said


def test_clock_is_local_and_names_its_zone_where_there_is_room() -> None:
    assert words.clock(NOW, BERLIN) == "03:12"
    assert words.clock(NOW, UTC) == "02:12"
    assert words.moment(NOW, BERLIN) == "2025-11-24 03:12 CET"
    assert words.clock(1e20, BERLIN) == "-"
    assert words.clock(float("nan"), BERLIN) == "-"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "-"),
        (0.9, "0"),
        (-0.9, "0"),
        (12_345.99, "12,345"),
        (-12_345, "-12,345"),
        (999_999, "999,999"),
        (1_239_999, "1.23M"),
        (-1_239_999, "-1.23M"),
        (1e30, ">999T"),
    ],
)
def test_count_is_cut_never_rounded_up(number: words.Number, said: str) -> None:
    assert words.count(number) == said


@given(st.one_of(numbers, given_figures))
def test_no_number_breaks_its_cell(number: words.Number) -> None:
    for say, cells in ((words.burn, 5), (words.percent, 7), (words.span, 5), (words.age, 5), (words.count, 8)):
        said = say(number)
        assert 1 <= len(said) <= cells, (say.__name__, said)
        assert "nan" not in said
        assert "inf" not in said
    assert (words.burn(number) == "-") == (words.number(number) is None)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("it was page at 2026-11-23T02:12:44Z", "it was page at 2026-11-23 03:12 CET"),
        ("from 2026-07-01T00:00:00Z to 2026-07-01T01:00:00Z", "from 2026-07-01 02:00 CEST to 2026-07-01 03:00 CEST"),
        ("the server said 2026-02-30T00:00:00Z and 2026-01-01T99:00:00Z", None),
        ("no moment at all", None),
    ],
)
def test_moments_in_sentences_are_in_the_zone(written: str, shown: str | None) -> None:
    assert words.local(written, BERLIN) == (shown or written)
