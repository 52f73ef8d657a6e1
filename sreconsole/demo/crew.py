"""Who releases what in the estate, how often, and how long that takes. When it happens is in `releases`."""

from __future__ import annotations

from sreconsole.records import dataclass

CREW = ("ana", "bea", "carl", "dora")
BOT = "renovate[bot]"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How one service is released."""

    service: str
    version: int
    """The number of the one that runs at the origin."""
    daily: float
    """Share of the working days on which it is released; 0: never."""
    minutes: float
    """Length of an ordinary rollout."""
    messages: tuple[str, ...]
    outages: tuple[tuple[float, int], ...] = ()
    """Past outages that a release began and a rollback ended: how many days before the origin, for how many minutes,
    as in the flares of `cast`."""
    canary: bool = False
    """Whether each release is tried on a part first."""


PIPELINES = (
    Pipeline(
        "checkout",
        41,
        0.5,
        2.6,
        ("retry payments in parallel", "one basket for all shops", "vouchers by mail", "faster address check"),
        outages=((9.3, 25), (20.6, 40)),
    ),
    Pipeline("payments", 128, 0.3, 6.0, ("new acquirer for NL", "refunds in batches", "3-D Secure 2.3")),
    Pipeline("cart", 77, 0.45, 3.5, ("keep carts for 60 days", "fewer writes", "merge carts at login")),
    Pipeline("search", 204, 0.6, 8.0, ("synonyms of autumn", "index by shop", "typos of two letters")),
    Pipeline("catalog", 93, 0.5, 7.0, ("smaller pictures", "cache of prices", "units of measure")),
    Pipeline(
        "recommendations", 317, 0.85, 9.0, ("model of this week", "model of today", "less of the same"), canary=True
    ),
    Pipeline("login", 56, 0.25, 4.0, ("passkeys", "shorter sessions"), outages=((12.4, 62),)),
    Pipeline("edge", 19, 0.1, 12.0, ("TLS settings", "rate limits")),
    Pipeline("notifications", 64, 0.4, 3.0, ("templates of winter", "second mail provider")),
    Pipeline("billing", 31, 0.2, 5.0, ("VAT of 2027", "rounding of cents")),
    Pipeline("invoices", 12, 0.1, 4.0, ("PDF/A-3",)),
    Pipeline("backoffice", 88, 0.35, 2.5, ("search by phone number", "table of returns")),
    Pipeline("fraud-scoring", 45, 0.3, 6.5, ("new features", "thresholds")),
    Pipeline("backups", 8, 0.0, 1.0, ()),
)
