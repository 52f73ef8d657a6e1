"""What one Prometheus feed keeps in `ledger.db`: final buckets, the newest ones beside them, what surveys found.

All of it is a cache: a disk that fails is a remark, never a failure. Calls of the file happen in a thread, one at a
time; nothing here blocks the event loop.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sreconsole.domain.identity import measure, query_identity
from sreconsole.domain.slo import SloKey
from sreconsole.engine import members as kept_members
from sreconsole.engine.kept import Kept, Newest, unpack
from sreconsole.engine.members import DAY, Member
from sreconsole.ledger.chunks import EMPTY, Held
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.ledger.store import StoreFailed
from sreconsole.records import dataclass, field
from sreconsole.sources.base import BucketAnswer
from sreconsole.sources.batches import Batch
from sreconsole.sources.prometheus import Dialect, PrometheusSource

if TYPE_CHECKING:
    from sreconsole.engine.fine_recall import FineRecall
    from sreconsole.ledger.fine import Fine

FINAL = 3
"""Widths after its end from which on a bucket is final: samples come late."""
_SURVEYED = struct.Struct("<dd")
_T = TypeVar("_T")


@dataclass(slots=True)
class Recalled:
    """What surveys found before this start."""

    at: float | None = None
    """Unix seconds of the oldest survey among those of this config's SLOs; None: there was none."""
    dialect: Dialect | None = None
    intervals: dict[SloKey, float | None] = field(default_factory=dict)
    members: dict[SloKey, str] = field(default_factory=dict)
    """Label values of the members of fleets seen within the last day."""
    then: dict[SloKey, float | None] = field(default_factory=dict)
    """Of a moment of the past: the intervals of SLOs of which fine buckets were kept."""


class _Answered(NamedTuple):
    """An answer that is to be saved."""

    answer: BucketAnswer
    final: int
    """Buckets that are final, from the first on."""
    asked: float
    names: Mapping[SloKey, bytes]


class Keeping:
    """The cache of one feed. `opened` opens the file; `still`: the clock stands at a moment of the past, nothing is
    written, and of what is kept only final buckets are taken."""

    def __init__(
        self,
        source: PrometheusSource,
        opened: Callable[[], LedgerFile],
        *,
        still: bool = False,
        recall: Callable[[], FineRecall] | None = None,
    ) -> None:
        """`recall`: what was kept around changes of status, at a moment of the past."""
        self.source = source
        self._recalled = recall
        self._fine: Mapping[bytes, Fine] = {}
        """What of that is of this source, by `measure`."""
        self.still = still
        self.trouble: str | None = None
        """Why the disk did not do what it was asked last; None when it did."""
        self.notice: str | None = None
        """What people should know of the file."""
        self._opened = opened
        self._file: LedgerFile | None = None
        self._lock = asyncio.Lock()
        self._scope = b""
        self._names: dict[SloKey, bytes] = {}
        self._measures: dict[SloKey, bytes] = {}
        self._unsaved: list[_Answered] = []
        self._pruned = float("-inf")

    # --- what was learnt before

    async def recall_members(self, now: float) -> Mapping[SloKey, str]:
        """Label values of the members of fleets seen within the last day: found at once, whatever else is kept.

        Raises SourceError when a header of ours cannot be read.
        """
        if not self.source.fleets:
            return {}
        await asyncio.to_thread(self._identify)
        return await self._call(lambda file: {one.key: one.value for one in self._members(file, now)}) or {}

    async def recall(self, now: float) -> Recalled:
        """What earlier surveys found. Raises SourceError when a header of ours cannot be read."""
        await asyncio.to_thread(self._identify)
        return await self._call(lambda file: self._recall(file, now)) or Recalled()

    async def remember(self, at: float, members: Mapping[SloKey, float]) -> None:
        """Keep what a survey at `at` has found; `members`: when those of fleets were last seen."""
        if self.still:
            return
        self.name(self.source.batches)
        facts = {self._scope + b"dialect": json.dumps([self.source.dialect, at]).encode()}
        groups = [found for batch in self.source.batches for found in batch.groups]
        assumed = {key: found.interval for found in groups for key in found.keys}
        for key, interval in {**assumed, **self.source.intervals}.items():
            if key in self._measures:
                value = math.nan if interval is None else interval
                facts[self._measures[key] + b"interval"] = _SURVEYED.pack(value, at)
        seen: dict[bytes, list[tuple[str, float]]] = {}
        for found in groups:
            if found.fleet is not None and found.template is not None:
                mine = seen.setdefault(kept_members.name_of(self._scope, found.fleet, found.template), [])
                mine += [(value, members[key]) for key, value in found.raw.items() if key in members]
        facts.update((name, kept_members.packed(mine)) for name, mine in seen.items())
        await self._call(lambda file: file.put_facts(facts, at))

    def _recall(self, file: LedgerFile, now: float) -> Recalled:
        found = Recalled()
        measures = {slo.key: measure(self._scope, slo.sli) for slo in self.source.slos}
        for one in self._members(file, now):
            found.members[one.key] = one.value
            measures.setdefault(one.key, measure(self._scope, one.template.sli, one.fleet.label, one.value))
        self._measures.update(measures)
        moments = []
        for key, measured in measures.items():
            fact = file.fact(measured + b"interval")
            if fact is not None and len(fact) == _SURVEYED.size:
                interval, at = _SURVEYED.unpack(fact)
                found.intervals[key] = interval if interval > 0 else None
                moments.append(at)
        if self._recalled is not None:
            past = self._recalled().recall(self.source.fleets, self._scope, self._measures, now)
            self._fine = past.fine
            found.then.update(past.intervals)
            found.members.update(past.members)
        dialect = kept_members.pairs(b"[" + (file.fact(self._scope + b"dialect") or b"") + b"]")
        for word, at in dialect:
            if word in ("prometheus", "victoriametrics"):
                found.dialect = "victoriametrics" if word == "victoriametrics" else "prometheus"
                found.at = min([at, *moments])
        return found

    # --- buckets

    def name(self, batches: Iterable[Batch]) -> None:
        """Find what the SLOs of these batches are kept under; their scrape intervals are part of it."""
        slos = {slo.key: slo for slo in self.source.slos}
        names = dict(self._names)
        for batch in batches:
            for found in batch.groups:
                widened = self.source.span(found, 60).widen
                for key in found.keys:
                    if key not in self._measures:
                        if found.fleet is not None and found.template is not None:
                            value = found.raw.get(key, "")
                            made = measure(self._scope, found.template.sli, found.fleet.label, value)
                        elif key in slos:
                            made = measure(self._scope, slos[key].sli)
                        else:
                            continue
                        self._measures[key] = made
                    names[key] = query_identity(self._measures[key], self.source.dialect, widened)
        self._names = names

    async def take(
        self, batches: Iterable[Batch], keys: Iterable[SloKey], since: Mapping[int, int], now: float
    ) -> dict[SloKey, Kept]:
        """What is kept of these SLOs of some batches, from `since` on by width."""
        await asyncio.to_thread(self.name, batches)
        names = {key: self._names[key] for key in keys if key in self._names}
        if not names:
            return {}

        def work(file: LedgerFile) -> tuple[list[Held], dict[bytes, Newest]]:
            distinct = list(dict.fromkeys(names.values()))
            newest = {name: unpack(file.fact(name + b"newest") or b"") for name in distinct if not self.still}
            return file.load(distinct, since), {name: found for name, found in newest.items() if found is not None}

        loaded, newest = await self._call(work) or ([], {})
        by_name: dict[bytes, list[Held]] = {}
        for held in loaded:
            ended = min(len(held.total), int(now - held.start) // held.width)
            if ended > 0:  # not what a clock that was ahead has seen
                by_name.setdefault(held.identity, []).append(
                    held if ended == len(held.total) else held._replace(bad=held.bad[:ended], total=held.total[:ended])
                )
        for measured, name in {self._measures[key]: name for key, name in names.items()}.items():
            if measured in self._fine:
                by_name.setdefault(name, []).extend(one for one in self._fine[measured].helds if one.width in since)
        return {key: Kept(name, by_name.get(name, []), newest.get(name)) for key, name in names.items()}

    async def final(
        self, intervals: Mapping[SloKey, float | None], since: Mapping[int, int], now: float
    ) -> dict[SloKey, Fine]:
        """The final buckets that are kept of these SLOs, from `since` on by width, with their scrape intervals. Raises
        StoreFailed."""
        from sreconsole.ledger.fine import Fine

        await self.save(now)
        names = {key: self._names[key] for key in intervals if key in self._names and key in self._measures}
        loaded = await self._call(lambda file: file.load(list(dict.fromkeys(names.values())), since))
        if loaded is None:
            raise StoreFailed(self.trouble or "the cache cannot be read just now")
        by_name: dict[bytes, list[Held]] = {}
        for held in loaded:
            by_name.setdefault(held.identity, []).append(held)
        return {
            key: Fine(self._measures[key], intervals[key] or 0.0, by_name[name])
            for key, name in names.items()
            if name in by_name
        }

    def note(self, batch: Batch, answer: BucketAnswer, now: float) -> int | None:
        """Keep an answer for the next `save`: its final buckets, unless the server says that it is not whole.

        Returns the end of the newest final one.
        """
        grid = answer.grid
        by_server = now if answer.server_time is None else min(now, answer.server_time)
        count = min(len(grid), int(by_server - FINAL * grid.width - grid.start) // grid.width)
        if count <= 0 or answer.warnings:
            return None
        if any(key not in self._names for key in answer.asked):
            self.name([batch])
        if not self.still:
            self._unsaved.append(_Answered(answer, count, by_server, self._names))
        return grid.start + count * grid.width

    async def save(self, now: float) -> None:
        """Write what was noted."""
        noted, self._unsaved = self._unsaved, []
        prune = now - self._pruned >= DAY
        self._pruned = now if prune else self._pruned

        def work(file: LedgerFile) -> None:
            file.save([held for one in noted for held in _helds(one)])
            if prune:
                file.prune(now)

        if noted:
            await self._call(work)

    async def save_newest(self, packed: Mapping[SloKey, bytes], now: float) -> None:
        """Keep the newest buckets of SLOs (`engine.newest`)."""
        facts = {self._names[key] + b"newest": blob for key, blob in packed.items() if key in self._names}
        if facts and not self.still:
            await self._call(lambda file: file.put_facts(facts, now))

    async def aclose(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            async with self._lock:
                await asyncio.to_thread(_close, file)

    # --- inside

    def _members(self, file: LedgerFile, now: float) -> Iterable[Member]:
        return kept_members.recalled(self.source.fleets, self._scope, file.fact, now)

    def _identify(self) -> None:
        self._scope = kept_members.scope_of(self.source.settings)

    async def _call(self, work: Callable[[LedgerFile], _T]) -> _T | None:
        """Do something with the file, in a thread; None when the disk says no, which is kept as `trouble`."""
        async with self._lock:
            try:
                if self._file is None:
                    self._file = await asyncio.to_thread(self._opened)
                done = await asyncio.to_thread(work, self._file)
                self.notice = self._file.notice
            except StoreFailed as error:
                self.trouble = str(error)
                return None
            self.trouble = None
            return done


def _close(file: LedgerFile) -> None:
    try:
        file.close()
    except StoreFailed:
        return  # what could be saved is saved


def _helds(one: _Answered) -> Iterable[Held]:
    """The final buckets of an answer, of each measurement once; what was asked and brought nothing is empty."""
    grid, count = one.answer.grid, one.final
    done: set[bytes] = set()
    for key in one.answer.asked:
        name = one.names.get(key)
        if name is None or name in done:
            continue
        done.add(name)
        column = one.answer.columns.get(key)
        if column is None:
            bad, total = array("d", bytes(8 * count)), array("d", [EMPTY]) * count
        else:
            bad, total = column.bad[:count], column.total[:count]
            if not (sum(bad) + sum(total) < math.inf and min(bad) >= 0 and min(total) >= 0):
                bad, total = _sound(bad, total)
        yield Held(name, grid.width, grid.start, bad, total, one.asked)


def _sound(bad: Sequence[float], total: Sequence[float]) -> tuple[array[float], array[float]]:
    """Counts as the ledger takes them: nothing below zero; what is no number was asked for in vain."""
    good = [abs(b) < math.inf and abs(t) < math.inf for b, t in zip(bad, total, strict=True)]
    return (
        array("d", [max(0.0, b) if ok else 0.0 for b, ok in zip(bad, good, strict=True)]),
        array("d", [max(0.0, t) if ok else EMPTY for t, ok in zip(total, good, strict=True)]),
    )
