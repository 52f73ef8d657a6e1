"""The toil of the estate's people: tickets that come in, and what they write down of their work."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime

from sreconsole.demo.chance import chance
from sreconsole.demo.crew import CREW
from sreconsole.demo.scenes import EVERY, begins
from sreconsole.demo.story import Story
from sreconsole.records import dataclass

HOUR, DAY = 3600, 86_400
WEEK = 7 * DAY
PAST = 9 * WEEK
"""Seconds of the past that are known: eight weeks and the present one."""
_STREAM = 1_400
_KINDS = (
    ("tickets", 25, "quota raised", "search"),
    ("tickets", 20, "shop unlocked", "login"),
    ("tickets", 35, "order repaired by hand", "checkout"),
    ("access", 15, "rights for a new colleague", None),
    ("restarts", 10, "consumer restarted", "notifications"),
    ("data", 45, "duplicates removed", "billing"),
    ("certificates", 30, "certificate renewed by hand", "edge"),
    ("page", 40, "mail queue drained", "notifications"),
)


@dataclass(frozen=True, slots=True)
class Chore:
    """One piece of work that somebody wrote down."""

    at: float
    """Unix seconds."""
    minutes: int
    category: str
    text: str
    service: str | None
    by: str


class Chores:
    """Those of one story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._first = int(story.origin - PAST) // HOUR
        self._arrivals: list[float] = []
        self._counted = self._first
        """The hour until which tickets are in `_arrivals`."""

    def between(self, since: float, until: float) -> list[Chore]:
        """What was written down in `(since, until]`."""
        first = max(since, self._story.origin - PAST)
        hours = range(int(first // HOUR) - 1, int(until // HOUR) + 1)
        chores = [*filter(None, map(self._of_hour, hours)), *self._afterwards(until)]
        return [chore for chore in chores if first < chore.at <= until]

    def tickets(self, since: float, until: float) -> int:
        """How many tickets came in in `(since, until]`."""
        while self._counted <= until // HOUR:
            if self._chance(0, self._counted) < (0.22 if self._at_work(self._counted) else 0.004):
                self._arrivals.append(self._counted * HOUR + HOUR * self._chance(1, self._counted))
            self._counted += 1
        return bisect_right(self._arrivals, until) - bisect_right(self._arrivals, since)

    def _of_hour(self, hour: int) -> Chore | None:
        if self._chance(2, hour) >= (0.85 if self._at_work(hour) else 0.03):
            return None
        category, minutes, text, service = _KINDS[int(self._chance(3, hour) * len(_KINDS))]
        busy = 0.5 + 1.5 * self._chance(7, (hour * HOUR - self._story.origin) // WEEK)
        took = 5 * round(max(5.0, busy * minutes * (0.6 + 0.9 * self._chance(4, hour))) / 5)
        return Chore(hour * HOUR + HOUR * self._chance(5, hour), took, category, text, service, self._who(hour))

    def _afterwards(self, until: float) -> Iterator[Chore]:
        """What the incidents of the story cost, written down a quarter of an hour after each began."""
        for number in range(max(0, int((until - self._story.origin) // 60) // EVERY + 2)):
            at = self._story.origin + 60 * begins(self._story.seed, number) + 900
            yield Chore(at, 20, "page", "bad release rolled back", "checkout", "ana")

    def _who(self, hour: int) -> str:
        return CREW[int(self._chance(6, hour) * len(CREW))]

    def _at_work(self, hour: int) -> bool:
        local = datetime.fromtimestamp(hour * HOUR, UTC).astimezone(self._story.zone)
        return local.weekday() < 5 and 8 <= local.hour < 18

    def _chance(self, place: int, hour: int) -> float:
        return chance(self._story.seed, _STREAM + place, hour)
