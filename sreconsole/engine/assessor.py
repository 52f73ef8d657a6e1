"""From the ledger to reports: judges each SLO when its data or the minute changed, and keeps the report otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from sreconsole.config.model import Config, Service
from sreconsole.domain.assess import assess, stale_after
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.period import Rolling
from sreconsole.domain.reading import Missing, WindowReading
from sreconsole.domain.report import STANDARD_WINDOWS, SloReport
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import ServiceState
from sreconsole.domain.status import Status, worst
from sreconsole.engine.feed import Feed
from sreconsole.ledger.book import Book
from sreconsole.records import replace
from sreconsole.turns import Turns


class _Judged(NamedTuple):
    """The newest report of an SLO."""

    mark: object
    """What it was judged from; the same again: the same report."""
    until: float
    """When its data is too old, by the clock of its source."""
    report: SloReport


class _Group(NamedTuple):
    """A service and what is measured of it."""

    name: str
    service: Service | None
    """None: a member of a fleet."""
    slos: tuple[tuple[SloKey, Slo, Feed], ...]


class Assessor:
    """Turns the book into services with their reports."""

    def __init__(self, config: Config, book: Book, feeds: dict[str, Feed]) -> None:
        self.config = config
        self.book = book
        self.feeds = feeds
        self.trend_seconds = 3600
        self.trouble: Callable[[str], str | None] = lambda _: None
        """Why a source does not answer, one sentence, or None: the reason of SLOs of which nothing is known yet."""
        self._kept: dict[SloKey, _Judged] = {}
        self._alike: dict[object, tuple[object, SloReport]] = {}
        """Of each promise the newest report of an SLO of which nothing is held, and what it was judged from."""
        self._measured: list[tuple[Feed, tuple[Slo, ...]]] | None = None
        self._groups: list[_Group] = []
        self._services: tuple[ServiceState, ...] = ()

    async def services(self, now: float) -> tuple[ServiceState, ...]:
        """Every service at `now`, in config order, fleet members after them by name.

        What did not change is the same object as before: a service, and all of them.
        """
        gone = frozenset(name for feed in self.feeds.values() for name in feed.gone())
        groups, before = self._grouped(), self._services
        if len(before) != len(groups):
            before = ()
        states, same, turns = [], bool(before), Turns()
        for place, group in enumerate(groups):
            reports = tuple([self._report(key, slo, feed, now) for key, slo, feed in group.slos])
            state = before[place] if before else None
            if state is None or state.slos != reports or state.name != group.name or state.gone != (group.name in gone):
                state, same = _service(group, reports, group.name in gone), False
            states.append(state)
            await turns.take()
        if not same:
            self._services = tuple(states)
        return self._services

    def _grouped(self) -> list[_Group]:
        """The SLOs of every feed by service; made anew when there are others."""
        measured = [(feed, tuple(feed.slos())) for feed in self.feeds.values()]
        if measured != self._measured:
            self._measured, self._services = measured, ()
            found: dict[str, list[tuple[SloKey, Slo, Feed]]] = {service.name: [] for service in self.config.services}
            for feed, slos in measured:
                for slo in slos:
                    found.setdefault(slo.service, []).append((slo.key, slo, feed))
            named = {service.name: service for service in self.config.services}
            order = [*named, *sorted(name for name in found if name not in named)]
            self._groups = [_Group(name, named.get(name), tuple(found[name])) for name in order]
        return self._groups

    def report(self, slo: Slo, now: float) -> SloReport:
        """The report of one SLO; the very same object as before when nothing that it shows has changed.

        `now` is by the clock here; what is judged is the age of the data by the clock of its source.
        """
        return self._report(slo.key, slo, self.feeds[slo.source], now)

    def _report(self, key: SloKey, slo: Slo, feed: Feed, now: float) -> SloReport:
        now -= feed.ahead
        horizon = feed.horizon(key)
        mark = (
            self.book.version(key),
            now // 60,
            horizon,
            feed.filling(key),
            feed.failures.get(key) if horizon is not None else self._failure(slo, feed),
            feed.remarks.get(key),
            self.trend_seconds,
        )
        kept = self._kept.get(key)
        if kept is not None and kept.mark == mark and now <= kept.until:
            return kept.report
        blank = mark[0] < 0 and horizon is None
        report = self._nothing_of(slo, feed, mark, now) if blank else self._judge(slo, feed, now)
        if kept is not None and kept.report == report:
            report = kept.report
        self._kept[key] = _Judged(mark, self._fresh_until(report, feed), report)
        return report

    def _nothing_of(self, slo: Slo, feed: Feed, mark: object, now: float) -> SloReport:
        """Nothing is held: SLOs that promise the same read the same, and one judgement serves thousands of members."""
        promise = slo.source, slo.objective, slo.window, type(slo.sli), slo.alert_windows, feed.interval(slo.key)
        made = self._alike.get(promise)
        if made is None or made[0] != mark:
            made = self._alike[promise] = mark, self._judge(slo, feed, now)
        return replace(made[1], key=slo.key)

    def _fresh_until(self, report: SloReport, feed: Feed) -> float:
        """Until when a report says all there is to say of the age of its data."""
        if report.newest is None or report.status in (Status.STALE, Status.UNKNOWN):
            return math.inf
        return report.newest + stale_after(self.config.refresh, feed.interval(report.key))

    def _judge(self, slo: Slo, feed: Feed, now: float) -> SloReport:
        evidence = self._evidence(slo, feed, now, feed.horizon(slo.key) or now)
        report = assess(evidence)
        if report.status is Status.STALE and evidence.newest is not None:
            then = assess(replace(self._evidence(slo, feed, evidence.newest, evidence.newest), at=evidence.newest))
            if then.status is not Status.UNKNOWN:
                report = assess(replace(evidence, last=(then.status, evidence.newest)))
        return report

    def _evidence(self, slo: Slo, feed: Feed, now: float, end: float) -> Evidence:
        key, book = slo.key, self.book
        fresh = max(3 * self.config.refresh, 180.0)
        pairs, _ = slo.pairs(now)
        wanted = {seconds for _, seconds in STANDARD_WINDOWS}
        wanted.update(seconds for pair in pairs for seconds in (pair.long, pair.short))
        length = slo.window.length(now)
        filling = feed.filling(key)
        windows = {seconds: book.window(key, seconds, end, fresh) for seconds in wanted if seconds <= length}
        if filling is not None:
            windows = {s: r for s, r in windows.items() if not _short_of(r, s)}
        return Evidence(
            slo=slo,
            at=now,
            windows=windows,
            full=self._full(slo, now, end, fresh),
            newest=book.newest(key),
            until=end,
            refresh=self.config.refresh,
            scrape_interval=feed.interval(key),
            filling=filling,
            trend=book.trend(key, end, self.trend_seconds, trend_width(self.trend_seconds), float(slo.budget)),
            failure=self._failure(slo, feed),
            remarks=feed.remarks.get(key, ()),
        )

    def _failure(self, slo: Slo, feed: Feed) -> str | None:
        """The server's words on this SLO's own query; before any answer, what keeps the source from answering."""
        failure = feed.failures.get(slo.key)
        if failure is None and feed.horizon(slo.key) is None:
            failure = self.trouble(slo.source) or f"waiting for {slo.source}"
        return failure

    def _full(self, slo: Slo, now: float, end: float, fresh: float) -> WindowReading:
        if isinstance(slo.window, Rolling):
            return self.book.window(slo.key, slo.window.seconds, end, fresh)
        start, _ = slo.window.bounds(now)
        seconds = end - start
        return self.book.window(slo.key, seconds, end, fresh) if seconds >= 1 else Missing("the period just began")


def trend_width(seconds: int) -> int:
    """Seconds of one bucket of a trend over `seconds`: about sixty to a hundred buckets."""
    for limit, width in ((3600, 60), (21_600, 300), (86_400, 900), (259_200, 3600), (604_800, 7200)):
        if seconds <= limit:
            return width
    return max(3600, -(-seconds // 90 // 3600) * 3600)


def _short_of(reading: WindowReading, seconds: int) -> bool:
    """Whether a window is not covered yet: while history is fetched it is then not known."""
    return isinstance(reading, Missing) or reading.known < seconds * 0.98 - 60


def _service(group: _Group, reports: tuple[SloReport, ...], gone: bool) -> ServiceState:
    status, service = worst(report.status for report in reports), group.service
    if service is None:
        return ServiceState(group.name, status, reports, gone=gone)
    return ServiceState(group.name, status, reports, service.tier, service.runbook, service.depends_on, gone)
