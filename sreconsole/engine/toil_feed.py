"""What a Prometheus tells of toil: counters, and page alerts that fired, the newest first and then eight weeks back."""

from __future__ import annotations

import math
from collections.abc import Callable

from sreconsole.config.model import Config
from sreconsole.domain.load import UNASKED, ToilPart, week_starts
from sreconsole.domain.offender import SPAN
from sreconsole.domain.reading import Figure
from sreconsole.domain.shift import shift_at
from sreconsole.domain.spell import Edge, Spell, spans
from sreconsole.errors import BadAnswer, QueryRejected, SourceError
from sreconsole.sources.prometheus_counters import PrometheusCounters
from sreconsole.sources.prometheus_pages import HOUR, STEP, PrometheusPages

DAY = 86_400
AGAIN = 300
"""Seconds that are asked for again with each step, for what a server wrote late."""
DOUBT = 600
"""Seconds between two looks whether a server without any pages evaluates alerts at all."""
MOST_EDGES = 50_000
"""Beginnings and ends that are kept; history is not fetched further back beyond that."""


class PrometheusToil:
    """Implements `engine.feed.ToilFeed`. `clock` gives the time at the source in Unix seconds."""

    kind = "prometheus"
    parts = None
    partial: str | None = None

    def __init__(
        self,
        config: Config,
        pages: PrometheusPages,
        counters: PrometheusCounters,
        clock: Callable[[], float],
        *,
        history: bool = True,
    ) -> None:
        """`history`: whether eight weeks will be fetched; without it the first step asks for seven days and the week
        at once."""
        self.name = pages.name
        self._config, self._pages, self._counters = config, pages, counters
        self._clock, self._history = clock, history
        self._edges: list[Edge] = []
        self._values: dict[int, Figure] = {}
        self._unread: dict[int, Figure] = {}
        """Why counters that were never read are not known."""
        self._asked: tuple[float, float] | None = None
        """From when until when pages were asked for."""
        self._since: float | None = None
        """From when on the server had data: pages are known from then on."""
        self._oldest = 0.0
        """How far back pages are wanted."""
        self._missing: str | None = UNASKED.pages_missing
        self._ruleless = False
        self._doubted = -math.inf
        """When it was last looked whether the server evaluates alerts at all."""
        self._full = False
        self._spells: tuple[Spell, ...] = ()
        self._part = UNASKED

    def part(self) -> ToilPart:
        """What is known of toil; the same object until it differs."""
        return self._part

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        return (f"more than {MOST_EDGES} pages: not all of eight weeks are read",) if self._full else ()

    def progress(self) -> float | None:
        """Share of the weeks that were asked for."""
        if not self._history or self._asked is None or self._done():
            return None
        start, end = self._asked
        return (end - start) / (end - self._oldest)

    async def load(self) -> None:
        """Nothing is kept on disk."""

    async def step(self) -> None:
        """The newest pages, and every counter. Raises SourceError when either cannot be had."""
        now = self._clock()
        failure: SourceError | None = None
        try:
            await self._newest(now)
        except QueryRejected as error:
            self._missing = str(error)
        except SourceError as error:
            failure = error
            if self._asked is None:
                self._missing = str(error)
        try:
            if self._counters.counters and failure is None:
                self._values = await self._counters.read(now)
        except SourceError as error:
            failure = error
        if failure is not None and not self._values:
            unknown = Figure.missing(str(failure))
            self._unread = dict.fromkeys(self._counters.counters, unknown)
        self._tell()
        if failure is not None:
            raise failure

    async def fill(self) -> bool:
        """One more day of pages; False when there is no more. Raises SourceError."""
        if not self._history or self._asked is None or self._done():
            return False
        end, until = self._asked
        start = max(end - DAY, self._oldest)
        edges = await self._pages.edges(start, end)
        first = await self._pages.first_data(start, max(start, end - HOUR))
        self._asked = start, until
        if first is not None:
            self._since = first if first - start > HOUR else start
        self._edges += edges
        self._full = len(self._edges) > MOST_EDGES
        if edges:
            self._put_together()
        self._tell()
        return not self._done()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._pages.aclose()

    def _done(self) -> bool:
        return self._full or (self._asked is not None and self._asked[0] <= self._oldest)

    async def _newest(self, now: float) -> None:
        end = math.floor(now / STEP) * float(STEP)
        self._oldest = _minute(week_starts(self._config.timezone, now)[-1] - self._config.oncall.merge)
        if self._asked is not None and end - self._asked[1] > SPAN:
            self._asked, self._edges, self._full = None, [], False  # longer asleep than one question reaches
        start = self._begin(now) if self._asked is None else self._asked[1] - AGAIN
        edges = await self._pages.edges(start, end)
        if self._asked is None:
            first = await self._pages.first_data(start, end)
            self._since = start if first is None or first - start <= HOUR else first
            self._asked = start, end
        self._asked = self._asked[0], end
        before = [edge for edge in self._edges if edge.at > start]
        if sorted(before, key=_order) != sorted(edges, key=_order):
            # what is older than all that is wanted goes on the way
            self._edges = [edge for edge in self._edges if self._oldest < edge.at <= start] + edges
            self._put_together()
        # A history that tells of pages tells of all of them; where it tells of none, there may be no rules at all.
        if self._edges:
            self._missing, self._ruleless = None, False
        elif now - self._doubted >= DOUBT:
            await self._doubt(self._asked[0], end)
            self._doubted = now

    async def _doubt(self, start: float, end: float) -> None:
        try:
            self._missing = await self._pages.untold(start, end)
        except BadAnswer as error:  # a server that answers queries, but knows nothing of rules
            self._missing = str(error)
        self._ruleless = self._missing is not None

    def _begin(self, now: float) -> float:
        """From when on pages are asked for at once: the shift, and the week where there will be no other time."""
        shift = shift_at(self._config.oncall.shifts, self._config.timezone, now)
        wanted = [now - DAY, shift.start if shift is not None else now]
        if not self._history:
            wanted += [now - SPAN, week_starts(self._config.timezone, now)[1]]
        return _minute(min(wanted))

    def _put_together(self) -> None:
        known, alerts = spans(self._edges, STEP), self._pages.alerts
        self._pages.keep({key for key, _ in known})
        made = [
            Spell(key, alerts[key].name, start, end, alerts[key].labels) for (key, _), (start, end) in known.items()
        ]
        self._spells = tuple(sorted(made, key=lambda spell: (spell.start, spell.key)))

    def _tell(self) -> None:
        since = None if self._missing is not None else self._since
        part = ToilPart(
            self._spells,
            since,
            self._missing or self._why_not_further(),
            self._ruleless,
            counters=dict(self._values or self._unread),
        )
        if part != self._part:
            self._part = part

    def _why_not_further(self) -> str | None:
        if self._asked is None or self._since is None:
            return None
        if self._since > self._asked[0]:
            return f"{self.name} has no data from before"
        if not self._history:
            return "not asked for by a one-shot"
        return None if self._done() else "history is being fetched"


def _minute(at: float) -> float:
    """The minute's beginning."""
    return math.floor(at / STEP) * float(STEP)


def _order(edge: Edge) -> tuple[float, str, float, bool]:
    return edge.at, edge.key, edge.since, edge.begins
