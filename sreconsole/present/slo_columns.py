"""The columns of the SLO table: their order, their titles, and what each says of one report.

What names a row stands left, what changes with every refresh stands right: a changed row is sent from its first
changed column on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo

from sreconsole.domain.report import SloReport
from sreconsole.domain.status import Status
from sreconsole.present import marks, spark, words
from sreconsole.present.cells import Align, Span, fit
from sreconsole.present.marks import Glyphs
from sreconsole.present.recovery import recovering
from sreconsole.records import dataclass

ORDER = (
    "mark",
    "word",
    "service",
    "slo",
    "objective",
    "burn_5m",
    "burn_30m",
    "burn_1h",
    "burn_6h",
    "burn_1d",
    "budget",
    "events",
    "lasts",
    "coverage",
    "trend",
    "reason",
)
"""All columns from left to right."""

NAMES = frozenset(("mark", "word", "service", "slo", "objective"))
"""Columns that say which SLO it is; the others say how it does."""

TITLES = {
    "mark": "",
    "word": "status",
    "service": "service",
    "slo": "SLO",
    "objective": "obj %",
    "burn_5m": "5m",
    "burn_30m": "30m",
    "burn_1h": "1h",
    "burn_6h": "6h",
    "burn_1d": "1d",
    "budget": "budget",
    "events": "events",
    "lasts": "lasts",
    "coverage": "over",
    "trend": "trend",
    "reason": "why",
}
_LEFT = frozenset(("mark", "word", "service", "slo", "trend", "reason", "coverage"))
LOW_BUDGET = 0.25
"""Below this share of budget left the figure is coloured as a warning."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a layout."""

    key: str
    title: str
    width: int
    """Cells, without the blank that parts it from the column before."""

    @property
    def align(self) -> Align:
        """Words to the left, numbers to the right."""
        return "left" if self.key in _LEFT else "right"


def cell(report: SloReport, column: Column, glyphs: Glyphs, zone: tzinfo = UTC) -> list[Span]:
    """What the column says of the report, in exactly the column's width; moments in the zone."""
    if column.key == "trend":
        return spark.sparkline_spans(report.trend, column.width, glyphs)
    if column.key == "reason":
        return [Span(fit(why(report, zone), column.width, column.align, glyphs), "dim")]
    text, style = _SAYS[column.key](report, glyphs)
    return [Span(fit(text, column.width, column.align, glyphs), style)]


def silent(report: SloReport) -> bool:
    """Whether there is nothing to put into the number columns: then the row says why instead."""
    figures = (report.burn_rate.get("1h"), report.burn_rate.get("6h"), report.remaining)
    return all(words.number(figure) is None for figure in figures)


def trendless(report: SloReport) -> bool:
    """Whether there is nothing to draw as its trend."""
    return report.trend is None or all(burn is None for burn in report.trend.burns)


def why(report: SloReport, zone: tzinfo) -> str:
    """The reasons in one line, moments in the zone; what is missing where there are none."""
    if report.reasons:
        return words.local("; ".join(report.reasons), zone)
    if report.status is Status.OK:
        return recovering(report) or ""
    return report.remaining.reason or ""


def coverage(report: SloReport) -> str:
    """`8h of 30d` below full coverage, nothing at full coverage, `-` when unknown."""
    share = words.number(report.coverage)
    if share is None:
        return words.UNKNOWN
    if share >= 0.9995:
        return ""
    return f"{words.span(known_seconds(report, share))} of {elapsed(report, share)}"


def known_seconds(report: SloReport, share: float) -> float:
    """How much of the window something is known of; `share` is the coverage."""
    return report.known_seconds if report.known_seconds is not None else share * report.window_seconds


def elapsed(report: SloReport, share: float) -> str:
    """What coverage is a share of: the window, `30d`, or what has passed of a calendar one, `22d`."""
    if report.window_label[:1].isdigit() or not share or report.known_seconds is None:
        return report.window_label
    return words.span(report.known_seconds / share)


def budget_token(remaining: float | None) -> str:
    """The theme token for a share of budget left."""
    if remaining is None:
        return "dim"
    if remaining <= 0:
        return "page"
    return "warn" if remaining < LOW_BUDGET else "foreground"


def burn_token(burn: float | None) -> str:
    """The theme token for a burn rate in a table: only what is out of the ordinary has a colour."""
    tone = spark.tone(burn)
    return "foreground" if tone == "ok" else tone


def _word(report: SloReport, glyphs: Glyphs) -> tuple[str, str]:
    style = marks.token(report.status)
    return marks.word(report.status), f"bold {style}" if report.status is Status.PAGE else style


def _mark(report: SloReport, glyphs: Glyphs) -> tuple[str, str]:
    return glyphs.status[report.status], marks.token(report.status)


def _service(report: SloReport, glyphs: Glyphs) -> tuple[str, str]:
    return report.key.service, "bold foreground" if report.status is Status.PAGE else "foreground"


def _budget(report: SloReport, glyphs: Glyphs) -> tuple[str, str]:
    left = words.number(report.remaining)
    share = words.number(report.coverage)
    partial = left is not None and share is not None and share < 0.9995
    return words.percent(left) + ("*" if partial else " "), budget_token(left)


def _burn(window: str) -> Callable[[SloReport, Glyphs], tuple[str, str]]:
    def say(report: SloReport, glyphs: Glyphs) -> tuple[str, str]:
        rate = words.number(report.burn_rate.get(window))
        return words.burn(rate), burn_token(rate)

    return say


_SAYS: dict[str, Callable[[SloReport, Glyphs], tuple[str, str]]] = {
    "mark": _mark,
    "word": _word,
    "service": _service,
    "slo": lambda report, _: (report.key.slo, "foreground"),
    "objective": lambda report, _: (words.objective(report.objective), "dim"),
    "burn_5m": _burn("5m"),
    "burn_30m": _burn("30m"),
    "burn_1h": _burn("1h"),
    "burn_6h": _burn("6h"),
    "burn_1d": _burn("1d"),
    "budget": _budget,
    "events": lambda report, _: (words.count(report.events_left), "foreground"),
    "lasts": lambda report, _: (words.lasts(report.exhausts_in, report.window_seconds), "foreground"),
    "coverage": lambda report, _: (coverage(report), "dim"),
}
