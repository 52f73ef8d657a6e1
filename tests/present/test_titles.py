"""Titles, source states, failures and the header line."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.alert import AlertState
from sreconsole.domain.snapshot import SourceState
from sreconsole.domain.status import Status
from sreconsole.present.cells import Span, plain
from sreconsole.present.header import counts, header, page_counts
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.titles import failure, panel_title, rule, shown, source_token, source_words
from tests.present.reports import NOW, texts
from tests.present.test_cells import measured

BERLIN = ZoneInfo("Europe/Berlin")
PROM = SourceState("prom", "prometheus", "live", last_good=NOW - 3)
TALLY = {Status.PAGE: 1, Status.WARN: 1, Status.UNKNOWN: 0, Status.STALE: 0, Status.OK: 40}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (PROM, "live"),
        (replace(PROM, last_good=NOW - 44.9), "live"),
        (replace(PROM, last_good=NOW - 45), "live 45s"),
        (replace(PROM, last_good=NOW - 119, pace=60.0), "live"),
        (replace(PROM, last_good=NOW - 120, pace=60.0), "live 2m"),
        (replace(PROM, last_good=NOW - 45, pace=20.0), "live 45s"),
        (replace(PROM, state="stale", last_good=NOW - 299), "stale 4m"),
        (replace(PROM, state="down", last_good=NOW - 12), "down 10s"),
        (replace(PROM, state="down", last_good=None), "down"),
        (replace(PROM, state="auth", last_good=None), "auth"),
        (replace(PROM, state="partial", parts=(3, 5)), "partial 3/5"),
        (replace(PROM, state="partial", last_good=NOW - 44.9), "partial"),
        (replace(PROM, state="partial", last_good=NOW - 45), "partial 45s"),
        (replace(PROM, state="waiting", last_good=None), "waiting"),
        (replace(PROM, progress=0.129), "live, ledger 12%"),
        (replace(PROM, progress=0.999), "live, ledger 99%"),
        (replace(PROM, progress=0.129, filling="history"), "live, history 12%"),
        (replace(PROM, state="down", last_good=None, progress=0.0), "down"),
    ],
)
def test_source_words(state: SourceState, said: str) -> None:
    assert source_words(state, NOW, 15) == said
    assert source_token(state) in ("ok", "stale", "page", "warn", "unknown")


def test_an_idle_live_source_says_the_same_at_every_moment() -> None:
    titles = {plain(panel_title(1, "SLOs", [PROM], NOW + tick, 15)) for tick in range(41)}
    assert titles == {"1 SLOs · prom live"}


def test_the_worst_source_stands_first() -> None:
    states = [PROM, replace(PROM, name="vm", state="stale", last_good=NOW - 300), replace(PROM, name="x", state="auth")]
    assert plain(panel_title(1, "SLOs", states, NOW, 15)) == "1 SLOs · x auth 0s · vm stale 5m · prom live"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (PROM, None),
        (replace(PROM, error="timeout 5s"), "prom: timeout 5s"),
        (replace(PROM, error="timeout 5s.", next_try=NOW + 16), "prom: timeout 5s, retry in 20s"),
        (replace(PROM, error="timeout 5s", next_try=NOW + 600), "prom: timeout 5s, retry in 10m"),
        (replace(PROM, error="timeout 5s", next_try=NOW - 1), "prom: timeout 5s, retrying"),
    ],
)
def test_failures_say_what_happens_next(state: SourceState, said: str | None) -> None:
    assert failure(state, NOW) == said


def test_a_long_failure_is_cut_before_what_happens_next() -> None:
    state = replace(PROM, error="nothing listens at http://prom:9090 (connection refused)", next_try=NOW + 10)
    said = failure(state, NOW, 40) or ""
    assert said == "prom: nothing listens at …, retry in 10s"
    assert len(failure(state, NOW, 200) or "") == 76


def test_the_right_end_of_the_title() -> None:
    assert shown(42, 42) == "42, worst first"
    assert shown(3, 42, "burn", faults=True) == "3 of 42 faults, by burn"
    assert shown(2, 42, "service", needle="pay") == "2 of 42 /pay, by name"


def test_counts_name_what_there_is() -> None:
    assert counts(TALLY) == [
        Span("1 PAGE", "bold page"),
        Span(" ", ""),
        Span("1 warn", "warn"),
        Span(" ", ""),
        Span("40 ok", "ok"),
    ]
    assert plain(counts({})) == "no SLOs"


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (80, "sreconsole prod  ana@bastion-2                1 PAGE 1 warn 40 ok          03:12"),
        (48, "sreconsole prod     1 PAGE 1 warn 40 ok    03:12"),
        (34, "prod   1 PAGE 1 warn 40 ok   03:12"),
    ],
)
def test_header(cells: int, line: str) -> None:
    assert plain(header("prod", "ana@bastion-2", TALLY, NOW, BERLIN, cells)) == line


PAGES: dict[AlertState, int] = {"firing": 2, "silenced": 1, "inhibited": 1}


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (100, "sreconsole prod  ana@bas   1 PAGE 1 warn 40 ok · 2 pages firing, 1 silenced, 1 inhibited   03:12 CET"),
        (80, "sreconsole prod               1 PAGE 1 warn 40 ok · 2 pages 2 mute         03:12"),
        (40, "1 PAGE 1 warn 40 ok · 2 pages 2 mute    "),
        (30, "1 PAGE 1 warn · 2 pages 2 mute"),
        (25, "1 PAGE · 2 pages 2 mute  "),
        (20, "2 pages 2 mute      "),
    ],
)
def test_pages_are_always_counted_also_those_that_are_muted(cells: int, line: str) -> None:
    assert plain(header("prod", "ana@bas", TALLY, NOW, BERLIN, cells, pages=PAGES)) == line


def test_pages_by_state() -> None:
    assert plain(page_counts({"silenced": 1})) == "1 page silenced"
    assert plain(page_counts({"silenced": 2}, short=True)) == "2 pages mute"
    assert plain(page_counts({"firing": 1}, short=True)) == "1 page"
    assert page_counts({"firing": 0, "pending": 3}) == []
    assert page_counts({"firing": 1})[0].style == "bold page"


def test_a_wide_header_names_the_zone() -> None:
    assert plain(header("prod", "ana@host", TALLY, NOW, BERLIN, 100)).endswith(" 03:12 CET")


def test_the_header_carries_the_accent_and_flags() -> None:
    spans = header("prod", "ana@host", TALLY, NOW, BERLIN, 80, accent="page", flags=("paused", "read-only"))
    assert Span("prod ", "bold page") in spans
    assert "paused read-only" in plain(spans)


def test_rule() -> None:
    left = panel_title(1, "SLOs", [PROM], NOW, 15)
    assert plain(rule(left, "42, worst first", 60)) == "─1 SLOs · prom live ────────────────────── 42, worst first ─"
    assert plain(rule(left, "42, worst first, 9 below", 34, UNICODE, "border", "42 of 43", "42")).endswith(
        " 42 of 43 ─"
    )
    assert plain(rule(left, "42, worst first", 30)) == "─1 SLOs · prom live ──────────"


@given(
    texts,
    texts,
    st.dictionaries(st.sampled_from(Status), st.integers(0, 10**9)),
    st.floats(),
    st.integers(-1, 200),
    st.lists(texts, max_size=2),
    st.sampled_from((UNICODE, ASCII)),
    st.dictionaries(st.sampled_from(("firing", "silenced", "muted")), st.integers(0, 10**9)),
)
def test_any_header_and_rule_fill_exactly_the_width(
    environment: str,
    place: str,
    tally: dict[Status, int],
    now: float,
    cells: int,
    flags: list[str],
    glyphs: Glyphs,
    pages: dict[AlertState, int],
) -> None:
    line = header(environment, place, tally, now, BERLIN, cells, flags=flags, glyphs=glyphs, pages=pages)
    assert measured(plain(line)) == {max(0, cells)}
    state = SourceState(place, "prometheus", "stale", last_good=now, error=environment, next_try=now)
    title = panel_title(1, environment, [state], now, 15, glyphs)
    assert measured(plain(rule(title, place, cells, glyphs))) == {max(0, cells)}
