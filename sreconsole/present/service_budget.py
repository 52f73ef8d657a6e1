"""What becomes of a budget: what comes back and what goes in the next hours, what cost most and when that is gone.

The formulas are those of `domain.burndown`.
"""

from __future__ import annotations

from datetime import tzinfo

from sreconsole.domain.depth import Depth
from sreconsole.domain.duration import format_duration
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.present import words
from sreconsole.present.cells import Span, fit, fit_spans
from sreconsole.present.marks import Glyphs
from sreconsole.present.slo_columns import budget_token

_LABEL = 14
_CELL = 8
_MOST = 3


def ahead_lines(
    report: SloReport, told: Depth, cells: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> list[list[Span]]:
    """The next hours as a small table; empty when the budget is not known."""
    if not told.ahead:
        return []
    lines = [[_label("in"), *(_cell(format_duration(look.ahead), "dim", glyphs) for look in told.ahead)]]
    if told.ideal is None:
        lines.append([_label("comes back"), *(_cell(words.percent(look.back), "ok", glyphs) for look in told.ahead)])
    goes = [look.spent for look in told.ahead]
    lines.append([_label("goes"), *(_cell(words.percent(figure), "foreground", glyphs) for figure in goes)])
    left = [look.left for look in told.ahead]
    lines.append([_label("left then"), *(_cell(words.percent(f), budget_token(words.number(f)), glyphs) for f in left)])
    lines.append([Span("  " + _why(report, told, now, zone), "dim")])
    return [fit_spans(line, cells, glyphs) for line in lines]


def loss_lines(
    report: SloReport, told: Depth, cells: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> list[list[Span]]:
    """The stretches that cost most, and when they leave a rolling window."""
    lines: list[list[Span]] = []
    for loss in told.losses[:_MOST]:
        when = f"  {words.near(loss.start, now, zone)} to {words.near(loss.end, now, zone)}"
        line = [Span(f"{when}  ", "dim"), Span(f"{words.percent(loss.cost)} of the budget", "foreground")]
        if told.ideal is None:
            leaves = loss.start + report.window_seconds
            line.append(Span(f", back in {words.span(leaves - told.until)} ({words.near(leaves, now, zone)})", "dim"))
        lines.append(line)
    more = told.losses[_MOST:]
    if more:
        said = f"  {len(more)} more, together {words.percent(sum(loss.cost for loss in more))}"
        lines.append([Span(said, "dim")])
    return [fit_spans(line, cells, glyphs) for line in lines]


def _why(report: SloReport, told: Depth, now: float, zone: tzinfo) -> str:
    """What the table takes for granted, or what it lacks."""
    rate = report.burn_rate.get("1h", Figure.missing("unknown"))
    pace = f"at the burn of the last hour, {words.burn(rate)}" if rate.value is not None else f"burn: {rate.reason}"
    if told.ideal is not None:
        ends = f"the {report.window_label} ends in {words.span(told.span[1] - now)}"
        return f"{pace}; even spending would have left {words.percent(told.ideal)}; {ends}"
    if lacking := next((look.back.reason for look in told.ahead if look.back.reason), None):
        return f"{pace}; comes back: {lacking}"
    return pace


def _label(text: str) -> Span:
    return Span(f"  {text:<{_LABEL - 2}}", "dim")


def _cell(text: str, token: str, glyphs: Glyphs) -> Span:
    return Span(fit(text, _CELL, "right", glyphs), token)
