"""A scrape source kept in the book: from /metrics pages, from the history file, or from what another console wrote.

`load` once, then `step` at every refresh (`engine.feed.Feed`). One console at a time holds the lease and scrapes; the
others follow its rows in `history.db`. The history file is to start from: it fills what we did not
watch from end to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sreconsole.config.model import ScrapeSource
from sreconsole.domain.identity import scrape_identity, scrape_scope
from sreconsole.domain.increments import COARSEST, WIDTHS
from sreconsole.domain.marks import unpack
from sreconsole.domain.routing import Router
from sreconsole.domain.sampler import Sampler
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.domain.tally import Count
from sreconsole.engine.scrape_keeper import Keeper, fleet_text, members_text, restore_members
from sreconsole.engine.scrape_publish import Publisher
from sreconsole.errors import SourceError, Unreachable
from sreconsole.ledger.book import REACH, Book
from sreconsole.ledger.history import History
from sreconsole.sources.history_file import HistoryFile, Rows
from sreconsole.sources.scrape import ScrapeReader, TargetRead

_SLICE = 2000
_MEASURES = 200
_SMALL = 1000
"""Series up to which every scrape is saved; beyond, once a minute."""
_DAY = 86_400.0
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
    ) -> None:
        """SLOs of other sources are left out. `refresh`: seconds between steps, when longer than the interval;
        `scrapes`: whether to take the lease when it is free (a one-shot only reads what others wrote)."""
        self.config = config
        self.name = config.name
        self.kind: str = config.kind
        self.scrapes = scrapes
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
        self._sampler: Sampler | None = None
        self._unsaved: dict[tuple[int, int, int], Count] = {}
        self._saved = self._resumed = 0.0
        self._complete: float | None = None
        self._due = 0.0
        self._page_notes: tuple[str, ...] = ()

    def slos(self) -> list[Slo]:
        """Every SLO of the source, those of members (the newest day's) included."""
        return self._router.slos()

    def horizon(self, key: SloKey) -> float | None:
        """End of the newest closed 1 m bucket the book may answer for, Unix seconds."""
        return self._publisher.horizon

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples."""
        return self.spacing

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

    async def aclose(self) -> None:
        """Save what is left, give the lease back, close the history and connections."""
        if self._sampler is not None and self._unsaved:
            await self._save(self._sampler)
        await self._keeper.release()
        await asyncio.to_thread(self._keeper.history.close)
        await self._reader.aclose()

    # scraping -------------------------------------------------------------------------------------------------------

    async def _scrape(self) -> set[SloKey]:
        sampler = self._sampler or await self._take_over()
        at = self._clock()
        reads = await self._reader.read(self._router.metrics, at)
        down = [read for read in reads if read.samples is None]
        self._page_notes = tuple(f"{read.target}: {note}" for read in reads for note in read.notes)
        self.partial = None
        if len(down) == len(reads):
            raise _all_down(down)
        if down:
            self.partial = f"{len(reads) - len(down)} of {len(reads)} targets answer; {down[0].error}"
        sampler.begin(at)
        for read in reads:
            samples = iter(read.samples or ())
            while part := list(islice(samples, _SLICE)):
                sampler.take(read.target, part)
                await asyncio.sleep(0)
        await self._restore(sampler)
        for _ in sampler.fold(len(reads), len(down)):
            await asyncio.sleep(0)
        if not down:
            self._complete = at
        self._router.retire(at - _DAY)
        self.last_good = at
        changed = await self._collect(sampler, at)
        self._judge(sampler)
        if len(sampler) <= _SMALL or at // 60 > self._saved // 60:
            await self._save(sampler)
        return changed

    async def _take_over(self) -> Sampler:
        """Begin to scrape where the last holder of the lease left off."""
        self._sampler = sampler = Sampler(self._router, self.spacing)
        last = await self._keeper.last()
        if last is not None:
            restore_members(self._router, last.members)
            sampler.restore(unpack(last.marks))
        self._resumed = last.at if last is not None else 0.0
        return sampler

    async def _restore(self, sampler: Sampler) -> None:
        """Give new tallies the buckets that were kept of their measures, as far back as an increment may reach."""
        fresh = sampler.grow()
        if not fresh:
            return
        now = self._clock()
        coarse = int(sampler.reach(now) // COARSEST) * COARSEST
        fine = int((now - 4 * self.spacing) // WIDTHS[1] - 1) * WIDTHS[1]
        since = {width: coarse if width == COARSEST else fine for width in WIDTHS}
        identities = self._publisher.identities()
        async for rows in self._keeper.rows([identities[number] for number in fresh], since, now + COARSEST):
            for identity, count in rows:
                number = self._publisher.number(identity)
                if number is not None:
                    sampler.tallies[number].restore([count], self._resumed)

    async def _collect(self, sampler: Sampler, at: float) -> set[SloKey]:
        """Publish what this scrape closed; remember everything that changed for the next save."""
        for number, tally in enumerate(sampler.tallies):
            if number % _MEASURES == 0:
                await asyncio.sleep(0)
            for count in tally.changed():
                self._unsaved[number, count.width, count.start] = count
                self._publisher.stage(number, count)
        self._publisher.advance(at)
        return await self._publisher.close(at)

    def _judge(self, sampler: Sampler) -> None:
        measures = self._router.measures
        self.failures = {slo.key: text for number, text in sampler.failures.items() for slo in measures[number].slos}
        remarks = {number: [text] for number, text in sampler.remarks.items()}
        for number, count in self._publisher.good_ahead.items():
            many = "1 bucket" if count == 1 else f"{count} buckets"
            remarks.setdefault(number, []).append(f"good exceeded total in {many}: counted as no errors")
        self.remarks = {slo.key: tuple(texts) for n, texts in remarks.items() for slo in measures[n].slos}

    async def _save(self, sampler: Sampler) -> None:
        if sampler.at is None:
            return
        unsaved = dict(self._unsaved)
        rows: dict[bytes, list[Count]] = {}
        identities = self._publisher.identities()
        for (number, _, _), count in unsaved.items():
            rows.setdefault(identities[number], []).append(count)
        done = await self._keeper.save(sampler.at, sampler.marks(), members_text(self._router), rows)
        if done:
            self._saved = sampler.at
            self._unsaved.clear()
        elif done is None:
            self._stop_scraping()

    # following ------------------------------------------------------------------------------------------------------

    def _stop_scraping(self) -> None:
        """Somebody else counts now: what they write replaces what we have."""
        self._sampler = None
        self._unsaved.clear()
        self._publisher.forget()
        self.failures, self.remarks = {}, {}

    async def _follow(self, now: float) -> set[SloKey]:
        """Read what the holder of the lease wrote."""
        if self._sampler is not None:
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
        newest = max(self._publisher.horizon or 0.0, last.at if last is not None else 0.0)
        if now - newest > max(3 * self.spacing, _PATIENCE):
            self.changed = frozenset(changed)
            raise Unreachable(
                f"nobody brings new counts of {self.name}: keep a console (or `sreconsole record`) running"
                if last is None or not self.scrapes
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
        if self._sampler is not None and self._sampler.odd:
            notes.append(f"{self._sampler.odd} samples are no usable numbers and are left out")
        return tuple(dict.fromkeys((*notes, *self._page_notes)))


def _all_down(down: Sequence[TargetRead]) -> SourceError:
    """The error of a source none of whose targets answers: the first one's, as one of its class."""
    first = next((read.error for read in down if read.error is not None and read.error.state != "auth"), down[0].error)
    if first is None or len(down) == 1:
        return first or Unreachable("no answer")
    return type(first)(f"none of {len(down)} targets answers; {first}", detail=first.detail)
