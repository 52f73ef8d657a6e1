"""What the ledger says of an SLO beyond its report: where its pairs are heading, how its budget went and comes back."""

from __future__ import annotations

from collections.abc import Mapping

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.burndown import Loss, Outlook, course, grant, losses, outlook
from sreconsole.domain.counts import Past
from sreconsole.domain.crossing import Rate, crossing, fires, rate
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import STANDARD_WINDOWS, SloReport
from sreconsole.domain.status import Status
from sreconsole.records import dataclass, field

AHEAD = (3_600, 21_600, 86_400)
"""Seconds for which it is told what becomes of a budget."""
_POINTS = 240
"""At most so many points has the course of a budget."""


@dataclass(frozen=True, slots=True)
class Depth:
    """All of it; nothing of what the ledger does not know."""

    newest_burn: float | None = None
    """Burn of the newest minutes, which `next` takes to go on; None: not known."""
    next: Mapping[WindowPair, float | None] | None = None
    """Seconds until each pair fires, or clears where it fires; None: not at this burn. No mapping: not known."""
    span: tuple[float, float] = (0.0, 0.0)
    """The window of the budget: for a calendar period all of it."""
    until: float = 0.0
    """To where the ledger knows it."""
    course: tuple[tuple[float, float | None], ...] = ()
    ahead: tuple[Outlook, ...] = ()
    """Empty where the budget is not known."""
    losses: tuple[Loss, ...] = field(default=())
    events: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Bad and all events by the name of the window, of those whose ratio is known."""
    ideal: float | None = None
    """Of a calendar period the share that even spending would have left; None: the window rolls."""


def depth(report: SloReport, past: Past, now: float, period: tuple[float, float] | None) -> Depth:
    """From a report and the ledger's buckets; `period`: start and end of the calendar period the budget is for."""
    if not past.edges:
        return Depth()
    end = min(now, past.edges[-1])
    budget = float(1 - report.objective)
    ahead = None if report.status in (Status.STALE, Status.UNKNOWN) else rate(past, end)
    heading = None if ahead is None else _heading(report, past, end, budget, ahead)
    newest = None if ahead is None else ahead.bad / ahead.total / budget
    window = report.window_seconds
    start = end - window if period is None else period[0]
    span = (start, end if period is None else period[1])
    allowed = grant(budget, past.within(start, end)[1], window, None if period is None else end - start)
    events = _events(report, past, end, window)
    if allowed is None or report.remaining.value is None:
        return Depth(newest, heading, span, end, events=events)
    burn = report.burn_rate.get("1h", Figure.missing("unknown"))
    looks = tuple(outlook(past, end, window, allowed, report.remaining, burn, seconds) for seconds in AHEAD)
    if period is not None:
        looks = tuple(_without_return(look, report.remaining) for look in looks)
    return Depth(
        newest,
        heading,
        span,
        end,
        tuple(course(past, start, end, allowed, max(3_600.0, window / _POINTS))),
        looks,
        tuple(losses(past, start, end, allowed)),
        events,
        None if period is None else max(0.0, 1 - (end - start) / window),
    )


def _heading(report: SloReport, past: Past, now: float, budget: float, ahead: Rate) -> dict[WindowPair, float | None]:
    """By pair; one of which the buckets alone tell another state than the report (which may know more) is left out."""
    return {
        pair.pair: crossing(pair.pair, budget, past, now, ahead, report.window_seconds)
        for pair in report.pairs
        if pair.can_fire and pair.state != "unknown" and fires(pair.pair, budget, past, now) == (pair.state == "firing")
    }


def _events(report: SloReport, past: Past, end: float, window: int) -> dict[str, tuple[float, float]]:
    """None where only times are known; the windows of overridden pairs have no name here and are left out."""
    if report.weighting == "time-weighted":
        return {}
    lengths = [one for one in STANDARD_WINDOWS if one[1] <= window]
    return {
        name: past.within(end - seconds, end)[:2]
        for name, seconds in lengths
        if name in report.error_ratio and report.error_ratio[name].value is not None
    } | _whole(report)


def _whole(report: SloReport) -> dict[str, tuple[float, float]]:
    bad, total = report.bad.value, report.total.value
    return {} if bad is None or total is None else {"window": (bad, total)}


def _without_return(look: Outlook, remaining: Figure) -> Outlook:
    """Of a calendar period nothing comes back before its end."""
    spent = look.spent.value
    if spent is None or remaining.value is None:
        return Outlook(look.ahead, Figure.known(0.0), look.spent, look.left)
    return Outlook(look.ahead, Figure.known(0.0), look.spent, Figure.known(remaining.value - spent))


NOTHING = Depth()
"""Of an SLO of which the ledger knows nothing."""
