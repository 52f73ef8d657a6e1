"""Which groups share one request: large shapes alone, small ones up to fifty SLOs together."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sreconsole.domain.slo import SloKey
from sreconsole.records import dataclass
from sreconsole.sources import survey
from sreconsole.sources.shapes import Group

BATCH = 50
"""SLOs of small shapes that share one request."""
ALONE = 10
"""A shape with this many members has a request of its own."""


@dataclass(slots=True)
class Batch:
    """Groups that share one request."""

    groups: list[Group]

    @property
    def keys(self) -> list[SloKey]:
        """The SLOs it answers for."""
        return [key for found in self.groups for key in found.keys]

    def only(self, keys: Set[SloKey]) -> Batch:
        """The same request restricted to some of its SLOs."""
        return Batch([found.only(keys) for found in self.groups if not keys.isdisjoint(found.keys)])

    @property
    def series(self) -> int:
        """Series an answer is expected to have for each instant."""
        return sum(found.series for found in self.groups)

    @property
    def folds(self) -> bool:
        """Whether some member's fine buckets may be folded into windows."""
        return any(survey.folds(found.interval) for found in self.groups)


def batches(groups: Iterable[Group]) -> list[Batch]:
    """All groups as requests; those whose buckets fold are kept apart from those that do not, which ask more often."""
    large: list[Batch] = []
    fine: list[Group] = []
    coarse: list[Group] = []
    for found in groups:
        if found.open or len(found.keys) >= ALONE:
            large.append(Batch([found]))
        else:
            (fine if survey.folds(found.interval) else coarse).append(found)
    return large + _packed(fine) + _packed(coarse)


def _packed(groups: list[Group]) -> list[Batch]:
    batches: list[Batch] = []
    room = 0
    for found in groups:
        if room < len(found.keys):
            batches.append(Batch([]))
            room = BATCH
        batches[-1].groups.append(found)
        room -= len(found.keys)
    return batches
