"""The first line of the screen: where we are, SLOs by status, page alerts, the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from sreconsole.domain.alert import AlertState
from sreconsole.domain.status import Status
from sreconsole.present import marks, words
from sreconsole.present.cells import Span, fit_spans, plain, width
from sreconsole.present.marks import UNICODE, Glyphs

_NAMES_ZONE = 100
_QUIET: tuple[AlertState, ...] = ("silenced", "inhibited", "muted")


def counts(by_status: Mapping[Status, int], most: int | None = None) -> list[Span]:
    """`1 PAGE 1 warn 40 ok`: only what there is, worst first; `no SLOs` when there is nothing; the `most` worst."""
    spans: list[Span] = []
    for status in [status for status in Status if by_status.get(status)][:most]:
        token = marks.token(status)
        if spans:
            spans.append(Span(" ", ""))
        style = f"bold {token}" if status is Status.PAGE else token
        spans.append(Span(f"{by_status[status]} {marks.word(status)}", style))
    return spans or [Span("no SLOs", "dim")]


def page_counts(by_state: Mapping[AlertState, int], short: bool = False) -> list[Span]:
    """Page alerts by state: `2 pages firing, 1 silenced`, short `2 pages 1 mute`; nothing where there are none."""
    said: list[tuple[str, int]] = [
        ("firing", by_state.get("firing", 0)),
        *((state, by_state.get(state, 0)) for state in _QUIET),
    ]
    if short:
        said = [("", said[0][1]), ("mute", sum(number for _, number in said[1:]))]
    spans: list[Span] = []
    for word, number in said:
        if number:
            noun = "" if spans else " page" if number == 1 else " pages"
            gap = "" if not spans else " " if short else ", "
            style = "bold page" if word in ("firing", "") else "warn"
            spans.append(Span(f"{gap}{number}{noun} {word}".rstrip(), style))
    return spans


def header(
    environment: str,
    place: str,
    by_status: Mapping[Status, int],
    now: float,
    zone: tzinfo,
    cells: int,
    *,
    pages: Mapping[AlertState, int] | None = None,
    accent: str = "accent",
    flags: Sequence[str] = (),
    standing: bool = False,
    glyphs: Glyphs = UNICODE,
) -> list[Span]:
    """The first line, exactly `cells` wide: `sreconsole prod  ana@bastion-2   1 PAGE 40 ok · 1 page silenced   03:12`.

    From 100 cells on the clock names its zone. `place` is user@host, `pages` the page alerts by state, `accent` the
    token of the environment, `flags` words such as `paused` or `read-only`; `standing`: `now` is a moment of the past,
    and said with its day. Where room is short the place goes, words are shortened, then go the name, the clock, and the
    better ones of the counts. Pages stay, also muted ones.
    """
    clock = words.clock(now, zone) if cells < _NAMES_ZONE else words.clock_and_zone(now, zone)
    if standing:
        clock = "at " + (words.moment(now, zone) if cells >= _NAMES_ZONE else words.day_and_clock(now, zone))
    name = Span("sreconsole ", "bold foreground")
    where = Span(f"{environment} ", f"bold {accent}") if environment else Span("", "")
    extra = [Span(f" {flag}", "warn") for flag in flags]
    named = [name, where, *extra]
    full, short = (_joined(counts(by_status), page_counts(pages or {}, brief), glyphs) for brief in (False, True))
    ways: list[tuple[list[Span], list[Span]]] = [
        ([name, where, Span(f" {place}", "dim"), *extra], full),
        (named, full),
        (named, short),
        ([where, *extra], short),
        ([], short),
    ]
    for left, tally in ways:
        gap = cells - width(plain(tally)) - width(clock) - 3 - width(plain(left))
        if gap >= 0:
            before = gap * 2 // 3
            line = [*left, Span(" " * (before + 1), ""), *tally, Span(" " * (gap - before + 2), "")]
            return fit_spans([*line, Span(clock, "warn" if standing else "dim")], cells, glyphs)
    narrow = _narrow(by_status, pages or {}, cells, glyphs)
    return fit_spans([Span("then ", "warn"), *narrow] if standing else narrow, cells, glyphs)


def _narrow(by_status: Mapping[Status, int], pages: Mapping[AlertState, int], cells: int, glyphs: Glyphs) -> list[Span]:
    """As many of the worst counts as there is room for beside the pages."""
    page = page_counts(pages, short=True)
    line: list[Span] = []
    for most in range(len(Status), 0, -1):
        line = _joined(counts(by_status, most), page, glyphs)
        if width(plain(line)) <= cells:
            break
    return line if width(plain(line)) <= cells or not page else page


def _joined(tally: list[Span], page: list[Span], glyphs: Glyphs) -> list[Span]:
    return [*tally, Span(f" {glyphs.dot} ", "dim"), *page] if page else tally
