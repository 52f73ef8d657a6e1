"""Status changes: seen from snapshot to snapshot, recorded in `history.db`, shown for a day.

The file decides what is new: three consoles that see the same change record it once. At a start only a status that is
known is recorded; while history is being fetched only a page, as other statuses may still change for want of it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.config.model import Config, PrometheusSource, ScrapeSource
from sreconsole.domain.change import StatusChange
from sreconsole.domain.identity import measure, scrape_scope, server_scope
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.status import Status
from sreconsole.engine.feed import Feed
from sreconsole.errors import SreconsoleError

if TYPE_CHECKING:
    from sreconsole.ledger.store import Store

SHOWN = 86_400.0
"""Seconds for which a change is part of the snapshot."""
MOST = 1000
"""Changes in a snapshot; older ones are in the file."""
GATHER = 1.0
"""Seconds during which changes are gathered into one write."""
LOOK = 60.0
"""Seconds after which is looked what others recorded."""
_UNCERTAIN = (Status.UNKNOWN, Status.STALE)


class Changes:
    """The record of one console. `opened` opens the file (blocking); without `writes` it is read only: the clock stands
    at a moment of the past."""

    def __init__(self, opened: Callable[[], Store], clock: Callable[[], float], *, writes: bool = True) -> None:
        self.recent: tuple[StatusChange, ...] = ()
        """Those of the last day, newest first; the same object until it differs."""
        self.changed: Callable[[], None] = lambda: None
        """Called when `recent` differs."""
        self.recorded: Callable[[], None] = lambda: None
        """Called when a change was written that nobody had recorded."""
        self.trouble: str | None = None
        """Why the last call of the disk did not do its work; None when it did."""
        self._opened, self._clock, self._writes = opened, clock, writes
        self._store: Store | None = None
        self._config: Config | None = None
        self._scopes: tuple[Config, set[bytes]] | None = None
        self._seen: dict[SloKey, SloReport] = {}
        self._status: dict[SloKey, Status] = {}
        self._waiting: list[tuple[Config, Slo, StatusChange]] = []
        self._new = False
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    def take(self, snapshot: Snapshot, config: Config, feeds: Mapping[str, Feed]) -> None:
        """Note what has another status than before; nothing waits for the disk here."""
        if self._config is None:
            self._wake.set()  # what was recorded before is to be shown
        self._config = config
        if not self._writes:
            return
        new = [report for service in snapshot.services for report in service.slos
               if self._seen.get(report.key) is not report]  # fmt: skip
        if not new:
            return
        slos = {slo.key: (slo, feed) for feed in feeds.values() for slo in feed.slos()}
        for report in new:
            if report.key not in slos:
                continue
            slo, feed = slos[report.key]
            last, status = self._status.get(report.key), report.status
            unsure = last is None and status in _UNCERTAIN
            if last is not status and (unsure or (status is not Status.PAGE and feed.filling(slo.key) is not None)):
                continue
            self._seen[report.key] = report
            if last is not status:
                self._status[report.key] = status
                reason = report.reasons[0] if report.reasons else ""
                self._waiting.append((config, slo, StatusChange(slo.key, last, status, snapshot.at, reason)))
        if self._waiting:
            self._wake.set()

    async def run(self) -> None:
        """Write and read until cancelled."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
                await asyncio.sleep(GATHER)
            except TimeoutError:
                continue

    async def flush(self) -> None:
        """Write what is noted, as one, and read what is recorded."""
        if self._config is None:
            return
        self._wake.clear()
        async with self._lock:
            waiting, self._waiting = self._waiting, []
            try:
                recent = await asyncio.to_thread(self._exchange, waiting, self._config, self._clock())
            except SreconsoleError as error:
                self.trouble = str(error)
                self._waiting = (waiting + self._waiting)[-10 * MOST :]
                return
        self.trouble = None
        if self._new:
            self._new = False
            self.recorded()
        if recent != self.recent:
            self.recent = recent
            self.changed()

    def notices(self) -> Sequence[str]:
        """What people should know of the file."""
        own = (self._store.notice if self._store is not None else None, self.trouble)
        return [notice for notice in own if notice]

    async def aclose(self) -> None:
        """Write what is left and close the file."""
        if self._waiting:
            await self.flush()
        store, self._store = self._store, None
        if store is not None:
            await asyncio.to_thread(_close, store)

    def _exchange(
        self, waiting: Sequence[tuple[Config, Slo, StatusChange]], config: Config, now: float
    ) -> tuple[StatusChange, ...]:
        """In a thread: record, and read the newest of this config's SLOs."""
        from sreconsole.ledger.change_log import ChangeLog  # with SQLite, which the first frame can do without

        if self._store is None:
            self._store = self._opened()
        log = ChangeLog(self._store)
        if waiting:
            written = log.record_changes([(status_scope(config, slo), change) for config, slo, change in waiting])
            self._new = self._new or any(written)
        if self._scopes is None or self._scopes[0] is not config:
            self._scopes = config, {status_scope(config, slo) for slo in _every(config)}
        # what others with a clock ahead of ours recorded is shown too, unless the clock stands
        found = log.changes(now - SHOWN, self._scopes[1], MOST, math.inf if self._writes else now)
        # the first time that an SLO is seen, and is well, is no change
        shown = [change for change in found if change.before is not None or change.after is not Status.OK]
        return tuple(reversed(shown))


def status_scope(config: Config, slo: Slo) -> bytes:
    """What an SLO measures and where: two configs with the same names do not share their changes."""
    source = config.sources.get(slo.source)
    if isinstance(source, PrometheusSource):
        headers = source.http.headers.items()
        plain = {name: [value for value in values if isinstance(value, str)] for name, values in headers}
        return measure(server_scope(source.url, plain), slo.sli)
    targets, labels = (source.targets, source.labels) if isinstance(source, ScrapeSource) else ((), {})
    return measure(scrape_scope(targets, labels, ()), slo.sli)


def _every(config: Config) -> Iterable[Slo]:
    yield from config.slos()
    for fleet in config.fleets:
        yield from fleet.slos


def _close(store: Store) -> None:
    try:
        store.close()
    except SreconsoleError:
        return  # what could be written is written
