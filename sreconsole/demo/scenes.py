"""What goes wrong in the estate, in minutes relative to its start (0 is the start, negative is before it).

The main scene is a bad release of `checkout`: it begins three minutes before the start, so that the first screen is
already serious, spends more than 2 % of a 99.9 % budget within the hour (page: 14.4x over 1 h and 5 m) and is rolled
back a few minutes later. It returns about every 45 minutes, weaker.
"""

from __future__ import annotations

from sreconsole.demo.chance import chance
from sreconsole.records import dataclass

EVERY = 45
"""Minutes from one bad release to the next, before jitter."""
LEAD = 3
"""Minutes by which the first one precedes the start."""
SHAPE = (0.33, 0.39, 0.37, 0.12, 0.07, 0.05, 0.02)
"""Share of failing requests in each minute of the first bad release: 1.35 minutes of full outage in all."""
WEAKER = 0.62
"""Strength of the ones that follow."""
_STREAM = 900
_DAY = 1440


@dataclass(frozen=True, slots=True)
class Flare:
    """A past outage: `ratio` of events bad for `minutes`, beginning `days` before the start."""

    days: float
    minutes: int
    ratio: float

    @property
    def begins(self) -> int:
        """Its first minute."""
        return -round(self.days * _DAY)

    def at(self, minute: int) -> float:
        """Share of bad events it adds in a minute."""
        return self.ratio if self.begins <= minute < self.begins + self.minutes else 0.0


def release(seed: int, minute: int) -> tuple[int, int]:
    """The bad release whose turn a minute is: its number (negative: none yet) and the minutes since it began."""
    number = (minute + LEAD) // EVERY
    return number, minute - begins(seed, number)


def begins(seed: int, number: int) -> int:
    """The minute in which a bad release is first felt."""
    return number * EVERY - LEAD + (int(chance(seed, _STREAM, number) * 6) if number > 0 else 0)


def incident(seed: int, minute: int) -> float:
    """Share of failing requests the bad releases add in a minute."""
    number, age = release(seed, minute)
    if number < 0 or not 0 <= age < len(SHAPE):
        return 0.0
    return SHAPE[age] * (WEAKER if number else 1.0)


def drift(minute: float) -> float:
    """Burn rate added by the slow burn: nothing until five days before the start, then rising for four days to 3.1."""
    return 3.1 * min(1.0, max(0.0, (minute + 5 * _DAY) / (4 * _DAY)))
