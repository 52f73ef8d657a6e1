"""How long a regular expression may take on a text: Python's matcher tries one way after the other.

RE2 needs time in proportion to the text, whatever the pattern. Ours may need a power of it, or an exponential: labels
come from outside, and one of them must not stop the screen. So the ways in which a pattern can be laid over a text of
a given length are counted beforehand, as a polynomial; where they are too many the server is asked instead.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf, prod
from typing import Any

MOST = 10_000_000
"""Ways on one text; a tenth of a second or so."""


def bearable(compiled: re.Pattern[str], length: int) -> bool:
    """Whether matching a text of so many characters ends soon, whatever it says."""
    factor, degree = _growth(compiled)
    return factor * (length + 1) ** degree <= MOST if degree < inf else False


@lru_cache(maxsize=1024)
def _growth(compiled: re.Pattern[str]) -> tuple[float, float]:
    """Ways as `factor * length ** degree`; a degree of infinity where a repetition repeats what varies itself."""
    from re import _parser  # type: ignore[attr-defined]  # what `re` reads its patterns with

    return _ways(_parser.parse(compiled.pattern, compiled.flags))


def _ways(items: Any) -> tuple[float, float]:
    found = [_of(str(operation), argument) for operation, argument in items]
    return prod(factor for factor, _ in found), sum(degree for _, degree in found)


def _of(operation: str, argument: Any) -> tuple[float, float]:
    if operation in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = argument
        factor, degree = _ways(body)
        if (factor, degree) == (1, 0):
            return (1, 1) if int(most) > 1000 else (int(most) - int(least) + 1, 0)
        if int(most) > 8:
            return 1, inf
        return sum(factor**count for count in range(int(least), int(most) + 1)), degree * int(most)
    if operation == "BRANCH":
        found = [_ways(branch) for branch in argument[1]]
        return sum(factor for factor, _ in found), max(degree for _, degree in found)
    if operation == "SUBPATTERN":
        return _ways(argument[-1])
    return 1, 0
