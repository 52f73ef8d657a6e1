"""Incidents: pages near each other are one interruption.

Two pages belong together when they began within `merge` seconds of each other, whatever they are about, or when they
are the same alert (the same labels) and the later one began within `merge` of the end of the earlier one: it flaps, or
the server restarted. Whatever hangs together so is one incident. Source: delivery research, "merge within 5 min";
Google's SRE book, chapter 11, counts incidents, not alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import Incident


def groups(spells: Iterable[Spell], merge: float) -> list[list[Spell]]:
    """The spells of each incident in the order of their beginnings, the incidents likewise."""
    ordered = sorted(spells, key=lambda spell: (spell.start, spell.key))
    parent = list(range(len(ordered)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    newest: dict[str, tuple[int, float | None]] = {}
    for index, spell in enumerate(ordered):
        if index and spell.start - ordered[index - 1].start <= merge:
            parent[root(index)] = root(index - 1)
        end = spell.end
        if spell.key in newest:
            before, ended = newest[spell.key]
            if ended is None or spell.start - ended <= merge:
                parent[root(index)] = root(before)
            end = None if end is None or ended is None else max(end, ended)
        newest[spell.key] = index, end
    found: dict[int, list[Spell]] = {}
    for index, spell in enumerate(ordered):
        found.setdefault(root(index), []).append(spell)
    return sorted(found.values(), key=lambda group: group[0].start)


def incidents(spells: Iterable[Spell], merge: float) -> tuple[Incident, ...]:
    """The incidents that these spells are, newest first."""
    return tuple(reversed([_incident(group) for group in groups(spells, merge)]))


def begun(spells: Iterable[Spell], start: float, end: float) -> list[Spell]:
    """The spells that began in `[start, end)`. What goes on over a hand-over interrupts who hands over; a page that
    comes again afterwards interrupts who took over as well."""
    return [spell for spell in spells if start <= spell.start < end]


def _incident(group: Sequence[Spell]) -> Incident:
    ends = [spell.end for spell in group]
    return Incident(
        group[0].start,
        None if None in ends else max(end for end in ends if end is not None),
        tuple(dict.fromkeys(spell.alert for spell in group)),
        tuple(dict.fromkeys(spell.service for spell in group if spell.service is not None)),
        len(group),
    )
