"""The time at a source: differences, jumps of our clock, of the server's, answers that were long on the way."""

from __future__ import annotations

import math

import pytest

from sreconsole.engine.server_clock import HEARD, ServerClock

HOUR = 3600.0
START = 1_790_000_000.0


class Clocks:
    """Three clocks: the true time, ours and the server's."""

    def __init__(self, ours: float = 0.0, theirs: float = 0.0) -> None:
        self.true = START
        self.ours, self.theirs = ours, theirs
        self.clock = ServerClock("prom", lambda: self.true + self.ours, lambda: self.true - START + 17)

    def answer(self, late: float = 0.0) -> None:
        """One answer, dated to the second when the server began to send it, `late` seconds ago; then two pass."""
        self.clock.heard(math.floor(self.true + self.theirs - late))
        self.true += 2.3

    @property
    def off(self) -> float:
        """How far the time we take for the server's is from it."""
        return self.clock.now() - (self.true + self.theirs)


@pytest.mark.parametrize("ours", [62.0, -62.0, HOUR, -HOUR, 4000 * 86_400.0])
def test_the_servers_time_counts_from_its_first_answer(ours: float) -> None:
    clocks = Clocks(ours)
    assert clocks.off == pytest.approx(ours), "nothing was heard yet"
    for _ in range(HEARD + 3):
        clocks.answer()
        assert abs(clocks.off) <= 1


def test_near_clocks_are_one_clock() -> None:
    clocks = Clocks(3.0)
    for _ in range(5):
        clocks.answer()
        assert clocks.off == pytest.approx(3.0)
        assert clocks.clock.note() is None


def test_the_difference_is_said_by_whose_clock_it_is() -> None:
    said = []
    for ours in (62.0, -62.0, HOUR + 121):
        clocks = Clocks(ours)
        for _ in range(9):
            clocks.answer()
        said.append(clocks.clock.note())
    assert said == [
        "clock here is 62 s ahead of prom's",
        "clock here is 62 s behind prom's",
        "clock here is 1h2m ahead of prom's",
    ]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 7.0])
def test_a_jump_of_our_clock_changes_nothing_and_neither_does_its_way_back(jump: float) -> None:
    clocks = Clocks()
    for _ in range(HEARD):
        clocks.answer()
    clocks.ours = jump
    assert abs(clocks.off) <= 1, "before any answer"
    for _ in range(3):
        clocks.answer()
        assert abs(clocks.off) <= 1
    assert clocks.clock.note() is not None
    clocks.ours = 0.0
    assert abs(clocks.off) <= 1
    assert clocks.clock.note() is None


def test_when_the_servers_clock_is_set_two_answers_settle_it() -> None:
    clocks = Clocks(theirs=300.0)
    for _ in range(HEARD):
        clocks.answer()
    clocks.theirs = -40.0
    clocks.answer()
    clocks.answer()
    assert abs(clocks.off) <= 1
    clocks.theirs = 0.0
    clocks.answer()
    assert clocks.off == pytest.approx(0), "our own clock agrees at once"


def test_one_answer_that_was_long_on_the_way_moves_nothing() -> None:
    clocks = Clocks(theirs=600.0)
    for _ in range(HEARD):
        clocks.answer()
    clocks.answer(late=30)
    assert abs(clocks.off) <= 1
    clocks.answer()
    clocks.answer(late=30)
    assert abs(clocks.off) <= 1


def test_after_a_sleep_that_the_steady_clock_did_not_count_one_answer_heals() -> None:
    clocks = Clocks()
    slept = 0.0
    clocks.clock = ServerClock("prom", lambda: clocks.true, lambda: clocks.true - slept)
    for _ in range(HEARD):
        clocks.answer()
    slept = HOUR
    clocks.true += HOUR
    clocks.answer()
    assert clocks.off == pytest.approx(0)
