"""From the ledger to reports: when they are judged anew, and which stretch of time a calendar window is read over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sreconsole.config.model import Config
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.status import Status
from sreconsole.engine.assessor import Assessor
from sreconsole.engine.feed import Feed
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import Book
from tests.domain.given_slos import slo_of
from tests.domain.oracle import DAY, HOUR, MINUTE, Promise

KEY = SloKey("checkout", "availability")
START = int(datetime.fromisoformat("2026-04-01T00:00:00+02:00").timestamp())
"""The first of a month in Berlin."""


class Fed(Unasked):
    """A feed whose ledger the test fills; it has got as far as `horizon`."""

    def __init__(self, slo: Slo) -> None:
        super().__init__("prom", "prometheus", [slo])
        self.horizon_at = 0.0

    def horizon(self, key: SloKey) -> float | None:
        return self.horizon_at

    def filling(self, key: SloKey) -> float | None:
        return None

    def interval(self, key: SloKey) -> float | None:
        return 15.0


def watched(promise: Promise, until: int) -> tuple[Assessor, Fed, Slo]:
    """A ledger with 1 bad of 100 in every minute for two hours, and in every hour for 40 days, before `until`."""
    book, slo = Book(92 * DAY), slo_of(promise)
    book.put(KEY, MINUTE, until - 2 * HOUR, [1.0] * 120, [100.0] * 120)
    first = until // HOUR * HOUR - 40 * DAY
    book.put(KEY, HOUR, first, [60.0] * 960, [6_000.0] * 960)
    feed = Fed(slo)
    feed.horizon_at = until
    return Assessor(Config(path=Path("config.yaml"), refresh=15.0), book, {"prom": feed}), feed, slo


def test_a_new_month_begins_with_its_own_events_not_with_those_of_the_last() -> None:
    assessor, _, slo = watched(Promise("99.9", "month", "Europe/Berlin"), START)
    before = assessor.report(slo, START - 1)
    assert before.total.value == pytest.approx((31 * 24 - 1) * 6_000, rel=2e-3), "March had an hour less"
    for seconds in (0.2, 20, 59):
        report = assessor.report(slo, START + seconds)
        assert report.window_seconds == 30 * DAY
        assert report.remaining.value is None, "nothing is known of the new month"
        assert report.remaining.reason == "the period just began"


def test_a_month_that_is_minutes_old_counts_its_minutes() -> None:
    assessor, _, slo = watched(Promise("99.9", "month", "Europe/Berlin"), START + 10 * MINUTE)
    report = assessor.report(slo, START + 10 * MINUTE + 20)
    assert report.total.value == pytest.approx(1_000)
    assert report.coverage.value == 1, "what is not closed yet is not missing"
    assert report.remaining.value == pytest.approx(1 - 10 * 600 / (30 * DAY))
    assert report.remaining_full_window == report.remaining


def test_a_report_is_kept_while_nothing_changes() -> None:
    assessor, _, slo = watched(Promise("99.9", 30 * DAY), START)
    report = assessor.report(slo, START + 5)
    assert assessor.report(slo, START + 20) is report
    assert assessor.report(slo, START + 65) is report, "judged again with the minute, and found the same"
    assessor.book.put(KEY, MINUTE, START, [50.0], [100.0])
    assert assessor.report(slo, START + 66) is not report


def test_one_judgement_serves_all_of_which_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    slo = slo_of(Promise("99.9", 30 * DAY))
    slos = [replace(slo, service=f"service-{number}") for number in range(50)]
    slos.append(replace(slo, service="other", objective=Decimal("0.99")))
    feed = Unasked("prom", "prometheus", slos)
    assessor = Assessor(Config(path=Path("config.yaml")), Book(30 * DAY), {"prom": feed})
    alone = {each.key: assessor._judge(each, feed, START) for each in slos}
    judged: list[SloKey] = []
    real = Assessor._judge

    def counted(self: Assessor, slo: Slo, feed: Feed, now: float) -> SloReport:
        judged.append(slo.key)
        return real(self, slo, feed, now)

    monkeypatch.setattr(Assessor, "_judge", counted)
    assert {each.key: assessor.report(each, START) for each in slos} == alone
    assert len(judged) == 2
    assert {assessor.report(each, START + 60).key for each in slos} == set(alone)
    assert len(judged) == 4, "once a minute"


def test_data_turns_stale_at_its_age_not_with_the_next_minute() -> None:
    assessor, _, slo = watched(Promise("99.9", 30 * DAY), START + 50)
    newest = (START + 50) // MINUTE * MINUTE
    assert assessor.report(slo, newest + 180.0).status is not Status.STALE
    report = assessor.report(slo, newest + 181.0)
    assert report.status is Status.STALE
    assert assessor.report(slo, newest + 182.0) is report


async def test_what_did_not_change_is_the_same_object() -> None:
    """Front ends tell by that what to look at: five thousand services cost them one look each."""
    assessor, _, slo = watched(Promise("99.9", 30 * DAY), START)
    services = await assessor.services(START + 5)
    assert await assessor.services(START + 20) is services
    assert await assessor.services(START + 65) is services, "judged again with the minute, and found the same"
    assessor.book.put(KEY, MINUTE, START, [50.0], [100.0])
    changed = await assessor.services(START + 66)
    assert changed is not services
    assert changed[0].slos[0] is assessor.report(slo, START + 66)


async def test_a_feed_that_takes_the_place_of_another_is_asked() -> None:
    """Also when it measures the very same SLOs."""
    assessor, _, slo = watched(Promise("99.9", 30 * DAY), START)
    await assessor.services(START + 5)
    other = Fed(slo)
    other.horizon_at = START
    other.failures = {KEY: "refused"}
    assessor.feeds["prom"] = other
    (service,) = await assessor.services(START + 5)
    assert "refused" in service.slos[0].reasons
