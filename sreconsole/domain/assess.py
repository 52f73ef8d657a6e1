"""The judgement: evidence of one SLO in, its report out. Pure; the order of the rules is that of docs/words.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from sreconsole.domain.budget import Budget, budget, exhausts_in
from sreconsole.domain.burn import WindowPair, can_fire, pair_state
from sreconsole.domain.duration import format_duration
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.ratios import BAD_DATA, NO_DATA, NO_TRAFFIC, burn, exceeds, ratio, window_readings
from sreconsole.domain.reading import Figure, Missing, Reading, WindowReading
from sreconsole.domain.report import PairReport, SloReport
from sreconsole.domain.sli import weighting
from sreconsole.domain.status import Status

STALE_FLOOR = 180.0
"""Seconds: data younger than this is never stale."""
_NOISE = Decimal("1e-9")
"""Of an event: binary noise of fractional counts, not another failure."""


def assess(evidence: Evidence) -> SloReport:
    """Status, reasons and every figure of one SLO. No input raises; no figure is NaN or infinite."""
    slo, at = evidence.slo, evidence.at
    length = slo.window.length(at)
    share = float(slo.budget)
    pairs, dropped = slo.pairs(at)
    alert_windows = [seconds for pair in pairs for seconds in (pair.long, pair.short)]
    readings = window_readings(evidence, alert_windows, length)
    ratios = {name: ratio(reading) for name, reading in readings.items()}
    left = budget(evidence)
    ratios["window"] = left.error_ratio
    burns = {name: burn(figure, share) for name, figure in ratios.items()}
    timed = weighting(slo.sli) == "time-weighted"
    reports = tuple(_pair(pair, readings, ratios, burns, slo.budget, timed) for pair in pairs)
    alerting = [readings[format_duration(seconds)] for seconds in alert_windows] or list(readings.values())
    status, reasons = _status(evidence, alerting, reports, left)
    return SloReport(
        key=slo.key,
        status=status,
        reasons=tuple(dict.fromkeys((*reasons, *_remarks(evidence, reports, dropped)))),
        objective=slo.objective,
        window_label=str(slo.window),
        window_seconds=length,
        error_ratio=ratios,
        burn_rate=burns,
        remaining=left.remaining,
        remaining_full_window=left.remaining_full_window,
        seconds_left=left.seconds_left,
        events_left=left.events_left,
        exhausts_in=exhausts_in(left.remaining, burns["1h"], length),
        coverage=left.coverage,
        weighting=weighting(slo.sli),
        pairs=reports,
        trend=evidence.trend,
        newest=evidence.newest,
        known_seconds=left.known_seconds,
        bad=left.bad,
        total=left.total,
    )


def _pair(
    pair: WindowPair,
    readings: Mapping[str, WindowReading],
    ratios: Mapping[str, Figure],
    burns: Mapping[str, Figure],
    budget_share: Decimal,
    timed: bool,
) -> PairReport:
    share = float(budget_share)
    long_name, short_name = format_duration(pair.long), format_duration(pair.short)
    long_burn, short_burn = burns[long_name], burns[short_name]
    state = pair_state(pair, long_burn.value, short_burn.value)
    limit = pair.factor * share
    reading = readings[long_name]
    failures = None
    if isinstance(reading, Reading) and reading.total > 0 and not timed:
        events = Decimal(repr(pair.factor)) * budget_share * Decimal(repr(reading.total))
        failures = max(1, math.ceil(events - _NOISE))
    e_long, e_short = ratios[long_name].value, ratios[short_name].value
    fires_in = clears_in = None
    if e_long is not None and e_short is not None:
        if state == "increasing":
            fires_in = (limit - e_long) * pair.long / (e_short - e_long)
        elif state == "firing":
            clears_in = min(pair.short * (1 - limit / e_short), pair.long * (1 - limit / e_long))
    return PairReport(pair, state, long_burn, short_burn, can_fire(pair, share), failures, fires_in, clears_in)


def _status(
    evidence: Evidence, alerting: list[WindowReading], pairs: tuple[PairReport, ...], left: Budget
) -> tuple[Status, list[str]]:
    """The first rule that holds, and its reasons."""
    known = [reading for reading in alerting if isinstance(reading, Reading)]
    if not known:
        return Status.UNKNOWN, [evidence.failure or _why_unknown(alerting)]
    age = None if evidence.newest is None else evidence.at - evidence.newest
    if age is not None and age > stale_after(evidence.refresh, evidence.scrape_interval):
        return Status.STALE, [_stale_reason(evidence, age)]
    firing = [report for report in pairs if report.state == "firing"]
    reasons = [_firing_reason(report) for report in firing]
    overspent = left.remaining_full_window.value is not None and left.remaining_full_window.value < 0
    if overspent:
        over = -100 * (left.remaining_full_window.value or 0.0)
        reasons.append(f"budget overspent by {over:.0f} %" if over >= 1 else "budget overspent")
    if any(report.pair.severity == "page" for report in firing):
        return Status.PAGE, reasons
    if firing or overspent:
        return Status.WARN, reasons
    if all(reading.total == 0 for reading in known):
        return Status.OK, [NO_TRAFFIC]
    return Status.OK, []


def stale_after(refresh: float, scrape_interval: float | None) -> float:
    """Seconds that data may be old before it is stale: three refreshes, three scrapes, at least three minutes."""
    return max(STALE_FLOOR, 3 * refresh, 3 * (scrape_interval or 0.0))


def _stale_reason(evidence: Evidence, age: float) -> str:
    since = format_duration(max(60, age // 60 * 60) if age >= 60 else age)
    if evidence.last is None:
        return f"no new data for {since}"
    status, at = evidence.last
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"no new data for {since}; it was {status.value} at {moment}"


def _why_unknown(readings: list[WindowReading]) -> str:
    """The most telling reason: anything before the plain `no data`."""
    reasons = [reading.reason for reading in readings if isinstance(reading, Missing)]
    telling = [reason for reason in reasons if reason != NO_DATA]
    if BAD_DATA in telling:
        return BAD_DATA
    return (telling or reasons or [NO_DATA])[0]


def _firing_reason(report: PairReport) -> str:
    pair = report.pair
    long_burn, short_burn = report.long_burn.value or 0.0, report.short_burn.value or 0.0
    return (
        f"{_times(long_burn)} over {format_duration(pair.long)} and "
        f"{_times(short_burn)} over {format_duration(pair.short)}, limit {_times(pair.factor)}"
    )


def _times(value: float) -> str:
    """`14.9x`; small values keep two digits so that a value just over its limit does not read as equal."""
    return f"{value:.2f}x" if value < 2 else f"{value:.1f}x"


def _remarks(evidence: Evidence, pairs: tuple[PairReport, ...], dropped: tuple[str, ...]) -> list[str]:
    remarks = list(evidence.remarks)
    if evidence.failure:
        remarks.append(evidence.failure)
    if exceeds(evidence.windows):
        remarks.append("more bad than total events: check that bad selects a part of total")
    one_pages: list[str] = []
    for report in pairs:
        name = f"{format_duration(report.pair.long)}/{format_duration(report.pair.short)}"
        if not report.can_fire:
            remarks.append(
                f"the {name} alert can never fire: {_times(report.pair.factor)} of this budget is over 100 %"
            )
        elif report.failures_to_page == 1 and report.pair.severity == "page":
            one_pages.append(format_duration(report.pair.long))
    if one_pages:
        remarks.append(f"low traffic: one failure within {' or '.join(one_pages)} pages")
    remarks.extend(dropped)
    return remarks
