"""Keeps what a file tells of deploys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sreconsole.domain.deploy import Deploy
from sreconsole.sources.deploy_file import DeployFile


class FileDeploys:
    """Implements `engine.feed.DeployFeed` over one file."""

    kind = "file"
    parts = None
    partial: str | None = None
    """A line that cannot be read is no deploy that is known to be lost: the file is read whole."""

    def __init__(self, file: DeployFile, clock: Callable[[], float]) -> None:
        self.name = file.name
        self._file, self._clock = file, clock
        self._deploys: tuple[Deploy, ...] = ()

    def deploys(self) -> Sequence[Deploy]:
        """All that the file tells, or told before it was replaced."""
        return self._deploys

    @property
    def bad_lines(self) -> int:
        """How many lines of the file are none of what they should be."""
        return self._file.lines.bad_lines

    def notes(self) -> tuple[str, ...]:
        """Bad lines, and what else is in the file."""
        return self._file.notes()

    def progress(self) -> float | None:
        """It is read whole at once."""
        return None

    async def load(self) -> None:
        """What it told before stands in the history of deploys."""

    async def step(self) -> None:
        """Read what was added. Raises SourceError."""
        found = await asyncio.to_thread(self._file.read, self._clock())
        if found is not None:
            self._deploys = found

    async def fill(self) -> bool:
        """Nothing to fetch."""
        return False

    async def aclose(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._file.lines.close)
