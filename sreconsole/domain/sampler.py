"""From one scrape after another to counts in buckets: remembers each series' last sample, and adds up what came since.

Increments are taken per series before any sum. The first sample of a series is a baseline and counts nothing (a gauge's
sample is an event by itself). A series that was not there, or was no number, keeps its baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf

from sreconsole.domain.increments import COARSEST, LONGEST_GAP, WIDTHS, increase, is_gap
from sreconsole.domain.marks import Marks, series_digest
from sreconsole.domain.routing import Group, Measure, Route, Router
from sreconsole.domain.sampled import TOTALS, Role, Sample, gauge_bad, no_bound
from sreconsole.domain.sli import CounterSli, HistogramSli
from sreconsole.domain.tally import Tally
from sreconsole.records import dataclass, field

_Key = tuple[str, str, frozenset[tuple[str, str]]]
_SLICE = 200


class _Track:
    """One series: the measures it feeds, its last value, when that was (None: no sample yet), and in which round."""

    __slots__ = ("at", "counts", "digest", "round", "routes", "value")

    def __init__(self, routes: tuple[Route, ...], digest: bytes) -> None:
        self.routes = routes
        self.counts = any(route.role != "gauge" for route in routes)
        self.digest = digest
        self.value = 0.0
        self.at: float | None = None
        self.round = -1


@dataclass(slots=True)
class _Round:
    """One scrape of all targets while it is being added up."""

    number: int
    at: float
    sums: dict[tuple[int, float, float], list[float]] = field(default_factory=dict)
    """Bad and total by measure, start and end of the span."""
    watched: dict[int, tuple[float, float]] = field(default_factory=dict)
    """By measure: the earliest previous sample within two intervals, and the earliest of all, of its total series."""
    roles: dict[int, set[Role]] = field(default_factory=dict)
    groups: dict[int, dict[Group, list[tuple[Role, float | None, float, float]]]] = field(default_factory=dict)
    odd: int = 0


class Sampler:
    """State between scrapes. A round is `begin`, `take` for each target that answered, then `fold` to its end."""

    def __init__(self, router: Router, interval: float) -> None:
        self.router = router
        self.interval = interval
        self.tallies: list[Tally] = []
        self.failures: dict[int, str] = {}
        """By measure: why it is not known, in a sentence; from the last round."""
        self.remarks: dict[int, str] = {}
        self.at: float | None = None
        """When the last finished round was, Unix seconds."""
        self.odd = 0
        """Samples of the last round that were no usable number."""
        self._tracks: dict[_Key, _Track] = {}
        self._restored: dict[bytes, tuple[float, float]] = {}
        self._ever: dict[int, set[Role]] = {}
        self._round = _Round(0, 0.0)
        self._pruned = 0.0

    def __len__(self) -> int:
        """Series remembered."""
        return len(self._tracks)

    def begin(self, at: float) -> None:
        """Start a round of samples taken at `at` (Unix seconds)."""
        self._round = _Round(self._round.number + 1, at)

    def take(self, target: str, samples: Iterable[Sample]) -> None:
        """Add samples of one target to the round; may be called with slices."""
        this = self._round
        for name, labels, value in samples:
            key = (target, name, frozenset(labels.items()))
            track = self._tracks.get(key)
            if track is None:
                track = self._meet(key, labels)
            if track.round == this.number:
                continue  # the same series twice: the first counts
            if not track.routes:
                track.at = this.at
                continue
            if not -inf < value < inf or (value < 0 and track.counts):
                this.odd += 1
                continue
            track.round = this.number
            self._count(track, value)
            track.value, track.at = value, this.at

    def _meet(self, key: _Key, labels: Mapping[str, str]) -> _Track:
        routes = self.router.route(key[1], labels, self._round.at)
        track = self._tracks[key] = _Track(routes, series_digest(*key) if routes else b"")
        kept = self._restored.pop(track.digest, None)
        if kept is not None:
            track.at, track.value = kept
        return track

    def _count(self, track: _Track, value: float) -> None:
        this, before = self._round, track.at
        if before is not None and this.at - before > LONGEST_GAP:
            before = None
        for measure, role, bad, total, group in track.routes:
            this.roles.setdefault(measure, set()).add(role)
            if role == "gauge":
                self._add(measure, this.at, gauge_bad(value), 1.0)
            elif group is not None:
                grown = increase(track.value, value) if before is not None else 0.0
                rows = this.groups.setdefault(measure, {}).setdefault(group, [])
                rows.append((role, before, bad * grown, total * grown))
                continue
            elif before is not None:
                grown = increase(track.value, value)
                self._add(measure, before, bad * grown, total * grown)
            if role in TOTALS and before is not None:
                self._watch(measure, before, gauge=role == "gauge")

    def _add(self, measure: int, start: float, bad: float, total: float) -> None:
        cell = self._round.sums.get((measure, start, self._round.at))
        if cell is None:
            self._round.sums[measure, start, self._round.at] = [bad, total]
        else:
            cell[0] += bad
            cell[1] += total

    def _watch(self, measure: int, before: float, gauge: bool) -> None:
        gap = is_gap(before, self._round.at, self.interval)
        if gap and gauge:
            return  # between two samples of a gauge that far apart nothing was watched
        fine, coarse = self._round.watched.get(measure, (inf, inf))
        self._round.watched[measure] = (fine if gap else min(fine, before), min(coarse, before))

    def fold(self, targets: int, down: int) -> Iterator[None]:
        """Finish the round: put sums into buckets, find out what is not known. Yields now and then.

        `targets`: how many there are, `down`: how many of them did not answer.
        """
        this = self._round
        self._join_groups()
        self.grow()
        for done, ((measure, start, end), (bad, total)) in enumerate(this.sums.items()):
            self.tallies[measure].add(start, end, bad, total, gap=is_gap(start, end, self.interval))
            if done % _SLICE == 0:
                yield
        for done, (measure, (fine, coarse)) in enumerate(this.watched.items()):
            tally = self.tallies[measure]
            if coarse < fine:
                tally.cover(coarse, this.at, gap=True)
            if fine < inf:
                tally.cover(fine, this.at, gap=False)
            if done % _SLICE == 0:
                yield
        self._judge(targets, down)
        self.at, self.odd = this.at, this.odd
        self._prune(down)

    def grow(self) -> range:
        """Make the tallies of measures that are new; returns their numbers, so that kept buckets can be restored."""
        first = len(self.tallies)
        self.tallies += [Tally() for _ in self.router.measures[first:]]
        return range(first, len(self.tallies))

    def _join_groups(self) -> None:
        """Histograms: a count without its bucket at the threshold would make all its events bad, so it is left out."""
        this = self._round
        self.remarks = {}
        for measure, groups in this.groups.items():
            lonely = 0
            for rows in groups.values():
                if len({role for role, *_ in rows}) < 2:
                    lonely += 1
                    continue
                for role, before, bad, total in rows:
                    if before is not None:
                        self._add(measure, before, bad, total)
                        if role in TOTALS:
                            self._watch(measure, before, gauge=False)
            if 0 < lonely < len(groups):
                self.remarks[measure] = (
                    f"{lonely} of {len(groups)} series lack the bucket or the count and are left out"
                )

    def _judge(self, targets: int, down: int) -> None:
        """What every measure lacks, in words; a measure that merely waits for a target that is down keeps its last."""
        for number, measure in enumerate(self.router.measures):
            roles = self._round.roles.get(number, set())
            ever = self._ever.setdefault(number, set())
            ever |= roles
            if roles & TOTALS:
                for member in measure.members:
                    member.seen = self._round.at
            if not roles & TOTALS and down and (ever & TOTALS or down == targets):
                continue
            sentence = _lack(measure, roles, ever, down)
            if sentence:
                self.failures[number] = sentence
            else:
                self.failures.pop(number, None)

    def _prune(self, down: int) -> None:
        """Hourly: forget buckets no late sample can reach, and series that nobody showed for long."""
        at = self._round.at
        if at - self._pruned < COARSEST:
            return
        self._pruned = at
        oldest = at - LONGEST_GAP if down else at - 86_400.0
        for key in [k for k, track in self._tracks.items() if track.at is not None and track.at < oldest]:
            del self._tracks[key]
        late = self.reach(at)
        for tally in self.tallies:
            tally.forget(at - 4 * self.interval - WIDTHS[1], late - COARSEST)

    def marks(self) -> Marks:
        """The last sample of every series, to go on from after a restart."""
        met = {
            track.digest: (track.at, track.value)
            for track in self._tracks.values()
            if track.at is not None and track.routes
        }
        return {**self._restored, **met}  # what was kept and not met again may belong to a target that is down

    def reach(self, now: float) -> float:
        """The oldest moment an increment of the next round may begin at, Unix seconds."""
        kept = [at for at, _ in self._restored.values()]
        met = [track.at for track in self._tracks.values() if track.at is not None]
        return max(now - LONGEST_GAP, min((*kept, *met, now)))

    def restore(self, marks: Marks) -> None:
        """Go on from last samples that were kept; each is used when its series is met again."""
        self._restored = dict(marks)


def _lack(measure: Measure, roles: set[Role], ever: set[Role], down: int) -> str:
    sli = measure.sli
    where = f" ({down} targets did not answer)" if down > 1 else " (1 target did not answer)" if down else ""
    if isinstance(sli, HistogramSli):
        if "bucket" not in ever and (measure.bounds or "count" in roles):
            return no_bound(sli.threshold, measure.bounds)
        if "count" not in roles:
            return f"no series matches {sli.histogram.renamed(sli.histogram.metric + '_count')}{where}"
        return ""
    if not roles:
        selector = sli.total if isinstance(sli, CounterSli) else sli.gauge
        return f"no series matches {selector}{where}"
    if isinstance(sli, CounterSli):
        if "total" not in roles:
            return f"no series matches the total {sli.total}{where}"
        if sli.good is not None and "good" not in ever:
            return f"no series matches the good {sli.good}{where}"
    return ""
