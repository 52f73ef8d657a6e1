"""What all sources of toil know, put together: pages of the shift, minutes of eight weeks, counters, offenders."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, pairwise

from sreconsole.config.model import Config
from sreconsole.domain.cleaning import clean
from sreconsole.domain.incident import begun, groups, incidents
from sreconsole.domain.load import (
    PAGE_MINUTES,
    Entry,
    ToilPart,
    assumed,
    cap,
    cost,
    measured,
    week_starts,
    within,
)
from sreconsole.domain.offender import SPAN, offenders
from sreconsole.domain.owners import Owners
from sreconsole.domain.reading import Figure
from sreconsole.domain.shift import boundary_after, shift_at
from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import Counter, Minutes, Shift, ToilReport
from sreconsole.engine.feed import ToilFeed
from sreconsole.records import replace
from sreconsole.turns import Turns

NO_SOURCE = "no Prometheus is configured that could tell which alerts fired"
NO_LOG = "no log is configured (toil.logs)"
UNCOUNTED = "pages are not counted: the config says nothing of oncall or toil"


class ToilBoard:
    """Holds the report; it stays the same object until it differs."""

    def __init__(
        self,
        config: Config,
        feeds: Mapping[str, ToilFeed],
        clock: Callable[[], float],
        written: Callable[[], ToilPart | None] = lambda: None,
    ) -> None:
        """`written` gives what stands in the journal; None: nothing."""
        self._written = written
        self.config, self.feeds, self.clock = config, feeds, clock
        self.report: ToilReport | None = None
        """None: the config has nothing to count, or nothing was taken yet."""
        self._owners = Owners((service.name, service.match) for service in config.services)
        self._labels = tuple(dict.fromkeys(fleet.label for fleet in config.fleets))
        self._parts: tuple[ToilPart, ...] = ()
        self._spells: list[Spell] = []
        self._tied: dict[tuple[str, str], str | None] = {}
        self._until = -math.inf
        """Until when the report holds while no source tells anything new."""

    async def take(self, now: float) -> None:
        """Look at every feed again; `now` in Unix seconds."""
        written = self._written()
        if not self.config.counts_toil and written is None:
            return
        parts = tuple(feed.part() for feed in self.feeds.values())
        parts += () if written is None else (written,)
        same = len(parts) == len(self._parts) and all(a is b for a, b in zip(parts, self._parts, strict=True))
        if same and now < self._until:
            return
        if not same:
            self._parts = parts
            self._spells = await self._tie()
        report = self._report(now)
        if report != self.report:
            self.report = report

    async def _tie(self) -> list[Spell]:
        """Every spell with its service."""
        turns, tied = Turns(), []
        before, self._tied = self._tied, {}
        for name, part in zip((*self.feeds, ""), self._parts, strict=False):
            for spell in part.spells:
                key = name, spell.key
                service = before[key] if key in before else self._service(spell.labels)
                self._tied[key] = service
                tied.append(replace(spell, service=service))
                await turns.take()
        return tied

    def _service(self, labels: Mapping[str, str]) -> str | None:
        """Whose alert it is; of a fleet's member, by the fleet's label."""
        service = self._owners.of(labels)
        if service is None:
            service = next((clean(labels[label], 200) for label in self._labels if labels.get(label)), None)
        return service

    def _report(self, now: float) -> ToilReport:
        oncall, toil = self.config.oncall, self.config.toil
        zone = self.config.timezone
        # What is later than now is not known yet: the clock may stand at a moment of the past.
        spells = [_as_of(spell, now) for spell in self._spells if spell.start <= now]
        shift = shift_at(oncall.shifts, zone, now)
        starts = week_starts(zone, now)
        counters = self._counters()
        mine = begun(spells, shift.start, shift.end) if shift is not None else []
        weeks = self._weeks(spells, starts, counters, now)
        recent = groups(begun(spells, now - SPAN, math.inf), oncall.merge)
        oldest = min((spell.start for group in recent for spell in group), default=math.inf)
        boundary = boundary_after(oncall.shifts, zone, now)
        later = (spell.start for spell in self._spells if spell.start > now)
        coming = (entry.at for part in self._parts for entry in part.entries or () if entry.at > now)
        boundaries = () if boundary is None else (boundary,)
        self._until = min(starts[0], oldest + SPAN, *boundaries, *later, *coming)
        return ToilReport(
            shift,
            self._shift_pages(shift, len(groups(mine, oncall.merge))),
            oncall.pages_per_shift,
            incidents(mine, oncall.merge),
            weeks,
            cap(toil.people, toil.hours_per_week, toil.cap),
            counters,
            offenders(recent, PAGE_MINUTES) if self._known_since(now - SPAN) is None else (),
            remarks=self._remarks(now),
        )

    def _shift_pages(self, shift: Shift | None, count: int) -> Figure:
        if not self.config.oncall.shifts:
            return Figure.missing("no shifts are configured (oncall.shifts)")
        if shift is None:
            return Figure.missing("nobody is on call now")
        why = self._known_since(shift.start)
        return Figure.known(count) if why is None else Figure.missing(why)

    def _known_since(self, start: float) -> str | None:
        """Why not all pages since a moment are known; None: they are.

        A server without rules has no say where another one has some.
        """
        if not self.config.counts_toil:
            return UNCOUNTED
        if not any(source.kind == "prometheus" for source in self.config.sources.values()):
            return NO_SOURCE
        telling = [part for part in self._parts if part.pages_since is not None or part.pages_missing is not None]
        if not telling:
            return "not asked yet"
        if all(part.pages_since is None and part.ruleless for part in telling):
            return telling[0].pages_missing
        late = [
            part
            for part in telling
            if not (part.pages_since is None and part.ruleless)
            and (part.pages_since is None or part.pages_since > start)
        ]
        return None if not late else late[0].pages_missing or "the history does not reach that far"

    def _weeks(
        self, spells: Sequence[Spell], starts: Sequence[float], counters: Sequence[Counter], now: float
    ) -> tuple[Minutes, ...]:
        entries, merge = self._entries(now), self.config.oncall.merge
        weeks = []
        for place, (end, start) in enumerate(pairwise(starts)):
            why = self._known_since(start)
            count = len(groups(begun(spells, start, end), merge))
            pages = Figure.known(count) if why is None else Figure.missing(why)
            mine = within(entries, start, end)
            # What counters count is of now: it belongs to no week before.
            spent = assumed(pages, counters if place == 0 else (), mine)
            weeks.append(Minutes(start, self._measured(mine, entries, end), spent, pages))
        return tuple(weeks)

    def _measured(self, mine: Sequence[Entry], entries: Sequence[Entry], end: float) -> Figure:
        if not self.config.toil.logs and self._written() is None:
            return Figure.missing(NO_LOG)
        logs = [part for part in self._parts if part.entries is not None or part.entries_missing is not None]
        if all(part.entries is None for part in logs):
            return Figure.missing(logs[0].entries_missing or "not asked yet" if logs else "not asked yet")
        if not mine and entries and entries[0].at >= end:
            return Figure.missing("the log begins later")
        return Figure.known(measured(mine))

    def _entries(self, now: float) -> list[Entry]:
        known = chain.from_iterable(part.entries or () for part in self._parts)
        return sorted((entry for entry in known if entry.at <= now), key=lambda entry: entry.at)

    def _counters(self) -> tuple[Counter, ...]:
        values = {place: value for part in self._parts for place, value in part.counters.items()}
        made = []
        for place, counter in enumerate(self.config.toil.counters):
            value = values.get(place, Figure.missing("not asked yet"))
            made.append(
                Counter(
                    clean(counter.title),
                    value,
                    clean(counter.unit),
                    cost(value, counter.minutes_each),
                    counter.budget,
                )
            )
        return tuple(made)

    def _remarks(self, now: float) -> tuple[str, ...]:
        said = [remark for part in self._parts for remark in part.remarks]
        if any(part.entries is not None for part in self._parts):
            said += [part.entries_missing for part in self._parts if part.entries_missing]
        if (why := self._known_since(now - SPAN)) is not None:
            said.append(f"who pages again and again is not known: {why}")
        return tuple(dict.fromkeys(said))


def _as_of(spell: Spell, now: float) -> Spell:
    """The spell as it was known at a moment."""
    return replace(spell, end=None) if spell.end is not None and spell.end > now else spell
