"""The journal as the engine uses it: opened when somebody first writes or reads, every call in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sreconsole.domain.entry import Entry, EntryOutcome, Recorded
    from sreconsole.journal.journal import Cursor, Journal

T = TypeVar("T")


class Logbook:
    """One journal for all who write and read it here. Every method raises SreconsoleError where the journal fails."""

    def __init__(self, opened: Callable[[], Journal], there: Callable[[], bool] = lambda: True) -> None:
        """`opened` opens the journal (blocking); `there`: whether anything can be in it, without opening it."""
        self._opened, self._there = opened, there
        self._journal: Journal | None = None
        self._lock = asyncio.Lock()

    @property
    def there(self) -> bool:
        """Whether anything can be read: an empty journal is not made for want of somebody who writes."""
        return self._journal is not None or self._there()

    @property
    def state(self) -> str | None:
        """What people should know of it: entries are kept here while the shared journal is away."""
        return self._journal.state if self._journal is not None else None

    async def intend(self, entries: Sequence[Entry]) -> None:
        """Write intents. When this returns they survive whatever happens next."""

        def write(journal: Journal) -> None:
            for entry in entries:
                journal.write(entry)

        await self._call(write)

    async def ended(self, outcomes: Sequence[EntryOutcome]) -> None:
        """Write what came of them."""

        def write(journal: Journal) -> None:
            for outcome in outcomes:
                journal.ended(outcome)

        await self._call(write)

    async def read(
        self, since: float, until: float | None = None, kinds: Collection[str] | None = None
    ) -> list[Recorded]:
        """Entries that speak of a time from `since` to before `until` (Unix seconds), the newest last."""
        return await self._call(lambda journal: journal.read(since, until, kinds))

    async def newer(self, cursor: Cursor | None) -> tuple[list[Recorded], Cursor]:
        """What anybody wrote since `cursor`, and the next one; None begins, with no rows."""
        return await self._call(lambda journal: journal.newer(cursor))

    async def aclose(self) -> None:
        """Close it."""
        async with self._lock:
            journal, self._journal = self._journal, None
            if journal is not None:
                await asyncio.to_thread(journal.close)

    async def _call(self, work: Callable[[Journal], T]) -> T:
        async with self._lock:
            return await asyncio.to_thread(self._do, work)

    def _do(self, work: Callable[[Journal], T]) -> T:
        """In a thread."""
        if self._journal is None:
            self._journal = self._opened()
        return work(self._journal)
