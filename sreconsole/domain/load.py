"""How minutes of toil add up: what people wrote down is measured, what is only counted is assumed to cost a default.

A page is assumed to cost 30 minutes unless the log says what it did: an entry of the category `page`, `pages`,
`incident` or `incidents` stands for one incident of its week, one of the category of a counter's title for one of what
it counts. Source: delivery research, section 3 (`measured > default per kind: page 30 min`); cap: Google's SRE book,
chapter 5 (at most half of the time).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sreconsole.domain.reading import Figure
from sreconsole.domain.shift import reached
from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import Counter
from sreconsole.records import dataclass, field

PAGE_MINUTES = 30.0
"""What an incident is assumed to cost."""
WEEKS = 8
PAGE_CATEGORIES = frozenset(("page", "pages", "incident", "incidents"))


@dataclass(frozen=True, slots=True)
class Entry:
    """Minutes that somebody wrote down. Every text is cleaned."""

    at: float
    """Unix seconds."""
    minutes: float
    category: str
    text: str = ""
    service: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ToilPart:
    """What one source tells of toil. A source that cannot tell a thing at all says None of it."""

    spells: tuple[Spell, ...] = ()
    """Page alerts that fired, not tied to services yet, oldest first."""
    pages_since: float | None = None
    """Unix seconds from which on all of them are known; None: they are not known."""
    pages_missing: str | None = None
    """Why they are not, or not further back."""
    ruleless: bool = False
    """Whether that is because no alerts are evaluated there, so that another source may know them all."""
    counters: Mapping[int, Figure] = field(default_factory=dict)
    """Values of counters by their place in the config."""
    entries: tuple[Entry, ...] | None = None
    """The log, oldest first; None: this source has none, or none that can be read."""
    entries_missing: str | None = None
    """Why the log is not known, or not all of it; None: it is, or there is none."""
    remarks: tuple[str, ...] = ()


UNASKED = ToilPart(pages_missing="not asked yet")
"""Of a Prometheus that has not answered yet."""


def week_starts(zone: str, at: float, count: int = WEEKS) -> list[float]:
    """Mondays, midnight, in `zone` (Unix seconds): the end of the week of `at`, its beginning, those before it."""
    from zoneinfo import ZoneInfo  # not on the way to the first frame

    where = ZoneInfo(zone)
    day = datetime.fromtimestamp(at, where).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    monday = day - timedelta(days=day.weekday())
    return [reached(monday - timedelta(weeks=back), where) for back in range(-1, count)]


def cap(people: int | None, hours_per_week: float, share: float) -> float | None:
    """Minutes a week that toil may take; None: the number of people is not known."""
    return None if people is None else people * hours_per_week * 60.0 * share


def cost(value: Figure, minutes_each: float | None) -> Figure:
    """Minutes that what a counter counts is assumed to have cost."""
    if minutes_each is None:
        return Figure.missing("no minutes each are configured")
    return value if value.value is None else Figure.known(value.value * minutes_each)


def measured(entries: Iterable[Entry]) -> float:
    """Minutes written down."""
    return float(sum(entry.minutes for entry in entries))


def assumed(pages: Figure, counters: Sequence[Counter], entries: Sequence[Entry]) -> Figure:
    """Minutes assumed for incidents and counted things that the entries of the same week do not tell of.

    Not known only where nothing of it is.
    """
    categories = [entry.category.casefold() for entry in entries]
    parts: list[float] = []
    if pages.value is not None:
        told = sum(category in PAGE_CATEGORIES for category in categories)
        parts.append(max(0.0, pages.value - told) * PAGE_MINUTES)
    for counter in counters:
        minutes, value = counter.minutes.value, counter.value.value
        if minutes is not None and value:
            told = categories.count(counter.title.casefold())
            parts.append(minutes * max(0.0, 1.0 - told / value))
        elif minutes is not None:
            parts.append(minutes)
    return Figure.known(sum(parts)) if parts else pages


def within(entries: Sequence[Entry], start: float, end: float) -> list[Entry]:
    """The entries of `[start, end)`."""
    return [entry for entry in entries if start <= entry.at < end]
