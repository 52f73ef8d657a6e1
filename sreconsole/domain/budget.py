"""The error budget: how much is left and when it is gone.

B = 1 - objective. remaining = 1 - e(W)/B over covered time; for calendar windows spending is scaled by elapsed / W.
Source: docs/words.md; SRE Workbook ch. 5.
"""

from __future__ import annotations

import math
from decimal import Decimal

from sreconsole.domain.evidence import Evidence
from sreconsole.domain.period import Calendar
from sreconsole.domain.ratios import NO_TRAFFIC, filling_reason, usable
from sreconsole.domain.reading import Figure, Missing
from sreconsole.domain.sli import weighting
from sreconsole.records import dataclass

NO_BURN = "no burn"
NOTHING_LEFT = "nothing left"
_NOISE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Budget:
    """Every figure of the budget; unknown ones carry their reason."""

    error_ratio: Figure
    remaining: Figure
    remaining_full_window: Figure
    seconds_left: Figure
    events_left: Figure
    coverage: Figure
    bad: Figure
    total: Figure
    known_seconds: float | None


def budget(evidence: Evidence) -> Budget:
    """The budget over the SLO's own window at the evidence's instant."""
    slo, at = evidence.slo, evidence.at
    if evidence.filling is not None:
        return _nothing(filling_reason(evidence.filling))
    reading = usable(evidence.full)
    if isinstance(reading, Missing):
        return _nothing(evidence.failure or reading.reason)
    length = slo.window.length(at)
    start, _ = slo.window.bounds(at)
    until = at if evidence.until is None else min(at, evidence.until)
    elapsed = max(1.0, until - start) if isinstance(slo.window, Calendar) else float(length)
    coverage = Figure.known(min(1.0, reading.known / elapsed))
    timed = weighting(slo.sli) == "time-weighted"
    bad = Figure.missing("time-weighted") if timed else Figure.known(reading.bad)
    total = Figure.missing("time-weighted") if timed else Figure.known(reading.total)
    if reading.total == 0:
        none = Figure.missing(NO_TRAFFIC)
        return Budget(none, none, none, none, none, coverage, bad, total, reading.known)
    errors, events = Decimal(repr(reading.bad)), Decimal(repr(reading.total))
    # Budget times events times seconds, exact: what the whole window grants, and what of it is left or spent.
    grant = slo.budget * events * length
    left = grant - errors * Decimal(min(float(length), elapsed))
    spent = errors * Decimal(min(float(length), reading.known))
    return Budget(
        Figure.known(reading.bad / reading.total),
        Figure.known(_share(left / grant)),
        Figure.known(_share(1 - spent / grant)),
        _trunc(left / events),
        Figure.missing("time-weighted") if timed else _trunc(left / length),
        coverage,
        bad,
        total,
        reading.known,
    )


def exhausts_in(remaining: Figure, burn_hour: Figure, length: int) -> Figure:
    """Seconds until the budget is gone at the burn of the last hour: remaining x W / burn(1h)."""
    if remaining.value is None:
        return remaining
    if remaining.value <= 0:
        return Figure.missing(NOTHING_LEFT)
    if burn_hour.value is None:
        return burn_hour
    if burn_hour.value <= 0:
        return Figure.missing(NO_BURN)
    seconds = remaining.value * length / burn_hour.value
    return Figure.known(seconds) if math.isfinite(seconds) else Figure.missing(NO_BURN)


def _nothing(reason: str) -> Budget:
    none = Figure.missing(reason)
    return Budget(none, none, none, none, none, none, none, none, None)


def _share(number: Decimal) -> float:
    """As a float; less than a billionth is the binary noise of folded counts, not an overspent budget."""
    return 0.0 if abs(number) < _NOISE else float(number)


def _trunc(number: Decimal) -> Figure:
    """Towards zero; a billionth short of a whole number, for the binary noise of fractional counts, is that number."""
    return Figure.known(float(math.trunc(number + _NOISE.copy_sign(number))))
