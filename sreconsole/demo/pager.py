"""The pages of the estate: when alerts of page severity fired, nine weeks back and as the story goes on.

What the burn-rate rules and the scenes of the present say comes from the same figures as the alerts themselves, to the
minute; what happened to services before that is made up week by week.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sreconsole.demo.alarms import Alarms, whole
from sreconsole.demo.chance import chance
from sreconsole.demo.chores import DAY, HOUR, PAST, WEEK
from sreconsole.demo.scenery import FORMER, SCENES, Former
from sreconsole.demo.scenes import LEAD
from sreconsole.demo.story import Story
from sreconsole.records import dataclass

MINUTE = 60
AFTER = 7 * HOUR
"""Seconds after an outage for which its burn may page."""
_STREAM = 1_500


@dataclass(frozen=True, slots=True)
class Page:
    """One time for which an alert fired. Times are Unix seconds."""

    labels: dict[str, str]
    since: float
    until: float


class Pager:
    """The pages of one story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._burning = [one for one in Alarms(story).burning if one.troubled and one.labels["severity"] == "page"]
        self._looked: list[dict[int, bool]] = [{} for _ in self._burning]
        """By minute whether each fires."""
        self._former = [*self._made_up()]

    def between(self, start: float, end: float) -> list[Page]:
        """Those that fired at any time in `(start, end]`; what fires at the end may go on."""
        found = [*self._former, *self._scenes(end), *self._burns(start, end)]
        return [page for page in found if page.since <= end and page.until > start]

    def _scenes(self, end: float) -> Iterator[Page]:
        for scene in SCENES:
            if scene.labels["severity"] != "page":
                continue
            begins = self._story.origin + scene.begins * MINUTE
            while begins <= end:
                yield Page(whole(scene.labels), begins, begins + scene.lasts * MINUTE)
                if not scene.every:
                    break
                begins += scene.every * MINUTE

    def _burns(self, start: float, end: float) -> Iterator[Page]:
        """Runs of minutes in which a burn-rate rule holds."""
        for burning, looked in zip(self._burning, self._looked, strict=True):
            since: int | None = None
            for minute in self._doubtful(burning.outages, start, end):
                if minute not in looked:
                    looked[minute] = burning.fires(minute * MINUTE)
                if looked[minute] and since is None:
                    since = minute
                elif not looked[minute] and since is not None:
                    yield Page(whole(burning.labels), since * MINUTE, minute * MINUTE)
                    since = None
            if since is not None:
                yield Page(whole(burning.labels), since * MINUTE, end + MINUTE)

    def _doubtful(self, outages: Iterable[tuple[int, int]], start: float, end: float) -> Iterator[int]:
        """The minutes in which a rule may hold, as far as they matter for a span: whole outages, and the story."""
        origin, last = self._story.origin // MINUTE, int(end // MINUTE)
        spans = [(origin + begins - 1, origin + begins + lasts + AFTER // MINUTE) for begins, lasts in outages]
        begun = max(origin - LEAD - 1, int(start - AFTER) // MINUTE)
        for first, until in (*spans, (begun, last)):
            if until * MINUTE > start and first <= last:
                yield from range(first, min(until, last) + 1)

    def _made_up(self) -> Iterator[Page]:
        """What paged before the story begins: more in some weeks than in others, nothing but `lately` in a day."""
        for place, former in enumerate(FORMER):
            for minute in former.lately:
                yield from self._row(place, former, self._story.origin + minute * MINUTE)
            for week in range(PAST // WEEK):
                many = former.weekly * (0.4 + 1.2 * self._chance(0, week) if week else 1.0)
                for turn in range(int(many + self._chance(10 + place, week))):
                    ago = week * WEEK + DAY + self._chance(20 + place, 100 * week + turn) * (WEEK - DAY)
                    yield from self._row(place, former, int(self._story.origin - ago) // MINUTE * MINUTE)

    def _row(self, place: int, former: Former, at: int) -> Iterator[Page]:
        """An alert that fires a few times in a row."""
        for _ in range(former.times):
            lasts = MINUTE * (1 + int(former.minutes * (0.5 + self._chance(30 + place, at // MINUTE))))
            yield Page(whole(former.labels), at, at + lasts)
            at += lasts + former.minutes * MINUTE

    def _chance(self, place: int, moment: int) -> float:
        return chance(self._story.seed, _STREAM + place, moment)
