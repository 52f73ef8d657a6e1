"""Keeps what one Prometheus sees of deploys: the last minutes at each refresh, the days before once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy
    from sreconsole.engine.server_clock import ServerClock
    from sreconsole.sources.prometheus_deploys import PrometheusDeploys


class PrometheusDeploysFeed:
    """Implements `engine.feed.DeployFeed`. `clock` gives Unix seconds, `server` the time at the source."""

    kind = "prometheus"
    parts: tuple[int, int] | None = None

    def __init__(
        self, source: PrometheusDeploys, clock: Callable[[], float], server: ServerClock | None = None
    ) -> None:
        self.source = source
        self.name = source.name
        self._clock, self._server = clock, server

    def deploys(self) -> Sequence[Deploy]:
        """What is known by now."""
        return self.source.deploys()

    @property
    def partial(self) -> str | None:
        """Why the newest answers are not whole."""
        return self.source.partial

    @property
    def truncated(self) -> bool:
        """Whether there is more than is read."""
        return self.source.truncated

    def notes(self) -> tuple[str, ...]:
        """Remarks that are no failures."""
        return self.source.notes()

    def progress(self) -> float | None:
        """Share of the days before that is fetched."""
        return self.source.progress()

    async def load(self) -> None:
        """Nothing is kept on disk here: what was found stands in the history of deploys."""

    async def step(self) -> None:
        """One refresh."""
        await self.source.poll(self._server.now() if self._server is not None else self._clock())

    async def fill(self) -> bool:
        """One piece of the days before."""
        return await self.source.fill()

    async def aclose(self) -> None:
        """Close the connection."""
        await self.source.aclose()
