"""How long to wait before a source is asked again: the refresh, longer while it is slow or fails; never in step.

Pure: what happened goes in, seconds come out.
"""

from __future__ import annotations

from random import Random

from sreconsole.domain.duration import format_duration

LONGEST_WAIT = 60.0
"""Seconds; a source in trouble is tried at least this often, or every two refreshes if that is longer."""
LONGEST_SPACING = 300.0
"""Seconds; sources whose samples come more rarely are asked this often all the same."""
_SLOW, _QUICK = 1 / 2, 1 / 3
"""Shares of the refresh: an answer that takes longer is slow, one that takes less is quick."""
_BUSY = 1 / 8
"""Share of the time that a slow server may be kept busy with us."""
_SPREAD = 0.9
"""The shortest wait, as a share of the whole one: many consoles must not ask in step."""
_FIRST_SPREAD = 0.5
"""The same after the first asking: a script that starts many consoles starts them at the same moment."""


class Pace:
    """The pace of one source."""

    def __init__(self, refresh: float, chance: Random) -> None:
        self.refresh = refresh
        self._chance = chance
        self._every = refresh
        self._before = refresh
        """The pace before the failures that last."""
        self._took: float | None = None
        self._failures = 0
        self._asked_to_wait = 0.0
        self._first = True

    @property
    def longest(self) -> float:
        """The longest wait after a failure and for a slow source, in seconds."""
        return max(2 * self.refresh, LONGEST_WAIT)

    @property
    def slow(self) -> bool:
        """Whether the source is asked less often because its answers take long."""
        return self._every > self.refresh

    def answered(self, took: float, *, cold: bool = False) -> None:
        """An asking ended well after `took` seconds; `cold`: it was the first, which asks for more than any other.

        A server that is back is asked as before: what it says now matters most, and how fast it was is not known.
        """
        if self._failures:
            self._every = self._before
        self._failures, self._asked_to_wait = 0, 0.0
        if not cold:
            self._judge(took)

    def failed(self, took: float, retry_after: float | None = None) -> None:
        """An asking failed after `took` seconds; `retry_after`: what the server asked us to wait, in seconds."""
        if not self._failures:
            self._before = self._every
        self._failures += 1
        self._asked_to_wait = retry_after or 0.0
        self._judge(took)

    def every(self, spacing: float | None = None) -> float:
        """Seconds between two askings that succeed; `spacing`: those between two samples at the source, if known."""
        return max(self._every, min(spacing or 0.0, LONGEST_SPACING))

    def wait(self, spacing: float | None = None) -> float:
        """Seconds from the begin of the last asking to the next."""
        wait = self.every(spacing)
        if self._failures:
            growing = self.refresh * 2.0 ** min(self._failures - 1, 10)
            wait = min(max(growing, self._every, self._asked_to_wait), self.longest)
        shortest = _FIRST_SPREAD if self._first else _SPREAD
        self._first = False
        return wait * self._chance.uniform(shortest, 1.0)

    def note(self) -> str | None:
        """Why we ask less often than configured, for people; None when we do not because of slow answers."""
        if not self.slow or self._took is None:
            return None
        return f"asking every {format_duration(self._every)}: answers take {self._took:.2g}s"

    def _judge(self, took: float) -> None:
        if took > self.refresh * _SLOW:
            self._took = took
            if took > self._every * _BUSY:
                self._every = min(2 * self._every, self.longest)
        elif took < self.refresh * _QUICK:
            self._every = max(self._every / 2, self.refresh)
