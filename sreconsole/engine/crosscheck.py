"""Once an hour: do windows that the ledger adds up agree with what the server says of them in one piece?

The SLOs take turns. A difference is said beside the SLO and at the source until that SLO's next turn; few events prove
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Reading, WindowReading
from sreconsole.domain.sli import QuerySli, RatioSli
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.errors import SourceError
from sreconsole.ledger.book import FIVE, Book
from sreconsole.sources.prometheus import PrometheusSource

EVERY, FIRST = 3600.0, 300.0
"""Seconds between two checks, and until the first."""
WINDOWS = (21_600, 86_400)
"""Windows that are compared, in seconds; a longer one would cost the server too much."""
LIMIT = 0.01
"""Relative difference from which on it is said."""
TELLING, FEW = 100, 10
"""Bad events on one side from which on they are compared, and by how many they must differ to mean something."""


def difference(ours: WindowReading, theirs: WindowReading) -> float | None:
    """By which share the two part, the larger of totals and error ratios; None: too little is known to tell."""
    if not isinstance(ours, Reading) or not isinstance(theirs, Reading) or min(ours.total, theirs.total) < TELLING:
        return None
    apart = abs(ours.total - theirs.total) / max(ours.total, theirs.total)
    if max(ours.bad, theirs.bad) >= TELLING and abs(ours.bad - theirs.bad) >= FEW:
        here, there = ours.bad / ours.total, theirs.bad / theirs.total
        apart = max(apart, abs(here - there) / max(here, there))
    return apart


class Crosscheck:
    """Compares one SLO at a time; `remarks` and `note` say what was found."""

    def __init__(self, source: PrometheusSource, book: Book) -> None:
        self._source, self._book = source, book
        self._next: float | None = None
        self._turn = 0
        self._remarks: dict[SloKey, tuple[str, ...]] = {}

    @property
    def remarks(self) -> Mapping[SloKey, tuple[str, ...]]:
        """Differences, by SLO: one sentence each. The same object until one comes or goes."""
        return self._remarks

    def note(self) -> str | None:
        """What to say at the source, or None."""
        if not self._remarks:
            return None
        key = next(iter(self._remarks))
        more = len(self._remarks) - 1
        others = f" and {more} more" if more else ""
        return f"{key.service} {key.slo}{others}: {self._remarks[key][0]}"

    def due(self, now: float) -> bool:
        """Whether it is time to compare; a clock that was set back does not put it off."""
        return self._next is not None and not now < self._next <= now + EVERY

    async def step(self, now: float, slos: Sequence[Slo], horizon: Callable[[SloKey], float | None]) -> None:
        """Compare the next SLO when it is time; `slos`: those whose history is there. Raises no SourceError."""
        counted = [slo for slo in slos if not isinstance(slo.sli, QuerySli | RatioSli)]
        if counted and self._next is None:
            self._next = now + FIRST
        if not counted or not self.due(now):
            return
        self._next = now + EVERY
        gone = self._remarks.keys() - {slo.key for slo in slos}
        if gone:
            self._remarks = {key: said for key, said in self._remarks.items() if key not in gone}
        slo = counted[self._turn % len(counted)]
        self._turn += 1
        until = horizon(slo.key)
        batch = next((each for each in self._source.batches if slo.key in each.keys), None)
        if until is None or batch is None:
            return
        end = float(until // FIVE * FIVE)  # where both edges of the window are edges of buckets
        try:
            answer = await self._source.windows(batch.only({slo.key}), end, WINDOWS, exact=True)
        except SourceError:
            return  # the poll loop says what the server's trouble is; the next SLO has its turn in an hour
        if answer.warnings:
            return
        theirs = answer.readings.get(slo.key, {})
        ours = {window: self._book.reading(slo.key, end - window, end) for window in WINDOWS}
        self._say(slo.key, [text for window in theirs if (text := self._parted(window, ours[window], theirs[window]))])

    def _parted(self, window: int, ours: WindowReading, theirs: WindowReading) -> str | None:
        """The sentence on a window whose two readings part."""
        apart = difference(ours, theirs)
        if apart is None or apart <= LIMIT or not isinstance(ours, Reading) or ours.known < window - FIVE:
            return None
        span = format_duration(window)
        return f"{span} in the ledger and the answer of {self._source.name} differ by {100 * apart:.0f} %"

    def _say(self, key: SloKey, sentences: Sequence[str]) -> None:
        """Keep the first sentence as the remark of an SLO, or drop its remark."""
        said = tuple(sentences[:1])
        if self._remarks.get(key, ()) != said:
            rest = {other: text for other, text in self._remarks.items() if other != key}
            self._remarks = {**rest, key: said} if said else rest
