"""The SLO table: golden pictures at the reference width, exact widths at every other, the orders."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.status import Status
from sreconsole.present.cells import Span, plain
from sreconsole.present.marks import ASCII, UNICODE, Glyphs, word
from sreconsole.present.slo_columns import coverage
from sreconsole.present.slo_table import ORDERS, header, layout, row, sort_key
from tests.present.reports import checkout, gallery, report, reports
from tests.present.test_cells import measured


def picture(width: int, glyphs: Glyphs = UNICODE) -> list[str]:
    """Heading and rows, worst first, without blanks at the end."""
    shown = sorted(gallery(), key=sort_key)
    columns = layout(width, shown)
    lines = [header(columns, glyphs), *(row(each, columns, glyphs) for each in shown)]
    return [plain(line).rstrip() for line in lines]


def test_eighty_columns() -> None:
    assert picture(80) == [
        "  status  service   SLO          obj % burn 1h    6h budget lasts trend",
        "✗ PAGE    checkout  availability  99.9   14.9x  4.0x   31%    15h ▁▁▁▁▂▂ ▇▇▇▇▇",
        "! warn    search    latency         99    3.1x  2.9x   64%     6d ▁▁▁▄▄▄▄▄▄▄▄▄",
        "? unknown inventory availability  99.9 waiting for prom",
        "~ stale   ledger    freshness     99.9 no new data for 12m",
        "✓ ok      payments  availability 99.95    0.1x  0.2x   97%      - ▁▁▁▁▁▁▁▁▁▁▁▁",
    ]


def test_eighty_columns_in_ascii() -> None:
    assert picture(80, ASCII)[1:3] == [
        "X PAGE    checkout  availability  99.9   14.9x  4.0x   31%    15h ____.. %%%%%",
        "! warn    search    latency         99    3.1x  2.9x   64%     6d ___=========",
    ]


@pytest.mark.parametrize(("glyphs", "sign"), [(UNICODE, "✗"), (ASCII, "X")])
def test_a_page_alert_of_the_service_marks_the_row_and_leaves_its_status(glyphs: Glyphs, sign: str) -> None:
    shown = sorted(gallery(), key=sort_key)
    columns = layout(80, shown)
    before = [plain(row(each, columns, glyphs)) for each in shown]
    after = [plain(row(each, columns, glyphs, alert="Burn")) for each in shown]
    assert Span(sign, "bold page") in row(shown[1], columns, glyphs, alert="Burn"), "it is seen without colours too"
    assert after[0] == before[0], "a row that pages says so itself"
    assert [line[2:10] for line in after[1:]] == [f"warn  {sign} ", "unknown ", f"stale {sign} ", f"ok    {sign} "]
    assert after[2].rstrip().endswith(" 99.9 alert Burn fires; waiting for prom")
    assert [line[10:] for line in (after[1], after[4])] == [line[10:] for line in (before[1], before[4])]
    assert all(measured(line) == {80} for line in after)
    assert "alert Burn fires" in plain(row(shown[4], layout(200, shown), glyphs, alert="Burn"))


def test_long_names_leave_all_nine_columns_at_eighty() -> None:
    long = report("recommendation-engine", "availability-of-checkout", objective="0.99999")
    columns = layout(80, [long])
    assert [column.key for column in columns.columns] == [
        *("mark", "word", "service", "slo", "objective", "burn_1h", "burn_6h", "budget", "lasts", "trend")
    ]


@pytest.mark.parametrize(
    ("width", "more"),
    [(120, {"burn_5m", "burn_1d", "coverage"}), (200, {"burn_30m", "events", "reason"})],
)
def test_wide_screens_show_more(width: int, more: set[str]) -> None:
    assert more <= {column.key for column in layout(width, gallery()).columns}


@pytest.mark.parametrize("width", range(31, 80))
def test_narrow_screens_keep_status_service_burn_and_budget(width: int) -> None:
    columns = layout(width, gallery())
    said = plain(row(checkout(), columns, UNICODE))
    for part in ("PAGE", "checkout", "14.9x", "31%"):
        assert part in said


def test_a_layout_hangs_on_names_and_width_not_on_figures() -> None:
    before = gallery()
    after = [replace(each, status=Status.UNKNOWN, remaining=Figure(None, "no data"), burn_rate={}) for each in before]
    assert layout(120, before) == layout(120, after)


def test_a_partly_covered_budget_is_marked() -> None:
    young = replace(checkout(), coverage=Figure(0.011), known_seconds=28_800.0)
    assert "31%*" in plain(row(young, layout(80, [young]), UNICODE))
    assert "8h of 30d" in plain(row(young, layout(120, [young]), UNICODE))


def test_what_is_not_known_is_never_a_nought() -> None:
    blind = report(burns={"1h": None, "6h": 0.2}, remaining=None)
    said = plain(row(blind, layout(80, [blind]), UNICODE))
    assert "0.2x" in said
    assert "0.0x" not in said
    assert "0%" not in said


def test_a_row_without_figures_says_why_and_keeps_the_trend_it_had() -> None:
    known = checkout()
    gone = replace(
        known,
        burn_rate=dict.fromkeys(known.burn_rate, Figure.missing("no data")),
        remaining=Figure.missing("no data"),
        reasons=("no series matches x",),
    )
    columns = layout(80, [known])
    said, before = (plain(row(each, columns, UNICODE)) for each in (gone, known))
    assert "99.9 no series matches x" in said
    assert said[-10:] == before[-10:] != " " * 10
    assert plain(row(replace(gone, trend=None), columns, UNICODE)).rstrip().endswith("no series matches x")


def test_stale_figures_are_dim_but_an_old_page_is_still_bold() -> None:
    columns = layout(80, [checkout()])
    styles = {span.style for span in row(checkout(), columns, UNICODE, stale=True) if span.text.strip()}
    assert styles == {"dim page", "bold page", "bold foreground", "dim foreground", "dim", "dim warn", "dim ok"}


def test_worst_first() -> None:
    order = [word(each.status) for each in sorted(gallery(), key=sort_key)]
    assert order == ["PAGE", "warn", "unknown", "stale", "ok"]


def test_within_a_status_the_fastest_burn_comes_first_and_the_unknown_last() -> None:
    rows = [
        report("a", burns={"1h": 0.1}),
        report("b", burns={}),
        report("d", burns={"1h": 2.0}),
        report("c", burns={"1h": 2.0}),
    ]
    assert [each.key.service for each in sorted(rows, key=sort_key)] == ["c", "d", "a", "b"]


@pytest.mark.parametrize(
    ("order", "services"),
    [
        ("worst", ["checkout", "search", "inventory", "ledger", "payments"]),
        ("burn", ["checkout", "search", "payments", "inventory", "ledger"]),
        ("budget", ["checkout", "search", "payments", "inventory", "ledger"]),
        ("service", ["checkout", "inventory", "ledger", "payments", "search"]),
    ],
)
def test_orders(order: str, services: list[str]) -> None:
    assert order in ORDERS
    shown = sorted(gallery(), key=lambda each: sort_key(each, order))
    assert [each.key.service for each in shown] == services


@given(
    st.lists(reports, min_size=1, max_size=4),
    st.one_of(st.integers(-1, 260), st.sampled_from((40, 80, 120, 200))),
    st.sampled_from((UNICODE, ASCII)),
    st.booleans(),
)
def test_any_report_is_drawn_exactly_as_wide_as_the_layout(
    shown: list[SloReport], width: int, glyphs: Glyphs, stale: bool
) -> None:
    columns = layout(width, shown)
    assert measured(plain(header(columns, glyphs))) == {max(0, width)}
    for each in shown:
        assert measured(plain(row(each, columns, glyphs, stale))) == {max(0, width)}
    for order in ORDERS:
        sorted(shown, key=lambda each: sort_key(each, order))


@pytest.mark.parametrize("cells", [80, 200])
def test_a_reason_names_its_moment_in_the_zone(cells: int) -> None:
    reason = "no new data for 5m; it was page at 2026-11-23T02:12:44Z"
    old = report("ingest", "availability", Status.STALE, burns={}, remaining=None, reasons=(reason,))
    said = plain(row(old, layout(cells, [old]), UNICODE, zone=ZoneInfo("Europe/Berlin")))
    assert "2026-11-23T" not in said
    if cells == 200:
        assert "it was page at 2026-11-23 03:12 CET" in said


def test_coverage_of_a_calendar_window_is_of_what_has_passed_of_it() -> None:
    made = report("billing", "availability", Status.OK, burns={}, remaining=0.7)
    young = replace(made, window_label="month", coverage=Figure(0.125), known_seconds=8 * 3600.0)
    assert coverage(young) == "8h of 3d"
    assert coverage(replace(young, window_label="30d")) == "8h of 30d"
