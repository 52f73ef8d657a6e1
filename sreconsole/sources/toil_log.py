"""A log of toil: JSON lines, one piece of work each, read as they come.

    {"ts": "2026-11-23T09:40:00Z", "minutes": 25, "category": "tickets", "text": "quota raised", "service": "search"}

`service` and `by` are optional. Lines that are none of that are counted and said. What stood in a file that was renamed
away or cut is kept; where the file in its place repeats any of it, it was written anew, and only that counts. The same
line twice is one piece of work.
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from sreconsole.domain.cleaning import clean
from sreconsole.domain.load import Entry
from sreconsole.errors import Unreachable
from sreconsole.sources.json_lines import UNREADABLE, JsonLines
from sreconsole.sources.line_time import line_time

MOST_MINUTES = 100_000.0
"""Minutes of one line: two months of somebody's life, beyond that it is a mistake."""
_NAME, _TEXT = 200, 500


class _Line(msgspec.Struct, gc=False):
    ts: float | str
    minutes: float
    category: str
    text: str
    service: str | None = None
    by: str | None = None


_decode = msgspec.json.Decoder(_Line).decode


class ToilLog:
    """One file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = JsonLines(path)
        self._kept: dict[Entry, None] = {}
        """Of files that were at the path before."""
        self._now: dict[Entry, None] = {}
        self._generation = 0
        self._told: tuple[Entry, ...] = ()

    def read(self, oldest: float) -> tuple[Entry, ...]:
        """Every entry from `oldest` (Unix seconds) on and the newest before, the oldest first: how far the log reaches
        stays known. The same object until it differs. Blocks.

        Raises SourceError, Unreachable where there is no file; what was known is then in the next answer again.
        """
        for number, text in self.lines.read():
            if self.lines.generation != self._generation:
                self._turn()
            entry = self._entry(number, text)
            if entry is not None:
                self._now[entry] = None
        if not self.lines.there:
            raise Unreachable(f"{clean(str(self.path), 200)} is not there")
        if self._kept and not self._kept.keys().isdisjoint(self._now):
            self._kept = {}
        if self._told[1:2] and self._told[1].at < oldest:
            self._forget(oldest)
        known = self._kept | self._now
        if len(known) != len(self._told) or any(entry not in known for entry in self._told):
            self._told = tuple(sorted(known, key=lambda entry: entry.at))
        return self._told

    def _turn(self) -> None:
        """Another file is at the path."""
        self._generation = self.lines.generation
        self._kept, self._now = self._kept | self._now, {}

    def _forget(self, before: float) -> None:
        for entries in (self._kept, self._now):
            old = sorted((entry for entry in entries if entry.at < before), key=lambda entry: entry.at)
            for entry in old[:-1]:
                del entries[entry]

    def _entry(self, number: int, text: bytes) -> Entry | None:
        try:
            line = _decode(text)
        except UNREADABLE as error:
            self.lines.bad(number, str(error))
            return None
        at = line_time(line.ts)
        if at is None:
            self.lines.bad(number, "ts is no time: write RFC 3339, or seconds since 1970")
        elif not (math.isfinite(line.minutes) and 0 <= line.minutes <= MOST_MINUTES):
            self.lines.bad(number, f"minutes must lie between 0 and {MOST_MINUTES:.0f}")
        else:
            return Entry(
                at,
                line.minutes,
                clean(line.category, _NAME),
                clean(line.text, _TEXT),
                clean(line.service, _NAME) if line.service else None,
                clean(line.by, _NAME) if line.by else None,
            )
        return None
