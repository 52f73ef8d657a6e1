"""Keeps the fine buckets around status changes: what the ledger holds of the day before, and of the day after as it
becomes final.

What is to be kept follows from the changes that `history.db` holds, whoever recorded them, so that a console that is
started within those days goes on where another stopped. Buckets come from where they are final: the cache of a server's
answers, the counts of a scraped source.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sreconsole.domain.slo import SloKey
from sreconsole.domain.vicinity import DAY, Spans, vicinity
from sreconsole.engine.changes import status_scope
from sreconsole.engine.feed import Feed
from sreconsole.errors import SreconsoleError
from sreconsole.records import dataclass

if TYPE_CHECKING:
    from sreconsole.config.model import Config
    from sreconsole.ledger.fine import Fine
    from sreconsole.ledger.fine_log import FineLog
    from sreconsole.ledger.store import Store

BACK = 3 * DAY
"""Seconds for which changes are looked at: as far back as the ledger's five-minute buckets reach."""
ROUND = 900
"""Seconds at whose multiples what is written ends, so that consoles beside each other write the same."""
AFTER = 300
"""Seconds after such a moment at which its minutes are final, and in the cache."""
SOON = 60.0
"""Seconds from the start, or from a change, to the first look."""
LATE = 3600
"""Seconds of what was written that are looked at again: samples that came late."""
_LOADED, _WRITTEN = 250, 50
"""SLOs that are read, and written, at once."""
_REST = 0.1
"""Seconds between two such writes, for other consoles and the screen."""


@runtime_checkable
class Lasting(Protocol):
    """A feed that has final buckets on disk."""

    async def final(self, keys: Collection[SloKey], since: Mapping[int, int]) -> Mapping[SloKey, Fine]:
        """The final buckets of these SLOs from `since` on, by width (Unix seconds)."""
        ...


@dataclass(frozen=True, slots=True)
class _Done:
    """How far an SLO is written."""

    spans: Spans
    until: int
    """Everything within the spans up to here is written, Unix seconds."""

    def covers(self, spans: Spans) -> bool:
        """Whether what is to be kept now begins where it was to be kept before."""
        return all(any(low <= start < high for low, high in self.spans) for start, _ in spans)


class FineMemory:
    """The fine buckets that one console keeps. `opened` opens the file (blocking)."""

    def __init__(self, opened: Callable[[], Store], clock: Callable[[], float]) -> None:
        self.estate: Callable[[], tuple[Config, Mapping[str, Feed]] | None] = lambda: None
        """What is measured just now."""
        self.trouble: str | None = None
        """Why the last call of the disk did not do its work; None when it did."""
        self._opened, self._clock = opened, clock
        self._store: Store | None = None
        self._log: FineLog | None = None
        self._done: dict[SloKey, _Done] = {}
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    def wake(self) -> None:
        """A change was recorded."""
        self._wake.set()

    async def run(self) -> None:
        """Keep what becomes final until cancelled, then close the file."""
        try:
            while True:
                await asyncio.sleep(SOON)
                self._wake.clear()
                await self.flush()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ROUND - (self._clock() - AFTER) % ROUND):
                        await self._wake.wait()
        finally:
            await self.aclose()

    async def flush(self) -> None:
        """Keep what there is."""
        estate = self.estate()
        if estate is None:
            return
        config, feeds = estate
        async with self._lock:
            try:
                now = self._clock()
                moments = await asyncio.to_thread(self._changed, now)
                for feed in feeds.values():
                    if moments and isinstance(feed, Lasting):
                        await self._keep(feed, _spans(feed, config, moments), now)
            except SreconsoleError as error:
                self.trouble = str(error)
                return
        self.trouble = None

    def notices(self) -> Sequence[str]:
        """What people should know: what is not kept, and why."""
        return [said for said in (self.trouble, self._log.note() if self._log is not None else None) if said]

    async def aclose(self) -> None:
        """Close the file."""
        async with self._lock:
            store, self._store, self._log = self._store, None, None
            if store is not None:
                await asyncio.to_thread(_close, store)

    def _changed(self, now: float) -> Mapping[tuple[bytes, SloKey], list[float]]:
        """In a thread: when each SLO changed of late."""
        from sreconsole.ledger.change_log import ChangeLog
        from sreconsole.ledger.fine_log import FineLog

        if self._store is None:
            self._store = self._opened()
            self._log = FineLog(self._store)
        return ChangeLog(self._store).moments(now - BACK)

    async def _keep(self, feed: Feed, spans: Mapping[SloKey, Spans], now: float) -> None:
        """Write what is not written of these SLOs of a feed; those of which all was, from an hour before on."""
        assert isinstance(feed, Lasting)
        until = int(now - feed.ahead) // ROUND * ROUND
        whole = feed.progress() is None
        ends = {key: min(until, mine[-1][1]) for key, mine in spans.items()}
        fresh = [key for key, mine in spans.items() if key not in self._done or not self._done[key].covers(mine)]
        again = set(fresh)
        going = [key for key in spans if key not in again and ends[key] > self._done[key].until]
        oldest = min((spans[key][0][0] for key in fresh), default=until)
        newest = min((self._done[key].until for key in going), default=until) - LATE
        for keys, since in ((fresh, oldest), (going, newest)):
            for first in range(0, len(keys), _LOADED):
                some = keys[first : first + _LOADED]
                found = await feed.final(some, {60: max(since, until - DAY), 300: since})
                await self._write([(found[key], spans[key]) for key in some if key in found], until, now)
        if whole:
            self._done.update({key: _Done(spans[key], ends[key]) for key in (*fresh, *going)})

    async def _write(self, found: Sequence[tuple[Fine, Spans]], until: int, now: float) -> None:
        for first in range(0, len(found), _WRITTEN):
            if first:
                await asyncio.sleep(_REST)
            await asyncio.to_thread(self._put, found[first : first + _WRITTEN], until, now)

    def _put(self, found: Iterable[tuple[Fine, Spans]], until: int, now: float) -> int:
        """In a thread: write these."""
        from sreconsole.ledger.fine import cut

        assert self._log is not None
        return self._log.keep([part for fine, spans in found for part in cut(fine, spans, until)], now)


def _spans(feed: Feed, config: Config, moments: Mapping[tuple[bytes, SloKey], list[float]]) -> dict[SloKey, Spans]:
    """What is to be kept of each SLO of a feed that changed."""
    changed = {key for _, key in moments}
    found = {}
    for slo in feed.slos():
        if slo.key in changed and (when := moments.get((status_scope(config, slo), slo.key))):
            found[slo.key] = vicinity(when)
    return found


def _close(store: Store) -> None:
    try:
        store.close()
    except SreconsoleError:
        return  # what could be written is written
