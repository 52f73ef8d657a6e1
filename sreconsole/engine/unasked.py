"""A stand-in for a feed until the first frame is drawn: building the real one loads the code that talks to servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sreconsole.domain.slo import Slo, SloKey


class Unasked:
    """Knows the SLOs of the config and nothing else; implements `engine.feed.Feed`."""

    partial = None
    parts = None
    failures: Mapping[SloKey, str] = {}
    remarks: Mapping[SloKey, tuple[str, ...]] = {}

    def __init__(self, name: str, kind: str, slos: Sequence[Slo]) -> None:
        self.name = name
        self.kind: str = kind
        self._slos = slos

    def slos(self) -> Sequence[Slo]:
        """Those of the config; members of fleets come with the first answer."""
        return self._slos

    def horizon(self, key: SloKey) -> float | None:
        """Nothing was asked."""
        return None

    def filling(self, key: SloKey) -> float | None:
        """Everything is still to be fetched."""
        return 0.0

    def progress(self) -> float | None:
        """Likewise."""
        return 0.0

    def interval(self, key: SloKey) -> float | None:
        """Not known."""
        return None

    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()

    def gone(self) -> frozenset[str]:
        """None."""
        return frozenset()

    async def load(self) -> None:
        """Nothing to load."""

    async def step(self) -> None:
        """Nothing to ask."""

    async def fill(self) -> bool:
        """Nothing to fetch."""
        return False

    async def aclose(self) -> None:
        """Nothing to close."""
