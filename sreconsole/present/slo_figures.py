"""The figures of one SLO as blocks of lines: its budget, its burn over every window, and what is not known and why."""

from __future__ import annotations

from sreconsole.domain.depth import NOTHING, Depth
from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.present import words
from sreconsole.present.cells import Span, fit, fit_spans, wrap
from sreconsole.present.marks import Glyphs
from sreconsole.present.slo_columns import budget_token, burn_token, coverage

_LABEL = 14
_CELL = 8
_UNITS = {"events": ("events", "failures"), "samples": ("samples", "bad samples"), "time-weighted": ("seconds", "bad")}


def budget_lines(report: SloReport, cells: int, glyphs: Glyphs) -> list[list[Span]]:
    """Budget left as a share with a meter, as time, as events, and over how much of the window."""
    left = words.number(report.remaining)
    spans = [
        Span("Error budget".ljust(_LABEL), "accent"),
        Span(f"{words.percent(left):>6} ", f"bold {budget_token(left)}"),
    ]
    if left is not None:
        spans.extend(_meter(left, min(30, max(5, cells - 60)), glyphs))
    share = words.number(report.coverage)
    if share is not None and share < 0.9995:
        spans.append(Span(f"  over {coverage(report)}", "warn"))
    lines = [spans, [_label("as time"), Span(_time(report), "foreground")]]
    lines.append([_label("as events"), Span(_events(report), "foreground")])
    if share is not None and share < 0.9995 and words.number(report.remaining_full_window) is not None:
        full = words.percent(report.remaining_full_window)
        lines.append(
            [_label(""), Span(f"{full} of the whole {report.window_label} if the unknown part was good", "dim")]
        )
    return [fit_spans(line, cells, glyphs) for line in lines]


def window_lines(report: SloReport, cells: int, glyphs: Glyphs, told: Depth = NOTHING) -> list[list[Span]]:
    """Burn rate, error ratio and the events behind them over every window, as many windows side by side as there is
    room for."""
    names = list(report.burn_rate)
    each = max(1, (cells - _LABEL) // _CELL)
    lines: list[list[Span]] = []
    for start in range(0, len(names), each):
        part = names[start : start + each]
        titles = [report.window_label if name == "window" else name for name in part]
        lines.append([_label("over"), *(Span(fit(title, _CELL, "right", glyphs), "dim") for title in titles)])
        rates = [words.number(report.burn_rate[name]) for name in part]
        lines.append([_label("burn"), *(Span(f"{words.burn(rate):>{_CELL}}", burn_token(rate)) for rate in rates)])
        ratios = [words.number(report.error_ratio.get(name)) for name in part]
        lines.append([_label("errors"), *(Span(f"{_ratio(ratio):>{_CELL}}", "foreground") for ratio in ratios)])
        events = [told.events.get(name) for name in part]
        if any(events):
            for label, place in ((_UNITS[report.weighting][1], 0), ("of", 1)):
                counts = (words.UNKNOWN if found is None else _few(found[place]) for found in events)
                lines.append([_label(label), *(Span(f"{count:>{_CELL}}", "foreground") for count in counts)])
    return [fit_spans(line, cells, glyphs) for line in lines]


def missing_lines(report: SloReport, cells: int, glyphs: Glyphs) -> list[list[Span]]:
    """What is not known, by reason: `no traffic: burn over 5m 30m`; nothing when everything is known."""
    by_reason: dict[str, tuple[list[str], list[str]]] = {}
    for name, figure in report.burn_rate.items():
        if words.number(figure) is None:
            windows, _ = by_reason.setdefault(figure.reason or "unknown", ([], []))
            windows.append(report.window_label if name == "window" else name)
    for name, figure in _budget(report).items():
        if words.number(figure) is None:
            _, names = by_reason.setdefault(figure.reason or "unknown", ([], []))
            names.append(name)
    lines: list[list[Span]] = []
    for reason, (windows, names) in by_reason.items():
        parts = [f"burn over {' '.join(windows)}", *names] if windows else names
        for index, line in enumerate(wrap(f"{reason}: {', '.join(parts)}", max(1, cells - 4), glyphs)):
            lines.append(fit_spans([Span(f"{'    ' if index else '  '}{line}", "dim")], cells, glyphs))
    return lines


def _budget(report: SloReport) -> dict[str, Figure]:
    return {
        "budget left": report.remaining,
        "events left": report.events_left,
        "time until it is gone": report.exhausts_in,
        "coverage": report.coverage,
    }


def _label(text: str) -> Span:
    return Span(f"  {text:<{_LABEL - 2}}"[:_LABEL].ljust(_LABEL), "dim")


def _meter(left: float, cells: int, glyphs: Glyphs) -> list[Span]:
    """A bar of what is left; a last cell is kept while anything is, none is drawn when nothing is."""
    share = max(0.0, min(1.0, left))
    full = max(1, round(share * cells)) if share > 0 else 0
    full = min(full, cells - 1) if share < 1 else cells
    return [Span(glyphs.bar_full * full, budget_token(left)), Span(glyphs.bar_empty * (cells - full), "dim")]


def _time(report: SloReport) -> str:
    seconds = words.number(report.seconds_left)
    allowed = float(1 - report.objective) * report.window_seconds
    of = f"of {_length(allowed)}"
    if seconds is None:
        return f"{words.UNKNOWN} {of}"
    return f"{_length(seconds)} left {of}" if seconds >= 0 else f"overspent by {_length(-seconds)}, {of} allowed"


def _length(seconds: float) -> str:
    """An exact length with its two largest units: `13m23s`, `7h18m`."""
    for unit, keep in ((86_400, 3_600), (3_600, 60)):
        if seconds >= unit:
            return format_duration(seconds // keep * keep)
    return format_duration(float(int(seconds)) if seconds >= 1 else round(seconds, 3))


def _events(report: SloReport) -> str:
    unit, failures = _UNITS[report.weighting]
    left = words.number(report.events_left)
    if left is None:
        said = f"{words.UNKNOWN} ({report.events_left.reason or 'unknown'})"
    elif left >= 0:
        said = f"{words.count(left)} {failures} left"
    else:
        said = f"{words.count(-left)} {failures} too many"
    bad, total = words.number(report.bad), words.number(report.total)
    if bad is None or total is None:
        return said
    return f"{said}; {words.count(bad)} of {words.count(total)} {unit} were bad"


def _few(events: float) -> str:
    """A count in seven cells: `99,999`, `1.23M`."""
    said = words.count(events)
    return said if len(said) < _CELL else f"{int(events) // 1000}k"


def _ratio(ratio: float | None) -> str:
    """An error ratio in percent with two significant digits: `1.5%`, `0.069%`, `<0.001%`."""
    if ratio is None:
        return words.UNKNOWN
    points = ratio * 100
    if points <= 0:
        return "0%"
    if points < 0.001:
        return "<0.001%"
    if points >= 99.5:
        return "100%" if points >= 100 else ">99%"
    places = 0 if points >= 9.95 else 1 if points >= 0.995 else 2 if points >= 0.0995 else 3
    return f"{points:.{places}f}%"
