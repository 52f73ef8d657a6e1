"""An SLO as the config means it: what is promised, over which window, measured how."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from sreconsole.domain.burn import WindowPair, default_pairs
from sreconsole.domain.period import Period
from sreconsole.domain.sli import Sli
from sreconsole.records import dataclass


class SloKey(NamedTuple):
    """What names an SLO on the screen and in JSON. (Cached series are named by what they measure, never by this.)"""

    service: str
    slo: str


@dataclass(frozen=True, slots=True)
class Slo:
    """One service level objective."""

    service: str
    name: str
    objective: Decimal
    """As a fraction: 99.9 % is Decimal('0.999'); 0 < objective < 1, exact."""
    window: Period
    sli: Sli
    source: str
    """Name of the metrics source."""
    alert_windows: tuple[WindowPair, ...] | None = None
    """Overridden pairs; None: the defaults for the window's length."""

    def __post_init__(self) -> None:
        if not 0 < self.objective < 1:
            raise ValueError("an objective lies between 0 and 100 %, told apart from both within 28 digits")

    @property
    def key(self) -> SloKey:
        """Service and name."""
        return SloKey(self.service, self.name)

    @property
    def budget(self) -> Decimal:
        """B = 1 - objective, exact."""
        return 1 - self.objective

    def pairs(self, at: float) -> tuple[tuple[WindowPair, ...], tuple[str, ...]]:
        """The alert window pairs in force at `at` and what was dropped (sentences)."""
        if self.alert_windows is not None:
            return self.alert_windows, ()
        return default_pairs(self.window.length(at))


@dataclass(frozen=True, slots=True)
class Fleet:
    """One definition for every value of a label; a service for each value, new ones while running."""

    label: str
    slos: tuple[Slo, ...]
    """Templates: `service` is empty until a member is made."""
    except_: tuple[str, ...] = ()
    """Globs of values that are left out."""
    limit: int = 5000
