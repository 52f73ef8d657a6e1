"""How far apart questions to a source are, beyond the configured refresh: no more often than it has anything new."""

from __future__ import annotations

from collections.abc import Callable

from sreconsole.config.model import METRIC_KINDS
from sreconsole.engine.feed import DeployFeed, Feed, Polled
from sreconsole.ledger.book import Book

RARELY, RUNNING = 60.0, 30.0
"""Seconds between two questions to a server about deploys or toil, and about deploys while one runs."""

Spacing = Callable[[], float | None]


def of_samples(feed_now: Callable[[], Feed], book: Callable[[], Book]) -> Spacing:
    """Seconds between samples at a Prometheus: the shortest of its SLOs' intervals, when they are known of all that
    ever had data."""

    def shortest() -> float | None:
        feed = feed_now()
        if feed.kind != "prometheus":
            return None  # targets are not asked more often than their interval, whatever the refresh
        known = []
        for slo in feed.slos():
            interval = feed.interval(slo.key)
            if interval is not None:
                known.append(interval)
            elif book().newest(slo.key) is not None:
                return None
        return min(known, default=None)

    return shortest


def of_deploys(feed_now: Callable[[], DeployFeed]) -> Spacing:
    """A server is asked rarely, more often while something runs; a file is looked at as often as everything else."""

    def seconds() -> float | None:
        feed = feed_now()
        if feed.kind not in METRIC_KINDS:
            return None
        return RUNNING if any(deploy.running for deploy in feed.deploys()) else RARELY

    return seconds


def rarely(feed: Polled) -> Spacing:
    """A server is asked rarely; a log is looked at as often as everything else."""
    return lambda: RARELY if feed.kind in METRIC_KINDS else None
