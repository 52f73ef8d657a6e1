"""How long a silence lasts: presets to step through, or what a person typed."""

from __future__ import annotations

from collections.abc import Callable

from sreconsole.domain.ending import PRESETS
from sreconsole.records import dataclass


@dataclass(slots=True)
class Length:
    """The chosen length as text; `end` reads it (it raises ValueError for what it cannot read)."""

    text: str
    end: Callable[[str, float], float]
    """From the text and a moment to the end, Unix seconds both."""

    def step(self, way: int) -> None:
        """The next or the previous preset; from a length that is none the first or last."""
        if self.text in PRESETS:
            self.text = PRESETS[(PRESETS.index(self.text) + way) % len(PRESETS)]
        else:
            self.text = PRESETS[0] if way > 0 else PRESETS[-1]

    def ends_at(self, now: float) -> float | None:
        """The end, Unix seconds; None for what cannot be read."""
        try:
            return self.end(self.text, now)
        except ValueError:
            return None

    def trouble(self, now: float) -> str:
        """What is wrong with it; empty when nothing is."""
        try:
            ends = self.end(self.text, now)
        except ValueError as error:
            return str(error)
        return "" if ends > now else "that is over already"
