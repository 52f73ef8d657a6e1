"""The journal of one start: its rows go into the store, or wait on this host while that is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from sreconsole.domain.cleaning import clean
from sreconsole.domain.entry import Entry, EntryOutcome, Recorded
from sreconsole.journal import audit
from sreconsole.journal.body import OUTCOME, entry_of, of_entry, of_outcome, outcome_of
from sreconsole.journal.journal import Cursor, JournalFailed
from sreconsole.journal.row import Chain, Row
from sreconsole.journal.spool import Spool
from sreconsole.journal.store import Away, Store

PATIENCE = 2.0
"""Seconds that an intent waits for others of this process to be done with the store, before it is kept here."""
PAUSES = (5.0, 10.0, 20.0, 60.0)
"""Seconds before a store that is away is tried again, the first time, the second time and so on."""
_SOME = 1000
T = TypeVar("T")


class Recorder:
    """A Journal (`journal.Journal`)."""

    def __init__(
        self, store: Store, spool: Spool | None, writer: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`spool`: None where this host has no place to keep anything. `clock`: any that does not jump."""
        self._store, self._spool, self._clock = store, spool, clock
        self._chain = Chain(writer)
        self._pending: list[Row] = []
        """Rows that may stand somewhere, or that say what came of something, and that could not be kept."""
        self._writing = threading.Lock()
        """The chain and what is pending."""
        self._storing = threading.Lock()
        """The store, whose calls may take seconds."""
        self._spooling = threading.Lock()
        self._away: Away | None = None
        self._failures, self._next = 0, 0.0
        self._waiting = 0

    @property
    def writer(self) -> str:
        """Who writes here."""
        return self._chain.writer

    @property
    def state(self) -> str | None:
        """Why entries are kept on this host just now, in a sentence."""
        away = self._away
        if away is None:
            return None
        if self._spool is None:
            return f"the journal {self._store.name} {away}, and this host has no place to keep entries"
        waiting = {0: "entries", 1: "1 entry"}.get(self._waiting, f"{self._waiting} entries")
        verb = "waits" if self._waiting == 1 else "wait"
        return (
            f"the journal {self._store.name} {away}: {waiting} {verb} in {self._spool.store.name} until it takes them"
        )

    def write(self, entry: Entry) -> None:
        """Write an intent. Raises JournalFailed."""
        try:
            body = of_entry(entry)
        except ValueError as error:
            raise JournalFailed(f"the entry cannot be written down: {error}") from None
        self._keep(body, always=False)

    def ended(self, outcome: EntryOutcome) -> None:
        """Write what came of an entry. Raises JournalFailed."""
        try:
            body = of_outcome(outcome)
        except ValueError as error:
            raise JournalFailed(f"the outcome cannot be written down: {error}") from None
        self._keep(body, always=True)

    def read(self, since: float, until: float | None = None, kinds: Collection[str] | None = None) -> list[Recorded]:
        """What speaks of a time from `since` to before `until`, newest last."""
        with self._storing:
            self._deliver()
            rows = self._about(self._both(lambda store: store.entries(since, until, kinds)))
        return _recorded(rows)

    def newer(self, cursor: Cursor | None) -> tuple[list[Recorded], Cursor]:
        """What was written or ended since, and the next cursor."""
        with self._storing:
            self._deliver()
            stored, spooled = self._end(), self._spool.end() if self._spool else 0
            if cursor is None:
                return [], Cursor(stored, spooled)
            seen = cursor.store
            if not 0 <= seen <= stored and stored >= 0:  # it was away, or another file took its place
                seen = max(0, stored - _SOME)
            rows = self._stored(lambda store: store.after(seen, _SOME)) if stored > seen else []
            place = rows[-1].place if rows else max(seen, stored)
            waiting = []
            if self._spool is not None and spooled > cursor.spool:
                waiting = self._spool.read(lambda store: store.after(cursor.spool, _SOME))
            spooled = waiting[-1].place if waiting else min(cursor.spool, spooled)
            rows = self._about([*rows, *waiting])
        return _recorded(rows), Cursor(place, spooled)

    def verify(self) -> list[str]:
        """What does not stand there as it was written."""
        with self._storing:
            self._deliver()
            reached = self._end(lambda store: store.reached())  # before reading: others go on writing
            rows, place = [], 0
            while some := self._stored(lambda store: store.after(place, _SOME)):  # noqa: B023 (used at once)
                rows += some
                place = some[-1].place
            delivered, waiting = self._spool.kept() if self._spool else ([], [])
            found = audit.faults(rows, waiting, reached)
            if self._away is None:
                found += audit.lost(delivered, rows)
            return [*([self.state] if self.state else []), *found, *self._unseen([*rows, *waiting])]

    def close(self) -> None:
        """Deliver what waits, if that can be done at once, and let go of the files."""
        with self._writing, suppress(_Unkept):
            self._save([])
        with self._storing:
            self._deliver()
            self._store.close()
            with self._spooling:
                if self._spool is not None:
                    self._spool.close()

    def _keep(self, body: str, *, always: bool) -> None:
        with self._writing:
            row = self._chain.following(body)
            try:
                self._save([row])
            except _Unkept as failure:
                if always or failure.maybe:
                    self._chain.take(row)
                    self._pending.append(row)
                raise JournalFailed(f"nothing can be written to the journal: {failure}") from None
            self._chain.take(row)

    def _save(self, rows: list[Row]) -> None:
        """Put rows, and what could not be put before, into the store or the spool. Raises _Unkept."""
        rows = [*self._pending, *rows]
        if not rows:
            return
        reasons, maybe = [], False
        for name, put in self._ways():
            try:
                put(rows)
                self._pending = []
                return
            except Away as away:
                reasons.append(f"{name} {away}")
                maybe = maybe or away.maybe
        raise _Unkept("; ".join(reasons), maybe)

    def _ways(self) -> Iterator[tuple[str, Callable[[list[Row]], None]]]:
        yield self._store.name, self._put
        if self._spool is not None:
            yield self._spool.store.name, self._put_aside

    def _put(self, rows: list[Row]) -> None:
        if self._away is not None and not self._due():
            raise Away(str(self._away))  # nothing was sent this time
        if not self._storing.acquire(timeout=PATIENCE):
            raise Away("is busy")
        try:
            self._store.put(rows)
            self._here()
        except Away as away:
            self._missed(away)
            raise
        finally:
            self._storing.release()

    def _put_aside(self, rows: list[Row]) -> None:
        assert self._spool is not None
        with self._spooling:
            self._spool.put(rows)
            self._waiting = self._spool.waiting()

    def _deliver(self) -> None:
        """Hand over what waits, unless the store was away a moment ago."""
        if self._spool is None or not self._spool.exists or not self._due():
            return
        with self._spooling:
            try:
                if self._spool.deliver(self._store):
                    self._here()
                self._waiting = 0
            except Away as away:
                self._missed(away)
                self._waiting = self._spool.waiting()

    def _due(self) -> bool:
        return self._away is None or self._clock() >= self._next

    def _missed(self, away: Away) -> None:
        self._away = away
        self._next = self._clock() + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1

    def _here(self) -> None:
        damage = self._store.damage
        if damage is None:
            self._away, self._failures = None, 0
        elif self._away is None:
            self._missed(Away(damage))

    def _end(self, ask: Callable[[Store], int] = lambda store: store.end()) -> int:
        """The newest place of the store; -1: it is away."""
        found = self._asked(ask)
        return -1 if found is None else found

    def _stored(self, ask: Callable[[Store], list[Row]]) -> list[Row]:
        """What the store answers; nothing while it is away."""
        return self._asked(ask) or []

    def _asked(self, ask: Callable[[Store], T]) -> T | None:
        """What the store answers; None while it is away. What cannot be written is read nevertheless; a server that did
        not answer a moment ago is not waited for again."""
        due = self._due()
        if not due and self._away is not None and self._away.slow:
            return None
        try:
            found = ask(self._store)
        except Away as away:
            if due:
                self._missed(away)
            return None
        if due or self._store.damage is not None:
            self._here()
        return found

    def _both(self, ask: Callable[[Store], list[Row]]) -> list[Row]:
        """What the store answers, and the spool besides."""
        return self._stored(ask) + (self._spool.read(ask) if self._spool is not None else [])

    def _about(self, rows: Iterable[Row]) -> list[Row]:
        """Every row of the entries that rows are about, each once."""
        ids = {row.columns.entry for row in rows}
        known = self._both(lambda store: store.about(ids)) if ids else []
        return list({(row.writer, row.seq): row for row in known}.values())

    def _unseen(self, rows: list[Row]) -> list[str]:
        """Whether what this start wrote last is there: nobody else could tell."""
        last = max((row.seq for row in rows if row.writer == self.writer), default=0)
        written = self._chain.length - len(self._pending)
        return [f"rows {last + 1} to {written} of this start are not here any more"] if last < written else []


class _Unkept(Exception):
    """It could be kept nowhere; says why."""

    def __init__(self, why: str, maybe: bool) -> None:
        super().__init__(why)
        self.maybe = maybe


def _recorded(rows: Iterable[Row]) -> list[Recorded]:
    """The entries that rows are about, with what came of them, newest last. What cannot be read is said by `verify`."""
    intents: dict[str, Row] = {}
    outcomes: dict[str, list[EntryOutcome]] = {}
    for row in rows:
        if row.columns.kind != OUTCOME:
            intents.setdefault(row.columns.entry, row)
            continue
        with suppress(ValueError):
            outcomes.setdefault(row.columns.entry, []).append(outcome_of(row.body))
    told = []
    for entry, row in intents.items():
        with suppress(ValueError):
            told.append(Recorded(entry_of(row.body), newest(outcomes.get(entry, [])), clean(row.writer), row.seq))
    return sorted(told, key=lambda recorded: (recorded.entry.at, recorded.entry.id))


def newest(outcomes: Sequence[EntryOutcome]) -> EntryOutcome | None:
    """What counts of several outcomes: the newest, but what was settled stands before what was not known, as clocks of
    two hosts may differ."""
    return max(outcomes, key=lambda outcome: (outcome.ending != "unknown", outcome.at), default=None)
