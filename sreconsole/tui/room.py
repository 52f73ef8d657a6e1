"""How panels share the screen: the lines of what stands below each other, the columns of what stands side by side."""

from __future__ import annotations

from collections.abc import Sequence

SIDE_BY_SIDE = 72
"""Columns below which panels that would stand side by side stand below each other."""
RIGHT_NEEDS = 64
"""Columns that the panel at the right can make use of."""


def shares(room: int, wanted: Sequence[int], least: Sequence[int], focus: int) -> list[int]:
    """Lines for each panel, all of `room` together.

    Each gets its least; of the rest every one but the first may take up to its share of the room (a third where two
    stand below each other, a quarter where three do), then the first what it wants, then the others what they want;
    what is left over goes to the first. Where not even the least fits, the one in focus has most and the others a title
    and one row, or a title, or nothing.
    """
    count = len(wanted)
    if sum(least) > room:
        return _crowded(room, least, focus)
    given = list(least)
    spare = room - sum(given)
    limits = [(place, min(wanted[place], max(least[place], room // (count + 1)))) for place in range(1, count)]
    for place, limit in (*limits, *((place, wanted[place]) for place in range(count))):
        more = min(spare, max(0, limit - given[place]))
        given[place] += more
        spare -= more
    given[0] += spare
    return given


def halves(columns: int) -> tuple[int, int]:
    """Columns of two panels side by side, one column left between them; beyond what the right one needs the left one
    has what there is."""
    left = max((columns - 1) // 2, columns - 1 - RIGHT_NEEDS)
    return max(0, left), max(0, columns - 1 - left)


def side_by_side(columns: int) -> bool:
    """Whether two panels fit beside each other."""
    return columns >= SIDE_BY_SIDE


def _crowded(room: int, least: Sequence[int], focus: int) -> list[int]:
    for others in ([max(2, lines - 2) for lines in least], [1] * len(least), [0] * len(least)):
        left = room - sum(others) + others[focus]
        if left > max(others):
            break
    return [max(0, left) if place == focus else lines for place, lines in enumerate(others)]
