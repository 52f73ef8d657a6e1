"""`kind: prometheus`: counts of bad and total events by as few queries as the shapes of the SLOs allow.

One batch is one request: a shape with its members, or up to fifty SLOs of small shapes joined by `or`. A query the
server refuses is cut out of its batch, so that its neighbours stay live. Formulas: docs/architecture.md, "The ledger".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sreconsole.config.model import PrometheusSource as Settings
from sreconsole.domain.sli import GaugeSli, HistogramSli, QuerySli, RatioSli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.errors import QueryRejected
from sreconsole.records import dataclass, field, replace
from sreconsole.sources import folding, survey
from sreconsole.sources.base import BucketAnswer, Edge, Grid, WindowAnswer
from sreconsole.sources.batches import Batch, batches
from sreconsole.sources.promql import Care, Span
from sreconsole.sources.shapes import Group, fleet_groups, group
from sreconsole.sources.sorting import SEVERAL, Tagged, columns, tagged

if TYPE_CHECKING:
    from sreconsole.sources.promapi import PromApi, Vector

RETRY_REFUSED = 600.0
"""Seconds after which a query that the server refused is tried again."""

BEFORE = 300.0
"""Seconds before a bucket in which its counters' values at its beginning are looked for, the interval not known."""
SEEN_BEFORE, MISSES = 120.0, 3
"""The same where it is known: at least these seconds and so many intervals."""

Dialect = Literal["prometheus", "victoriametrics"]


@dataclass(slots=True)
class _Collected:
    """What a request brought, by group: the values of each SLO, and the server's warnings."""

    warnings: tuple[str, ...] = ()
    vectors: list[tuple[Group, dict[SloKey, Tagged]]] = field(default_factory=list)


class PrometheusSource:
    """Asks one server for the counts of its SLOs. Raises SourceError when the server as a whole does not answer."""

    kind = "prometheus"

    def __init__(
        self, settings: Settings, slos: Sequence[Slo], fleets: Sequence[Fleet], api: PromApi | Callable[[], PromApi]
    ) -> None:
        """`api` may be the way to make it: then what it needs is loaded by the first query, after the first frame."""
        self.settings = settings
        self.name = settings.name
        self._made_api = api
        self.slos = tuple(slos)
        self.fleets = tuple(fleets)
        self.dialect: Dialect = "victoriametrics" if settings.dialect == "victoriametrics" else "prometheus"
        self.intervals: dict[SloKey, float | None] = {}
        self.failures: dict[SloKey, str] = {}
        """SLOs whose own query fails: the server's words as one sentence."""
        self.exact = True
        """Whether the server knows what exact growth needs (`last_over_time`: Prometheus 2.26 and later)."""
        self.batches: list[Batch] = []
        self._longest: dict[SloKey, float] = {}
        """Seconds between samples of the series scraped most rarely; 0: not known."""
        self._refused: dict[int, tuple[Group, float]] = {}
        self._boundless: dict[SloKey, Group] = {}
        """Histogram SLOs with a total but without the bucket asked for."""
        self.plan()

    @cached_property
    def api(self) -> PromApi:
        """The server's HTTP API."""
        return self._made_api() if callable(self._made_api) else self._made_api

    def restore(
        self, dialect: Dialect | None, intervals: Mapping[SloKey, float | None], members: Mapping[SloKey, str]
    ) -> None:
        """Go on from what an earlier survey found; `members`: label values of members of fleets."""
        if dialect is not None and self.settings.dialect == "auto":
            self.dialect = dialect
        self.intervals.update(intervals)
        self.plan(members)

    def plan(self, members: Mapping[SloKey, str] | None = None) -> None:
        """Sort the SLOs into batches by what is known of their scrape intervals; `members`: known from elsewhere."""
        raw = {key: value for batch in self.batches for found in batch.groups for key, value in found.raw.items()}
        raw.update(members or {})
        groups = group(self.slos, self.intervals)
        for fleet in self.fleets:
            groups += fleet_groups(fleet, self.intervals, {k: v for k, v in raw.items() if self._of(fleet, k)})
        self.batches = batches(groups)
        self._refused.clear()

    def _of(self, fleet: Fleet, key: SloKey) -> bool:
        return any(template.name == key.slo for template in fleet.slos)

    def members(self) -> Iterable[tuple[Fleet, Slo, SloKey]]:
        """Every fleet member's SLO known so far."""
        for batch in self.batches:
            for found in batch.groups:
                if found.fleet is not None and found.template is not None:
                    for key in found.keys:
                        yield found.fleet, found.template, key

    def notes(self) -> tuple[str, ...]:
        """Things to say in the panel's title that are no failures."""
        notes = []
        for fleet, found in ((g.fleet, g) for batch in self.batches for g in batch.groups):
            if fleet is not None and found.refused:
                notes.append(
                    f"fleet by {fleet.label}: limit of {fleet.limit} members reached, {found.refused} left out"
                )
            if fleet is not None and found.alike:
                notes.append(f"fleet by {fleet.label}: {found.alike} values look like another member's name, left out")
        return tuple(dict.fromkeys(notes))

    async def greet(self, at: float) -> None:
        """Ask for next to nothing: an answer tells what time it is there."""
        await self.api.query(survey.DIALECT_PROBE, at)

    async def survey(self, at: float, only: Iterable[Batch] | None = None) -> None:
        """Find the dialect and every SLO's scrape interval, and plan anew; `only`: just the intervals of these."""
        if self.settings.dialect == "auto" and only is None:
            answer = await self.api.query(survey.DIALECT_PROBE, at)
            self.dialect = "victoriametrics" if answer.kind == "vector" else "prometheus"
        for batch in self.batches if only is None else only:
            await self._survey_batch(batch, at)
        self.plan()

    async def _survey_batch(self, batch: Batch, at: float) -> None:
        configured = self.settings.scrape_interval
        counted = [g for g in batch.groups if not isinstance(g.sli, QuerySli | RatioSli)]
        for found in batch.groups:
            if found not in counted or configured is not None:
                self.intervals.update(dict.fromkeys(found.keys, configured))
        if not counted or (configured is not None and not any(g.fleet for g in counted)):
            return
        collected = await self._collect(counted, survey.expressions, lambda e: self.api.query(e, at), at)
        for found, values in collected.vectors:
            for key in found.keys:
                measured = survey.interval(values.get(key, {}))
                self.intervals[key] = configured if configured is not None else measured
                self._longest[key] = survey.longest(values.get(key, {})) or 0.0

    def span(self, found: Group, seconds: float, care: Care = "exact") -> Span:
        """The range of a bucket: widened by the scrape interval where the dialect needs it."""
        if isinstance(found.sli, GaugeSli):
            return Span(seconds)
        interval = found.interval or max((self._longest.get(key, 0.0) for key in found.keys), default=0.0)
        exact = care != "plain" or found.interval is None  # mixed: no one interval widens a plain increase rightly
        before = max(SEEN_BEFORE, MISSES * interval) if interval else BEFORE
        widen = 0.0 if self.dialect == "victoriametrics" else interval
        before = before if exact and self.exact else 0.0
        return Span(seconds, widen, before, ends=care == "near", mixed=found.interval is None)

    def coarse(self, found: Group) -> bool:
        """Whether the fine buckets of a group do not join without a gap."""
        if isinstance(found.sli, GaugeSli) or self.dialect == "victoriametrics":
            return found.interval is not None and found.interval > 60
        return not survey.folds(found.interval)

    async def windows(
        self,
        batch: Batch,
        at: float,
        windows: Sequence[int],
        timeout: float = 10.0,
        *,
        exact: bool = False,
        edges: Sequence[tuple[float, float]] = (),
    ) -> WindowAnswer:
        """The server's own answers for some windows of every SLO of a batch, in one request; or exact ones.

        `edges`: pieces of time (start, end) to count besides; those of queries that people wrote are left out.
        """

        def window(found: Group, seconds: int) -> Span:
            return self.span(found, seconds) if exact else Span(seconds)

        def piece(found: Group, start: float, end: float) -> Span:
            return replace(self.span(found, end - start), back=at - end)

        def expressions(found: Group, number: int) -> list[str]:
            out = [text for each in windows for text in found.expressions(number, window(found, each), f".{each}")]
            if not isinstance(found.sli, QuerySli | RatioSli):
                for index, (start, end) in enumerate(edges):
                    out += found.expressions(number, piece(found, start, end), f".edge{index}")
            return out

        collected = await self._collect(
            batch.groups, expressions, lambda expression: self.api.query(expression, at, timeout=timeout), at
        )
        answer = WindowAnswer(at, warnings=collected.warnings)
        for found, values in collected.vectors:
            self._note_bounds(found, values)
            for key in found.keys:
                have = values.get(key, {})
                answer.readings[key] = {
                    each: folding.reading(found.sli, have.get(str(each), {}), window(found, each)) for each in windows
                }
                if not isinstance(found.sli, QuerySli | RatioSli):
                    answer.edges[key] = [
                        Edge(*edge, *folding.counts(found.sli, have.get(f"edge{index}", {}), piece(found, *edge)))
                        for index, edge in enumerate(edges)
                    ]
        answer.failures = {key: self.failures[key] for key in batch.keys if key in self.failures}
        return answer

    async def buckets(self, batch: Batch, grid: Grid, timeout: float = 30.0, *, care: Care = "exact") -> BucketAnswer:
        """The buckets of one grid for every SLO of a batch; each bucket is evaluated at its end.

        Exact growth costs the server several times a plain `increase`.
        """
        answer = BucketAnswer(grid)
        groups = self._active(batch.groups, grid.end)
        await self._buckets_of(groups, grid, timeout, answer, care)
        answer.failures = {key: self.failures[key] for key in batch.keys if key in self.failures}
        whole = [found for found in groups if id(found) not in self._refused]
        answer.asked = tuple(key for found in whole for key in found.keys if key not in self.failures)
        return answer

    async def _buckets_of(
        self, groups: list[Group], grid: Grid, timeout: float, answer: BucketAnswer, care: Care
    ) -> None:
        if not groups or not len(grid):
            return
        spans = [self.span(found, grid.width, care) for found in groups]
        expression = " or ".join(text for n, found in enumerate(groups) for text in found.expressions(n, spans[n]))
        try:
            matrix = await self.api.query_range(
                expression, grid.start + grid.width, grid.end, grid.width, timeout=timeout
            )
        except QueryRejected as error:
            for part in self._again(groups, error, grid.end):
                await self._buckets_of(part, grid, timeout, answer, care)
            return
        answer.warnings += matrix.warnings
        if matrix.server_time is not None:
            answer.server_time = min(matrix.server_time, answer.server_time or matrix.server_time)
        found, several = await columns(groups, spans, matrix, grid)
        answer.columns.update(found)
        self._answered(found, several)

    async def _collect(
        self,
        groups: list[Group],
        expressions: Callable[[Group, int], list[str]],
        send: Callable[[str], Awaitable[Vector]],
        at: float,
    ) -> _Collected:
        collected = _Collected()
        await self._collect_of(self._active(groups, at), expressions, send, at, collected)
        return collected

    async def _collect_of(
        self,
        groups: list[Group],
        expressions: Callable[[Group, int], list[str]],
        send: Callable[[str], Awaitable[Vector]],
        at: float,
        collected: _Collected,
    ) -> None:
        if not groups:
            return
        text = " or ".join(part for n, found in enumerate(groups) for part in expressions(found, n))
        try:
            vector = await send(text)
        except QueryRejected as error:
            for part in self._again(groups, error, at):
                await self._collect_of(part, expressions, send, at, collected)
            return
        collected.warnings += vector.warnings
        values, several = tagged(groups, vector.items)
        for found, mine in zip(groups, values, strict=True):
            self._answered(mine, several)
            collected.vectors.append((found, mine))

    def _answered(self, keys: Iterable[SloKey], several: Iterable[SloKey]) -> None:
        """Forget the failures of SLOs that have an answer; say which ratio queries give no single one."""
        for key in keys:
            if key not in self._boundless:
                self.failures.pop(key, None)
        self.failures.update(dict.fromkeys(several, SEVERAL))

    def _again(self, groups: list[Group], error: QueryRejected, at: float) -> list[list[Group]]:
        """What to ask again after a refusal: all of it in an older server's words, else each half."""
        if self.exact and "last_over_time" in str(error) and "unknown function" in str(error):
            self.exact = False
            return [groups]
        return self._halves(groups, error, at)

    def _halves(self, groups: list[Group], error: QueryRejected, at: float) -> list[list[Group]]:
        """Cut a refused batch in two; a single group is set aside with the server's words."""
        if len(groups) > 1:
            middle = len(groups) // 2
            return [groups[:middle], groups[middle:]]
        self._refused[id(groups[0])] = (groups[0], at + RETRY_REFUSED)
        self.failures.update(dict.fromkeys(groups[0].keys, str(error)))
        return []

    def _active(self, groups: list[Group], at: float) -> list[Group]:
        """The groups without those set aside; one whose time has come is tried again."""
        out = []
        for found in groups:
            refused = self._refused.get(id(found))
            if refused is not None and at < refused[1]:
                continue
            self._refused.pop(id(found), None)
            out.append(found)
        return out

    def _note_bounds(self, found: Group, values: Mapping[SloKey, Tagged]) -> None:
        """Remember histogram SLOs that have events but not the bucket asked for."""
        if not isinstance(found.sli, HistogramSli):
            return
        for key in found.keys:
            have = list(values.get(key, {}).values())
            known = any("good" in roles for roles in have)
            if not known and any(roles.get("total", 0.0) > 0 for roles in have):
                self._boundless[key] = found
            elif known and self._boundless.pop(key, None) is not None:
                self.failures.pop(key, None)

    async def explain(self, at: float, limit: int = 3) -> None:
        """Find out, for a few histogram SLOs without their bucket, which bounds there are."""
        from sreconsole.sources.bounds import explain

        pending = [key for key in self._boundless if key not in self.failures]
        for key in pending[:limit]:
            self.failures[key] = await explain(self.api, self._boundless[key], key, at)
