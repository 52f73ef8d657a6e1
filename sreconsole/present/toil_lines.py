"""Toil and load on call in lines, what matters most first: pages of this shift, minutes of this week, what they are
made of, who pages again and again, eight weeks.

The first line is the whole story in 40 cells. What is not known is said in words, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from sreconsole.domain.reading import Figure
from sreconsole.domain.toil import Counter, Incident, Minutes, Offender, ToilReport
from sreconsole.present import words
from sreconsole.present.cells import Span, plain, width
from sreconsole.present.marks import Glyphs
from sreconsole.records import dataclass

_OFFENDERS = 3
_BAR_CELLS = 30


@dataclass(frozen=True, slots=True)
class ToilLine:
    """One line of the panel."""

    key: str
    place: int
    """Its place from the top."""
    spans: tuple[Span, ...]
    over: bool = False
    """Whether it tells of something beyond its budget, or not known."""

    @property
    def text(self) -> str:
        """The line without its styles."""
        return plain(self.spans)


def toil_lines(report: ToilReport, cells: int, zone: tzinfo, glyphs: Glyphs, full: bool = False) -> list[ToilLine]:
    """What is known, in lines for `cells`; `full`: every figure and every reason, under headings."""
    made: list[tuple[str, list[Span], bool]] = [
        ("now", headline(report, cells, glyphs), _overpaged(report) or _overspent(report)),
    ]
    if _pages_asked(report):
        made.append(("shift", _shift(report, zone, glyphs), False))
    if _pages_asked(report) and report.pages.value is None:
        made.append(("pages", [Span(f"pages: {report.pages.reason}", "unknown")], True))
    made += [(f"counter {count}", _counter(one, glyphs), _over(one)) for count, one in enumerate(report.counters)]
    made.append(("week", _week(report, glyphs), report.weeks == () or report.weeks[0].total.value is None))
    offenders = report.offenders if full else report.offenders[:_OFFENDERS]
    if full:
        made += [("", [], False), ("again", [Span("Paged again and again in 7 days", "accent")], False)]
        if not offenders:
            made.append(("none", [Span("none known", "dim")], False))
    made += [(f"again {count}", _offender(one, glyphs), True) for count, one in enumerate(offenders)]
    if full:
        made += [(f"more {count}", line, False) for count, line in enumerate(_more(report, cells, zone, glyphs))]
    elif report.weeks:
        made.append(("weeks", _trend(report, glyphs), False))
    return [
        ToilLine(key or f"blank {place}", place, tuple(spans), over) for place, (key, spans, over) in enumerate(made)
    ]


def headline(report: ToilReport, cells: int, glyphs: Glyphs) -> list[Span]:
    """`pages 3/2 this shift · 210 of 4800 min`; shorter where it does not fit."""
    week = report.weeks[0].total if report.weeks else Figure.missing("no week is known")
    budget = "" if report.pages_budget is None else f"/{report.pages_budget}"
    pages = "unknown" if report.pages.value is None else f"{report.pages.value:.0f}{budget}"
    cap = "" if report.cap is None else f" of {report.cap:.0f}"
    minutes = "minutes unknown" if week.value is None else f"{week.value:.0f}{cap} min"
    page_style = "unknown" if report.pages.value is None else _style(report.pages, report.pages_budget)
    minute_style = "unknown" if week.value is None else _style(week, report.cap)
    if not _pages_asked(report):
        return [Span(minutes, minute_style), Span(" this week", "dim")]
    after = ""
    for after in (" this shift", " shift", "") if report.pages.value is not None else ("",):
        if width(f"pages {pages}{after} {glyphs.dot} {minutes}") <= cells:
            break
    return [
        Span("pages ", "foreground"),
        Span(pages, page_style),
        Span(f"{after} {glyphs.dot} ", "dim"),
        Span(minutes, minute_style),
    ]


def summary(report: ToilReport) -> str:
    """The first line to paste to others, with what it counts."""
    week = report.weeks[0].total if report.weeks else Figure.missing("no week is known")
    budget = "" if report.pages_budget is None else f" (budget {report.pages_budget})"
    pages = f"unknown ({report.pages.reason})" if report.pages.value is None else f"{report.pages.value:.0f}{budget}"
    cap = "" if report.cap is None else f" of {report.cap:.0f}"
    minutes = f"unknown ({week.reason})" if week.value is None else f"{week.value:.0f}{cap} min"
    silenced = ", silenced ones included" if report.silenced_included else ""
    return f"pages this shift{silenced}: {pages}; toil this week: {minutes}"


def _shift(report: ToilReport, zone: tzinfo, glyphs: Glyphs) -> list[Span]:
    """`silenced included · shift until 08:00`."""
    said = ["silenced included"] if report.silenced_included else []
    said.append("no shift now" if report.shift is None else f"shift until {words.clock(report.shift.end, zone)}")
    return [Span(f" {glyphs.dot} ".join(said), "dim")]


def _counter(counter: Counter, glyphs: Glyphs) -> list[Span]:
    """`tickets 7/10 · 140 min`; the unit where it says more than the title."""
    value = counter.value.value
    title = Span(f"{counter.title} ", "foreground")
    if value is None:
        return [title, Span(f"unknown: {counter.value.reason}", "unknown")]
    budget = "" if counter.budget is None else f"/{_number(counter.budget)}"
    unit = f" {counter.unit}" if counter.unit and counter.unit.lower() not in counter.title.lower() else ""
    line = [title, Span(f"{_number(value)}{budget}", _style(counter.value, counter.budget)), Span(unit, "dim")]
    if counter.minutes.value is not None:
        line.append(Span(f" {glyphs.dot} {counter.minutes.value:.0f} min", "dim"))
    return line


def _week(report: ToilReport, glyphs: Glyphs) -> list[Span]:
    """`week: 120 min written down · 90 assumed`: what people measured and what is only concluded, told apart."""
    if not report.weeks:
        return [Span("week unknown", "unknown")]
    week = report.weeks[0]
    if week.total.value is None:
        return [Span(f"week unknown: {week.total.reason}", "unknown")]
    known = f"{week.measured.value:.0f}" if week.measured.value is not None else "unknown"
    assumed = f"{week.assumed.value:.0f}" if week.assumed.value is not None else "unknown"
    return [
        Span("week ", "foreground"),
        Span(f"measured {known}", "unknown" if week.measured.value is None else "foreground"),
        Span(f" {glyphs.dot} ", "dim"),
        Span(f"assumed {assumed} min", "unknown" if week.assumed.value is None else "dim"),
    ]


def _offender(offender: Offender, glyphs: Glyphs) -> list[Span]:
    """`5x CheckoutBurn checkout · 150 min, flapping`."""
    of = f" {offender.service}" if offender.service else ""
    flaps = ", flapping" if offender.flapping else ""
    return [
        Span(f"{offender.count}x ", "warn"),
        Span(offender.alert, "foreground"),
        Span(f"{of} {glyphs.dot} {offender.minutes:.0f} min{flaps}", "dim"),
    ]


def _trend(report: ToilReport, glyphs: Glyphs) -> list[Span]:
    """`8 weeks ▁▂▂▃▁▂▇▂ of 4800 min`: the oldest first; a full bar is the cap, or the most where there is none."""
    most = report.cap or max((week.total.value or 0.0 for week in report.weeks), default=0.0) or 1.0
    line = [Span(f"{len(report.weeks)} weeks ", "foreground")]
    for week in reversed(report.weeks):
        value = week.total.value
        if value is None:
            line.append(Span(" ", "dim"))
            continue
        share = max(0.0, min(1.0, value / most))
        line.append(Span(glyphs.bars[round(share * (len(glyphs.bars) - 1))], _style(week.total, report.cap)))
    line.append(Span(f" cap {report.cap:.0f} min" if report.cap is not None else " no cap", "dim"))
    return line


def _more(report: ToilReport, cells: int, zone: tzinfo, glyphs: Glyphs) -> Iterator[list[Span]]:
    """What there is room for only when the panel has the whole screen."""
    yield []
    yield [Span(f"{len(report.weeks)} weeks" if report.weeks else "No week is known", "accent")]
    if report.cap is None:
        yield [Span("no cap: how many people share the work is not in the config (toil.people)", "dim")]
    yield from (_bar(week, report, cells, zone, glyphs) for week in report.weeks)
    yield []
    yield [Span("Pages of this shift", "accent")]
    if report.shift is None and not report.incidents:
        yield [Span(report.pages.reason or "no shift now", "dim")]
    elif report.pages.value is None:
        yield [Span(f"unknown: {report.pages.reason}", "unknown")]
    elif not report.incidents:
        yield [Span("none", "ok")]
    yield from (_incident(incident, zone) for incident in report.incidents)
    if report.remarks:
        yield []
        yield from ([Span(remark, "warn")] for remark in report.remarks)


def _bar(week: Minutes, report: ToilReport, cells: int, zone: tzinfo, glyphs: Glyphs) -> list[Span]:
    """`11-16 ██████░░░░ 210 min 4% 3 pages`: full at the cap."""
    most = report.cap or max((one.total.value or 0.0 for one in report.weeks), default=0.0) or 1.0
    room = max(4, min(_BAR_CELLS, cells - 40))
    line = [Span(f"{_day(week.start, zone)} ", "foreground")]
    total = week.total
    if total.value is None:
        line += [Span(" " * room, "dim"), Span(f" unknown: {total.reason}", "unknown")]
    else:
        full = round(max(0.0, min(1.0, total.value / most)) * room)
        style = _style(total, report.cap)
        line += [Span(glyphs.bar_full * full, style), Span(glyphs.bar_empty * (room - full), "dim")]
        share = f" {words.percent(total.value / report.cap)} of the cap" if report.cap else ""
        line.append(Span(f" {total.value:.0f} min{share}", "foreground"))
    pages = week.pages.value
    line.append(Span(f" {glyphs.dot} {'pages unknown' if pages is None else _pages(pages)}", "dim"))
    return line


def _incident(incident: Incident, zone: tzinfo) -> list[Span]:
    """`02:58-03:10 CheckoutBurn, SearchSlow (checkout)`."""
    end = "now" if incident.end is None else words.clock(incident.end, zone)
    of = f" ({', '.join(incident.services)})" if incident.services else ""
    more = f" {incident.pages} pages" if incident.pages > 1 else ""
    style = "page" if incident.end is None else "foreground"
    return [
        Span(f"{words.clock(incident.start, zone)}-{end} ", style),
        Span(", ".join(incident.alerts), "foreground"),
        Span(f"{of}{more}", "dim"),
    ]


def _style(figure: Figure, budget: float | None) -> str:
    """Beyond the budget a page, at it a warning."""
    if figure.value is None or budget is None:
        return "foreground"
    return "page" if figure.value > budget else "warn" if figure.value == budget else "ok"


def _beyond(figure: Figure, budget: float | None) -> bool:
    return figure.value is None or (budget is not None and figure.value > budget)


def _pages_asked(report: ToilReport) -> bool:
    """Whether pages are told: without shifts and a budget for them nobody has asked."""
    return report.shift is not None or report.pages_budget is not None or report.pages.value is not None


def _overpaged(report: ToilReport) -> bool:
    return _pages_asked(report) and _beyond(report.pages, report.pages_budget)


def _overspent(report: ToilReport) -> bool:
    return bool(report.weeks) and _beyond(report.weeks[0].total, report.cap)


def _over(counter: Counter) -> bool:
    return _beyond(counter.value, counter.budget)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def _pages(count: float) -> str:
    return f"{count:.0f} page{'' if count == 1 else 's'}"


def _day(at: float, zone: tzinfo) -> str:
    """Month and day; `-` for what no calendar holds."""
    try:
        return datetime.fromtimestamp(at, zone).strftime("%m-%d")
    except (OverflowError, ValueError, OSError):
        return words.UNKNOWN
