"""Regular expressions that are compiled when they are first used.

Compiling takes a third of a millisecond each, often more, and most runs use few of the patterns that the modules they
load define. What is given here is used like a compiled pattern; to type checkers it is one.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class _Unused:
    """Compiles itself when it is first asked for anything, and keeps what was asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        self.__dict__[name] = found
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern, not yet compiled: a mistake in it shows when it is first used."""
    unused: Any = _Unused(text, flags)
    compiled: re.Pattern[str] = unused
    return compiled


@contextmanager
def compiled_when_used() -> Iterator[None]:
    """What is imported inside gets patterns of this kind from `re.compile`: for libraries that make many and hand none
    of them to a function of `re`, which would not know it."""
    real = re.compile
    re.compile = pattern  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = real
