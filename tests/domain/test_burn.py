"""Alert window pairs: the published tables, and the rule between them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.burn import PairState, WindowPair, can_fire, default_pairs, pair_state

DAY = 86_400
HOUR = 3_600
PAIR = WindowPair(HOUR, 300, 14.4, "page")


def factors(days: float) -> list[float]:
    return [pair.factor for pair in default_pairs(round(days * DAY))[0]]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (30, [14.4, 6, 3, 1]),  # SRE Workbook, table 5-8
        (28, [13.44, 5.6, 2.8, 0.9333]),  # Sloth, 28 days
        (7, [13.44, 3.5, 1.4, 0.98]),  # Sloth, examples/windows/7d.yaml
        (90, [43.2, 18, 9, 3]),
        (17.5, [0.05 * 420, 0.0875 * 70, 0.15 * 17.5, 0.26 * 17.5 / 3]),  # half way between 7 and 28
        (14, [0.06 * 336, 0.10 * 56, (0.20 - 0.1 / 3) * 14, (0.42 - 0.32 / 3) * 14 / 3]),
    ],
)
def test_factors(days: float, expected: list[float]) -> None:
    assert factors(days) == pytest.approx(expected, abs=5e-5)


def test_the_layout_of_the_pairs() -> None:
    pairs, dropped = default_pairs(30 * DAY)
    assert [(pair.long, pair.short, pair.severity) for pair in pairs] == [
        (HOUR, 300, "page"),
        (6 * HOUR, 1_800, "page"),
        (DAY, 2 * HOUR, "warn"),
        (3 * DAY, 6 * HOUR, "warn"),
    ]
    assert dropped == ()


@pytest.mark.parametrize(("days", "kept"), [(1, 2), (1.9, 2), (2, 3), (5.9, 3), (6, 4), (6.99, 4), (7, 4), (90, 4)])
def test_a_pair_is_dropped_below_seven_days_when_longer_than_half_the_window(days: float, kept: int) -> None:
    pairs, dropped = default_pairs(round(days * DAY))
    assert len(pairs) == kept
    assert len(dropped) == 4 - kept
    assert all(pair.long <= days * DAY / 2 for pair in pairs)
    assert all("longer than half" in sentence for sentence in dropped)


def test_what_was_dropped_is_named_as_the_windows_are() -> None:
    assert [sentence.split()[1] for sentence in default_pairs(DAY)[1]] == ["1d", "3d"]


def test_below_seven_days_the_shares_are_those_of_seven() -> None:
    assert factors(1) == pytest.approx([0.08 * 24, 0.125 * 4])
    assert factors(3.5) == pytest.approx([0.08 * 84, 0.125 * 14, 0.20 * 3.5])


@given(st.integers(DAY, 92 * DAY))
def test_a_factor_is_the_share_of_the_budget_that_may_burn_in_the_long_window(window: int) -> None:
    position = min(Fraction(1), max(Fraction(0), Fraction(window - 7 * DAY, 21 * DAY)))
    shares = {HOUR: ("0.08", "0.02"), 6 * HOUR: ("0.125", "0.05"), DAY: ("0.2", "0.1"), 3 * DAY: ("0.42", "0.1")}
    for pair in default_pairs(window)[0]:
        low, high = map(Fraction, shares[pair.long])
        share = low + (high - low) * position
        assert pair.factor == pytest.approx(float(share * window / pair.long), abs=1e-6)


@pytest.mark.parametrize(
    ("long", "short", "state"),
    [
        (15.0, 15.0, "firing"),
        (15.0, 14.4, "recovering"),  # at the limit is not above it
        (14.4, 15.0, "increasing"),
        (14.4, 14.4, "ok"),
        (0.0, 0.0, "ok"),
        (None, 15.0, "unknown"),
        (15.0, None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_the_states_of_a_pair(long: float | None, short: float | None, state: PairState) -> None:
    assert pair_state(PAIR, long, short) == state


@pytest.mark.parametrize("factor", [14.4, 6.0, 3.0, 1.0, 13.44, 5.6, 2.8, 3.5, 1.4, 0.98])
@pytest.mark.parametrize("budget", [0.001, 0.01, 0.05, 0.0005, 0.003])
def test_a_burn_of_exactly_the_factor_does_not_fire_for_the_noise_of_binary_floats(
    factor: float, budget: float
) -> None:
    bad = Fraction(str(factor)) * Fraction(str(budget)) * 1_000_000
    assert bad.denominator == 1
    pair = WindowPair(HOUR, 300, factor, "page")
    at_limit, above = int(bad) / 1_000_000 / budget, (int(bad) + 1) / 1_000_000 / budget
    assert pair_state(pair, at_limit, at_limit) == "ok"
    assert pair_state(pair, above, above) == "firing"


@pytest.mark.parametrize(
    ("factor", "objective", "expected"),
    [
        (14.4, "0.999", True),
        (14.4, "0.9306", True),
        (14.4, "0.9305", False),  # up to 93.06 % it can never fire
        (6.0, "0.834", True),
        (6.0, "0.833", False),
        (10.0, "0.9", False),  # exactly 1/B is never exceeded
        (20.0, "0.95", False),
        (1.0, "0.5", True),
        (1.0, "0.000001", True),
    ],
)
def test_an_alert_that_can_never_fire(factor: float, objective: str, expected: bool) -> None:
    budget = float(1 - Fraction(objective))
    assert can_fire(WindowPair(HOUR, 300, factor, "page"), budget) is expected
