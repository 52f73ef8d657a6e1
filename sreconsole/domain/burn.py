"""Alert window pairs: the multi-window, multi-burn-rate table of the SRE Workbook (ch. 5, table 5-8).

A pair fires when the burn rate exceeds its factor over the long *and* the short window. A factor is the share of the
budget that may burn inside the long window: factor = share x W / long.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from sreconsole.domain.duration import format_duration
from sreconsole.records import dataclass

DAY = 86_400

Severity = Literal["page", "warn"]
PairState = Literal["firing", "recovering", "increasing", "ok", "unknown"]

_LAYOUT: tuple[tuple[int, int, Severity], ...] = (
    (3_600, 300, "page"),
    (21_600, 1_800, "page"),
    (86_400, 7_200, "warn"),
    (259_200, 21_600, "warn"),
)
_SHARES_28D = (0.02, 0.05, 0.10, 0.10)
_SHARES_7D = (0.08, 0.125, 0.20, 0.42)
_NOISE = 1e-12
"""Relative error of binary floats that must not count as above: 35 of 1000 at 99 % is 3.5x, not 3.5000000000000004x."""


@dataclass(frozen=True, slots=True)
class WindowPair:
    """One alert rule: burn over `long` and over `short` (seconds) both above `factor`."""

    long: int
    short: int
    factor: float
    severity: Severity


@lru_cache(maxsize=256)
def default_pairs(window_seconds: int) -> tuple[tuple[WindowPair, ...], tuple[str, ...]]:
    """The default pairs for an SLO window of W seconds, and a sentence for each pair that was dropped.

    Shares 2/5/10/10 % from 28 d, Sloth's 8/12.5/20/42 % at 7 d, interpolated linearly between, those of 7 d below;
    below 7 d a pair whose long window exceeds W/2 is dropped.
    """
    days = window_seconds / DAY
    position = min(1.0, max(0.0, (days - 7) / 21))
    pairs, dropped = [], []
    for (long, short, severity), low, high in zip(_LAYOUT, _SHARES_7D, _SHARES_28D, strict=True):
        if days < 7 and long > window_seconds / 2:
            dropped.append(f"no {format_duration(long)} alert window: longer than half of the SLO's window")
            continue
        share = low + (high - low) * position
        pairs.append(WindowPair(long, short, round(share * window_seconds / long, 6), severity))
    return tuple(pairs), tuple(dropped)


def pair_state(pair: WindowPair, long_burn: float | None, short_burn: float | None) -> PairState:
    """firing: both above; recovering: only the long one; increasing: only the short one; unknown: one is not known."""
    limit = pair.factor * (1 + _NOISE)
    over_long = None if long_burn is None else long_burn > limit
    over_short = None if short_burn is None else short_burn > limit
    if over_long is None or over_short is None:
        return "unknown"
    if over_long:
        return "firing" if over_short else "recovering"
    return "increasing" if over_short else "ok"


def can_fire(pair: WindowPair, budget: float) -> bool:
    """Whether the pair can ever fire: a burn rate never exceeds 1/B."""
    return pair.factor * budget < 1
