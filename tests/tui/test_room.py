"""How panels share the lines of the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.tui.room import shares


@pytest.mark.parametrize(
    ("room", "wanted", "least", "given_lines"),
    [
        (22, [44, 2], [5, 2], [20, 2]),
        (22, [44, 13], [5, 4], [15, 7]),
        (22, [44, 4], [5, 4], [18, 4]),
        (22, [6, 40], [5, 4], [6, 16]),
        (22, [6, 4], [5, 4], [18, 4]),
        (48, [44, 400], [5, 4], [32, 16]),
        (9, [44, 13], [5, 4], [5, 4]),
    ],
)
def test_the_first_panel_gets_most(room: int, wanted: list[int], least: list[int], given_lines: list[int]) -> None:
    assert shares(room, wanted, least, 0) == given_lines


def test_on_a_small_screen_the_focused_panel_gets_most() -> None:
    assert shares(8, [44, 13], [5, 4], 0) == [6, 2]
    assert shares(8, [44, 13], [5, 4], 1) == [3, 5]
    assert shares(3, [44, 13], [5, 4], 1) == [1, 2]
    assert shares(1, [44, 13], [5, 4], 1) == [0, 1]


@given(
    st.integers(0, 100), st.lists(st.tuples(st.integers(1, 60), st.integers(1, 9)), min_size=1, max_size=5), st.data()
)
def test_all_the_room_is_given_and_nothing_more(room: int, panels: list[tuple[int, int]], data: st.DataObject) -> None:
    least = [min(pair) for pair in panels]
    focus = data.draw(st.integers(0, len(panels) - 1))
    lines = shares(room, [wanted for wanted, _ in panels], least, focus)
    assert sum(lines) == room
    assert min(lines) >= 0
    if sum(least) <= room:
        assert all(got >= need for got, need in zip(lines, least, strict=True))
