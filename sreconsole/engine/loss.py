"""Has a server lost its history? The ledger then knows hours of the last day of which the server knows nothing.

What was kept stays: buckets that a server no longer has are never emptied. It is said since when it has data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sreconsole.domain.slo import Slo, SloKey
from sreconsole.errors import SourceError
from sreconsole.ledger.book import HOUR, MINUTE, Book
from sreconsole.sources.base import Grid
from sreconsole.sources.prometheus import PrometheusSource

DAY = 86_400
LIVING = 900.0
"""Seconds: only an SLO with data this new can tell; one that is gone has none to compare."""


class Loss:
    """Looks whether a server still has what the ledger has from it."""

    def __init__(self, source: PrometheusSource, book: Book) -> None:
        self._source, self._book = source, book
        self.note: str | None = None
        """Since when the server has data, as a sentence; None: nothing was lost."""

    async def look(self, now: float, slos: Sequence[Slo]) -> None:
        """Compare; `slos`: those whose history is there. Raises no SourceError."""
        living = [slo.key for slo in slos if now - (self._book.newest(slo.key) or 0.0) <= LIVING]
        if not living:
            return
        try:
            since = await self._begins(living[0], now)
        except SourceError:
            return  # the poll loop says what the trouble is
        self.note = None
        if since is not None:
            moment = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self.note = f"{self._source.name} has no data before {moment}, figures before it come from the ledger"

    async def _begins(self, key: SloKey, now: float) -> int | None:
        """Unix seconds since when the server has data, when the ledger has hours before that."""
        end = int(now // HOUR) * HOUR
        hours = Grid(end - DAY, end, HOUR)
        theirs = await self._known(key, hours)
        _, _, ours = self._book.entry(key).rings[HOUR].columns(hours.start, len(hours), 1)
        first = theirs.index(True) if True in theirs else len(theirs)
        if not any(ours[:first]) or (first and sum(ours[:first]) < 2):
            return None  # one hour may be kept that has no whole hour's data at the server
        within = Grid(
            hours.start + first * HOUR, min(hours.start + (first + 1) * HOUR, int(now // MINUTE) * MINUTE), MINUTE
        )
        minutes = await self._known(key, within) if len(within) else []
        return within.start + (minutes.index(True) * MINUTE if True in minutes else 0)

    async def _known(self, key: SloKey, grid: Grid) -> list[bool]:
        """Of which buckets the server knows a total."""
        batch = next((each for each in self._source.batches if key in each.keys), None)
        if batch is None:
            return [True] * len(grid)
        answer = await self._source.buckets(batch.only({key}), grid, care="plain")
        column = answer.columns.get(key)
        if column is None:
            return [bool(answer.warnings)] * len(grid)
        return [total == total for total in column.total]
