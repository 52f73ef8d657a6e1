"""Which SLOs the panel shows, in which order, and where the cursor is. No drawing.

The cursor belongs to an SLO, not to a line: it survives refresh, reordering and filter changes. Until a person has
touched it, it stands on the first row, the worst: Enter must open what burns. While a person moves it, rows keep their
places; what changed meanwhile falls into order once the hands rest.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.status import Status
from sreconsole.present.slo_table import ORDERS, sort_key
from sreconsole.present.spark import STEPS

Rank = tuple[float, float, str, str]
HOLD_SECONDS = 3.0
"""How long after a move of the cursor rows keep their places."""


class SloRows:
    """The rows of the SLO panel."""

    def __init__(self) -> None:
        self.reports: dict[SloKey, SloReport] = {}
        self.counts = dict.fromkeys(Status, 0)
        """How many SLOs have each status, kept up to date row by row."""
        self.order = ORDERS[0]
        self.faults = False
        self.needle = ""
        self.keys: list[SloKey] = []
        """What is shown, in order."""
        self.cursor: SloKey | None = None
        self.touched = False
        """Whether a person has moved the cursor since it was last at rest at the top."""
        self._places: dict[SloKey, int] = {}
        self._sorted: list[SloKey] = []
        """Every SLO in order: sorting what is nearly sorted already costs next to nothing."""
        self._ranks: dict[SloKey, Rank] = {}
        self._held_until = 0.0

    def take(self, snapshot: Snapshot, now: float) -> set[SloKey]:
        """Take a snapshot's reports; returns the SLOs whose report is another object than before."""
        reports = {report.key: report for service in snapshot.services for report in service.slos}
        old, self.reports = self.reports, reports
        changed = {key for key, report in reports.items() if old.get(key) is not report}
        gone = old.keys() - reports.keys() if len(old) != len(reports) or not changed <= old.keys() else set()
        moved = bool(gone)
        for key in gone:
            del self._ranks[key]
            self.counts[old[key].status] -= 1
        for key in changed:
            rank = place_of(reports[key], self.order)
            if key in old:
                self.counts[old[key].status] -= 1
            self.counts[reports[key].status] += 1
            if self._ranks.get(key) != rank:
                self._ranks[key] = rank
                moved = True
        if gone or len(self._sorted) != len(reports):
            self._sorted = [*reports]
        if moved or (changed and (self.faults or self.needle)):
            self._arrange(now)
        return changed

    def settle(self, now: float) -> bool:
        """Put held rows into their order once the hold is over; whether anything moved."""
        before = self.keys
        self._arrange(now)
        return before != self.keys

    def held(self, now: float) -> float:
        """Seconds for which rows still keep their places; 0 when they do not."""
        return max(0.0, self._held_until - now)

    def choose(self, *, needle: str | None = None, faults: bool | None = None) -> None:
        """Change what is shown; the cursor goes to the nearest row that is left."""
        self.needle = self.needle if needle is None else needle
        self.faults = self.faults if faults is None else faults
        self._held_until = 0.0
        self._arrange(0.0)

    def next_order(self) -> str:
        """Go to the next order; returns its name."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self._ranks = {key: place_of(report, self.order) for key, report in self.reports.items()}
        self._held_until = 0.0
        self._arrange(0.0)
        return self.order

    @property
    def line(self) -> int:
        """The cursor's line; 0 when there is no row."""
        return self._places.get(self.cursor, 0) if self.cursor is not None else 0

    @property
    def current(self) -> SloReport | None:
        """The report under the cursor."""
        return None if self.cursor is None else self.reports.get(self.cursor)

    def move_to(self, line: int, now: float) -> None:
        """Put the cursor on a line (bounded); rows keep their places for a while."""
        if not self.keys:
            return
        line = min(max(line, 0), len(self.keys) - 1)
        self.cursor = self.keys[line]
        self.touched = line > 0
        self._held_until = now + HOLD_SECONDS

    def seek(self, step: int, now: float) -> bool:
        """Go to the next (+1) or previous (-1) match of the filter, without one to the next fault; round the end."""
        matches = [
            line for line, key in enumerate(self.keys) if self.needle or self.reports[key].status is not Status.OK
        ]
        if not matches:
            return False
        after = [line for line in matches if (line - self.line) * step > 0]
        pool = after or matches
        self.move_to(pool[0] if step > 0 else pool[-1], now)
        return True

    def hold(self) -> None:
        """The person has looked at the row under the cursor: the cursor is of this SLO now, wherever its row goes."""
        self.touched = True

    def rest(self) -> None:
        """The person has let go: the cursor may return to the top when its row leaves the screen."""
        self.touched = False

    def to_top(self) -> None:
        """Put an untouched cursor back on the first row."""
        self.cursor = self.keys[0] if self.keys else None

    def _arrange(self, now: float) -> None:
        self._sorted.sort(key=self._ranks.__getitem__)
        keys = list(self._wanted())
        if now < self._held_until:
            kept = [key for key in self.keys if key in self.reports]  # what no longer matches stays until the hold ends
            known = set(kept)
            keys = kept + [key for key in keys if key not in known]
        line = self.line
        self.keys = keys
        self._places = {key: place for place, key in enumerate(keys)}
        if line == 0 and not self.touched:
            self.to_top()
        elif self.cursor not in self._places:
            self.cursor = keys[min(line, len(keys) - 1)] if keys else None

    def _wanted(self) -> Iterable[SloKey]:
        if not self.faults and not self.needle:
            return self._sorted
        words = self.needle.lower().split()
        return (key for key in self._sorted if self._passes(self.reports[key], words))

    def _passes(self, report: SloReport, words: list[str]) -> bool:
        return not (self.faults and report.status is Status.OK) and (not words or matches(report, words))


def place_of(report: SloReport, order: str) -> Rank:
    """The place of a report in an order.

    Worst first compares burn in steps (those of the sparkline while ok, a quarter otherwise), then names: noise must
    not make rows jump at every refresh. The order by burn is exact.
    """
    rank, burn, *names = sort_key(report, order)
    if order == ORDERS[0] and math.isfinite(burn):
        rate = -burn
        step = bisect_right(STEPS, rate) if report.status is Status.OK else round(math.log(max(rate, 0.01), 1.25))
        burn = -float(step)
    return rank, burn, names[0], names[1]


def matches(report: SloReport, words: Iterable[str]) -> bool:
    """Whether all words stand in service, SLO or status (lower case); a word after `!` must not."""
    text = f"{report.key.service} {report.key.slo} {report.status.value}".lower()
    return all((word[1:] not in text if word[1:] else True) if word[:1] == "!" else word in text for word in words)
