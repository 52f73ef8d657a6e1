"""What time it is at a source: from the `Date` of its answers, held against a clock that nobody sets.

Queries, horizons and staleness are in the server's time, as its samples are. Where the clock here is near it, that one
is used; where it is not, or has just been set, the server's time goes on by the steady clock, so that a jump of the
clock here changes nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection

from sreconsole.domain.duration import format_duration

NEAR = 5.0
"""Seconds by which clocks may differ unsaid."""
HEARD = 9
"""Answers whose median counts."""


def steady() -> float:
    """Seconds since some moment, never set, going on while the machine sleeps where the system can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ServerClock:
    """The time at one source. `clock` is ours in Unix seconds."""

    def __init__(self, name: str, clock: Callable[[], float], steady: Callable[[], float] = steady) -> None:
        self._name, self._clock, self._steady = name, clock, steady
        self._anchors: deque[float] = deque(maxlen=HEARD)
        """The server's time less the steady clock's, of the newest answers."""
        self._odd: float | None = None
        """The newest anchor, when it is far from the others."""

    def heard(self, server_time: float) -> None:
        """An answer came just now and was dated `server_time` (Unix seconds, cut to the second)."""
        anchor = server_time + 0.5 - self._steady()
        if self._anchors and abs(anchor - _middle(self._anchors)) > NEAR:
            # One answer may have been long on the way; a second one like it, or our own clock, settles it.
            again = self._odd is not None and abs(anchor - self._odd) <= NEAR
            if not again and abs(anchor + self._steady() - self._clock()) > NEAR:
                self._odd = anchor
                return
            self._anchors.clear()
        self._odd = None
        self._anchors.append(anchor)

    @property
    def known(self) -> bool:
        """Whether an answer has told the time."""
        return bool(self._anchors)

    @property
    def ahead(self) -> float:
        """Seconds by which the clock here is ahead of the source's; 0 where they are near or nothing was heard."""
        if not self._anchors:
            return 0.0
        ahead = self._clock() - self._steady() - _middle(self._anchors)
        return ahead if abs(ahead) > NEAR else 0.0

    def now(self) -> float:
        """The time at the source, Unix seconds."""
        return self._clock() - self.ahead

    def note(self) -> str | None:
        """What to say of the difference, or None."""
        ahead = round(self.ahead)
        if not ahead:
            return None
        way = "ahead of" if ahead > 0 else "behind"
        return f"clock here is {_span(abs(ahead))} {way} {self._name}'s"


def _middle(values: Collection[float]) -> float:
    """The median, the upper one of an even number."""
    return sorted(values)[len(values) // 2]


def _span(seconds: int) -> str:
    """`62 s`; `1h2m` from ten minutes on."""
    return f"{seconds} s" if seconds < 600 else format_duration(seconds // 60 * 60)
