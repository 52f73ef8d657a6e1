"""The SLO table by line: which columns there is room for, the heading, one row, and the orders.

A row is always exactly as wide as the layout. A layout depends on the width and on the names only, not on figures or
states, so a refresh never moves a column.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo

from sreconsole.domain.report import SloReport
from sreconsole.domain.status import Status
from sreconsole.present import words
from sreconsole.present.cells import Span, fit, fit_spans, width
from sreconsole.present.marks import UNICODE, WORD_CELLS, Glyphs
from sreconsole.present.slo_columns import NAMES, ORDER, TITLES, Column, cell, silent, trendless, why
from sreconsole.records import dataclass, replace

ORDERS = ("worst", "burn", "budget", "service")
"""What key `o` goes through; worst first is where it starts."""

_STEPS = (
    ("word", WORD_CELLS),
    ("service", 8),
    ("burn_1h", 7),
    ("budget", 6),
    ("slo", 8),
    ("lasts", 5),
    ("mark", 1),
    ("burn_6h", 5),
    ("trend", 6),
    ("objective", 5),
    ("service", 13),
    ("slo", 12),
    ("trend", 10),
    ("objective", 7),
    ("burn_5m", 5),
    ("service", 20),
    ("slo", 20),
    ("burn_1d", 5),
    ("coverage", 10),
    ("trend", 20),
    ("reason", 30),
    ("service", 32),
    ("slo", 32),
    ("burn_30m", 5),
    ("events", 9),
    ("trend", 30),
    ("reason", 60),
    ("trend", 60),
    ("reason", 200),
)
"""What room is spent on, in this order: a column appears at the width of its first step and grows with the later ones.
Up to `objective` 5 this is a line of 67 cells; with names of 13 and 12 cells all nine columns fit into 80."""

_BURN_TITLE = "burn "


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns for one width; equal layouts draw equal tables."""

    width: int
    columns: tuple[Column, ...]
    spare: int
    """Cells right of the last column; below 0 when even the narrowest columns have to be cut."""


def layout(width: int, reports: Iterable[SloReport]) -> Layout:
    """Choose the columns that `width` cells have room for; names take no more than the longest of `reports` needs."""
    caps, buckets = _needs(reports)
    widths: dict[str, int] = {}
    room = max(0, width) + 1
    for key, target in _STEPS:
        target = min(target, caps.get(key, target))
        have = widths.get(key)
        if have is None:
            if target + 1 <= room or key == "word":
                widths[key] = target
                room -= target + 1
        elif target > have and room > 0:
            widths[key] = have + min(target - have, room)
            room -= widths[key] - have
    _tidy_trend(widths, buckets)
    columns = tuple(_columns(widths))
    taken = sum(column.width + 1 for column in columns) - 1
    return Layout(max(0, width), columns, max(0, width) - taken)


def header(layout: Layout, glyphs: Glyphs = UNICODE) -> list[Span]:
    """The headings in exactly the layout's width."""
    parts = [fit(column.title, column.width, column.align, glyphs) for column in layout.columns]
    return fit_spans([Span(" ".join(parts), "dim")], layout.width, glyphs)


def trend_place(layout: Layout) -> tuple[int, int]:
    """The cells before the trend column, and its own; none where there is no room for it."""
    lead = 0
    for column in layout.columns:
        if column.key == "trend":
            return (lead, column.width) if layout.spare >= 0 else (0, 0)
        lead += column.width + 1
    return 0, 0


def row(
    report: SloReport,
    layout: Layout,
    glyphs: Glyphs,
    stale: bool = False,
    zone: tzinfo = UTC,
    alert: str | None = None,
) -> list[Span]:
    """One SLO in exactly the layout's width; `stale` dims figures whose source does not answer now.

    A row without any figure says why across the number columns, and across that of the trend when it has none. `alert`
    names a page alert of the service that fires: a row that is not `PAGE` itself has a mark before the service then.
    """
    columns = layout.columns
    if report.status is Status.PAGE:
        alert = None
    said = why(report, zone)
    if alert is not None:
        said = f"alert {alert} fires" + (f"; {said}" if said else "")
    spans: list[Span] = []
    told = _told(report, columns)
    for index, column in enumerate(columns):
        if column.key in told:
            if column.key == told[0]:
                room = sum(other.width + 1 for other in columns if other.key in told) - 1
                spans.append(Span((" " if index else "") + fit(said, room, "left", glyphs), "dim"))
            continue
        pieces = cell(report, column, glyphs, zone)
        if column.key == "reason":
            pieces = [Span(fit(said, column.width, column.align, glyphs), "dim")]
        if index and pieces:
            pieces[0] = Span(" " + pieces[0].text, pieces[0].style)
        spans.extend(pieces)
        if alert is not None and column.key == "word":
            spans[-1:] = _marked(spans[-1], glyphs)
    if layout.spare > 0:
        spans.append(Span(" " * layout.spare, spans[-1].style))
    spans = _merged(spans)
    if layout.spare < 0:
        spans = fit_spans(spans, layout.width, glyphs)
    return [_dimmed(span) for span in spans] if stale or report.status is Status.STALE else spans


def _marked(word: Span, glyphs: Glyphs) -> list[Span]:
    """The status word, and in the last cell of its column that a page alert fires. `unknown` leaves it no cell: its
    row says why it is, and that."""
    if not word.text.endswith("  "):
        return [word]
    return [Span(word.text[:-1], word.style), Span(glyphs.status[Status.PAGE], "bold page")]


def _told(report: SloReport, columns: Sequence[Column]) -> tuple[str, ...]:
    """The columns in whose place the row says why it has no figures; none where it has, or a column for that."""
    if not silent(report) or any(column.key == "reason" for column in columns):
        return ()
    kept = NAMES if trendless(report) else {*NAMES, "trend"}
    return tuple(column.key for column in columns if column.key not in kept)


def sort_key(report: SloReport, order: str = "worst") -> tuple[float, float, str, str]:
    """The place of a report in an order of ORDERS; what is not known stands after what is."""
    service, slo = report.key
    rate = words.number(report.burn_rate.get("1h"))
    fast = math.inf if rate is None else -rate
    if order == "service":
        return 0.0, 0.0, service, slo
    if order == "burn":
        return 0.0, fast, service, slo
    if order == "budget":
        left = words.number(report.remaining)
        return 0.0, math.inf if left is None else left, service, slo
    return float(report.status.rank), fast, service, slo


def _needs(reports: Iterable[SloReport]) -> tuple[dict[str, int], int]:
    """The most cells each name column can use, and the number of buckets of the longest trend."""
    caps = {"service": 8, "slo": 3, "objective": 5}
    buckets = 0
    for report in reports:
        caps["service"] = max(caps["service"], width(report.key.service))
        caps["slo"] = max(caps["slo"], width(report.key.slo))
        caps["objective"] = max(caps["objective"], len(words.objective(report.objective)))
        if report.trend is not None:
            buckets = max(buckets, len(report.trend.burns))
    return caps, buckets or 60


def _tidy_trend(widths: dict[str, int], buckets: int) -> None:
    """Take back cells that a whole number of buckets a cell cannot fill; one bucket more or less changes nothing."""
    have = widths.get("trend")
    buckets = max(6, round(buckets / 6) * 6)
    if have:
        widths["trend"] = max(min(6, have), math.ceil(buckets / math.ceil(buckets / have)))


def _columns(widths: dict[str, int]) -> Iterable[Column]:
    """The columns in their order; `burn` is said by the leftmost burn column, which has room for the word."""
    extra = max(0, widths.get("burn_1h", 5) - 5)
    named = False
    for key in ORDER:
        if key not in widths:
            continue
        column = Column(key, TITLES[key], widths[key])
        if key.startswith("burn_"):
            column = replace(column, width=5 if named else 5 + extra)
            if not named:
                column = replace(column, title=_BURN_TITLE + column.title)
            named = True
        yield column


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Neighbours of one style as one span: fewer segments for the screen to carry."""
    out: list[Span] = []
    for span in spans:
        if out and out[-1].style == span.style:
            out[-1] = Span(out[-1].text + span.text, span.style)
        else:
            out.append(span)
    return out


def _dimmed(span: Span) -> Span:
    """The same text, faint; a bold status stays bold so that an old PAGE is still seen."""
    style = span.style
    return span if not style or style.startswith(("bold ", "dim")) else Span(span.text, f"dim {style}")
