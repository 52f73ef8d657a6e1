"""Chance without state: the same numbers give the same draw, in every process and Python version.

A draw is a splitmix64 finaliser over a weighted sum of the arguments: cheap (under a microsecond) and good enough to
look random to a person; never for secrets.
"""

from __future__ import annotations

_MASK = (1 << 64) - 1


def chance(seed: int, stream: int, moment: int) -> float:
    """A number in [0, 1) for one moment of one stream of a seed; streams are independent of each other."""
    x = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + moment * 0x8CB92BA72F3D8DD7) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((x ^ (x >> 31)) >> 11) / 9007199254740992.0
