"""One SLO in full: the golden text, the sentence in every situation, and exact widths for anything."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import ServiceState
from sreconsole.domain.status import Status
from sreconsole.present.cells import plain
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.slo_columns import why
from sreconsole.present.slo_detail import Known, detail, headline, summary
from tests.present.reports import NOW, checkout, pair, report, reports, texts
from tests.present.test_cells import measured

BERLIN = ZoneInfo("Europe/Berlin")
SERVICE = ServiceState(
    "checkout", Status.PAGE, (), tier="critical", runbook="https://runbooks.example/checkout", depends_on=("payments",)
)


def said(shown: SloReport, service: ServiceState | None = None, width: int = 80) -> list[str]:
    return [plain(line).rstrip() for line in detail(shown, Known(service), width, NOW, BERLIN, UNICODE)]


def test_a_burning_slo() -> None:
    assert said(checkout(), SERVICE) == [
        "✗ PAGE checkout availability  99.9% over 30d",
        "Burning 14.9x over the last hour: 31% of the 30d budget left, gone in 15h at",
        "this rate (18:11 CET)",
        "· 14.9x over 1h and 14.9x over 5m, limit 14.4x",
        "",
        "Alert windows  alert  limit        long       short next              fires at",
        "  ✗ firing     PAGE   14.4x    1h 14.9x    5m 14.9x clears in 4m     1,400 bad",
        "  ▴ increasing PAGE      6x    6h  4.0x   30m 10.1x fires in 2h      3,400 bad",
        "  ▾ recovering warn      3x    1d  3.4x    2h  1.0x                  9,000 bad",
        "  ? unknown    warn   0.98x    3d     -    6h  4.0x can never fire",
        "",
        "Error budget     31% ██████░░░░░░░░░░░░░░",
        "  as time     13m23s left of 43m12s",
        "  as events   12,345 failures left; 1,234 of 1.79M events were bad",
        "",
        "Burn by window",
        "  over              5m     30m      1h      2h      6h      1d      3d     30d",
        "  burn           14.9x   10.1x   14.9x    8.0x    4.0x    1.0x    0.8x    0.7x",
        "  errors          1.5%    1.0%    1.5%   0.80%   0.40%   0.10%  0.080%  0.069%",
        "",
        "Depends on",
        "  ? payments  none of the config",
        "",
        "Links",
        "  1 runbook      https://runbooks.example/checkout",
        "",
        "Service",
        "  tier critical",
    ]


def test_when_a_pair_fires_or_clears_is_seen_on_a_narrow_screen_too() -> None:
    narrow = "\n".join(said(checkout(), SERVICE, 50))
    assert "firing     PAGE  clears in 4m" in narrow
    assert "can never fire" in narrow


def test_what_is_not_known_is_named_with_its_reason() -> None:
    lines = said(report(status=Status.UNKNOWN, burns={}, remaining=None, why_not="ledger 12 % filled"))
    assert lines[1] == "Nothing is known of this SLO yet"
    block = lines[lines.index("Not known") :]
    assert block[1:3] == [
        "  ledger 12 % filled: burn over 5m 30m 1h 2h 6h 1d 3d 30d, budget left, events",
        "    left",
    ]
    assert "as time     - of 43m12s" in "\n".join(lines)


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (
            report(burns={"1h": 0.12}, exhausts_in=2e7),
            "Burning 0.1x over the last hour: 97% of the 30d budget left, at this rate it outlasts the window",
        ),
        (report(burns={"1h": 0.0}), "Not burning: no errors in the last hour, 97% of the 30d budget left"),
        (
            report(burns={"1h": 2.0}, remaining=-1.06),
            "The 30d budget is overspent by 106%, burning 2.0x over the last hour",
        ),
        (report(burns={"1h": 2.0}, remaining=0.0), "The 30d budget is gone, burning 2.0x over the last hour"),
        (
            report(burns={}, why_not="no traffic"),
            "97% of the 30d budget is left; burn of the last hour not known: no traffic",
        ),
        (
            report(burns={"1h": 3.1}, remaining=0.64, exhausts_in=518_400),
            "Burning 3.1x over the last hour: 64% of the 30d budget left, gone in 6d at this rate "
            "(2025-11-30 03:12 CET)",
        ),
        (
            replace(report(status=Status.STALE, burns={}), newest=NOW - 750),
            "No new data; the last came 12m ago, at 2025-11-24 03:00 CET",
        ),
    ],
    ids=["outlasts", "calm", "overspent", "gone", "no traffic", "days", "stale"],
)
def test_the_sentence(shown: SloReport, sentence: str) -> None:
    assert headline(shown, NOW, BERLIN) == sentence


def test_a_young_slo_says_over_how_much_of_its_window() -> None:
    young = replace(checkout(), coverage=Figure(0.011), known_seconds=28_800.0, remaining_full_window=Figure(0.96))
    text = "\n".join(said(young))
    assert "31% ██████░░░░░░░░░░░░░░  over 8h of 30d" in text
    assert "96% of the whole 30d if the unknown part was good" in text


@pytest.mark.parametrize(
    ("remaining", "meter"),
    [(1.0, "█" * 20), (0.999, "█" * 19 + "░"), (0.001, "█" + "░" * 19), (0.0, "░" * 20), (-3.0, "░" * 20)],
)
def test_the_meter_is_full_or_empty_only_when_the_budget_is(remaining: float, meter: str) -> None:
    (line,) = [line for line in said(report(remaining=remaining)) if line.startswith("Error budget")]
    assert line.split()[-1] == meter


@given(
    reports,
    st.one_of(
        st.none(),
        st.builds(
            ServiceState,
            texts,
            st.sampled_from(Status),
            st.just(()),
            texts,
            st.one_of(st.none(), texts),
            st.lists(texts, max_size=3).map(tuple),
            st.booleans(),
        ),
    ),
    st.integers(-1, 200),
    st.floats(-1e18, 1e18),
    st.sampled_from((UNICODE, ASCII)),
)
def test_any_report_fills_exactly_the_width(
    shown: SloReport, service: ServiceState | None, width: int, now: float, glyphs: Glyphs
) -> None:
    for line in detail(shown, Known(service), width, now, BERLIN, glyphs):
        assert measured(plain(line)) == {max(0, width)}


def test_an_ok_beside_a_high_burn_says_that_it_recovers() -> None:
    pairs = (
        pair(WindowPair(3600, 300, 14.4, "page"), "recovering", 24.0, 0.04),
        pair(WindowPair(21_600, 1800, 6.0, "page"), "ok", 4.6, 0.2),
    )
    calm = replace(report(burns={"1h": 24.0, "6h": 4.6}, remaining=0.56, exhausts_in=60_480), pairs=pairs)
    assert headline(calm, NOW, BERLIN) == "Recovering: 24.0x over 1h, <0.1x over 5m; 56% of the 30d budget left"
    assert why(calm, BERLIN) == "recovering: 24.0x over 1h, <0.1x over 5m"
    fires = replace(calm, pairs=(pairs[0], replace(pairs[1], state="firing")))
    assert headline(fires, NOW, BERLIN).startswith("Burning 24.0x")


def test_what_is_pasted_to_others_is_a_sentence() -> None:
    assert summary(checkout(), NOW, BERLIN) == (
        "PAGE checkout availability (99.9% over 30d): Burning 14.9x over the last hour: 31% of the 30d budget left, "
        "gone in 15h at this rate (18:11 CET); 14.9x over 1h and 14.9x over 5m, limit 14.4x"
    )
