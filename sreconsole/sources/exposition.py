"""Reading the text of a /metrics page: Prometheus' text format and OpenMetrics, by prometheus-client's parsers.

Lines of metrics nobody asked for are dropped before parsing, by their name alone; of series met before only the value
is read anew. Big pages are read in a thread, so that the event loop never waits for them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO, cast

from prometheus_client.openmetrics.parser import text_fd_to_metric_families as read_openmetrics
from prometheus_client.parser import text_fd_to_metric_families as read_text
from prometheus_client.samples import Sample as RawSample

from sreconsole.domain.cleaning import clean
from sreconsole.domain.sampled import Sample
from sreconsole.errors import BadAnswer
from sreconsole.records import dataclass, field

OPENMETRICS = "application/openmetrics-text"
_AT_ONCE = 8 << 10
"""Bytes of a page that are parsed on the spot."""
_CHUNK = 64 << 10
_SUFFIXES = (b"_total", b"_bucket", b"_count", b"_sum", b"_created", b"_gcount", b"_gsum", b"_info")
_OLD, _AHEAD = 300.0, 600.0
"""Seconds: a sample stamped older than that is stale in Prometheus, one further ahead is refused there."""

_NAME = re.compile(rb"[^\s{]*")
_NUMBER = re.compile(rb"\s+([0-9.eE+-]+)\s*")

_SeriesKey = tuple[str, frozenset[tuple[str, str]]]
_NOTHING: Mapping[str, str] = {}


@dataclass(slots=True)
class Known:
    """Series of a target's last page in the text format: what the parser made of the text before the value."""

    heads: dict[bytes, tuple[_SeriesKey, Mapping[str, str]]] = field(default_factory=dict)
    """By that text: what tells the series apart, and its labels, ours added."""


@dataclass(slots=True)
class Page:
    """What one /metrics page says of the wanted metrics."""

    samples: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left out and why, one sentence each."""


async def read_page(
    body: bytes,
    content_type: str,
    metrics: frozenset[str],
    now: float,
    *,
    extra: Mapping[str, str] = _NOTHING,
    known: Known | None = None,
) -> Page:
    """The samples of `metrics` (with the empty string: of all metrics) on a page taken at `now` (Unix seconds).

    Labels are raw; those of `extra` are added where the page does not say them itself. `known` makes the next page of
    the same target cheaper. Raises BadAnswer with the line number when the text is neither format, or is cut off.
    """
    strict = content_type == OPENMETRICS
    _refuse_other_formats(body, content_type)
    if strict and not body.rstrip(b"\n").endswith(b"# EOF"):
        raise BadAnswer("the page ends without # EOF: it was cut off on its way, or its writer failed half way")
    found = _Found(now, extra)
    lines = _Lines(body, metrics, strict, found, known or Known())
    if len(body) < _AT_ONCE:
        _parse(lines, strict, found)
    else:  # the parser is Python through and through: a thread gives the loop its turn every 5 ms
        await asyncio.to_thread(_parse, lines, strict, found)
    if known is not None:
        known.heads = lines.fresh
    return Page(list(found.samples.values()), found.notes())


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
                    series = found.add(raw, lines.number)
                    if series is not None:
                        lines.fresh[lines.head] = series
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

    def __init__(self, body: bytes, metrics: frozenset[str], strict: bool, found: _Found, known: Known) -> None:
        self.number = 0
        self.line = ""
        self.head = b""
        """Of a line in the text format: all before the value."""
        self.fresh: dict[bytes, tuple[_SeriesKey, Mapping[str, str]]] = {}
        self._found, self._known = found, known.heads if not strict else {}
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
                if self._keeps(line) and not self._met_before(line, number):
                    self.number = number
                    self.line = self._text(line)
                    yield self.line + "\n"
            number -= end < size or self._body.endswith(b"\n")  # the split leaves an empty end behind a line break
            start = end

    def _met_before(self, line: bytes, number: int) -> bool:
        """Count a line whose series is known and whose value is plain; anything else is the parser's."""
        end = line.rfind(b"}") + 1
        if not end:
            found = _NAME.match(line)
            end = found.end() if found else 0
        self.head = line[:end]
        series = self._known.get(self.head)
        value = _NUMBER.fullmatch(line, end) if series is not None else None
        if series is None or value is None:
            return False
        try:
            self._found.put(series, float(value[1]), None, number)
        except ValueError:
            return False
        self.fresh[self.head] = series
        return True

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
        name = _NAME.match(line)
        return name is not None and name[0] in self._names

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

    def __init__(self, now: float, extra: Mapping[str, str]) -> None:
        self.samples: dict[_SeriesKey, Sample] = {}
        self._now, self._extra = now, extra
        self._stamps: dict[_SeriesKey, float] = {}
        self._twice, self._twice_at, self._old = 0, 0, 0

    def add(self, raw: RawSample, line: int) -> tuple[_SeriesKey, Mapping[str, str]] | None:
        """Count what the parser read; returns the series when the next page may say it again."""
        stamp = None if raw.timestamp is None else float(raw.timestamp)
        if stamp is not None and not self._now - _OLD <= stamp <= self._now + _AHEAD:
            self._old += 1
            return None
        series = (raw.name, frozenset(raw.labels.items())), {**self._extra, **raw.labels}
        self.put(series, float(raw.value), stamp, line)
        return series

    def put(self, series: tuple[_SeriesKey, Mapping[str, str]], value: float, stamp: float | None, line: int) -> None:
        key, labels = series
        if key in self.samples and (stamp is None or stamp <= self._stamps.get(key, stamp)):
            self._twice += 1
            self._twice_at = self._twice_at or line
            return
        if stamp is not None:
            self._stamps[key] = stamp
        self.samples[key] = Sample(key[0], labels, value)

    def notes(self) -> list[str]:
        notes = []
        if self._twice:
            notes.append(f"{self._twice} series stand twice (line {self._twice_at}): the first of each counts")
        if self._old:
            notes.append(f"{self._old} samples carry a time that is not now: they are not used")
        return notes
