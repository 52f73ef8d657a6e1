"""A scrape source kept in the book: from /metrics pages, from the history file, or from what another console wrote.

`load` once, then `step` at every refresh (`engine.feed.Feed`). One console at a time holds the lease and scrapes; the
others follow its rows in `history.db`. The history file is to start from: it fills what we did not
watch from end to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.config.model import ScrapeSource
from sreconsole.domain.identity import scrape_identity, scrape_scope
from sreconsole.domain.increments import COARSEST, WIDTHS
from sreconsole.domain.routing import Router
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.domain.tally import Count
from sreconsole.engine.scrape_keeper import Keeper, fleet_text, restore_members
from sreconsole.engine.scrape_publish import Publisher
from sreconsole.engine.scrape_round import Rounds
from sreconsole.errors import SourceError, Unreachable
from sreconsole.ledger.book import REACH, Book
from sreconsole.ledger.history import History
from sreconsole.records import dataclass, replace
from sreconsole.sources.history_file import HistoryFile, Rows
from sreconsole.sources.scrape import ScrapeReader, TargetRead

if TYPE_CHECKING:
    from sreconsole.ledger.fine import Fine

_DAY = 86_400.0
_FIRST = "2m"
"""From the first scrape until a minute was watched whole."""
_PATIENCE = 180.0
"""Seconds without anything new before that is said."""


@dataclass(frozen=True, slots=True)
class FleetMember:
    """A member of a fleet as the screen lists it."""

    fleet: int
    """Index into the fleets given."""
    service: str
    value: str
    """The raw label value."""
    seen: float
    """Unix seconds."""
    gone: bool


class ScrapeFeed:
    """One scrape source and its SLOs."""

    def __init__(
        self,
        config: ScrapeSource,
        slos: Sequence[Slo],
        fleets: Sequence[Fleet],
        book: Book,
        history: History,
        reader: ScrapeReader,
        clock: Callable[[], float],
        *,
        refresh: float = 0.0,
        scrapes: bool = True,
        past: bool = False,
    ) -> None:
        """SLOs of other sources are left out. `refresh`: seconds between steps, when longer than the interval;
        `scrapes`: whether to take the lease when it is free (a one-shot only reads what others wrote); `past`: the
        clock stands still at a moment of which perhaps only coarse buckets are left."""
        self.config = config
        self.name = config.name
        self.kind: str = config.kind
        self.scrapes = scrapes
        self.past = past
        self._book = book
        self.parts: tuple[int, int] | None = None
        """Targets that answered the last scrape, and all of them; None where they are one."""
        self.spacing = max(config.interval, refresh)
        """Seconds between samples that are no gap."""
        self.scraped = False
        """Whether the last step asked the targets."""
        self.changed: frozenset[SloKey] = frozenset()
        """SLOs whose buckets the last step (or `load`) changed."""
        self.partial: str | None = None
        self.failures: dict[SloKey, str] = {}
        """SLOs that cannot be known just now, each with the reason as a sentence."""
        self.remarks: dict[SloKey, tuple[str, ...]] = {}
        """Warnings that belong beside an SLO's reasons."""
        self.last_good: float | None = None
        """Unix seconds of the last scrape in which a target answered, by whomever."""
        mine = [replace(fleet, slos=tuple(s for s in fleet.slos if s.source == config.name)) for fleet in fleets]
        self._router = Router([slo for slo in slos if slo.source == config.name], mine)
        scope = scrape_scope(
            config.targets,
            config.labels,
            [measure.expression for measure in self._router.measures] + [fleet_text(f) for f in mine if f.slos],
        )
        self._keeper = Keeper(history, scope, self.spacing)
        self._publisher = Publisher(
            self._router, book, lambda text: scrape_identity(config.targets, config.labels, text)
        )
        self._file = HistoryFile(config.history, self._wanted) if config.history is not None else None
        self._file_trouble: SourceError | None = None
        self._reader, self._clock, self._longest = reader, clock, book.longest
        self._rounds: Rounds | None = None
        self._complete: float | None = None
        self._due = 0.0
        self._page_notes: tuple[str, ...] = ()

    def slos(self) -> list[Slo]:
        """Every SLO of the source, those of members (the newest day's) included."""
        return self._router.slos()

    def horizon(self, key: SloKey) -> float | None:
        """End of the newest closed 1 m bucket the book may answer for, Unix seconds."""
        return self._clock() // 60 * 60 if self.past else self._publisher.horizon

    @property
    def ahead(self) -> float:
        """None: samples are dated by the clock here."""
        return 0.0

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples; of a past moment, the width of the buckets that are left of it."""
        if not self.past or key not in self._book:
            return self.spacing
        rings = self._book.entry(key).rings
        newest = {width: ring.newest() or 0 for width, ring in sorted(rings.items())}
        return float(max(self.spacing, max(newest, key=lambda width: newest[width])))

    def filling(self, key: SloKey) -> float | None:
        """None: there is no more history than what `load` read."""
        return None

    def progress(self) -> float | None:
        """None, likewise."""
        return None

    async def fill(self) -> bool:
        """Nothing to fetch: False."""
        return False

    def members(self) -> list[FleetMember]:
        """Members of fleets seen within the last day; gone: missing while all targets answered."""
        return [
            FleetMember(number, member.service, member.value, member.seen, self._gone(member.seen))
            for number, members in enumerate(self._router.members)
            for member in members.values()
        ]

    def gone(self) -> frozenset[str]:
        """Services of fleets that vanished within the last day."""
        return frozenset(member.service for member in self.members() if member.gone)

    def _gone(self, seen: float) -> bool:
        return self._complete is not None and self._complete - seen > max(3 * self.spacing, _PATIENCE)

    async def load(self) -> None:
        """Fill the book from `history.db` and the history file. What cannot be read is a note, never an error."""
        now = self._clock()
        await self._keeper.start_following()
        last = await self._keeper.last()
        if last is not None:
            restore_members(self._router, last.members)
            self.last_good = last.at
            self._publisher.advance(min(last.at, now))
        changed = await self._load_rows(now)
        changed |= await self._load_fine(now)
        changed |= await self._follow_file(now)
        self._router.retire(now - _DAY)
        self.changed = frozenset(changed)

    async def step(self) -> None:
        """One refresh: scrape if it is ours to do and due, else read what the holder of the lease wrote.

        Raises SourceError when no target answers, or when nobody scrapes and nothing else tells of the last minutes.
        """
        now = self._clock()
        self.scraped = False
        changed = await self._follow_file(now)
        try:
            if not (self.scrapes and await self._keeper.hold(now)):
                changed |= await self._follow(now)
            elif now >= self._due:
                self._due = now + self.spacing * 0.9  # refreshes do not come on the second
                self.scraped = True
                changed |= await self._scrape()
        finally:
            self.changed = frozenset(changed)

    async def final(self, keys: Collection[SloKey], since: Mapping[int, int]) -> Mapping[SloKey, Fine]:
        """The final buckets of these SLOs that are on disk, from `since` on by width (Unix seconds)."""
        from sreconsole.ledger.fine import Fine

        names = self._names(frozenset(keys))
        found = await self._keeper.final(list(dict.fromkeys(names.values())), since)
        return {key: Fine(name, self.spacing, found[name]) for key, name in names.items() if name in found}

    def _names(self, keys: Collection[SloKey]) -> dict[SloKey, bytes]:
        """What the measures of these SLOs are kept under."""
        identities = self._publisher.identities()
        return {
            slo.key: identities[number]
            for number, measure in enumerate(self._router.measures)
            for slo in measure.slos
            if slo.key in keys
        }

    async def aclose(self) -> None:
        """Save what is left, give the lease back, close the history and connections."""
        if self._rounds is not None:
            await self._rounds.save(last=True)
        await self._keeper.release()
        await asyncio.to_thread(self._keeper.history.close)
        await self._reader.aclose()

    async def _scrape(self) -> set[SloKey]:
        if self._rounds is None:
            rounds = Rounds(self._router, self._publisher, self._keeper, self.spacing)
            await rounds.resume()
            self._rounds = rounds
        at = self._clock()
        reads = await self._reader.read(self._router.metrics, at)
        down = [read for read in reads if read.samples is None]
        self._page_notes = tuple(f"{read.target}: {note}" for read in reads for note in read.notes)
        self.partial = None
        self.parts = (len(reads) - len(down), len(reads)) if len(reads) > 1 else None
        if len(down) == len(reads):
            raise _all_down(down)
        if down:
            self.partial = f"{len(reads) - len(down)} of {len(reads)} targets answer; {down[0].error}"
        else:
            self._complete = at
        self.last_good = at
        changed = await self._rounds.add(reads, at)
        self._router.retire(at - _DAY)
        self.failures, self.remarks = self._rounds.judgement()
        for slo in self.slos():
            if self._book.newest(slo.key) is None:
                self.failures.setdefault(slo.key, f"counting has begun, first figures within {_FIRST}")
        if not await self._rounds.save():
            self._stop_scraping()
        return changed

    def _stop_scraping(self) -> None:
        """Somebody else counts now: what they write replaces what we have."""
        self._rounds = None
        self._publisher.forget()
        self.failures, self.remarks = {}, {}
        self.partial, self._page_notes = None, ()

    async def _follow(self, now: float) -> set[SloKey]:
        """Read what the holder of the lease wrote."""
        if self._rounds is not None:
            self._stop_scraping()
        changed: set[SloKey] = set()
        last = await self._keeper.last()
        if last is not None:
            restore_members(self._router, last.members)
            self._publisher.identities()
            for identity, count in await self._keeper.changes():
                number = self._publisher.number(identity)
                if number is not None:
                    self._publisher.stage(number, count)
            self.last_good = last.at
            self._publisher.advance(min(last.at, now))
            changed = await self._publisher.close(min(last.at, now))
        elif self.scrapes:
            return changed  # another console has just begun
        newest = max(self._publisher.horizon or 0.0, last.at if last is not None else 0.0)
        if now - newest > max(3 * self.spacing, _PATIENCE) and not self.past:
            self.changed = frozenset(changed)
            raise Unreachable(
                f"nobody brings new counts of {self.name}: keep a console (or `sreconsole record`) running"
                if not self.scrapes
                else f"the console that scrapes {self.name} brings nothing new: is it hanging?"
            )
        return changed

    async def _load_rows(self, now: float) -> set[SloKey]:
        since = {width: int(now) - REACH.get(width, int(self._longest)) - COARSEST for width in WIDTHS}
        changed: set[SloKey] = set()
        async for rows in self._keeper.rows(list(self._publisher.identities()), since, now):
            runs: dict[tuple[int, int], list[Count]] = {}
            for identity, count in rows:
                number = self._publisher.number(identity)
                if number is not None:
                    runs.setdefault((number, count.width), []).append(count)
            for (number, width), counts in runs.items():
                changed |= self._publisher.publish(number, width, counts)
                await asyncio.sleep(0)
        return changed

    async def _load_fine(self, now: float) -> set[SloKey]:
        """What was kept around changes of status, where the fine counts of a moment of the past are gone."""
        changed: set[SloKey] = set()
        if not self.past:
            return changed
        since = {width: int(now) - REACH[width] - COARSEST for width in WIDTHS if width != COARSEST}
        found = await asyncio.to_thread(self._keeper.recalled, self._publisher.identities(), since, now)
        for identity, fine in found.items():
            number = self._publisher.number(identity)
            for run in fine.helds if number is not None else ():
                cells = enumerate(zip(run.bad, run.total, strict=True))
                counts = [Count(run.width, run.start + run.width * n, b, t, run.width) for n, (b, t) in cells if t >= 0]
                changed |= self._publisher.publish(number or 0, run.width, counts)
            await asyncio.sleep(0)
        return changed

    async def _follow_file(self, now: float) -> set[SloKey]:
        changed: set[SloKey] = set()
        if self._file is None:
            return changed
        changed |= self._publisher.take_file(Rows(), now)
        try:
            for rows in self._file.read():
                changed |= self._publisher.take_file(rows, now)
                await asyncio.sleep(0)
            self._file_trouble = None
        except SourceError as error:
            self._file_trouble = error
        return changed

    def _wanted(self, key: SloKey) -> bool:
        """Whether a line of the history file is about an SLO of ours; it may introduce a member of a fleet."""
        if key not in self._router:
            for number, fleet in enumerate(self._router.fleets):
                if any(template.name == key.slo for template in fleet.slos):
                    self._router.admit(number, key.service, 0.0)
        return key in self._router

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures of the source."""
        notes = self._keeper.notes()
        if self._file_trouble is not None:
            notes.append(str(self._file_trouble))
        elif self._file is not None and (bad := self._file.note()):
            notes.append(bad)
        for fleet, left_out in zip(self._router.fleets, self._router.left_out, strict=True):
            if left_out:
                notes.append(f"limit of {fleet.limit} members reached for {fleet.label}: more exist and are left out")
        if self._rounds is not None and self._rounds.odd:
            notes.append(f"{self._rounds.odd} samples are no usable numbers and are left out")
        return tuple(dict.fromkeys((*notes, *self._page_notes)))


def _all_down(down: Sequence[TargetRead]) -> SourceError:
    """The error of a source none of whose targets answers: the first one's, as one of its class."""
    first = next((read.error for read in down if read.error is not None and read.error.state != "auth"), down[0].error)
    if first is None or len(down) == 1:
        return first or Unreachable("no answer")
    return type(first)(f"none of {len(down)} targets answers; {first}", detail=first.detail)
