"""Packed burn rates read like a tuple of them."""

from __future__ import annotations

from sys import getsizeof

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.burns import Burns

values = st.lists(st.none() | st.floats(0, allow_nan=False), max_size=20).map(tuple)


@given(values, st.integers(-25, 25), st.integers(-25, 25))
def test_they_read_like_a_tuple(burns: tuple[float | None, ...], start: int, end: int) -> None:
    packed = Burns(burns)
    assert tuple(packed) == burns
    assert packed == burns
    assert len(packed) == len(burns)
    assert packed[start:end] == burns[start:end]
    assert [packed[place] for place in range(len(burns))] == list(burns)
    assert hash(packed) == hash(burns)


@given(values, values)
def test_gaps_are_equal_to_gaps(one: tuple[float | None, ...], other: tuple[float | None, ...]) -> None:
    """Else a report with a gap would never be equal to itself, and be drawn anew every minute."""
    assert Burns(one) == Burns(one)
    assert (Burns(one) == Burns(other)) == (one == other)


def test_sixty_of_them_take_little_more_than_their_digits() -> None:
    packed = Burns(float(number) for number in range(60))
    assert getsizeof(packed) + getsizeof(packed._packed) < 60 * 8 + 150
