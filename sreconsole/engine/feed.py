"""What the engine asks of one metrics source: keep the ledger filled, say how that goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sreconsole.domain.slo import Slo, SloKey


class Feed(Protocol):
    """One metrics source and its part of the ledger."""

    @property
    def name(self) -> str:
        """As in the config."""
        ...

    @property
    def kind(self) -> str:
        """`prometheus`, `scrape`."""
        ...

    def slos(self) -> Sequence[Slo]:
        """Every SLO it measures, fleet members known so far included."""
        ...

    async def load(self) -> None:
        """Put what is kept on disk into the ledger, once, before the first step."""
        ...

    async def step(self) -> None:
        """One refresh: the newest buckets or answers into the ledger. Raises SourceError when the source fails."""
        ...

    async def fill(self) -> bool:
        """Fetch one piece of history, newest first; False when nothing is left. Raises SourceError."""
        ...

    def horizon(self, key: SloKey) -> float | None:
        """End (Unix seconds) of the windows that the ledger can answer for; None before the first answer."""
        ...

    def filling(self, key: SloKey) -> float | None:
        """Filled share (0..1) of what the SLO's window needs; None when nothing is left to fetch."""
        ...

    def progress(self) -> float | None:
        """The same over all SLOs and all trends; None when done."""
        ...

    def interval(self, key: SloKey) -> float | None:
        """Seconds between samples, when found."""
        ...

    @property
    def failures(self) -> Mapping[SloKey, str]:
        """SLOs whose own query fails, one sentence each."""
        ...

    @property
    def partial(self) -> str | None:
        """Why the newest answer is not whole (`2 of 3 targets answer`), or None."""
        ...

    @property
    def parts(self) -> tuple[int, int] | None:
        """Parts of the source that answered, and all of them (targets), where there are several."""
        ...

    @property
    def remarks(self) -> Mapping[SloKey, tuple[str, ...]]:
        """Warnings to show beside an SLO's reasons."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        ...

    def gone(self) -> frozenset[str]:
        """Services of fleets whose series vanished within the last day."""
        ...

    async def aclose(self) -> None:
        """Close connections and files."""
        ...
