"""Rows and the notes below some of them: every line is a row or a note, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.tui.panels.line_places import LinePlaces


@given(st.integers(1, 40), st.sets(st.integers(0, 39)))
def test_every_line_is_a_row_or_the_note_of_the_row_above_it(rows: int, noted: set[int]) -> None:
    """The oracle writes the lines down one by one."""
    noted = {row for row in noted if row < rows}
    places = LinePlaces(noted)
    lines = [(row, note) for row in range(rows) for note in (False, True)[: 1 + (row in noted)]]
    assert places.lines(rows) == len(lines)
    for line, (row, note) in enumerate(lines):
        assert (places.row_of(line), places.is_note(line)) == (row, note)
        if not note:
            assert places.line_of(row) == line
    assert places.row_of(len(lines)) == rows
    assert not places.is_note(len(lines))
