"""Sources that are asked for one thing: metrics, alerts, deploys, toil. A Prometheus may be in all four groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Generic, TypeVar

from sreconsole.domain.snapshot import SourceState
from sreconsole.engine.feed import AlertFeed, DeployFeed, Feed, Polled, ToilFeed
from sreconsole.engine.polling import Poller
from sreconsole.records import dataclass

AnyFeed = TypeVar("AnyFeed", bound=Polled)


Some = Sequence[AnyFeed] | Callable[[], Sequence[AnyFeed]]
"""Feeds, or how to build them once the first frame is out."""


class Group(Generic[AnyFeed]):
    """Feeds and their pollers, by source."""

    def __init__(
        self,
        feeds: Some[AnyFeed],
        stand_ins: Callable[[], Sequence[AnyFeed]],
        poller: Callable[[AnyFeed], Poller],
    ) -> None:
        """`feeds`, or how to build them: until `begin` the `stand_ins` are in their places."""
        self._build = feeds if callable(feeds) else None
        self._poller = poller
        first = stand_ins() if callable(feeds) else feeds
        self.feeds: dict[str, AnyFeed] = {feed.name: feed for feed in first}
        self.pollers: dict[str, Poller] = {feed.name: poller(feed) for feed in first}

    def begin(self) -> None:
        """Put the real feeds in the places of their stand-ins."""
        build, self._build = self._build, None
        for feed in build() if build is not None else ():
            self.feeds[feed.name] = feed
            self.pollers[feed.name].feed = feed

    def states(self) -> tuple[SourceState, ...]:
        """How each source is doing with this."""
        return tuple(poller.state() for poller in self.pollers.values())

    def followed_by(self, feeds: Some[AnyFeed]) -> Group[AnyFeed]:
        """The group of a changed config: feeds that are in this one too go on with their pollers."""
        have = {id(poller.feed): poller for poller in self.pollers.values()}
        group = Group((), lambda: (), self._poller)
        for feed in _built(feeds):
            group.feeds[feed.name] = feed
            group.pollers[feed.name] = have.get(id(feed)) or self._poller(feed)
        return group


@dataclass(frozen=True, slots=True)
class Groups:
    """All that is asked."""

    metrics: Group[Feed]
    alerts: Group[AlertFeed]
    deploys: Group[DeployFeed]
    toil: Group[ToilFeed]

    def begin(self) -> None:
        """Put the real feeds in the places of their stand-ins."""
        self.metrics.begin()
        self.alerts.begin()
        self.deploys.begin()
        self.toil.begin()

    def followed_by(self, feeds: Feeds) -> Groups:
        """The groups of a changed config."""
        return Groups(
            self.metrics.followed_by(feeds.metrics),
            self.alerts.followed_by(feeds.alerts),
            self.deploys.followed_by(feeds.deploys),
            self.toil.followed_by(feeds.toil),
        )

    def pollers(self) -> Iterable[Poller]:
        """Every poller, those of metrics first."""
        return chain(
            self.metrics.pollers.values(),
            self.alerts.pollers.values(),
            self.deploys.pollers.values(),
            self.toil.pollers.values(),
        )

    def feeds(self) -> Iterable[Polled]:
        """Every feed, likewise."""
        return chain(
            self.metrics.feeds.values(),
            self.alerts.feeds.values(),
            self.deploys.feeds.values(),
            self.toil.feeds.values(),
        )


@dataclass(frozen=True, slots=True)
class Feeds:
    """What the groups of a config are made of."""

    metrics: Some[Feed]
    alerts: Some[AlertFeed] = ()
    deploys: Some[DeployFeed] = ()
    toil: Some[ToilFeed] = ()

    def all(self) -> Iterable[Polled]:
        """Every feed, built."""
        return chain(_built(self.metrics), _built(self.alerts), _built(self.deploys), _built(self.toil))


def _built(feeds: Some[AnyFeed]) -> Sequence[AnyFeed]:
    return feeds() if callable(feeds) else feeds
