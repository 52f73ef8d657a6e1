"""The rows of the SLO panel: how SLOs are ranked, which are faults, how many have each status."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import ClassVar

from sreconsole.domain.difference import changed_in_place
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.domain.status import Status
from sreconsole.present.slo_table import ORDERS, sort_key
from sreconsole.present.spark import STEPS
from sreconsole.tui.panels.rows import Rank, Rows


class SloRows(Rows[SloKey, SloReport]):
    """One row an SLO."""

    ORDERS: ClassVar[tuple[str, ...]] = ORDERS

    def __init__(self) -> None:
        super().__init__()
        self.counts = dict.fromkeys(Status, 0)
        """How many SLOs have each status, kept up to date row by row."""
        self._taken: Sequence[ServiceState] | None = None
        """The services of the newest snapshot that was taken, unless two of their reports have one key."""

    def take(self, snapshot: Snapshot, now: float) -> Collection[SloKey]:
        """Take a snapshot's reports; returns the SLOs whose report is another object than before.

        However many snapshots were missed meanwhile: what is looked at is what differs from the last one taken.
        """
        found = None if self._taken is None else changed_in_place(self._taken, snapshot.services)
        if found is not None:
            self._taken = snapshot.services
            changed = {report.key: report for report in found}
            self.update(changed, now)
            return changed.keys()
        reports = [report for service in snapshot.services for report in service.slos]
        items = {report.key: report for report in reports}
        self._taken = snapshot.services if len(items) == len(reports) else None
        return self.replace(items, now)

    def rank(self, item: SloReport) -> Rank:
        """Worst first compares burn in steps (those of the sparkline while ok, a quarter otherwise), then names: noise
        must not make rows jump at every refresh. The order by burn is exact."""
        rank, burn, *names = sort_key(item, self.order)
        if self.order == ORDERS[0] and math.isfinite(burn):
            rate = -burn
            step = bisect_right(STEPS, rate) if item.status is Status.OK else round(math.log(max(rate, 0.01), 1.25))
            burn = -float(step)
        return rank, burn, names[0], names[1]

    def is_fault(self, item: SloReport) -> bool:
        """Whatever is not ok."""
        return item.status is not Status.OK

    def searched(self, item: SloReport) -> str:
        """Service, SLO and status."""
        return f"{item.key.service} {item.key.slo} {item.status.value}".lower()

    def replaced(self, old: SloReport | None, new: SloReport | None) -> None:
        """Keep the counts."""
        if old is not None:
            self.counts[old.status] -= 1
        if new is not None:
            self.counts[new.status] += 1
