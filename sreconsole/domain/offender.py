"""Repeat offenders: alerts that paged again and again, with what that cost.

An alert of a service offends when it was part of three incidents or more in seven days. It flaps when one alert (the
same labels) fired four times or more within a day, or when half of its spells were shorter than five minutes. Source:
delivery research, section 3 (flapping: `>= 4 in 24 h, or median < 5 min`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from statistics import median

from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import Offender

SPAN = 7 * 86_400.0
"""Seconds looked back."""
LEAST = 3
"""Incidents from which on an alert offends."""
_OFTEN, _DAY, _SHORT = 4, 86_400.0, 300.0


def offenders(incidents: Sequence[Sequence[Spell]], minutes: float) -> tuple[Offender, ...]:
    """The offenders among incidents (`domain.incident.groups`), the costliest first; `minutes`: what one costs."""
    counts: dict[tuple[str, str | None], int] = {}
    for group in incidents:
        for name in {(spell.alert, spell.service) for spell in group}:
            counts[name] = counts.get(name, 0) + 1
    found = []
    for (alert, service), count in counts.items():
        if count >= LEAST:
            mine = [
                spell for spell in chain.from_iterable(incidents) if (spell.alert, spell.service) == (alert, service)
            ]
            found.append(Offender(alert, service, count, count * minutes, flapping(mine)))
    return tuple(sorted(found, key=lambda each: (-each.minutes, each.alert, each.service or "")))


def flapping(spells: Sequence[Spell]) -> bool:
    """Whether these spells of one alert of one service are those of a flapping one."""
    starts: dict[str, list[float]] = {}
    for spell in spells:
        starts.setdefault(spell.key, []).append(spell.start)
    for each in starts.values():
        each.sort()
        if any(last - first <= _DAY for first, last in zip(each, each[_OFTEN - 1 :], strict=False)):
            return True
    lengths = [spell.end - spell.start for spell in spells if spell.end is not None]
    return bool(lengths) and median(lengths) < _SHORT
