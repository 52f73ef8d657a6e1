"""Calendar windows across changes of the clock: what the ledger adds up, and elapsed / W, against an oracle."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sreconsole.config.model import Config
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.engine.assessor import Assessor
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, Book
from tests.domain.given_slos import slo_of
from tests.domain.oracle import Promise, walked

KEY = SloKey("checkout", "availability")
DAY = 86_400
EVENTS, EVERY = 10.0, 7
"""Events a minute; one fails in every so many minutes."""
CHANGES = [  # when clocks were set, and where; Kolkata's never are, and its days begin half past an hour of UTC
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Asia/Kolkata", "2026-06-01T00:00Z"),
]


class Filled(Unasked):
    """A feed whose ledger is full."""

    def __init__(self, slo: Slo, until: float) -> None:
        super().__init__("prom", "prometheus", [slo])
        self._until = until

    def horizon(self, key: SloKey) -> float | None:
        return self._until

    def filling(self, key: SloKey) -> float | None:
        return None


def failures(start: int, end: int) -> float:
    """Failed minutes in [start, end), both whole minutes."""
    first, after = start // MINUTE, end // MINUTE
    return float((after + EVERY - 1) // EVERY - (first + EVERY - 1) // EVERY)


def ledger(start: int, end: int) -> Book:
    """Hours and five minutes since long before `start`, minutes of the last six hours, and the part of an hour with
    which the period begins, all up to `end`. Before `start` everything failed."""
    book = Book(100 * DAY)
    for width, span in ((HOUR, end - start + 10 * DAY), (FIVE, 3 * DAY), (MINUTE, 6 * HOUR)):
        last = end // width * width
        first = (end - span) // width * width
        bad = [
            EVENTS * max(0, min(start, at + width) - at) / MINUTE + failures(max(at, start), max(at + width, start))
            for at in range(first, last, width)
        ]
        book.put(KEY, width, first, bad, [EVENTS * width / MINUTE] * len(bad))
    after = -(-start // HOUR) * HOUR
    if start < after <= end:
        book.put_edge(KEY, start, after, failures(start, after), EVENTS * (after - start) / MINUTE)
    return book


@settings(max_examples=60)
@given(st.sampled_from(CHANGES), st.sampled_from(["week", "month", "quarter"]), st.integers(-45 * 1440, 45 * 1440))
@example(CHANGES[0], "month", 4 * 1440)
@example(CHANGES[5], "week", 90)
@example(CHANGES[6], "week", 11 * 60 + 5)
def test_a_period_counts_its_own_events_and_the_share_of_its_own_length(
    change: tuple[str, str], unit: str, minutes: int
) -> None:
    zone, moment = change
    at = int(datetime.fromisoformat(moment).timestamp()) + minutes * MINUTE
    start, end = (int(bound) for bound in walked(zone, unit, at))
    if at - start < HOUR:  # within its first hour a period that begins at half past one is still in proportion
        at = start + HOUR
    slo = slo_of(Promise("99", unit, zone))
    book = ledger(start, at)
    report = Assessor(Config(Path("x.yaml")), book, {"prom": Filled(slo, float(at))}).report(slo, float(at))
    bad, total = failures(start, at), EVENTS * (at - start) / MINUTE
    assert report.window_seconds == end - start
    assert report.total.value == pytest.approx(total, rel=1e-9)
    assert report.bad.value == pytest.approx(bad, abs=0.5 if at - start > 3 * DAY else 0.01)
    spent = bad / total / 0.01 * (at - start) / (end - start)
    assert report.remaining.value == pytest.approx(1 - spent, abs=1e-3)
    assert report.coverage.value == pytest.approx(1)


def test_the_oracle_knows_the_days_without_an_hour() -> None:
    at = int(datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp())
    start, end = walked("Europe/Berlin", "week", at)
    assert end - start == 7 * DAY - HOUR
    assert failures(0, 70 * MINUTE) == 10
    assert failures(MINUTE, 8 * MINUTE) == 1
