"""What must be said of an SLO, found by counting single events; shares no code with the package.

All arithmetic is exact (fractions of integers). Times are whole Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from math import ceil, trunc
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NAMED = {"5m": 300, "30m": 1_800, "1h": 3_600, "2h": 7_200, "6h": 21_600, "1d": DAY, "3d": 3 * DAY}


@dataclass(frozen=True)
class Moment:
    """Events of one second: so many good ones, so many bad ones."""

    at: int
    good: int
    bad: int


@dataclass(frozen=True)
class History:
    """All that happened, and when somebody was looking (half-open, disjoint ranges of seconds)."""

    moments: tuple[Moment, ...]
    watched: tuple[tuple[int, int], ...]

    def seen(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.watched)

    def count(self, start: int, end: int) -> tuple[int, int, int]:
        """Bad events, all events and watched seconds within [start, end)."""
        bad = total = 0
        for moment in self.moments:
            if start <= moment.at < end and self.seen(moment.at):
                bad += moment.bad
                total += moment.good + moment.bad
        watched = sum(max(0, min(end, to) - max(start, since)) for since, to in self.watched)
        return bad, total, watched

    def newest(self, at: int) -> int | None:
        """The last instant before `at` until which somebody was looking."""
        ends = [min(at, to) for since, to in self.watched if since < at]
        return max(ends) if ends else None


@dataclass(frozen=True)
class Promise:
    """An SLO: percent as people write it; `window` in seconds, or a calendar unit in a zone."""

    percent: str
    window: int | str
    zone: str = "UTC"
    counted: bool = True
    """False where only ratios are known."""

    @property
    def budget(self) -> Fraction:
        return 1 - Fraction(self.percent) / 100

    def bounds(self, at: int) -> tuple[int, int, int]:
        """Start of the window, end of what has passed of it, and its whole length."""
        if isinstance(self.window, int):
            return at - self.window, at, self.window
        start, end = walked(self.zone, self.window, at)
        return start, at, end - start


@dataclass(frozen=True)
class Rule:
    """One alert: burn over `long` and `short` above `factor`."""

    long: int
    short: int
    factor: Fraction
    severity: str


Value = Fraction | str
"""A number, or why there is none."""


@dataclass(frozen=True)
class Verdict:
    """What must be said."""

    status: str
    ratios: dict[int, Value]
    full: Value
    remaining: Value
    remaining_full_window: Value
    seconds_left: Value
    events_left: Value
    exhausts_in: Value
    coverage: Value
    states: list[str]
    failures: list[int | None]
    can_fire: list[bool]


def name_of(day: date, unit: str) -> tuple[int, int]:
    """What people call the period a local day lies in."""
    if unit == "week":
        year, week, _ = day.isocalendar()
        return year, week
    return (day.year, day.month) if unit == "month" else (day.year, (day.month + 2) // 3)


@cache
def local_days(zone: str, year: int) -> list[tuple[int, date]]:
    """The local date at every hour (every minute around its changes), a quarter before and after the year included."""
    there = ZoneInfo(zone)
    moment = int(datetime(year - 1, 9, 30, tzinfo=UTC).timestamp())
    end = int(datetime(year + 1, 4, 2, tzinfo=UTC).timestamp())
    days = []
    while moment < end:
        day = datetime.fromtimestamp(moment, there).date()
        days.append((moment, day))
        later = datetime.fromtimestamp(moment + HOUR, there).date()
        moment += HOUR if later == day else MINUTE
    return days


@cache
def walked(zone: str, unit: str, at: int) -> tuple[int, int]:
    """First minute of the period around `at` and first minute after it, by walking through local time."""
    here = datetime.fromtimestamp(at, ZoneInfo(zone))
    days = local_days(zone, here.year)
    mine = name_of(here.date(), unit)
    inside = [index for index, (_, day) in enumerate(days) if name_of(day, unit) == mine]
    return days[inside[0]][0], days[inside[-1] + 1][0]


def default_rules(length: int) -> list[Rule]:
    """The table of the workbook for 28 days and more, Sloth's for 7, a straight line between them."""
    way = min(Fraction(1), max(Fraction(0), (Fraction(length, DAY) - 7) / 21))
    rows = [
        (HOUR, 5 * MINUTE, "page", "0.08", "0.02"),
        (6 * HOUR, 30 * MINUTE, "page", "0.125", "0.05"),
        (DAY, 2 * HOUR, "warn", "0.2", "0.1"),
        (3 * DAY, 6 * HOUR, "warn", "0.42", "0.1"),
    ]
    rules = []
    for long, short, severity, at_7, at_28 in rows:
        if length >= 7 * DAY or 2 * long <= length:
            share = Fraction(at_7) * (1 - way) + Fraction(at_28) * way
            rules.append(Rule(long, short, share * length / long, severity))
    return rules


def judge(
    history: History,
    promise: Promise,
    at: int,
    *,
    rules: Iterable[Rule] | None = None,
    refresh: int = 15,
    scrape: int | None = None,
    filling: str | None = None,
) -> Verdict:
    """The verdict on a history at one instant; `filling` is the reason given while the past is still being fetched."""
    start, now, length = promise.bounds(at)
    rules = default_rules(length) if rules is None else list(rules)
    budget = promise.budget
    lengths = {*NAMED.values(), *(rule.long for rule in rules), *(rule.short for rule in rules)}
    ratios = {seconds: _ratio(history, at - seconds, at, seconds > length) for seconds in lengths}
    states = [_state(rule, ratios[rule.long], ratios[rule.short], budget) for rule in rules]
    money = _budget(history, promise, start, now, length, filling)
    remaining, hour = money["remaining"], ratios[HOUR]
    exhausts: Value
    if isinstance(remaining, str):
        exhausts = remaining
    elif remaining <= 0:
        exhausts = "nothing left"
    elif isinstance(hour, str):
        exhausts = hour
    else:
        exhausts = remaining * length / (hour / budget) if hour else "no burn"
    return Verdict(
        status=_status(history, at, rules, states, ratios, money["remaining_full_window"], refresh, scrape),
        ratios=ratios,
        exhausts_in=exhausts,
        states=states,
        failures=[
            _failures(history, rule, budget, at) if promise.counted and rule.long <= length else None for rule in rules
        ],
        can_fire=[rule.factor * budget < 1 for rule in rules],
        **money,
    )


def _ratio(history: History, start: int, end: int, too_long: bool) -> Value:
    if too_long:
        return "longer than the SLO's window"
    bad, total, watched = history.count(start, end)
    if not watched:
        return "no data"
    return Fraction(bad, total) if total else "no traffic"


def _state(rule: Rule, long: Value, short: Value, budget: Fraction) -> str:
    if isinstance(long, str) or isinstance(short, str):
        return "unknown"
    above = (long / budget > rule.factor, short / budget > rule.factor)
    return {(True, True): "firing", (True, False): "recovering", (False, True): "increasing", (False, False): "ok"}[
        above
    ]


def _failures(history: History, rule: Rule, budget: Fraction, at: int) -> int | None:
    _, total, _ = history.count(at - rule.long, at)
    return ceil(rule.factor * budget * total) if total else None


def _budget(
    history: History, promise: Promise, start: int, now: int, length: int, filling: str | None
) -> dict[str, Value]:
    bad, total, watched = history.count(start, now)
    elapsed = now - start
    names = ("full", "remaining", "remaining_full_window", "seconds_left", "events_left")
    if filling:
        return dict.fromkeys((*names, "coverage"), filling)
    if not watched:
        return dict.fromkeys((*names, "coverage"), "no data")
    coverage = Fraction(watched, elapsed)
    if not total:
        return {**dict.fromkeys(names, "no traffic"), "coverage": coverage}
    spent = Fraction(bad, total) / promise.budget
    remaining = 1 - spent * elapsed / length
    return {
        "full": Fraction(bad, total),
        "remaining": remaining,
        "remaining_full_window": 1 - spent * watched / length,
        "seconds_left": Fraction(trunc(remaining * promise.budget * length)),
        "events_left": Fraction(trunc(remaining * promise.budget * total)) if promise.counted else "time-weighted",
        "coverage": coverage,
    }


def _status(
    history: History,
    at: int,
    rules: list[Rule],
    states: list[str],
    ratios: dict[int, Value],
    full_window: Value,
    refresh: int,
    scrape: int | None,
) -> str:
    alerting = [seconds for rule in rules for seconds in (rule.long, rule.short)]
    if all(ratios[seconds] in ("no data", "longer than the SLO's window") for seconds in alerting):
        return "unknown"
    newest = history.newest(at)
    if newest is not None and at - newest > max(3 * refresh, 3 * (scrape or 0), 3 * MINUTE):
        return "stale"
    firing = [rule.severity for rule, state in zip(rules, states, strict=True) if state == "firing"]
    if "page" in firing:
        return "page"
    if firing or (not isinstance(full_window, str) and full_window < 0):
        return "warn"
    return "ok"
