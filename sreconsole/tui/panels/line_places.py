"""Which line of a table each row stands on, where some rows have a note on the line below them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable


class LinePlaces:
    """Rows and notes, top to bottom. Looking up a line costs what the notes cost, however many rows there are."""

    def __init__(self, noted: Iterable[int] = ()) -> None:
        """`noted` are the rows with a note."""
        self.noted = sorted(set(noted))
        self._notes = [row + place + 1 for place, row in enumerate(self.noted)]
        """The lines of the notes."""

    def line_of(self, row: int) -> int:
        """The line of a row."""
        return row + bisect_left(self.noted, row)

    def lines(self, rows: int) -> int:
        """How many lines so many rows take."""
        return rows + bisect_left(self.noted, rows)

    def row_of(self, line: int) -> int:
        """The row on a line, or the one whose note stands there."""
        notes = bisect_left(self._notes, line)
        return line - notes - self.is_note(line)

    def is_note(self, line: int) -> bool:
        """Whether a note stands on a line."""
        place = bisect_left(self._notes, line)
        return place < len(self._notes) and self._notes[place] == line
