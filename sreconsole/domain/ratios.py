"""Error ratio and burn rate of a window: e(w) = bad / total, burn(w) = e(w) / B.

Source: SRE Workbook ch. 5; the situations without a number are those of docs/architecture.md, "Unknown is not zero".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sreconsole.domain.duration import format_duration
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.reading import Figure, Missing, Reading, WindowReading
from sreconsole.domain.report import STANDARD_WINDOWS

NO_TRAFFIC = "no traffic"
NO_DATA = "no data"
BAD_DATA = "bad data: failures without any total"
TOO_LONG = "longer than the SLO's window"


def usable(reading: WindowReading) -> WindowReading:
    """The reading with impossible numbers turned into `Missing`, impossible relations clamped (0 <= bad <= total)."""
    if isinstance(reading, Missing):
        return reading
    if not all(math.isfinite(number) for number in (reading.bad, reading.total, reading.known)):
        return Missing("bad data: not a finite number")
    bad, total = max(0.0, reading.bad), max(0.0, reading.total)
    if total == 0 and bad > 0:
        return Missing(BAD_DATA)
    if reading.known <= 0:
        return Missing(NO_DATA)
    return Reading(min(bad, total), total, reading.known)


def ratio(reading: WindowReading) -> Figure:
    """e(w), or why there is none: `no traffic` for a proven idle window."""
    reading = usable(reading)
    if isinstance(reading, Missing):
        return Figure.missing(reading.reason)
    if reading.total == 0:
        return Figure.missing(NO_TRAFFIC)
    return Figure.known(reading.bad / reading.total)


def burn(error_ratio: Figure, budget: float) -> Figure:
    """Burn rate of an error ratio: 1 spends the budget exactly in one window."""
    if error_ratio.value is None:
        return error_ratio
    return Figure.known(error_ratio.value / budget)


def filling_reason(share: float) -> str:
    """`ledger 12 % filled`."""
    return f"ledger {math.floor(min(1.0, max(0.0, share)) * 100)} % filled"


def window_readings(evidence: Evidence, alert_windows: Iterable[int], length: int) -> dict[str, WindowReading]:
    """Readings by window name: the standard windows and every alert window, cleaned, each present."""
    names = dict(STANDARD_WINDOWS)
    for seconds in alert_windows:
        names.setdefault(format_duration(seconds), seconds)
    return {name: _of(evidence, seconds, length) for name, seconds in names.items()}


def _of(evidence: Evidence, seconds: int, length: int) -> WindowReading:
    if seconds > length:
        return Missing(TOO_LONG)
    reading = evidence.windows.get(seconds)
    if reading is None:
        reading = Missing(NO_DATA if evidence.filling is None else filling_reason(evidence.filling))
    reading = usable(reading)
    if isinstance(reading, Missing) and evidence.failure:
        return Missing(evidence.failure)
    return reading


def exceeds(readings: Mapping[int, WindowReading]) -> bool:
    """Whether some window counts more bad than total events: the selectors disagree."""
    return any(
        isinstance(r, Reading) and math.isfinite(r.bad) and r.bad > r.total * (1 + 1e-9) + 1e-9 and r.total > 0
        for r in readings.values()
    )
