"""One source in full: what is asked, how that goes, how often, and the newest failure also after it has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import titles, words
from sreconsole.present.cells import Span, fit, wrap
from sreconsole.present.marks import Glyphs

_NAME_CELLS = 11


def source_block(
    source: SourceState, cells: int, now: float, refresh: float, zone: tzinfo, glyphs: Glyphs, chosen: bool = False
) -> Iterator[list[Span]]:
    """The lines of one source; `chosen` marks the one that keys act on. `refresh`: the configured seconds."""
    sign = ">" if glyphs.name == "ascii" else "▸"
    yield [
        Span(f"{sign if chosen else ' '} ", "accent"),
        Span(source.name, "bold foreground"),
        Span(f"  {source.kind}  ", "dim"),
        Span(titles.source_words(source, now, refresh), titles.source_token(source)),
    ]
    for name, value, style in _facts(source, now, refresh, zone):
        for place, line in enumerate(wrap(value, max(1, cells - _NAME_CELLS - 3), glyphs)):
            yield [Span("  " + fit("" if place else name, _NAME_CELLS, "left", glyphs) + " ", "dim"), Span(line, style)]


def latency(seconds: float) -> str:
    """`35 ms`, `1.2 s`: two digits are enough to see a source struggle."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def _facts(source: SourceState, now: float, refresh: float, zone: tzinfo) -> Iterator[tuple[str, str, str]]:
    """Name, value and style of each line."""
    if source.where:
        yield "asked at", source.where, "foreground"
    yield "last answer", _answered(source, now, zone), "foreground"
    if source.requests_per_minute is None:
        yield "requests", "not counted", "dim"
    else:
        yield "requests", f"{source.requests_per_minute:.0f} a minute", "foreground"
    if source.pace is not None and source.pace > refresh:
        # No warning: samples may come no more often there. Where the server is slow, a note says so.
        yield "pace", f"every {words.span(source.pace)} instead of {words.span(refresh)}", "foreground"
    else:
        yield "pace", f"every {words.span(source.pace or refresh)}", "foreground"
    if source.error is not None:
        yield "now", source.error, "page"
        if source.next_try is not None:
            wait = source.next_try - now
            yield "next try", "now" if wait <= 0 else f"in {words.span(-(-min(wait, 1e9) // 5) * 5)}", "foreground"
    lasting = source.error is not None and (source.last_error or "").startswith(source.error)
    if source.last_error is not None and not lasting:
        yield "last error", _dated(source.last_error, source.last_error_at, now, zone), "foreground"
    elif source.error is not None and source.last_error_at is not None:
        yield "failed at", words.moment(source.last_error_at, zone), "foreground"
    elif source.error is None:
        yield "last error", "none since start", "dim"
    for line in (source.detail or "").splitlines() if source.error is not None else ():
        yield "", line, "dim"
    for note in source.notes:
        yield "note", words.local(note, zone), "warn"


def _answered(source: SourceState, now: float, zone: tzinfo) -> str:
    if source.last_good is None:
        return "never"
    took = "" if source.latency is None else f", took {latency(source.latency)}"
    return f"{words.moment(source.last_good, zone)}{took}"


def _dated(text: str, at: float | None, now: float, zone: tzinfo) -> str:
    return text if at is None else f"{words.near(at, now, zone)}: {text}"
