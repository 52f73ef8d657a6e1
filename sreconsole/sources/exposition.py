"""Reading the text of a /metrics page: Prometheus' text format and OpenMetrics, by prometheus-client's parsers.

Lines of metrics nobody asked for are dropped before parsing, by their name alone. Big pages are read in a thread, so
that the event loop never waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO, cast

from prometheus_client.openmetrics.parser import text_fd_to_metric_families as read_openmetrics
from prometheus_client.parser import text_fd_to_metric_families as read_text
from prometheus_client.samples import Sample as RawSample

from sreconsole.domain.cleaning import clean
from sreconsole.domain.sampled import Sample
from sreconsole.errors import BadAnswer

OPENMETRICS = "application/openmetrics-text"
_AT_ONCE = 8 << 10
"""Bytes of a page that are parsed on the spot."""
_CHUNK = 64 << 10
_SUFFIXES = (b"_total", b"_bucket", b"_count", b"_sum", b"_created", b"_gcount", b"_gsum", b"_info")
_OLD, _AHEAD = 300.0, 600.0
"""Seconds: a sample stamped older than that is stale in Prometheus, one further ahead is refused there."""

_SeriesKey = tuple[str, frozenset[tuple[str, str]]]


@dataclass(slots=True)
class Page:
    """What one /metrics page says of the wanted metrics."""

    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left out and why, one sentence each."""


async def read_page(body: bytes, content_type: str, metrics: frozenset[str], now: float) -> Page:
    """The samples of `metrics` (with the empty string: of all metrics) on a page; labels are raw.

    Raises BadAnswer with the line number when the text is neither format, or is cut off.
    """
    strict = content_type == OPENMETRICS
    _refuse_other_formats(body, content_type)
    if strict and not body.rstrip(b"\n").endswith(b"# EOF"):
        raise BadAnswer("the page ends without # EOF: it was cut off on its way, or its writer failed half way")
    lines = _Lines(body, metrics, strict)
    page, found = Page(), _Found(now)
    if len(body) < _AT_ONCE:
        _parse(lines, strict, found)
    else:  # the parser is Python through and through: a thread gives the loop its turn every 5 ms
        await asyncio.to_thread(_parse, lines, strict, found)
    page.samples = list(found.samples.values())
    page.notes = found.notes()
    return page


def _refuse_other_formats(body: bytes, content_type: str) -> None:
    start = body[:200].lstrip()
    if start.startswith(b"<"):
        raise BadAnswer("a web page came instead of metrics: is the path of the target right (often /metrics)?")
    if start.startswith((b"{\n", b"[")) or content_type == "application/json":
        raise BadAnswer("JSON came instead of metrics: is the path of the target right (often /metrics)?")
    if "protobuf" in content_type or b"\x00" in body[:4096]:
        raise BadAnswer("the target answers in a binary format: only text and OpenMetrics can be read")


def _parse(lines: _Lines, strict: bool, found: _Found) -> None:
    """Feed every sample of the wanted lines to `found`."""
    try:
        for family in (read_openmetrics if strict else read_text)(cast(TextIO, lines)):
            for raw in family.samples:
                if raw.value is not None and (not lines.wanted or raw.name in lines.wanted):
                    found.add(raw, lines.number)
    except BadAnswer:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        # the parser raises whatever its code trips over on a malformed line
        raise BadAnswer(f"line {lines.number} is malformed: {_what(error, lines.line)}") from None


def _what(error: Exception, line: str) -> str:
    said = clean(str(error).partition("\n")[0], 120)
    shown = clean(line.strip(), 80)
    return said if said and shown[:40] in said else f"{shown} ({said})" if said else shown


class _Lines:
    """The lines worth parsing, one by one; knows the number of the one given last."""

    def __init__(self, body: bytes, metrics: frozenset[str], strict: bool) -> None:
        self.number = 0
        self.line = ""
        self.wanted = frozenset() if "" in metrics else metrics
        self._body, self._strict = body, strict
        names = {name.encode() for name in self.wanted}
        self._names = {form for name in names for form in _forms(name)} if strict else names
        self._quoted = tuple(b'"' + name + b'"' for name in names)

    def __iter__(self) -> Iterator[str]:
        start, size, number = 0, len(self._body), 0
        while start < size:
            end = self._body.find(b"\n", start + _CHUNK)
            end = size if end < 0 else end + 1
            for line in self._body[start:end].split(b"\n"):
                number += 1
                if self._keeps(line):
                    self.number = number
                    self.line = self._text(line)
                    yield self.line + "\n"
            number -= end < size or self._body.endswith(b"\n")  # the split leaves an empty end behind a line break
            start = end

    def _keeps(self, line: bytes) -> bool:
        if line[:1] in b" \t\r":  # also empty lines
            line = line.lstrip()
            if not line:
                return False
        if line[:1] == b"#":
            return self._strict and self._keeps_comment(line)
        if not self.wanted:
            return True
        if line[:1] == b"{":
            return any(name in line for name in self._quoted)
        name = line.partition(b"{")[0]
        return (name if len(name) < len(line) else line.split(None, 1)[0]).rstrip() in self._names

    def _keeps_comment(self, line: bytes) -> bool:
        """OpenMetrics needs the metadata of the families that are kept, and its end mark."""
        words = line.split(b" ", 3)
        return line.rstrip() == b"# EOF" or (
            len(words) > 2 and (not self.wanted or words[2].strip(b'"') in self._names)
        )

    def _text(self, line: bytes) -> str:
        try:
            return line.rstrip(b"\r").decode("utf-8")
        except UnicodeDecodeError:
            raise BadAnswer(f"line {self.number} is not UTF-8") from None


def _forms(name: bytes) -> Iterable[bytes]:
    """Every name a sample of the same OpenMetrics family may have, and the family's own."""
    base = next((name[: -len(suffix)] for suffix in _SUFFIXES if name.endswith(suffix)), name)
    return {name, base, *(base + suffix for suffix in _SUFFIXES), *(name + suffix for suffix in _SUFFIXES)}


class _Found:
    """Samples by series: of several stamped ones the newest, of exact duplicates the first."""

    def __init__(self, now: float) -> None:
        self.samples: dict[_SeriesKey, Sample] = {}
        self._now = now
        self._stamps: dict[_SeriesKey, float] = {}
        self._twice, self._twice_at, self._old = 0, 0, 0

    def add(self, raw: RawSample, line: int) -> None:
        stamp = None if raw.timestamp is None else float(raw.timestamp)
        if stamp is not None and not self._now - _OLD <= stamp <= self._now + _AHEAD:
            self._old += 1
            return
        key = (raw.name, frozenset(raw.labels.items()))
        if key in self.samples and (stamp is None or stamp <= self._stamps.get(key, stamp)):
            self._twice += 1
            self._twice_at = self._twice_at or line
            return
        if stamp is not None:
            self._stamps[key] = stamp
        self.samples[key] = Sample(raw.name, raw.labels, float(raw.value))

    def notes(self) -> list[str]:
        notes = []
        if self._twice:
            notes.append(f"{self._twice} series stand twice (line {self._twice_at}): the first of each counts")
        if self._old:
            notes.append(f"{self._old} samples carry a time that is not now: they are not used")
        return notes
