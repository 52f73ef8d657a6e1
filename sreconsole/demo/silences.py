"""The silences of the estate: those that its people make and those that are posted, under Alertmanager's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sreconsole.demo.chance import chance
from sreconsole.demo.scenery import QUIETS, Quiet
from sreconsole.demo.story import Story
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import SilenceState
from sreconsole.records import dataclass, replace

RETENTION = 120 * 3600.0
"""Seconds for which an ended silence is kept, as Alertmanager does unless told otherwise."""
_STREAM = 960
_POSTED = 970


class UnknownSilence(Exception):
    """There is none with this id."""


@dataclass(frozen=True, slots=True)
class Hush:
    """One silence as it is kept."""

    id: str
    """Empty in one that is posted anew."""
    matchers: tuple[Matcher, ...]
    starts: float
    """Unix seconds, as are all times here."""
    ends: float
    created_by: str
    comment: str
    updated: float = 0.0

    def state(self, now: float) -> SilenceState:
        """Whether it begins later, mutes now, or has ended."""
        return "pending" if now < self.starts else "active" if now < self.ends else "expired"

    def mutes(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels satisfies all of its matchers; an absent label is empty."""
        return all(matcher.matches(labels.get(matcher.name, "")) for matcher in self.matchers)


class Silences:
    """The silences of one story, by id."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._kept: dict[str, Hush] = {}
        self._turns = dict.fromkeys(QUIETS, 0)
        self._posted = 0

    def listed(self, now: float) -> list[Hush]:
        """Active ones by their end, pending ones by their start, expired ones with the latest end first."""
        self._catch_up(now)
        order = {"active": 0, "pending": 1, "expired": 2}

        def rank(hush: Hush) -> tuple[int, float]:
            state = hush.state(now)
            return order[state], {"active": hush.ends, "pending": hush.starts, "expired": -hush.ends}[state]

        return sorted(self._kept.values(), key=rank)

    def get(self, id_: str, now: float) -> Hush:
        """The one with an id; raises UnknownSilence."""
        self._catch_up(now)
        try:
            return self._kept[id_]
        except KeyError:
            raise UnknownSilence from None

    def muting(self, labels: Mapping[str, str], now: float) -> list[str]:
        """Ids of those that mute an alert now, sorted."""
        self._catch_up(now)
        return sorted(id_ for id_, hush in self._kept.items() if hush.state(now) == "active" and hush.mutes(labels))

    def post(self, hush: Hush, now: float) -> str:
        """Keep a new one, or change the one it names; the id under which it is kept. Raises UnknownSilence.

        A change keeps the id when the matchers are the same in the same order, what has begun keeps its begin (to the
        second) and what has not does not begin in the past. Any other ends the old one and makes a new one.
        """
        old = self.get(hush.id, now) if hush.id else None
        if old is not None:
            if _changeable(old, hush, now):
                begun = old.starts if old.state(now) == "active" else hush.starts
                self._kept[old.id] = replace(hush, starts=begun, updated=now)
                return old.id
            if old.state(now) != "expired":
                self.expire(old.id, now)
        self._posted += 1
        id_ = _name(self._story, _POSTED, self._posted)
        self._kept[id_] = replace(hush, id=id_, starts=max(now, hush.starts), updated=now)
        return id_

    def expire(self, id_: str, now: float) -> None:
        """End one now; one that has ended stays as it is. Raises UnknownSilence."""
        hush = self.get(id_, now)
        if hush.state(now) != "expired":
            self._kept[id_] = replace(hush, starts=min(now, hush.starts), ends=now, updated=now)

    def _catch_up(self, now: float) -> None:
        """Make those whose turn has come, and forget what ended long ago."""
        for place, quiet in enumerate(QUIETS):
            for hush in self._due(place, quiet, now):
                self._kept[hush.id] = hush
        for id_ in [id_ for id_, hush in self._kept.items() if now - hush.ends > RETENTION]:
            del self._kept[id_]

    def _due(self, place: int, quiet: Quiet, now: float) -> Iterator[Hush]:
        """What a colleague has silenced since it was last looked."""
        while True:
            turn = self._turns[quiet]
            starts = self._story.origin + 60 * (quiet.begins + turn * quiet.every)
            made = starts - 60 * quiet.ahead
            if made > now or (turn and not quiet.every):
                return
            self._turns[quiet] = turn + 1
            name = _name(self._story, _STREAM + place, turn)
            yield Hush(name, quiet.matchers, starts, starts + 60 * quiet.lasts, quiet.created_by, quiet.comment, made)


def _changeable(old: Hush, new: Hush, now: float) -> bool:
    if old.matchers != new.matchers:
        return False
    state = old.state(now)
    if state == "active":
        return int(old.starts) == int(new.starts) and new.ends > now
    return state == "pending" and new.starts >= now


def _name(story: Story, stream: int, number: int) -> str:
    """An id that looks like any other: a UUID of version 4."""
    seed = story.seed * 1_000_003 + story.origin
    text = "".join(f"{int(chance(seed, stream, number * 4 + part) * (1 << 32)):08x}" for part in range(4))
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
