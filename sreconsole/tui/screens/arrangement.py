"""Which panels the overview has, which of them has the focus, and how they share the screen."""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.config.model import Config
from sreconsole.tui.panels.pair import Pair
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.room import shares, side_by_side
from sreconsole.tui.session import Session

CHROME = 2
"""Lines around the panels: header and footer."""
NOT_THERE = {
    3: "no deploys in the config: a source of kind file, deploys.metrics or deploys.kubernetes tells of them",
    4: "no toil in the config: oncall.shifts, toil.counters, toil.logs or toil.people say what to count",
}
"""What is said instead of a panel that the config has nothing for."""


def wanted(config: Config) -> tuple[int, ...]:
    """The numbers of the panels below the first two that the config has something for."""
    return tuple(number for number, there in ((3, config.tells_deploys), (4, config.counts_toil)) if there)


def made(session: Session) -> list[Panel]:
    """Those panels; what nobody needs is not even imported."""
    panels: list[Panel] = []
    for number in wanted(session.config):
        if number == 3:
            from sreconsole.tui.panels.deploys import DeployPanel

            panels.append(DeployPanel(session))
        else:
            from sreconsole.tui.panels.toil import ToilPanel

            panels.append(ToilPanel(session))
    return panels


class Arrangement:
    """The panels from top to bottom: each of `above` has a row, those of the pair share the last one."""

    def __init__(self, above: Sequence[Panel], pair: Pair) -> None:
        self._above, self._pair = tuple(above), pair
        self._focus = 0
        self.maximised = False

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them, in the order of `tab`."""
        return (*self._above, *self._pair.panels)

    @property
    def panel(self) -> Panel:
        """The one that has the focus."""
        return self.panels[self._focus]

    @property
    def others(self) -> tuple[int, ...]:
        """The numbers of the panels of the pair."""
        return tuple(panel.NUMBER for panel in self._pair.panels)

    def place_of(self, number: int) -> int | None:
        """Where the panel with a number is; None: there is none."""
        return next((place for place, panel in enumerate(self.panels) if number == panel.NUMBER), None)

    def has_focus(self, place: int) -> bool:
        """Whether the panel at a place has the focus."""
        return place == self._focus

    def next(self, way: int) -> int:
        """The place of the panel after or before the one with the focus, round the end."""
        return (self._focus + way) % len(self.panels)

    def point_at(self, place: int) -> None:
        """Give a panel the focus."""
        self._focus = place if place < len(self.panels) else 0
        for index, panel in enumerate(self.panels):
            panel.focused = index == self._focus
            panel.retitle()

    def share(self, columns: int, rows: int) -> bool:
        """Give each panel its part of the screen; whether anything differs from before."""
        for panel in self.panels:
            panel.enlarge(self.maximised)
        lines, stacked = self._lines(columns, max(0, rows - CHROME))
        count = len(self._above)
        changed = [panel.put(height, columns) for panel, height in zip(self._above, lines, strict=False)]
        return self._pair.put(lines[count:], columns, stacked) or any(changed)

    def _lines(self, columns: int, room: int) -> tuple[list[int], bool]:
        """Lines of every panel, and whether those of the pair stand below each other."""
        panels, count = self.panels, len(self._above)
        if self.maximised:
            return [room if place == self._focus else 0 for place in range(len(panels))], False
        wants, least = [panel.wanted() for panel in panels], [panel.least() for panel in panels]
        if len(self._pair.panels) < 2 or not side_by_side(columns):
            return shares(room, wants, least, self._focus), True
        row = slice(count, None)
        wants[row], least[row] = [max(wants[row])], [max(least[row])]
        lines = shares(room, wants, least, min(self._focus, count))
        return [*lines[:count], *([lines[count]] * len(self._pair.panels))], False
