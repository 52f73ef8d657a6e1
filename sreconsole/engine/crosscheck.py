"""Once an hour: does one window that the ledger adds up agree with what the server says of it in one piece?

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

EVERY = 3600.0
"""Seconds between two checks."""
WINDOWS = (21_600, 86_400)
"""Windows that take turns, in seconds; a longer one would cost the server too much."""
LIMIT = 0.01
"""Relative difference from which on it is said."""
TELLING = 100
"""Bad events on both sides from which on their ratios are compared."""


def difference(ours: WindowReading, theirs: WindowReading) -> float | None:
    """By which share the two part, the larger of totals and error ratios; None: too little is known to tell.

    Error ratios are compared where both sides have enough bad events, totals where both have enough events at all.
    """
    if not isinstance(ours, Reading) or not isinstance(theirs, Reading) or min(ours.total, theirs.total) < TELLING:
        return None
    apart = abs(ours.total / theirs.total - 1)
    if min(ours.bad, theirs.bad) >= TELLING:
        apart = max(apart, abs(ours.bad / ours.total / (theirs.bad / theirs.total) - 1))
    return apart


class Crosscheck:
    """Compares one SLO and window at a time; `remarks` and `note` say what was found."""

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

    async def step(self, now: float, slos: Sequence[Slo], horizon: Callable[[SloKey], float | None]) -> None:
        """Compare the next SLO when it is time; `slos`: those whose history is there. Raises no SourceError."""
        counted = [slo for slo in slos if not isinstance(slo.sli, QuerySli | RatioSli)]
        if not counted or (self._next is not None and now < self._next <= now + EVERY):
            return
        self._next = now + EVERY
        gone = self._remarks.keys() - {slo.key for slo in slos}
        if gone:
            self._remarks = {key: said for key, said in self._remarks.items() if key not in gone}
        slo = counted[self._turn % len(counted)]
        window = WINDOWS[self._turn // len(counted) % len(WINDOWS)]
        self._turn += 1
        until = horizon(slo.key)
        batch = next((each for each in self._source.batches if slo.key in each.keys), None)
        if until is None or batch is None:
            return
        end = float(until // FIVE * FIVE)  # where both edges of the window are edges of buckets
        ours = self._book.reading(slo.key, end - window, end)
        try:
            answer = await self._source.windows(batch.only({slo.key}), end, (window,), exact=True)
        except SourceError:
            return  # the poll loop says what the server's trouble is; the next SLO has its turn in an hour
        theirs = answer.readings.get(slo.key, {}).get(window)
        if theirs is not None and not answer.warnings:
            self._judge(slo.key, window, ours, theirs)

    def _judge(self, key: SloKey, window: int, ours: WindowReading, theirs: WindowReading) -> None:
        """Keep or drop the remark of an SLO."""
        apart = difference(ours, theirs)
        whole = isinstance(ours, Reading) and ours.known >= window - FIVE
        said: tuple[str, ...] = ()
        if apart is not None and whole and apart > LIMIT:
            said = (
                f"{format_duration(window)} in the ledger and the answer of {self._source.name} "
                f"differ by {100 * apart:.0f} %",
            )
        if self._remarks.get(key, ()) != said:
            rest = {other: text for other, text in self._remarks.items() if other != key}
            self._remarks = {**rest, key: said} if said else rest
