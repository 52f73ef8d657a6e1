"""One source in full."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sreconsole.domain.snapshot import SourceState
from sreconsole.present.cells import plain
from sreconsole.present.marks import ASCII, UNICODE
from sreconsole.present.source_block import latency, source_block
from tests.present.reports import NOW, texts

BERLIN = ZoneInfo("Europe/Berlin")
PROM = SourceState(
    "prom",
    "prometheus",
    "live",
    NOW - 3,
    latency=0.035,
    requests_per_minute=18.4,
    where="http://prom:9090",
)


def said(state: SourceState, chosen: bool = False) -> list[str]:
    return [plain(line).rstrip() for line in source_block(state, 80, NOW, 15.0, BERLIN, UNICODE, chosen)]


def test_a_source_that_answers() -> None:
    assert said(PROM, chosen=True) == [
        "▸ prom  prometheus  live",
        "  asked at    http://prom:9090",
        "  last answer 2025-11-24 03:12 CET, took 35 ms",
        "  requests    18 a minute",
        "  pace        every 15s",
        "  last error  none since start",
    ]


def test_a_source_that_fails_says_it_in_full() -> None:
    failing = replace(
        PROM,
        state="down",
        error="nothing listens at http://prom:9090 (connection refused)",
        detail="POST /api/v1/query\nconnect: refused",
        next_try=NOW + 16,
        last_error="nothing listens at http://prom:9090 (connection refused)",
        last_error_at=NOW - 4,
        notes=("limit of 5000 members reached",),
    )
    text = said(failing)
    # What lasts is kept with the server's words behind it: these stand below already.
    assert said(replace(failing, last_error=f"{failing.error}: {failing.detail}")) == text
    assert text[0] == "  prom  prometheus  down 0s"
    assert text[5:] == [
        "  now         nothing listens at http://prom:9090 (connection refused)",
        "  next try    in 20s",
        "  failed at   2025-11-24 03:12 CET",
        "              POST /api/v1/query",
        "              connect: refused",
        "  note        limit of 5000 members reached",
    ]


def test_the_last_error_is_kept_after_recovery() -> None:
    well = replace(PROM, last_error="timeout 5s " + "long " * 40 + "end", last_error_at=NOW - 3_600)
    text = said(well)
    assert text[5].startswith("  last error  02:12: timeout 5s long")
    assert text[-1].endswith("end")


def test_a_slower_pace_is_said() -> None:
    assert "  pace        every 60s instead of 15s" in said(replace(PROM, pace=60.0))


def test_what_is_not_known_is_not_zero() -> None:
    text = said(SourceState("new", "scrape", "waiting"))
    assert "  last answer never" in text
    assert "  requests    not counted" in text


def test_latency() -> None:
    assert [latency(seconds) for seconds in (0.0004, 0.035, 0.9996, 12.34)] == ["0 ms", "35 ms", "1.0 s", "12.3 s"]


@given(texts, st.integers(20, 120), st.sampled_from((UNICODE, ASCII)))
def test_no_fact_is_wider_than_the_page(text: str, cells: int, glyphs: object) -> None:
    bad = SourceState(
        "am",
        "alertmanager",
        "down",
        NOW,
        text,
        text,
        None,
        NOW,
        (text,),
        last_error=text,
        last_error_at=NOW,
        where=text,
    )
    lines = list(source_block(bad, cells, NOW, 15.0, BERLIN, UNICODE if glyphs is UNICODE else ASCII))
    assert max(cell_len(plain(line)) for line in lines[1:]) <= cells
