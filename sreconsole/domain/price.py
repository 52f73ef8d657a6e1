"""What a span of time cost in error budget.

price = bad(span) / grant, with grant the bad events that the SLO's whole window allows (domain/burndown.py). From a
fifth of the budget on a post-mortem is called for (Google, The Site Reliability Workbook, appendix B, "Example Error
Budget Policy": a single incident that consumes more than 20 % of the budget over four weeks).
"""

from __future__ import annotations

from sreconsole.domain.counts import Past
from sreconsole.records import dataclass

POST_MORTEM = 0.2
"""Share of the budget."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one SLO paid in a span."""

    slo: str
    """`service/slo`."""
    share: float
    """Of the budget; 1 is all of it."""
    known: float
    """Known share of the span, 0..1."""

    @property
    def calls_for_post_mortem(self) -> bool:
        """Whether the error-budget policy asks for one."""
        return self.share > POST_MORTEM


def price(slo: str, past: Past, start: float, end: float, allowed: float | None) -> Price | None:
    """The price of [start, end) (Unix seconds), `allowed` as `grant` gives it; None: nothing is known of it."""
    if allowed is None or end <= start:
        return None
    bad, _, known = past.within(start, end)
    return Price(slo, bad / allowed, min(1.0, known / (end - start))) if known > 0 else None
