"""Which rows of the SLO table have deploys under their trend.

A line of ticks costs a row, and a tired person reads rows. So a service has one at most, under the first of its SLOs
that is shown with a trend, which is its worst in the usual order; where many services were deployed within the trends'
time, so that it is no news that one was, only those that are not well have one. In a panel that has the whole screen,
or room for all rows, every service that was deployed has one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.report import SloReport, Trend
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.present import deploy_ticks

_NEWS = 4
"""Up to one row in so many has ticks though it is well."""


class Ticks:
    """Deploys of each service within the time of the trends, and the rows they stand under."""

    def __init__(self) -> None:
        self._deploys: Sequence[Deploy] = ()
        self._since = 0.0
        self._of: dict[str, list[Deploy]] = {}
        self._firsts: tuple[object, list[SloKey]] = (None, [])
        self._stamp = 0
        """Raised whenever other rows may have ticks than before."""
        self._found: tuple[object, frozenset[SloKey]] = (None, frozenset())

    def take(self, deploys: Sequence[Deploy], trend: Trend | None, changed: Collection[SloKey]) -> None:
        """Take a snapshot's deploys, running ones first, then the newest first; `trend` is one of its trends, `changed`
        the rows that changed. The same deploys are looked at again when the trends have moved."""
        since = float("inf") if trend is None else trend.start
        if deploys is not self._deploys or since != self._since:
            self._deploys, self._since = deploys, since
            found = self._recent()
            if found != self._of:
                self._of, self._firsts = found, (None, [])
                self._stamp += 1
        if changed and self._of:
            self._firsts = None, []

    def rows(
        self, keys: list[SloKey], items: Mapping[SloKey, SloReport], cells: int, height: int, whole: bool
    ) -> frozenset[SloKey]:
        """Which of the rows shown have ticks; `cells` are those of the trend, `height` the lines there are, `whole`:
        the panel has the whole screen."""
        if not self._of or cells <= 0:
            return frozenset()
        if keys is not self._firsts[0]:
            self._firsts = keys, self._first_rows(keys, items)
            self._stamp += 1
        asked = (self._stamp, cells, height, whole)
        if asked == self._found[0]:
            return self._found[1]
        ticked = [key for key in self._firsts[1] if self._under(key.service, items[key])]
        if not (whole or len(ticked) * _NEWS <= len(keys) or len(keys) + len(ticked) <= height):
            ticked = [key for key in ticked if items[key].status is not Status.OK]
        self._found = asked, frozenset(ticked)
        return self._found[1]

    def of(self, report: SloReport, cells: int) -> list[Deploy]:
        """The deploys that stand under the trend of a row."""
        return deploy_ticks.shown(self._of.get(report.key.service, ()), report.trend, cells)

    def _recent(self) -> dict[str, list[Deploy]]:
        found: dict[str, list[Deploy]] = {}
        for deploy in self._deploys:
            if not deploy.running and deploy.at < self._since:
                break
            if deploy.owned and deploy.is_prod:
                found.setdefault(deploy.service, []).append(deploy)
        return found

    def _first_rows(self, keys: Sequence[SloKey], items: Mapping[SloKey, SloReport]) -> list[SloKey]:
        """The first row with a trend of each service that was deployed."""
        left, found = set(self._of), []
        for key in keys:
            if key.service in left and items[key].trend is not None:
                left.discard(key.service)
                found.append(key)
                if not left:
                    break
        return found

    def _under(self, service: str, report: SloReport) -> bool:
        """Whether there is an axis, and a deploy on it: the newest one tells."""
        trend = report.trend
        if trend is None or not trend.burns:
            return False
        return any(deploy.running or deploy.at >= trend.start for deploy in self._of[service][:2])
