"""What a span cost in budget, from the ledger, in a sentence."""

from __future__ import annotations

from sreconsole.domain.burndown import grant
from sreconsole.domain.counts import Past
from sreconsole.domain.period import Calendar, CalendarUnit
from sreconsole.domain.price import Price, price
from sreconsole.domain.report import SloReport
from sreconsole.present import words
from sreconsole.tui.session import Session

_LEVELS = ((3_600, None), (300, 3 * 86_400), (60, 6 * 3_600))
"""Bucket width and how far back it is held, in seconds; None: over the whole window."""
_UNITS: dict[str, CalendarUnit] = {"week": "week", "month": "month", "quarter": "quarter"}
_MOST = 50
"""SLOs that are looked into where all services are meant: those with the least budget left."""


def spent(session: Session, service: str | None, start: float, end: float) -> str:
    """What [start, end) (Unix seconds) cost the SLO that paid most, of a service or of all; empty: nothing known."""
    reports = [
        slo
        for state in session.snapshot.services
        if service is None or state.name == service
        for slo in state.slos
        if slo.weighting != "time-weighted"
    ]
    reports.sort(key=lambda report: 1.0 if report.remaining.value is None else report.remaining.value)
    prices = [found for report in reports[:_MOST] if (found := _price(session, report, start, end)) is not None]
    worst = max(prices, key=lambda one: one.share, default=None)
    return "" if worst is None else sentence(worst)


def sentence(worst: Price) -> str:
    """`cost 23% of the budget of checkout/availability: the policy calls for a post-mortem`."""
    said = f"cost {words.percent(worst.share)} of the budget of {worst.slo}"
    if worst.known < 0.95:
        said += f" ({words.percent(worst.known)} of the span is known)"
    return f"{said}: the policy calls for a post-mortem" if worst.calls_for_post_mortem else said


def _price(session: Session, report: SloReport, start: float, end: float) -> Price | None:
    total, budget, now = report.total.value, float(1 - report.objective), session.clock()
    if total is None:
        return None
    unit = _UNITS.get(report.window_label)
    elapsed = None if unit is None else now - Calendar(unit, session.config.timezone).bounds(now)[0]
    reach = now - start + 3_600
    levels = (
        session.live.counts(report.key, int(min(reach, held or reach)) // width * width + width, width)
        for width, held in _LEVELS
    )
    past = Past.of(*levels)
    name = f"{report.key.service}/{report.key.slo}"
    return price(name, past, start, end, grant(budget, total, report.window_seconds, elapsed))
