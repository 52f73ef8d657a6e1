"""Toil in lines: the first one is the whole story, unknown is a word with a reason."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.reading import Figure
from sreconsole.domain.toil import Counter, Minutes, Offender, ToilReport
from sreconsole.present.cells import fit_spans, plain, width
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.toil_lines import headline, summary, toil_lines
from tests.present.reports import HOSTILE
from tests.tui.busy import toil

UTC = ZoneInfo("UTC")
UNKNOWN = Figure.missing("prom: no answer")


def lines(report: ToilReport, cells: int = 40, full: bool = False) -> list[str]:
    return [line.text for line in toil_lines(report, cells, UTC, UNICODE, full)]


def test_what_matters_most_comes_first() -> None:
    assert lines(toil()) == [
        "pages 3/2 this shift · 210 of 4800 min",
        "silenced included · shift until 08:00",
        "tickets 7/10 · 140 min",
        "manual restarts unknown: no data",
        "week measured 120 · assumed 90 min",
        "5x CheckoutBurn checkout · 150 min, flapping",
        "3x DiskFull · 90 min",
        "8 weeks ▄▄▃▃▃▂▂▁ cap 4800 min",
    ]


def test_what_is_not_known_is_a_word_with_its_reason() -> None:
    week = Minutes(0.0, UNKNOWN, UNKNOWN, UNKNOWN)
    said = lines(toil(pages=UNKNOWN, weeks=(week,), shift=None, counters=()))
    assert said[0] == "pages unknown · minutes unknown"
    assert said[1] == "silenced included · no shift now"
    assert said[2] == "pages: prom: no answer"
    assert said[3] == "week unknown: prom: no answer"
    assert "0" not in "".join(said[:4])
    assert summary(toil(pages=UNKNOWN)).startswith(
        "pages this shift, silenced ones included: unknown (prom: no answer)"
    )


def test_without_shifts_and_a_budget_nobody_asked_for_pages() -> None:
    none = Figure.missing("no shifts are configured (oncall.shifts)")
    report = toil(pages=none, shift=None, pages_budget=None, incidents=())
    assert lines(report)[:2] == ["210 of 4800 min this week", "tickets 7/10 · 140 min"]
    assert not toil_lines(report, 40, UTC, UNICODE)[0].over
    assert "no shifts are configured (oncall.shifts)" in lines(report, 80, full=True)
    assert lines(replace(report, pages_budget=2))[0] == "pages unknown · 210 of 4800 min"


def test_half_known_minutes_say_which_half() -> None:
    week = Minutes(0.0, Figure(30.0), UNKNOWN, UNKNOWN)
    assert "week measured 30 · assumed unknown min" in lines(toil(weeks=(week,)))


@pytest.mark.parametrize(
    ("pages", "budget", "style"),
    [(3.0, 2, "page"), (2.0, 2, "warn"), (1.0, 2, "ok"), (9.0, None, "foreground")],
)
def test_beyond_the_budget_is_seen(pages: float, budget: int | None, style: str) -> None:
    spans = headline(toil(pages=Figure(pages), pages_budget=budget), 40, UNICODE)
    assert spans[1].style == style
    assert toil_lines(toil(pages=Figure(pages), pages_budget=budget), 40, UTC, UNICODE)[0].over == (style == "page")


def test_without_a_cap_and_budgets_only_what_is_known_is_said() -> None:
    report = toil(cap=None, pages_budget=None)
    assert lines(report)[0] == "pages 3 this shift · 210 min"
    assert lines(report)[-1].endswith("no cap")


def test_in_full_there_is_every_week_every_page_and_every_remark() -> None:
    many = tuple(Offender(f"Alert{n}", None, 9 - n, 30.0) for n in range(6))
    text = "\n".join(lines(toil(offenders=many, remarks=("2 bad lines in toil.jsonl",)), 100, full=True))
    assert all(offender.alert in text for offender in many)
    assert text.count(" min ") + text.count(" min\n") >= 8
    assert "% of the cap · 3 pages" in text
    assert "03:00-now CheckoutBurn (checkout)" in text
    assert "00:42-00:59 SearchSlow, SearchErrors (search) 3 pages" in text
    assert "2 bad lines in toil.jsonl" in text


def test_bars_are_full_at_the_cap() -> None:
    full = Minutes(0.0, Figure(9_000.0), Figure(0.0), Figure(1.0))
    half = replace(full, measured=Figure(2_400.0))
    text = lines(toil(weeks=(full, half)), 100, full=True)
    bars = [line for line in text if "█" in line]
    assert bars[0].count("█") == 30
    assert bars[1].count("█") == 15


texts = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE))
figures = st.one_of(st.builds(Figure, st.floats(0, 10**9)), st.builds(Figure.missing, texts))
reports = st.builds(
    ToilReport,
    shift=st.none(),
    pages=figures,
    pages_budget=st.one_of(st.none(), st.integers(0, 99)),
    incidents=st.just(()),
    weeks=st.lists(st.builds(Minutes, st.floats(-1e13, 1e13), figures, figures, figures), max_size=8).map(tuple),
    cap=st.one_of(st.none(), st.floats(0, 10**6)),
    counters=st.lists(
        st.builds(Counter, texts, figures, texts, figures, st.one_of(st.none(), st.floats(0, 99))), max_size=3
    ).map(tuple),
    offenders=st.lists(
        st.builds(Offender, texts, st.one_of(st.none(), texts), st.integers(0, 99), st.floats(0, 999)), max_size=5
    ).map(tuple),
    remarks=st.lists(texts, max_size=2).map(tuple),
)


@given(reports, st.integers(1, 200), st.booleans(), st.sampled_from((UNICODE, ASCII)))
def test_any_report_can_be_told_and_every_line_has_its_own_name(
    report: ToilReport, cells: int, full: bool, glyphs: Glyphs
) -> None:
    made = toil_lines(report, cells, UTC, glyphs, full)
    assert len({line.key for line in made}) == len(made)
    assert [line.place for line in made] == list(range(len(made)))
    for line in made:
        assert width(plain(fit_spans(line.spans, cells))) == cells
    if report.pages.value is None:
        assert ("pages unknown" in made[0].text) == (report.pages_budget is not None)
    summary(report)
