"""How a budget was spent over its window, and what of it comes back.

grant, the bad events that the window allows: B x total(window) for a rolling window of W seconds; for a calendar period
of which `elapsed` seconds have passed, B x total(so far) x W / elapsed. The share left after the events up to t is
1 - bad(start .. t) / grant; at the end of what is known that is the `remaining` of docs/words.md.

Of a rolling window an hour leaves for every hour that comes. If as many events come as leave, total(window) stays and

    back(h) = bad(start .. start + h) / grant

of the budget comes back within h, while burn x h / W goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from sreconsole.domain.counts import Past
from sreconsole.domain.reading import Figure
from sreconsole.records import dataclass

NOT_MEASURED = "not measured then"
BEYOND = "longer than the window"
_HOUR = 3_600


def grant(budget: float, total: float, window: float, elapsed: float | None = None) -> float | None:
    """Bad events that the whole window allows; `elapsed`: seconds of a calendar period so far. None: no traffic."""
    scale = 1.0 if elapsed is None else window / max(1.0, elapsed)
    allowed = budget * total * scale
    return allowed if allowed > 0 else None


def course(past: Past, start: float, end: float, allowed: float, step: float) -> list[tuple[float, float | None]]:
    """The share of the budget left at every `step` seconds in [start, end], from 1 at `start`; None where nothing is
    known of the step before."""
    points: list[tuple[float, float | None]] = [(start, 1.0)]
    for low, high in _steps(start, end, step):
        known = past.within(low, high)[2]
        points.append((high, 1 - past.within(start, high)[0] / allowed if known > 0 else None))
    return points


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of a rolling budget within some seconds, as shares of it."""

    ahead: int
    back: Figure
    """Comes back, as bad hours leave the window."""
    spent: Figure
    """Goes at the present burn."""
    left: Figure
    """Is left then."""


def outlook(
    past: Past, end: float, window: int, allowed: float, remaining: Figure, burn: Figure, ahead: int
) -> Outlook:
    """What comes back and what goes in the next `ahead` seconds of a rolling window; `burn`: the rate at which it
    goes."""
    if ahead > window:
        none = Figure.missing(BEYOND)
        return Outlook(ahead, none, none, none)
    start = end - window
    bad, _, known = past.within(start, start + ahead)
    back = Figure.known(bad / allowed) if known > 0 else Figure.missing(NOT_MEASURED)
    spent = burn if burn.value is None else Figure.known(burn.value * ahead / window)
    if remaining.value is None or spent.value is None:
        left = remaining if remaining.value is None else spent
    else:
        left = Figure.known(remaining.value + (back.value or 0.0) - spent.value)
    return Outlook(ahead, back, spent, left)


@dataclass(frozen=True, slots=True)
class Loss:
    """A stretch of time that cost a part of the budget."""

    start: float
    end: float
    cost: float
    """Share of the budget."""


def losses(past: Past, start: float, end: float, allowed: float, least: float = 0.005) -> list[Loss]:
    """The stretches that cost most, dearest first: neighbouring hours of which each cost at least `least`."""
    found: list[Loss] = []
    for low, high in _steps(start, end, _HOUR):
        cost = past.within(low, high)[0] / allowed
        if cost < least:
            continue
        if found and found[-1].end == low:
            found[-1] = Loss(found[-1].start, high, found[-1].cost + cost)
        else:
            found.append(Loss(low, high, cost))
    return sorted(found, key=lambda loss: -loss.cost)


def _steps(start: float, end: float, step: float) -> Iterator[tuple[float, float]]:
    """[start, end) cut at multiples of `step`."""
    low = start
    while low < end:
        high = min(end, (low // step + 1) * step)
        yield low, high
        low = high
