"""The lines of the toil panel as rows: they stay in their places, and those beyond a budget are its faults."""

from __future__ import annotations

from typing import ClassVar

from sreconsole.present.toil_lines import ToilLine
from sreconsole.tui.panels.rows import Rank, Rows


class ToilRows(Rows[str, ToilLine]):
    """One row a line."""

    ORDERS: ClassVar[tuple[str, ...]] = ("given",)

    def take(self, lines: list[ToilLine], now: float) -> None:
        """Take new lines; one that says the same stays the same object."""
        items = {line.key: line for line in lines}
        self.replace({key: self._kept(line) for key, line in items.items()}, now)

    def rank(self, item: ToilLine) -> Rank:
        """Where it stands."""
        return (item.place,)

    def is_fault(self, item: ToilLine) -> bool:
        """What is beyond its budget, or not known."""
        return item.over

    def searched(self, item: ToilLine) -> str:
        """Its text."""
        return item.text.lower()

    def _kept(self, line: ToilLine) -> ToilLine:
        before = self.items.get(line.key)
        return before if before == line else line
