"""Whether somebody looks at this pane, and what to tell them when they come back.

Terminals and tmux (`focus-events on`) report when the pane gets and loses the focus. Where none is reported, five
minutes without a key are an absence, and the next key is the return.
"""

from __future__ import annotations

from sreconsole.domain.crossings import Crossing, crossed
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot

IDLE = 300.0
"""Seconds without a key that are an absence where the terminal reports no focus."""


class Away:
    """Of one console. Times are Unix seconds."""

    def __init__(self) -> None:
        self.crossings: list[Crossing] = []
        """What crossed a line during the last absence, until that was read."""
        self.lasted = 0.0
        """Seconds of that absence."""
        self.changed: frozenset[SloKey] = frozenset()
        """SLOs whose rows are marked: they changed then."""
        self._left: float | None = None
        self._touched: float | None = None
        self._reported = False

    def leave(self, now: float) -> bool:
        """The pane has lost the focus; whether what is shown of the last absence goes."""
        self._reported, self._left = True, now
        showed = bool(self.crossings or self.changed)
        self.crossings, self.changed = [], frozenset()
        return showed

    def come_back(self, snapshot: Snapshot, now: float) -> bool:
        """The pane has the focus again; whether there is something to tell."""
        self._reported = True
        left, self._left = self._left, None
        return left is not None and self._tell(snapshot, left, now)

    def touch(self, snapshot: Snapshot, now: float) -> bool:
        """A key was pressed; whether what is shown of an absence differs."""
        last, self._touched = self._touched, now
        if not self._reported and last is not None and now - last >= IDLE:
            return self._tell(snapshot, last, now)
        read, self.crossings = bool(self.crossings), []
        return read

    def _tell(self, snapshot: Snapshot, since: float, now: float) -> bool:
        before = self.changed
        self.crossings = crossed(snapshot.changes, since, now)
        self.lasted = now - since
        self.changed = frozenset(one.key for one in self.crossings)
        return bool(self.crossings) or before != self.changed
