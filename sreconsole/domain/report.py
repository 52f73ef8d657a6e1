"""What we say of one SLO at one instant: the row on the screen and the object in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sreconsole.domain.burn import PairState, WindowPair
from sreconsole.domain.reading import Figure
from sreconsole.domain.sli import Weighting
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.records import dataclass

STANDARD_WINDOWS: tuple[tuple[str, int], ...] = (
    ("5m", 300),
    ("30m", 1_800),
    ("1h", 3_600),
    ("2h", 7_200),
    ("6h", 21_600),
    ("1d", 86_400),
    ("3d", 259_200),
)
"""The windows every report has, besides `window` (the SLO's own)."""


@dataclass(frozen=True, slots=True)
class PairReport:
    """One alert window pair and where it stands."""

    pair: WindowPair
    state: PairState
    long_burn: Figure
    short_burn: Figure
    can_fire: bool
    """False: the factor times the budget passes 100 %, the rule can never fire."""
    failures_to_page: int | None
    """Bad events that would lift the long window to its limit at its present traffic; None when unknown."""
    fires_in: float | None = None
    """Seconds until it fires at the error ratio of the short window; None: not at this rate, or firing already."""
    clears_in: float | None = None
    """Seconds until it clears if errors stop now; None unless firing."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Burn rate in consecutive buckets: the sparkline and the chart."""

    start: int
    """Unix seconds of the first bucket's start; a multiple of `width`."""
    width: int
    """Seconds of one bucket."""
    burns: Sequence[float | None]
    """Burn rate of each bucket; None: no data or no traffic (drawn as a gap)."""


_UNKNOWN = Figure(None, "unknown")


@dataclass(frozen=True, slots=True)
class SloReport:
    """One SLO at one instant. Every unknown number carries its reason."""

    key: SloKey
    status: Status
    reasons: tuple[str, ...]
    """Why the status is what it is, and what else a person should know; sentences without a full stop."""
    objective: Decimal
    """As a fraction."""
    window_label: str
    """`30d`, `week`, `month`, `quarter`."""
    window_seconds: int
    """W; for a calendar window the true length of the current period."""
    error_ratio: Mapping[str, Figure]
    """By window name: the eight standard ones and overridden ones."""
    burn_rate: Mapping[str, Figure]
    """Same keys as error_ratio."""
    remaining: Figure
    """Share of the budget left over covered time; negative when overspent."""
    remaining_full_window: Figure
    seconds_left: Figure
    events_left: Figure
    exhausts_in: Figure
    """Seconds until the budget is gone at the burn of the last hour."""
    coverage: Figure
    """Known share of the window, 0..1."""
    weighting: Weighting
    pairs: tuple[PairReport, ...]
    trend: Trend | None
    newest: float | None
    """Unix seconds of the newest moment with a value; None: never seen."""
    known_seconds: float | None = None
    """Covered part of the window in seconds, for `over 8h of 30d`."""
    bad: Figure = _UNKNOWN
    """Bad events over the SLO's window."""
    total: Figure = _UNKNOWN
    """All events over the SLO's window."""

    @property
    def firing(self) -> tuple[PairReport, ...]:
        """The pairs that fire, pages first."""
        return tuple(sorted((p for p in self.pairs if p.state == "firing"), key=lambda p: p.pair.severity != "page"))
