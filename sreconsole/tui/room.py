"""How panels that stand below each other share the lines of the screen."""

from __future__ import annotations

from collections.abc import Sequence


def shares(room: int, wanted: Sequence[int], least: Sequence[int], focus: int) -> list[int]:
    """Lines for each panel, all of `room` together.

    Each gets its least; of the rest every panel but the first may take up to a third of the room, then the first what
    it wants, then the others what they want; what is left over goes to the first. Where not even the least fits, the
    panel in focus has most and the others a title and one row, or a title, or nothing.
    """
    count = len(wanted)
    if sum(least) > room:
        return _crowded(room, least, focus)
    given = list(least)
    spare = room - sum(given)
    limits = [(place, min(wanted[place], max(least[place], room // 3))) for place in range(1, count)]
    for place, limit in (*limits, *((place, wanted[place]) for place in range(count))):
        more = min(spare, max(0, limit - given[place]))
        given[place] += more
        spare -= more
    given[0] += spare
    return given


def _crowded(room: int, least: Sequence[int], focus: int) -> list[int]:
    for others in ([max(2, lines - 2) for lines in least], [1] * len(least), [0] * len(least)):
        left = room - sum(others) + others[focus]
        if left > max(others):
            break
    return [max(0, left) if place == focus else lines for place, lines in enumerate(others)]
