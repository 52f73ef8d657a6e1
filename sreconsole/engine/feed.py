"""What the engine asks of one metrics source: keep the ledger filled, say how that goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import Slo, SloKey

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.domain.load import ToilPart


class Polled(Protocol):
    """What the poll loop asks of any source."""

    @property
    def name(self) -> str:
        """As in the config."""
        ...

    @property
    def kind(self) -> str:
        """`prometheus`, `scrape`, `alertmanager`."""
        ...

    async def load(self) -> None:
        """Take up what is kept on disk, once, before the first step."""
        ...

    async def step(self) -> None:
        """One refresh. Raises SourceError when the source fails."""
        ...

    async def fill(self) -> bool:
        """Fetch one piece of history, newest first; False when nothing is left. Raises SourceError."""
        ...

    def progress(self) -> float | None:
        """Filled share of the history over all that is wanted of it; None when done or when there is none."""
        ...

    @property
    def partial(self) -> str | None:
        """Why the newest answer is not whole (`2 of 3 targets answer`), or None."""
        ...

    @property
    def parts(self) -> tuple[int, int] | None:
        """Parts of the source that answered, and all of them (targets, members), where there are several."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        ...

    async def aclose(self) -> None:
        """Close connections and files."""
        ...


class AlertFeed(Polled, Protocol):
    """One source of alerts. What it returns stays the same object until it differs."""

    def alerts(self) -> Sequence[Alert]:
        """The alerts of the newest answer, not tied to services yet (`service` is None)."""
        ...

    def silences(self) -> Sequence[Silence]:
        """The silences of the newest answer."""
        ...

    @property
    def silences_missing(self) -> str | None:
        """Why the silences are not known, or not those of now; None: they are."""
        ...

    @property
    def ahead(self) -> float:
        """Whole seconds by which the clock here is ahead of the source's; 0 where they are near each other."""
        ...


class DeployFeed(Polled, Protocol):
    """One source of deploys: a file, or what a Prometheus shows of them. Returns the same object until it differs."""

    def deploys(self) -> Sequence[Deploy]:
        """What the source tells by itself, in any order: not tied to services of the config yet (`service` is the name
        that the source gives), not put together with what others tell, kind and previous version only where the source
        itself says them."""
        ...


class ToilFeed(Polled, Protocol):
    """One source of toil or pages: a Prometheus, or a log. Returns the same object until it differs."""

    def part(self) -> ToilPart:
        """What the source knows of toil."""
        ...


class Feed(Polled, Protocol):
    """One metrics source and its part of the ledger."""

    def slos(self) -> Sequence[Slo]:
        """Every SLO it measures, fleet members known so far included."""
        ...

    def horizon(self, key: SloKey) -> float | None:
        """End (Unix seconds) of the windows that the ledger can answer for; None before the first answer."""
        ...

    def filling(self, key: SloKey) -> float | None:
        """Filled share (0..1) of what the SLO's window needs; None when nothing is left to fetch."""
        ...

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples, when found."""
        ...

    @property
    def ahead(self) -> float:
        """Seconds by which the clock here is ahead of the source's; 0 where they are near each other."""
        ...

    @property
    def failures(self) -> Mapping[SloKey, str]:
        """SLOs whose own query fails, one sentence each."""
        ...

    @property
    def remarks(self) -> Mapping[SloKey, tuple[str, ...]]:
        """Warnings to show beside an SLO's reasons."""
        ...

    def gone(self) -> frozenset[str]:
        """Services of fleets whose series vanished within the last day."""
        ...
