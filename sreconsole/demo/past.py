"""The history file: a month of buckets at the start, then a few lines each minute, so that it is never a minute old.

JSON lines {"service", "slo", "start", "width", "bad", "total"} as the `history` key of a scrape source reads them:
1 h buckets for a month, 5 m for three days, 1 m for six hours, final ones only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sreconsole.demo.story import HISTORY, Story

SPANS = ((3600, HISTORY), (300, 3 * 86_400 + 3600), (60, 6 * 3600 + 600))
"""Bucket widths and how far back each is written, in seconds."""
LARGEST = 32 << 20
"""Bytes from which the file is made anew instead of appended to (about two weeks of running)."""


class Past:
    """The history file of one story."""

    def __init__(self, story: Story, path: Path) -> None:
        self.path = path
        self._story = story
        self._until = 0

    def write(self, at: float) -> None:
        """Make the whole file, as known at a moment; a reader sees the old file or the new one, never a part."""
        lines = (line for width, span in SPANS for line in self._span(width, span, at))
        fresh = self.path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write("".join(lines))
        fresh.replace(self.path)
        self._until = int(at // 60) * 60

    def catch_up(self, at: float) -> None:
        """Append every bucket that closed since the last call, in one write of whole lines."""
        now = int(at // 60) * 60
        if now <= self._until:
            return
        if self.path.stat().st_size > LARGEST:
            self.write(at)
            return
        lines = "".join(line for end in range(self._until + 60, now + 60, 60) for line in self._closing(end))
        with open(self.path, "ab", buffering=0) as file:
            file.write(lines.encode("ascii"))
        self._until = now

    def _span(self, width: int, span: int, at: float) -> Iterator[str]:
        end = int(at // width) * width
        start = max(end - span, self._story.origin - HISTORY)
        start += -start % width
        for service, slo in self._story.tracks:
            yield from self._lines(service, slo, width, range(start, end, width))

    def _closing(self, end: int) -> Iterator[str]:
        """The buckets that end at a full minute."""
        for width, _ in SPANS:
            if end % width == 0:
                for service, slo in self._story.tracks:
                    yield from self._lines(service, slo, width, (end - width,))

    def _lines(self, service: str, slo: str, width: int, starts: range | tuple[int, ...]) -> Iterator[str]:
        bucket = self._story.tracks[service, slo].bucket
        head, middle = f'{{"service":"{service}","slo":"{slo}","start":', f',"width":{width},"bad":'
        for start in starts:
            bad, total = bucket(start, width)
            yield f'{head}{start}{middle}{bad},"total":{total}}}\n'
