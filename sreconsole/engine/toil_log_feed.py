"""What a log tells of toil: minutes that people wrote down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sreconsole.domain.load import ToilPart, week_starts
from sreconsole.errors import SourceError
from sreconsole.sources.toil_log import ToilLog


class LogToil:
    """Implements `engine.feed.ToilFeed` over one file."""

    kind = "log"
    parts = None
    partial: str | None = None

    def __init__(self, name: str, path: Path, zone: str, clock: Callable[[], float]) -> None:
        """`name` is what the log is called in sentences."""
        self.name = name
        self._log, self._zone, self._clock = ToilLog(path), zone, clock
        self._part = ToilPart(entries_missing="not asked yet")

    def part(self) -> ToilPart:
        """What is known of toil; the same object until it differs."""
        return self._part

    @property
    def bad_lines(self) -> int:
        """How many lines of the log are none of what they should be."""
        return self._log.lines.bad_lines

    def notes(self) -> tuple[str, ...]:
        """Bad lines."""
        note = self._log.lines.note()
        return () if note is None else (note,)

    def progress(self) -> float | None:
        """It is read whole at once."""
        return None

    async def load(self) -> None:
        """Nothing is kept elsewhere."""

    async def step(self) -> None:
        """Read what was added. Raises SourceError."""
        oldest = week_starts(self._zone, self._clock())[-1]
        try:
            entries = await asyncio.to_thread(self._log.read, oldest)
        except SourceError as error:
            self._tell(ToilPart(entries=self._part.entries, entries_missing=str(error), remarks=self.notes()))
            raise
        if self._part.entries is not entries or self._part.entries_missing or self._part.remarks != self.notes():
            self._tell(ToilPart(entries=entries, remarks=self.notes()))

    async def fill(self) -> bool:
        """Nothing to fetch."""
        return False

    async def aclose(self) -> None:
        """Close the file."""
        self._log.lines.close()

    def _tell(self, part: ToilPart) -> None:
        if part != self._part:
            self._part = part
