"""From an oracle's history to the evidence the package judges, and Hypothesis strategies for both."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from hypothesis import strategies as st

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.period import Calendar, CalendarUnit, Period, Rolling
from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.selector import Selector
from sreconsole.domain.sli import CounterSli, RatioSli, Sli
from sreconsole.domain.slo import Slo
from tests.domain.oracle import DAY, HOUR, MINUTE, NAMED, History, Moment, Promise, Rule, default_rules

COUNTED: Sli = CounterSli(total=Selector("requests_total"), bad=Selector("errors_total"))
RATIO: Sli = RatioSli("ratio{{window}}")


def slo_of(promise: Promise, rules: list[Rule] | None = None) -> Slo:
    """The SLO of a promise; rules None: the defaults."""
    period: Period = (
        Rolling(promise.window)
        if isinstance(promise.window, int)
        else Calendar(cast(CalendarUnit, promise.window), promise.zone)
    )
    pairs = rules and tuple(
        WindowPair(r.long, r.short, float(r.factor), cast(Literal["page", "warn"], r.severity)) for r in rules
    )
    sli = COUNTED if promise.counted else RATIO
    return Slo("checkout", "availability", Decimal(promise.percent) / 100, period, sli, "prom", pairs or None)


def evidence_of(history: History, promise: Promise, at: int, rules: list[Rule] | None = None) -> Evidence:
    """What a faultless source and ledger would have found."""
    start, _, length = promise.bounds(at)
    used = default_rules(length) if rules is None else rules
    windows = {*NAMED.values(), *(rule.long for rule in used), *(rule.short for rule in used)}

    def read(since: int) -> WindowReading:
        bad, total, watched = history.count(since, at)
        return Reading(bad, total, watched) if watched else Missing("no data")

    return Evidence(
        slo=slo_of(promise, rules),
        at=at,
        windows={seconds: read(at - seconds) for seconds in windows},
        full=read(start),
        newest=history.newest(at),
    )


def steady(at: int, span: int, every: int, good: int, bad: int = 0) -> History:
    """The same traffic every so many seconds over the last `span` seconds, always watched."""
    moments = tuple(Moment(moment, good, bad) for moment in range(at - span, at, every))
    return History(moments, ((at - span, at),))


def over(history: History, *moments: Moment) -> History:
    """The history with more events."""
    return replace(history, moments=(*history.moments, *moments))


ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe"]
percents = st.sampled_from(["99.9", "99", "99.95", "90", "50", "99.999", "85", "93.06", "93.05"]) | st.decimals(
    "0.001", "99.9999", places=4
).map(str)
promises = st.builds(
    Promise,
    percents,
    st.sampled_from([1, 2, 3, 5, 7, 10, 14, 28, 30, 90]).map(lambda days: days * DAY)
    | st.integers(DAY, 92 * DAY)
    | st.sampled_from(["week", "month", "quarter"]),
    st.sampled_from(ZONES),
    st.sampled_from([True, True, True, False]),
)
instants = st.integers(1_672_531_200, 1_767_225_600) | st.sampled_from(
    # just after and before changes of the clocks and of years, months and weeks
    [1_711_846_800 + shift for shift in (-3_600, -1, 0, 1, 3_600)]
    + [1_725_768_000 + shift for shift in (-60, 0, 60, 86_400)]
    + [1_704_067_200 + shift for shift in (-1, 1, 3_600)]
    + [1_709_164_800, 1_709_251_199, 1_761_436_800]
)
ages = (
    st.integers(1, 5 * MINUTE)
    | st.integers(1, HOUR)
    | st.integers(1, 6 * HOUR)
    | st.integers(1, 3 * DAY)
    | st.integers(1, 93 * DAY)
    | st.sampled_from([300, 301, 1_800, 3_600, 3_601, 86_400, 259_200])
)
counts = st.sampled_from([0, 0, 1, 1, 2, 10, 1_000, 123_457, 10**9])


@st.composite
def histories(draw: st.DrawFn, at: int) -> History:
    """Random events, thickest near `at`, watched from some age on with gaps and perhaps an early end."""
    moments = tuple(
        Moment(at - age, good, bad) for age, good, bad in draw(st.lists(st.tuples(ages, counts, counts), max_size=25))
    )
    edges = sorted({at - age for age in draw(st.lists(ages, max_size=7))})
    if draw(st.booleans()):
        edges.append(at)
    watched = list(zip(edges[::2], edges[1::2], strict=False))
    if draw(st.booleans()):
        watched = [(at - draw(ages | st.just(93 * DAY)), at)]
    return History(moments, tuple(watched))


rules = st.lists(
    st.builds(
        Rule,
        st.sampled_from([600, 900, HOUR, 3 * HOUR, DAY, 4 * DAY]),
        st.sampled_from([60, 300, 600]),
        st.decimals("0.5", "50", places=2).map(Fraction),
        st.sampled_from(["page", "warn"]),
    ),
    min_size=1,
    max_size=4,
)
