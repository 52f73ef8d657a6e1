"""Which buckets are still to be asked for, when some are kept: never asked ones, and young empty ones now and then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sreconsole.domain.slo import SloKey
from sreconsole.ledger.chunks import EMPTY, Held
from sreconsole.sources.base import Grid

AGAIN = 3600.0
"""Seconds after which an empty bucket is asked for again: its samples may have come late."""
YOUNG = 86_400.0
"""Seconds for which that goes on."""
NEAR = 12
"""Buckets between two runs that are asked along with them: a request costs more than they do."""
CLASSES = 4
"""Most requests by which the members of one batch that lack different buckets are asked."""

Runs = tuple[tuple[int, int], ...]
"""Start and end (Unix seconds) of consecutive buckets, oldest first."""


def lacking(held: Iterable[Held], wanted: Grid, now: float) -> Runs:
    """The buckets of a grid that these kept ones do not answer for."""
    width, count = wanted.width, len(wanted)
    have = bytearray(count)
    for run in held:
        if run.width != width:
            continue
        first = (run.start - wanted.start) // width
        low, high = max(0, first), min(count, first + len(run.total))
        if low >= high:
            continue
        totals = run.total[low - first : high - first]
        if sum(totals) == sum(totals) and min(totals) >= 0:
            have[low:high] = b"\1" * (high - low)
            continue
        again = now - run.asked >= AGAIN
        for slot, total in enumerate(totals, low):
            young = wanted.start + (slot + 1) * width > now - YOUNG
            have[slot] = total >= 0 or (total == EMPTY and not (again and young))
    return _runs(have, wanted)


def _runs(have: bytearray, wanted: Grid) -> Runs:
    found: list[tuple[int, int]] = []
    at = have.find(0)
    while at >= 0:
        end = have.find(1, at)
        end = len(have) if end < 0 else end
        if found and at - found[-1][1] < NEAR:
            found[-1] = found[-1][0], end
        else:
            found.append((at, end))
        at = have.find(0, end)
    return tuple((wanted.start + low * wanted.width, wanted.start + high * wanted.width) for low, high in found)


def classes(lacks: Mapping[SloKey, Runs]) -> list[tuple[Runs, frozenset[SloKey]]]:
    """SLOs that lack the same buckets together, most first; beyond a few such classes the rest is one."""
    alike: dict[Runs, list[SloKey]] = {}
    for key, runs in lacks.items():
        if runs:
            alike.setdefault(runs, []).append(key)
    ordered = sorted(alike.items(), key=lambda item: -len(item[1]))
    found = [(runs, frozenset(keys)) for runs, keys in ordered[: CLASSES - 1]]
    rest = ordered[CLASSES - 1 :]
    if rest:
        found.append((_union(runs for runs, _ in rest), frozenset(key for _, keys in rest for key in keys)))
    return found


def _union(many: Iterable[Runs]) -> Runs:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(run for runs in many for run in runs):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
