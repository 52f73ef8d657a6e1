"""How far the ledger is filled for one batch: what is kept, what the next refreshes bring, what must be fetched.

What is kept up to a little while ago is continued by the tail of each refresh; everything else that is lacking is
fetched in pieces, each only for the SLOs that lack it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.filling import Plan, Want, wanted
from sreconsole.engine.kept import Kept
from sreconsole.engine.lacking import Runs, classes, lacking
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, REACH, WIDTHS
from sreconsole.records import dataclass, field
from sreconsole.sources.base import Grid
from sreconsole.sources.batches import Batch

SHORT = (300, 3600, 1800, 21_600, 7200)
"""Windows the server is asked for while the ledger is cold, the most telling first."""
AGAIN = 3
"""Newest buckets that are asked for again at each refresh: late samples."""
NEAR = {MINUTE: 30, FIVE: 24, HOUR: 6}
"""Most buckets by which kept history may be behind for a refresh to fetch them, by width."""
FEW = 60
"""Minutes a one-shot rather fetches than asking for short windows."""


@dataclass(slots=True)
class Progress:
    """How far one batch is."""

    batch: Batch
    minutes: bool
    """Short windows are folded from minutes."""
    plan: Plan = field(default_factory=Plan)
    tail: dict[int, int] = field(default_factory=dict)
    """By width: end of the newest bucket asked for."""
    final: dict[int, int] = field(default_factory=dict)
    """By width: end of the newest bucket that was final when it was asked for."""
    asked: dict[int, float] = field(default_factory=dict)
    """By window: when the server was last asked for it."""
    keys: set[SloKey] = field(default_factory=set)
    """The SLOs this was planned for."""
    short: tuple[int, ...] = SHORT
    """Windows the server is asked for while no buckets tell: the usual ones and those of the SLOs' own alerts."""
    edges: set[int] = field(default_factory=set)
    """Starts of calendar periods whose first, partial hour was asked for."""
    late: set[SloKey] = field(default_factory=set)
    """SLOs that are complete up to their horizon: only once that moves on do they lack something."""
    planned: float = 0.0
    """Unix seconds when it was last looked up what is lacking."""
    doubt: set[int] = field(default_factory=set)
    """Widths whose newest answer was not whole; 0: short windows."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Widths that refreshes continue."""
        return WIDTHS if self.minutes else (FIVE, HOUR)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the SLOs of a batch need."""

    longest: int
    """Seconds of their longest window."""
    windows: Set[int]
    """Seconds of every window that is folded."""
    trends: bool
    """A screen draws fine buckets."""

    @classmethod
    def of(cls, slos: Iterable[Slo], now: float, *, trends: bool) -> Needs:
        """The needs of these SLOs at `now`."""
        lengths = [slo.window.length(now) for slo in slos]
        pairs = [pair for slo in slos for pair in slo.pairs(now)[0]]
        windows = {86_400, 259_200, *lengths, *(pair.long for pair in pairs), *(pair.short for pair in pairs)}
        return cls(max(lengths, default=30 * 86_400), windows, trends)

    def wants(self, now: float, *, minutes: bool) -> list[Want]:
        """The buckets."""
        return wanted(now, self.longest, minutes=minutes, trends=self.trends, windows=self.windows)


def begin(
    batch: Batch,
    needs: Needs,
    kept: Mapping[SloKey, Kept],
    was: Mapping[SloKey, Mapping[int, int]],
    now: float,
    *,
    coarse: bool,
) -> Progress:
    """Where a batch stands; `was`: by SLO, how far this console has asked already; `coarse`: minutes do not fold."""
    keys = batch.keys
    ends = {width: int(now // width) * width for width in WIDTHS}
    until = {key: was.get(key) or (kept[key].until() if key in kept else {}) for key in keys}
    near = {
        width: {key for key in keys if until[key].get(width, 0) >= ends[width] - NEAR[width] * width}
        for width in WIDTHS
    }
    tail = {width: min((until[key][width] for key in near[width]), default=ends[width]) for width in WIDTHS}
    minutes = not coarse and (needs.trends or (len(keys) > 0 and _has_minutes(keys, kept, near[MINUTE], tail, now)))
    own = sorted(w for w in needs.windows if w <= REACH[MINUTE] and w not in SHORT)
    progress = Progress(batch, minutes, tail=tail, short=(*SHORT, *own), planned=now)
    hours = extend(progress, needs, keys, kept, near, now)
    progress.late = {
        key for key, runs in hours.items() if runs[0][0] >= until[key].get(HOUR, ends[HOUR]) - (AGAIN + 1) * HOUR
    }
    return progress


def extend(
    progress: Progress,
    needs: Needs,
    keys: Sequence[SloKey],
    kept: Mapping[SloKey, Kept],
    near: Mapping[int, Set[SloKey]],
    now: float,
) -> dict[SloKey, Runs]:
    """Plan to fetch what some members of a batch lack; those `near` by width go on where the tail is.

    Returns the hours that each lacks, of those that lack some.
    """
    batch, tail = progress.batch, progress.tail
    hours: dict[SloKey, Runs] = {}
    parts: dict[frozenset[SloKey], Batch] = {}
    for want in needs.wants(now, minutes=progress.minutes):
        grid, width = want.grid, want.grid.width
        if not keys:  # a fleet whose members only an answer can tell
            progress.plan.add(batch, want, ((grid.start, grid.end),))
        lacks: dict[SloKey, Runs] = {}
        for key in keys:
            end = min(grid.end, tail[width] - AGAIN * width) if key in near[width] else grid.end
            held = kept[key].buckets if key in kept else ()
            lacks[key] = lacking(held, Grid(grid.start, end, width), now) if end > grid.start else ()
        if width == HOUR:
            hours = {key: runs for key, runs in lacks.items() if runs}
        for runs, some in classes(lacks):
            whole = len(some) * 10 >= 9 * len(batch.keys)
            part = batch if whole else parts.setdefault(some, batch.only(some))
            progress.plan.add(part, want, runs)
    progress.keys.update(keys)
    return hours


def _has_minutes(
    keys: Sequence[SloKey], kept: Mapping[SloKey, Kept], near: Set[SloKey], tail: Mapping[int, int], now: float
) -> bool:
    """Whether so many minutes of every SLO are kept that a one-shot need not ask for short windows."""
    if len(near) < len(keys):
        return False
    end = tail[MINUTE] - AGAIN * MINUTE
    grid = Grid(int(now // MINUTE) * MINUTE - REACH[MINUTE], end, MINUTE)
    return all(
        sum(high - low for low, high in lacking(kept[key].buckets, grid, now)) <= FEW * MINUTE
        for key in keys
        if key in kept
    )
