"""`status` as plain text: golden, no escape sequence whatever comes in."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status, worst
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.status_text import table
from tests.present.reports import NOW, gallery, reports, texts

BERLIN = ZoneInfo("Europe/Berlin")


def snapshot(shown: list[SloReport]) -> Snapshot:
    services = tuple(ServiceState(each.key.service, each.status, (each,)) for each in shown)
    return Snapshot(NOW, services)


def test_the_whole_text() -> None:
    prom = SourceState("prom", "prometheus", "live", last_good=NOW)
    down = SourceState(
        "vm", "prometheus", "down", last_good=NOW - 300, error="connection refused", next_try=NOW + 20, notes=("slow",)
    )
    whole = replace(
        snapshot(gallery()),
        services=(*snapshot(gallery()).services, ServiceState("cron", Status.UNKNOWN, ())),
        sources=(prom, down),
        notices=("config not reloaded: line 3",),
        missing={"alerts": "no alert source"},
    )
    assert table(whole, BERLIN, UNICODE) == [
        "PAGE: 1 PAGE 1 warn 1 unknown 1 stale 1 ok at 2025-11-24 03:12 CET",
        "",
        "STATUS   SERVICE    SLO           OBJECTIVE     5M     1H    6H  BUDGET  LASTS  TREND         WHY",
        "PAGE     checkout   availability       99.9  14.9x  14.9x  4.0x     31%    15h  ▁▁▁▁▂▂ ▇▇▇▇▇  "
        "14.9x over 1h and 14.9x over 5m, limit 14.4x",
        "warn     search     latency              99      -   3.1x  2.9x     64%     6d  ▁▁▁▄▄▄▄▄▄▄▄▄",
        "unknown  inventory  availability       99.9      -      -     -       -      -"
        "                waiting for prom",
        "stale    ledger     freshness          99.9      -      -     -       -      -"
        "                no new data for 12m",
        "ok       payments   availability      99.95      -   0.1x  0.2x     97%      -  ▁▁▁▁▁▁▁▁▁▁▁▁",
        "unknown  cron: no SLOs",
        "source vm: down 5m: connection refused, retry in 20s",
        "source vm: slow",
        "config not reloaded: line 3",
        "alerts: no alert source",
    ]


def test_why_alerts_are_unknown_is_said_once() -> None:
    down = SourceState("am", "alertmanager", "down", error="nothing listens at am:9093")
    missing = {"alerts": "am: nothing listens at am:9093", "silences": "am: nothing listens at am:9093"}
    lines = table(Snapshot(NOW, sources=(down,), alert_sources=(down,), missing=missing), BERLIN, UNICODE)
    assert lines[2:] == [
        "alerts: unknown (am: nothing listens at am:9093)",
        "source am: down: nothing listens at am:9093",
    ]
    other = replace(Snapshot(NOW, alert_sources=(down,)), missing={"silences": "not known"})
    assert table(other, BERLIN, UNICODE)[-1] == "silences: not known"


def test_nothing_configured_is_one_line() -> None:
    assert table(Snapshot(NOW), BERLIN, ASCII) == ["unknown: no SLOs at 2025-11-24 03:12 CET"]


@given(st.lists(reports, max_size=4), texts, st.sampled_from((UNICODE, ASCII)))
def test_whatever_comes_in_no_line_can_move_a_cursor(shown: list[SloReport], error: str, glyphs: Glyphs) -> None:
    source = SourceState(error, "prometheus", "down", error=error, next_try=NOW + 5, notes=(error,))
    whole = replace(snapshot(shown), sources=(source,), notices=(error,), missing={error: error})
    assert whole.status is worst(each.status for each in shown)
    for line in table(whole, BERLIN, glyphs):
        assert line.isprintable()
        assert glyphs is UNICODE or line.isascii()
