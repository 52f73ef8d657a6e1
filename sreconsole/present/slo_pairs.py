"""Alert window pairs as a small table: what fires, what would fire next and when, what can never fire.

Source: SRE Workbook ch. 5 (multi-window, multi-burn-rate); the four states of a pair are those of `domain.burn`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.domain.depth import NOTHING, Depth
from sreconsole.domain.duration import format_duration
from sreconsole.domain.report import PairReport, SloReport
from sreconsole.present import marks, words
from sreconsole.present.cells import Align, Span, fit, fit_spans
from sreconsole.present.marks import Glyphs
from sreconsole.present.slo_columns import burn_token

TITLE = "Alert windows"
_HEADINGS: tuple[tuple[str, int, Align], ...] = (
    ("", 1, "left"),
    ("", 10, "left"),
    ("alert", 5, "left"),
    ("limit", 6, "right"),
    ("long", 11, "right"),
    ("short", 11, "right"),
    ("next", 14, "left"),
    ("fires at", 11, "right"),
)
_WHOLE = 2 + sum(width + 1 for _, width, _ in _HEADINGS[:7])
"""Cells of all columns but the last."""
_NARROW = (0, 1, 2, 6, 3, 4, 5, 7)
"""The order of the columns where they do not all fit: when a pair fires or clears is worth more than its figures."""


def pair_table(report: SloReport, cells: int, glyphs: Glyphs, told: Depth = NOTHING) -> list[list[Span]]:
    """A heading and one line a pair, each exactly `cells` wide; a sentence when there is no pair."""
    if not report.pairs:
        return [fit_spans([Span(TITLE, "accent"), Span("  none", "dim")], cells, glyphs)]
    order = range(len(_HEADINGS)) if cells >= _WHOLE else _NARROW
    columns = [_HEADINGS[place] for place in order]
    headings = "  " + " ".join(fit(title, width, align, glyphs) for title, width, align in columns)
    lines = [fit_spans([Span(TITLE, "accent"), Span(headings[len(TITLE) :], "dim")], cells, glyphs)]
    lines.extend(fit_spans(_line(pair, glyphs, told, order), cells, glyphs) for pair in report.pairs)
    if told.next and (said := _granted(report, told)):
        lines.append(fit_spans([Span(f"  {said}", "dim")], cells, glyphs))
    return lines


def outlook(report: PairReport, told: Depth = NOTHING) -> str:
    """What happens next to the pair: `clears in 4m`, `fires in 12m`, `burns on`, `can never fire`, or nothing."""
    if not report.can_fire:
        return "can never fire"
    fires = report.state == "firing"
    if told.next is None or report.pair not in told.next:
        seconds = report.clears_in if fires else report.fires_in
        return "" if seconds is None else f"{'clears' if fires else 'fires'} in {words.span(seconds)}"
    seconds = told.next[report.pair]
    if seconds is None:
        return "burns on" if fires else ""
    return f"{'clears' if fires else 'fires'} in {words.span(seconds)}"


def _granted(report: SloReport, told: Depth) -> str:
    """What `next` takes for granted, and what follows where errors stop instead; nothing while nothing is next."""
    if not any(outlook(pair, told) for pair in report.pairs if pair.can_fire):
        return ""
    said = f"next: if {words.burn(told.newest_burn)} of the last 5m goes on"
    stops = [
        f"{format_duration(pair.pair.long)}/{format_duration(pair.pair.short)} clears in {words.span(pair.clears_in)}"
        for pair in report.firing
        if pair.clears_in is not None and outlook(pair, told) == "burns on"
    ]
    return f"{said}; if errors stop {', '.join(stops)}" if stops else said


def _line(report: PairReport, glyphs: Glyphs, told: Depth, order: Sequence[int]) -> list[Span]:
    pair = report.pair
    token = marks.pair_token(report.state)
    severity = "PAGE" if pair.severity == "page" else pair.severity
    texts = (
        (glyphs.pairs[report.state], token),
        (report.state, f"bold {token}" if report.state == "firing" else token),
        (severity, pair.severity),
        (_factor(pair.factor), "foreground"),
        (_window(pair.long, words.number(report.long_burn)), _over(report.long_burn.value, pair.factor)),
        (_window(pair.short, words.number(report.short_burn)), _over(report.short_burn.value, pair.factor)),
        (outlook(report, told), "warn" if report.can_fire else "dim"),
        (_failures(report), "foreground"),
    )
    spans = [Span(" ", "")]
    for place in order:
        (text, style), (_, width, align) = texts[place], _HEADINGS[place]
        spans.append(Span(" " + fit(text, width, align, glyphs), style))
    return spans


def _factor(factor: float) -> str:
    """A limit exactly enough to tell 0.98 from 1: at most two digits behind the point."""
    rate = words.number(factor)
    return words.UNKNOWN if rate is None else f"{rate:.2f}".rstrip("0").rstrip(".") + "x"


def _failures(report: PairReport) -> str:
    """`1,400 bad`: so many bad events in the long window reach the limit; nothing when it can never fire."""
    return f"{words.count(report.failures_to_page)} bad" if report.failures_to_page is not None else ""


def _window(seconds: int, rate: float | None) -> str:
    return f"{format_duration(seconds)} {words.burn(rate):>5}"


def _over(rate: float | None, factor: float) -> str:
    """The colour of a figure beside its limit: warn above it, else as any burn rate below."""
    known = words.number(rate)
    if known is None:
        return burn_token(None)
    return "page" if known > factor else "foreground"
