"""What to say to somebody who comes back: what crossed a line meanwhile, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from sreconsole.domain.cleaning import clean
from sreconsole.domain.crossings import Crossing
from sreconsole.present import words
from sreconsole.present.cells import width

CHANGED = "*"
"""Stands in place of the glyph of a status that changed while nobody looked."""


def sentence(crossings: Sequence[Crossing], away: float, now: float, zone: tzinfo, cells: int) -> str:
    """`while you were away (14m): checkout ok -> page 03:02, search warn -> ok 03:05`, at most `cells` wide; what has
    no room is counted. `away` in seconds."""
    said = f"while you were away ({words.age(away)}): "
    if cells < 60:
        said = f"away {words.age(away)}: "
    names = [one.key.service for one in crossings]
    for place, one in enumerate(crossings):
        left = len(crossings) - place
        part = ("" if place == 0 else ", ") + _said(one, names.count(one.key.service) > 1, now, zone)
        more = f", {left - 1} more" if left > 1 else ""
        if place and width(said + part + more) > cells:
            return f"{said}, {left} more"
        said += part
    return said


def _said(one: Crossing, several: bool, now: float, zone: tzinfo) -> str:
    name = f"{one.key.service} {one.key.slo}" if several else one.key.service
    before = one.before.value if one.before is not None else "new"
    back = f" -> {before}" if one.back else ""
    return f"{clean(name, 60)} {before} -> {one.reached.value} {words.near(one.at, now, zone)}{back}"
