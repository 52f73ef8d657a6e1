"""Which SLO a series of an answer belongs to, and what its values count.

Every request marks its series with group and part (`promql.marked`); the labels that tell members apart do the rest.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.slo import SloKey
from sreconsole.sources import folding
from sreconsole.sources.base import Column, Grid
from sreconsole.sources.promql import MARK, Span
from sreconsole.sources.shapes import Group
from sreconsole.turns import Turns

if TYPE_CHECKING:
    from sreconsole.sources.promapi import Matrix
    from sreconsole.sources.promjson import Series

SEVERAL = "the ratio query gives several series: aggregate it to one"
Tagged = dict[str, dict[str, float]]
"""Values by tag (which window, which count) and role."""


def tagged(
    groups: list[Group], items: Sequence[tuple[Mapping[str, str], float]]
) -> tuple[list[dict[SloKey, Tagged]], set[SloKey]]:
    """The values of an instant answer by group and SLO, and the SLOs whose ratio is not one number.

    Several series of one part add up, as events do; ratios do not.
    """
    values: list[dict[SloKey, Tagged]] = [{} for _ in groups]
    several: set[SloKey] = set()
    _admit(groups, [labels for labels, _ in items])
    for labels, value in items:
        number, index, found = _whose(groups, labels)
        if found is None:
            continue
        tag = labels[MARK].split(".")[-1]
        for key in found.find(index, labels):
            have = values[number].setdefault(key, {}).setdefault(tag, {})
            for role in found.roles(index):
                if role in have and role == "ratio":
                    several.add(key)
                have[role] = value + have.get(role, 0.0)
    for mine in values:
        for key in several & mine.keys():
            mine[key] = {}
    return values, several


async def columns(
    groups: list[Group], spans: list[Span], matrix: Matrix, grid: Grid
) -> tuple[dict[SloKey, Column], set[SloKey]]:
    """The buckets of a range answer by SLO, with turns for the screen; and the SLOs whose ratio is not one number."""
    size = len(grid)
    held: dict[tuple[int, SloKey], dict[str, array[float]]] = {}
    several: set[SloKey] = set()
    _admit(groups, [series.labels for series in matrix.series])
    turns = Turns()
    for series in matrix.series:
        await turns.take()
        number, index, found = _whose(groups, series.labels)
        if found is None:
            continue
        for key in found.find(index, series.labels):
            roles = held.setdefault((number, key), {})
            for role in found.roles(index):
                if role in roles and role == "ratio":
                    several.add(key)
                _add(roles.setdefault(role, array("d", [math.nan]) * size), series, grid)
    made: dict[SloKey, Column] = {}
    for (number, key), roles in held.items():
        await turns.take()
        if key not in several:
            made[key] = _column(groups[number], spans[number], roles, size)
    return made, several


def _add(column: array[float], series: Series, grid: Grid) -> None:
    """Add the values of a series to what is known of its buckets."""
    for moment, value in zip(series.times, series.values, strict=True):
        slot = round((moment - grid.start) / grid.width) - 1
        if 0 <= slot < len(column):
            column[slot] = value if column[slot] != column[slot] else column[slot] + value


def _admit(groups: list[Group], answer: Iterable[Mapping[str, str]]) -> None:
    """Let the fleets among the groups take in the members that an answer shows."""
    open_ones = {number for number, found in enumerate(groups) if found.open}
    if not open_ones:
        return
    values: dict[int, set[str]] = {number: set() for number in open_ones}
    for labels in answer:
        number, _, found = _whose(groups, labels)
        if found is not None and found.open and found.fleet is not None:
            values[number].add(labels.get(found.fleet.label, ""))
    for number, seen in values.items():
        groups[number].admit(seen)


def _whose(groups: list[Group], labels: Mapping[str, str]) -> tuple[int, int, Group | None]:
    """Group number, part number and group that a series' mark names; None for a mark that is not ours."""
    try:
        number, index = (int(text) for text in labels.get(MARK, "").split(".")[:2])
        found = groups[number]
        found.roles(index)
    except (ValueError, IndexError):
        return 0, 0, None
    return number, index, found


def _column(found: Group, span: Span, roles: Mapping[str, array[float]], size: int) -> Column:
    bad, total = array("d"), array("d")
    for slot in range(size):
        values = {role: column[slot] for role, column in roles.items() if column[slot] == column[slot]}
        one_bad, one_total = folding.counts(found.sli, values, span)
        bad.append(one_bad)
        total.append(one_total)
    return Column(bad, total)
