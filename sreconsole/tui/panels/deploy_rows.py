"""The rows of the deploy panel: running ones first, then the newest; which went wrong; how many there were of late."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import ClassVar

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import deploy_words
from sreconsole.present.deploy_table import ORDERS, Needs
from sreconsole.tui.panels.rows import Rank, Rows


class DeployRows(Rows[str, Deploy]):
    """One row a deploy."""

    ORDERS: ClassVar[tuple[str, ...]] = ORDERS

    def __init__(self) -> None:
        super().__init__()
        self.running = 0
        """How many have not ended."""
        self.needs = Needs()
        """The cells that their names take."""
        self._times: list[float] = []
        """When those that count happened, in order."""
        self._taken: object = None

    def take(self, snapshot: Snapshot, now: float) -> bool:
        """Take a snapshot's deploys; whether they are others than before. The same cost nothing."""
        if snapshot.deploys is self._taken:
            return False
        self._taken = snapshot.deploys
        self.replace({deploy.id: deploy for deploy in snapshot.deploys}, now)
        return True

    def since(self, moment: float) -> int:
        """How many changes of production there were since a moment."""
        return len(self._times) - bisect_left(self._times, moment)

    def rank(self, item: Deploy) -> Rank:
        """What runs is news in the order by time; a length that is not known stands last."""
        newest = (-item.at, item.service, item.id)
        if self.order == "service":
            return item.service, not item.running, *newest
        if self.order == "longest":
            return item.seconds is None, -(item.seconds or 0.0), *newest
        return not item.running, *newest

    def is_fault(self, item: Deploy) -> bool:
        """What failed or was rolled back, and what runs: it may be failing just now."""
        return deploy_words.sign(item) in ("failed", "rollback", "running")

    def searched(self, item: Deploy) -> str:
        """All that names it."""
        said = (item.service, item.version, item.environment, item.status, item.kind, item.actor or "", item.message)
        return " ".join((*said, item.sha or "", *item.sources)).lower()

    def replaced(self, old: Deploy | None, new: Deploy | None) -> None:
        """Keep the counts."""
        for item, step in ((old, -1), (new, 1)):
            if item is None:
                continue
            self.running += step * item.running
            if deploy_words.counted(item):
                if step > 0:
                    insort(self._times, item.at)
                else:
                    del self._times[bisect_left(self._times, item.at)]
        if new is not None:
            self.needs.add((new,))
