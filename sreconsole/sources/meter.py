"""How much one source is asked and how quickly it answers; every client of the source counts into the same meter."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

MINUTE = 60.0
_SAME, _NEAR = 1.25, 0.025
"""Two latencies within this factor, or so many seconds, are told as one: figures stand still while nothing happens."""
_NAMED = 3
"""Places that are named; of more the number is told."""


class Meter:
    """Requests and latency of one source. `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[float] = deque()
        self._places: dict[str, None] = {}
        self._latency: float | None = None
        self._told: int | None = None

    def asks(self, place: str) -> None:
        """A client of the source asks there; `place` is the URL as people may see it."""
        self._places[place] = None

    def sent(self) -> None:
        """A request goes out."""
        self._sent.append(self._clock())
        self._forget()

    def answered(self, seconds: float) -> None:
        """A whole answer came, `seconds` after its request."""
        old = self._latency
        if old is None or not min(old / _SAME, old - _NEAR) <= seconds <= max(old * _SAME, old + _NEAR):
            self._latency = float(f"{seconds:.2g}")

    @property
    def latency(self) -> float | None:
        """Seconds that the newest answer took, to a quarter or 25 ms; None before the first answer."""
        return self._latency

    @property
    def requests_per_minute(self) -> int | None:
        """Requests of the last 60 seconds, to one; None before the first."""
        if not self._sent and self._told is None:
            return None
        self._forget()
        now = len(self._sent)
        if self._told is None or abs(now - self._told) > 1 or not now:
            self._told = now
        return self._told

    @property
    def where(self) -> str | None:
        """What is asked; None before the first client was made."""
        places = list(self._places)
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        return ", ".join(places[:_NAMED]) + more if places else None

    def _forget(self) -> None:
        old = self._clock() - MINUTE
        while self._sent and self._sent[0] <= old:
            self._sent.popleft()
