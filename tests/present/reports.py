"""Reports for the tests of `present`: hand-made ones with known figures, and hostile ones by Hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from sreconsole.domain.burn import PairState, WindowPair
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import STANDARD_WINDOWS, PairReport, SloReport, Trend
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status

NOW = 1_763_950_364.0
"""2025-11-24 03:12:44 in Berlin."""
WINDOWS = (*(name for name, _ in STANDARD_WINDOWS), "window")
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07x",
    "\u202egnp.exe",
    "[@click=app.quit]x[/]",
    "[/]",
    "[red",
    "全角サービス",
    "e\u0301\u0301\u0301\u0301\u0301\u0301z",
    "\u0301start",
    "👩\u200d👩\u200d👧🇩🇪👍🏽",
    "ก็็็็็็",
    "देवनागरी",
    "각",
    "tab\tline\nfeed\r",
    "\ufeff\u200b\u2060",
    "\xa0\u3000\u1680\u2028\ud800",
    "",
    "x" * 400,
)


def figures(values: Mapping[str, float | None], reason: str) -> dict[str, Figure]:
    return {name: Figure(None, reason) if (value := values.get(name)) is None else Figure(value) for name in WINDOWS}


def report(
    service: str = "checkout",
    slo: str = "availability",
    status: Status = Status.OK,
    *,
    objective: str = "0.999",
    burns: Mapping[str, float | None] | None = None,
    remaining: float | None = 0.97,
    exhausts_in: float | None = None,
    trend: Trend | None = None,
    reasons: tuple[str, ...] = (),
    why_not: str = "no data",
) -> SloReport:
    """A report whose budget is a fraction and whose error ratios follow from the burn rates."""
    rates = burns if burns is not None else {"1h": 0.12, "6h": 0.2}
    budget = float(1 - Decimal(objective))
    known = remaining is not None
    return SloReport(
        key=SloKey(service, slo),
        status=status,
        reasons=reasons,
        objective=Decimal(objective),
        window_label="30d",
        window_seconds=2_592_000,
        error_ratio=figures({name: None if rate is None else rate * budget for name, rate in rates.items()}, why_not),
        burn_rate=figures(rates, why_not),
        remaining=Figure(remaining, None if known else why_not),
        remaining_full_window=Figure(remaining, None if known else why_not),
        seconds_left=Figure(float(int((remaining or 0) * budget * 2_592_000)) if known else None, None),
        events_left=Figure(12_345.0 if known else None, None if known else why_not),
        exhausts_in=Figure(exhausts_in, None if exhausts_in is not None else "no burn"),
        coverage=Figure(1.0),
        weighting="events",
        pairs=(),
        trend=trend,
        newest=NOW if known else None,
    )


def checkout() -> SloReport:
    """The burning SLO of the design's picture, with all its pairs."""
    rates = {"5m": 14.9, "30m": 10.1, "1h": 14.9, "2h": 8.0, "6h": 4.0, "1d": 1.0, "3d": 0.8, "window": 0.69}
    trend = Trend(1_763_946_720, 60, (*[0.2] * 24, *[0.7] * 6, *[None] * 12, *[20.0] * 18))
    base = report(
        status=Status.PAGE,
        burns=rates,
        remaining=0.31,
        exhausts_in=53_927,
        trend=trend,
        reasons=("14.9x over 1h and 14.9x over 5m, limit 14.4x",),
    )
    pairs = (
        pair(WindowPair(3_600, 300, 14.4, "page"), "firing", 14.9, 14.9, clears_in=240, failures=1_400),
        pair(WindowPair(21_600, 1_800, 6.0, "page"), "increasing", 4.0, 10.1, fires_in=7_200, failures=3_400),
        pair(WindowPair(86_400, 7_200, 3.0, "warn"), "recovering", 3.4, 1.0, failures=9_000),
        pair(WindowPair(259_200, 21_600, 0.98, "warn"), "unknown", None, 4.0, can_fire=False),
    )
    return replace(base, pairs=pairs, bad=Figure(1_234.0), total=Figure(1_790_000.0))


def pair(
    window: WindowPair,
    state: PairState,
    long: float | None,
    short: float | None,
    *,
    can_fire: bool = True,
    failures: int | None = None,
    fires_in: float | None = None,
    clears_in: float | None = None,
) -> PairReport:
    missing = Figure(None, "no traffic")
    return PairReport(
        window,
        state,
        missing if long is None else Figure(long),
        missing if short is None else Figure(short),
        can_fire,
        failures,
        fires_in,
        clears_in,
    )


def gallery() -> list[SloReport]:
    """One of each status, in no order."""
    return [
        report("payments", "availability", Status.OK, objective="0.9995", trend=Trend(1_763_946_720, 60, (0.1,) * 60)),
        report(
            "search",
            "latency",
            Status.WARN,
            objective="0.99",
            burns={"1h": 3.1, "6h": 2.9},
            remaining=0.64,
            exhausts_in=518_400,
            trend=Trend(1_763_946_720, 60, (*[0.2] * 18, *[3.1] * 42)),
        ),
        report("ledger", "freshness", Status.STALE, burns={}, remaining=None, reasons=("no new data for 12m",)),
        report("inventory", "availability", Status.UNKNOWN, burns={}, remaining=None, reasons=("waiting for prom",)),
        checkout(),
    ]


texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE)).map("".join))
numbers = st.one_of(st.none(), st.floats(), st.floats(-2, 2), st.integers(-(10**30), 10**30).map(float))
given_figures = st.one_of(numbers.map(lambda value: Figure(value, "no data" if value is None else None)))
trends = st.one_of(
    st.none(),
    st.builds(
        Trend,
        st.integers(-(10**12), 10**12),
        st.integers(1, 10**7),
        st.lists(numbers, max_size=90).map(tuple),
    ),
)
pairs = st.builds(
    PairReport,
    st.builds(
        WindowPair,
        st.integers(1, 10**8),
        st.integers(1, 10**8),
        st.floats(0, 10**9),
        st.sampled_from(("page", "warn")),
    ),
    st.sampled_from(("firing", "recovering", "increasing", "ok", "unknown")),
    given_figures,
    given_figures,
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 10**12)),
    numbers,
    numbers,
)
windows = st.dictionaries(st.sampled_from((*WINDOWS, "45m")), given_figures)
reports = st.builds(
    SloReport,
    key=st.builds(SloKey, texts, texts),
    status=st.sampled_from(Status),
    reasons=st.lists(texts, max_size=3).map(tuple),
    objective=st.decimals("0.000001", "0.999999", allow_nan=False, places=6),
    window_label=st.sampled_from(("30d", "week", "quarter")),
    window_seconds=st.integers(86_400, 10**8),
    error_ratio=windows,
    burn_rate=windows,
    remaining=given_figures,
    remaining_full_window=given_figures,
    seconds_left=given_figures,
    events_left=given_figures,
    exhausts_in=given_figures,
    coverage=given_figures,
    weighting=st.sampled_from(("events", "samples", "time-weighted")),
    pairs=st.lists(pairs, max_size=4).map(tuple),
    trend=trends,
    newest=numbers,
    known_seconds=numbers,
    bad=given_figures,
    total=given_figures,
)
