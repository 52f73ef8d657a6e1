"""The services of the estate: names, tiers, traffic and promises. What happens to them is in `scenes`."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from sreconsole.demo.scenes import Flare
from sreconsole.records import dataclass

Kind = Literal["availability", "latency", "probe"]
Rhythm = Literal["shop", "office", "clock"]
SAMPLE = 5
"""Seconds between samples of the probes, the scrape interval of the estate's config."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One SLO and how well it is kept."""

    name: str
    kind: Kind
    objective: str
    """Percent."""
    burn: float
    """Burn rate of an ordinary hour; over a quiet month this share of the budget is spent."""
    threshold: str = ""
    """Seconds, for latency."""
    window: str = "30d"
    """Or `month`, the calendar one."""
    flares: tuple[Flare, ...] = ()
    incident: float = 0.0
    """How strongly the bad releases are felt, 1 fully."""
    drifts: bool = False
    """Whether the slow burn is felt."""

    @property
    def budget(self) -> float:
        """Share of events that may be bad."""
        return float(1 - Decimal(self.objective) / 100)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the estate."""

    name: str
    node: int
    """Which of the /metrics pages shows it."""
    per_hour: float
    """Mean requests an hour."""
    promises: tuple[Promise, ...]
    tier: Literal["critical", "standard"] = "standard"
    rhythm: Rhythm = "shop"
    """shop: daily and weekly swing; office: working hours only, idle otherwise; clock: perfectly even."""
    depends_on: tuple[str, ...] = ()
    job: str = ""
    """The label `job` of its alerts, where they do not carry `service`."""
    mute: bool = False
    """True: the metric its SLO reads never appears."""


CAST: tuple[Service, ...] = (
    Service(
        "checkout",
        0,
        42_000,
        (
            Promise(
                "availability",
                "availability",
                "99.9",
                0.15,
                flares=(Flare(9.3, 25, 0.32), Flare(20.6, 40, 0.13)),
                incident=1.0,
            ),
            Promise("latency", "latency", "99", 0.22, threshold="0.3", incident=0.2),
        ),
        tier="critical",
        depends_on=("payments", "cart", "fraud-scoring"),
    ),
    Service(
        "payments",
        0,
        26_000,
        (
            Promise("availability", "availability", "99.95", 0.04),
            Promise("latency", "latency", "99", 0.31, threshold="0.5", flares=(Flare(16.2, 90, 0.2),)),
        ),
        tier="critical",
    ),
    Service("cart", 0, 95_000, (Promise("availability", "availability", "99.9", 0.27),), tier="critical"),
    Service(
        "search",
        1,
        180_000,
        (
            Promise("availability", "availability", "99.9", 0.11),
            Promise("latency", "latency", "99", 0.1, threshold="0.2", drifts=True),
        ),
        tier="critical",
        depends_on=("catalog",),
    ),
    Service(
        "catalog",
        1,
        390_000,
        (
            Promise("availability", "availability", "99.9", 0.07),
            Promise("latency", "latency", "99.5", 0.19, threshold="0.1"),
        ),
        tier="critical",
    ),
    Service("recommendations", 1, 250_000, (Promise("latency", "latency", "95", 0.36, threshold="0.1"),)),
    Service(
        "login",
        2,
        61_000,
        (
            Promise("availability", "availability", "99.95", 0.12, flares=(Flare(12.4, 62, 0.29),)),
            Promise("latency", "latency", "99", 0.16, threshold="0.3"),
        ),
        tier="critical",
    ),
    Service("edge", 2, 3600 / SAMPLE, (Promise("probe", "probe", "99.9", 0.16),), tier="critical", rhythm="clock"),
    Service(
        "notifications",
        2,
        33_000,
        (Promise("delivery", "availability", "99.5", 0.34, flares=(Flare(6.2, 260, 0.72), Flare(17.7, 60, 0.15))),),
    ),
    Service(
        "billing",
        3,
        9_500,
        (Promise("availability", "availability", "99.9", 0.38, window="month"),),
        tier="critical",
        depends_on=("payments",),
    ),
    Service(
        "invoices",
        3,
        10,
        (Promise("availability", "availability", "99.9", 0.0, flares=(Flare(11.3, 14, 1.0), Flare(19.4, 14, 1.0))),),
        depends_on=("billing",),
    ),
    Service(
        "backoffice",
        3,
        2_400,
        (Promise("availability", "availability", "99", 0.21),),
        rhythm="office",
        depends_on=("login", "billing"),
    ),
    Service(
        "fraud-scoring",
        3,
        0,
        (Promise("decisions", "availability", "99.9", 0.0),),
        mute=True,
    ),
    Service("backups", 3, 0, (), job="backup"),
)
"""In the order of the config."""
