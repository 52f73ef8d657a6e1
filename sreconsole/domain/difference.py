"""What differs from one snapshot to the next, told by identity: what stays the same is the same object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot


def changed_in_place(before: Sequence[ServiceState], after: Sequence[ServiceState]) -> list[SloReport] | None:
    """The reports that took the place of others, where both are about the same SLOs in the same order; None where they
    are not. One look at each service: what did not change is not looked into."""
    if before is after:
        return []
    if len(before) != len(after):
        return None
    found: list[SloReport] = []
    for old, new in zip(before, after, strict=True):
        if old is new or old.slos is new.slos:
            continue
        if len(old.slos) != len(new.slos):
            return None
        for one, other in zip(old.slos, new.slos, strict=True):
            if one is not other:
                if one.key != other.key:
                    return None
                found.append(other)
    return found


def changed_slos(before: Snapshot, after: Snapshot) -> frozenset[SloKey]:
    """SLOs whose report changed, appeared or went."""
    found = changed_in_place(before.services, after.services)
    if found is not None:
        return frozenset(report.key for report in found)
    old, new = ({report.key: report for report in _reports(each.services)} for each in (before, after))
    return frozenset((old.keys() - new.keys()) | {key for key, report in new.items() if old.get(key) is not report})


def changed_sources(before: Snapshot, after: Snapshot) -> frozenset[str]:
    """Sources whose state changed."""
    old = {state.name: state for state in before.sources}
    return frozenset(state.name for state in after.sources if old.get(state.name) != state)


def _reports(services: Sequence[ServiceState]) -> Iterable[SloReport]:
    return (report for service in services for report in service.slos)
