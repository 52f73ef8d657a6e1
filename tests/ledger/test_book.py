"""Windows from pieces of rings: against sums over single minutes, and end to end against counting single events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.assess import assess
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.slo import SloKey
from sreconsole.ledger.book import REACH, WIDTHS, Book
from tests.domain.given_slos import histories, slo_of
from tests.domain.oracle import DAY, HOUR, MINUTE, NAMED, History, Promise, judge
from tests.domain.test_assess_oracle import agree_in_all, as_kept

KEY = SloKey("checkout", "availability")
FIVE = 300
BASE = 489_600 * HOUR
"""An hour, Unix seconds."""
NAN = math.nan


class Minutes:
    """Counts of single minutes by their start; a minute that is not there is not known."""

    def __init__(self, now: int, span: int, events: Mapping[int, tuple[int, int]]) -> None:
        first = now - span
        self.counts = {minute: events.get((now - minute) // MINUTE, (0, 1)) for minute in range(first, now, MINUTE)}

    def sums(self, start: float, end: float) -> tuple[float, float, float]:
        whole = range(int(-(-start // MINUTE)) * MINUTE, int(end) - MINUTE + 1, MINUTE)
        inside = [self.counts[minute] for minute in whole if minute in self.counts]
        return sum(b for b, _ in inside), sum(t for _, t in inside), MINUTE * len(inside)

    def book(self, now: int, widths: tuple[int, ...] = WIDTHS, longest: int = 30 * DAY) -> Book:
        """A book that was given every closed bucket of these widths, as far as each reaches."""
        book = Book(longest)
        for width in widths:
            reach = min(REACH.get(width, longest), max(self.counts, default=0) + MINUTE - min(self.counts, default=0))
            end = now // width * width
            starts = range(end - -(-reach // width) * width, end, width)
            found = [self.sums(start, start + width) for start in starts]
            book.put(KEY, width, starts.start, [b for b, _, _ in found], [t if known else NAN for _, t, known in found])
        return book


events = st.dictionaries(
    st.integers(1, 400) | st.integers(1, 5_900), st.tuples(st.integers(0, 50), st.integers(50, 1_000)), max_size=40
)


@settings(max_examples=25, deadline=None)
@given(events, st.integers(0, 59))
def test_windows_up_to_six_hours_are_exact_to_the_minute(found: dict[int, tuple[int, int]], shift: int) -> None:
    now = BASE + shift * MINUTE
    minutes = Minutes(now, 8 * HOUR, found)
    book = minutes.book(now)
    for seconds in (300, 600, 1_800, HOUR, 2 * HOUR, 6 * HOUR):
        assert book.reading(KEY, now - seconds, now) == Reading(*minutes.sums(now - seconds, now))


@settings(max_examples=25, deadline=None)
@given(events, st.integers(0, 59))
def test_longer_windows_lose_nothing_and_count_nothing_twice(found: dict[int, tuple[int, int]], shift: int) -> None:
    """The oldest edge may fall inside a coarse bucket, which then counts in proportion; all else is exact."""
    now = BASE + shift * MINUTE
    minutes = Minutes(now, 100 * HOUR, found)
    book = minutes.book(now)
    for seconds, grain in ((DAY, FIVE), (3 * DAY, FIVE), (96 * HOUR, HOUR)):
        reading = book.reading(KEY, now - seconds, now)
        assert isinstance(reading, Reading)
        start = now - seconds
        inner, outer = minutes.sums(-(-start // grain) * grain, now), minutes.sums(start // grain * grain, now)
        assert inner[0] - 1e-3 <= reading.bad <= outer[0] + 1e-3
        assert inner[1] - 1e-3 <= reading.total <= outer[1] + 1e-3
        assert reading.known == pytest.approx(seconds)
        if start % grain == 0:
            assert reading.total == pytest.approx(inner[1])
            assert reading.bad == pytest.approx(inner[0])


def test_short_windows_are_never_taken_from_hours() -> None:
    """An increase after a gap counts for the hour it was spread over, and never pages through a short window."""
    minutes = Minutes(BASE, 10 * HOUR, {30: (900, 1_000)})
    book = minutes.book(BASE, (HOUR,))
    for seconds in (300, 1_800, HOUR, 2 * HOUR):
        for end in (BASE, BASE + 17 * MINUTE, BASE - 30 * MINUTE):
            assert book.reading(KEY, end - seconds, end) == Missing("no data"), (seconds, end)
    assert isinstance(book.reading(KEY, BASE - 6 * HOUR, BASE), Reading)


@pytest.mark.parametrize("seconds", [MINUTE, 2 * MINUTE])
def test_an_answer_for_the_shortest_windows_is_used_where_there_are_no_buckets(seconds: int) -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE - 2 * MINUTE, [0.0], [5.0])
    book.answer(KEY, BASE, {seconds: Reading(1.0, 10.0, seconds)})
    assert book.window(KEY, seconds, BASE, 180) == Reading(1.0, 10.0, seconds)


def test_a_young_series_keeps_its_newest_hour_in_a_window_longer_than_its_life() -> None:
    now = BASE + 10 * MINUTE
    minutes = Minutes(now, 140 * MINUTE, dict.fromkeys(range(1, 10), (50, 100)))
    bad, total, _ = minutes.sums(0, now)
    got = minutes.book(now).window(KEY, 6 * HOUR, now, 180)
    assert isinstance(got, Reading)
    assert (got.bad, got.total) == pytest.approx((bad, total))


def test_an_answer_beside_the_hour_a_series_began_in_is_not_dropped() -> None:
    now = BASE + 58 * MINUTE
    minutes = Minutes(now, 88 * MINUTE, dict.fromkeys(range(1, 3), (50, 100)))
    book = minutes.book(now, (FIVE, HOUR))
    bad, total, _ = minutes.sums(0, now)
    book.set_filled(KEY)
    book.answer(KEY, now, {6 * HOUR: Reading(bad, total, 6.0 * HOUR)})
    got = book.window(KEY, DAY, now, 180)
    assert isinstance(got, Reading)
    assert (got.bad, got.total) == pytest.approx((bad, total)), "not without what came after the last closed bucket"


def test_a_window_without_minutes_is_made_of_five_minute_buckets() -> None:
    minutes = Minutes(BASE, 10 * HOUR, {30: (900, 1_000)})
    book = minutes.book(BASE, (FIVE, HOUR))
    assert book.reading(KEY, BASE - HOUR, BASE) == Reading(*minutes.sums(BASE - HOUR, BASE))
    assert isinstance(book.reading(KEY, BASE - HOUR - 120, BASE - 120), Reading)
    assert book.reading(KEY, BASE - 420, BASE - 120) == Missing("no data"), "5 m of halves of 5 m says too little"


def test_unknown_minutes_are_missing_from_the_known_time_only() -> None:
    minutes = Minutes(BASE, HOUR, {})
    book = Book()
    counts = [1.0] * 60
    counts[10] = counts[11] = NAN
    book.put(KEY, MINUTE, BASE - HOUR, [0.0] * 60, counts)
    assert book.reading(KEY, BASE - HOUR, BASE) == Reading(0, 58, 58 * MINUTE)
    assert minutes.sums(BASE - HOUR, BASE) == (0, 60, HOUR)


def test_nothing_held_is_missing_not_zero() -> None:
    book = Book()
    assert book.reading(KEY, 0, HOUR) == Missing("no data")
    assert book.window(KEY, HOUR, HOUR, 180) == Missing("no data")
    assert book.newest(KEY) is None
    assert book.trend(KEY, HOUR, HOUR, MINUTE, 0.001) is None
    book.entry(KEY)
    assert book.reading(KEY, 0, HOUR) == Missing("no data")
    assert book.newest(KEY) is None


def test_a_proven_idle_hour_is_known_and_empty() -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE - HOUR, [0.0] * 60, [0.0] * 60)
    assert book.reading(KEY, BASE - HOUR, BASE) == Reading(0, 0, HOUR)


@pytest.mark.parametrize(
    ("asked", "age", "expected"),
    [
        ({HOUR: Reading(5, 100, HOUR)}, 0, Reading(5, 100, HOUR)),
        ({HOUR: Reading(5, 100, HOUR)}, 180, Reading(5, 100, HOUR)),
        ({HOUR: Reading(5, 100, HOUR)}, 181, Missing("no data")),
        ({HOUR: Missing("the server said no")}, 0, Missing("the server said no")),
        ({300: Reading(5, 100, 300)}, 0, Reading(5, 100, 300)),
        ({300: Missing("no data")}, 0, Missing("no data")),
    ],
)
def test_until_buckets_are_there_the_servers_answer_counts_while_it_is_fresh(
    asked: dict[int, WindowReading], age: float, expected: WindowReading
) -> None:
    book = Book()
    book.answer(KEY, BASE - age, asked)
    assert book.window(KEY, HOUR, BASE, 180) == expected


def test_a_short_answer_and_the_buckets_before_it_make_a_longer_window() -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE - HOUR, [1.0] * 50, [10.0] * 50)
    book.answer(KEY, BASE, {300: Reading(7, 70, 300)})
    joined = book.window(KEY, HOUR, BASE, 180)
    assert joined == Reading(57, 570, 55 * MINUTE)
    book.answer(KEY, BASE, {300: Missing("no data")})
    assert book.window(KEY, HOUR, BASE, 180) == Reading(50, 500, 50 * MINUTE)


def test_an_answer_and_buckets_under_it_are_not_counted_twice() -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE - HOUR, [1.0] * 57, [10.0] * 57)
    book.answer(KEY, BASE, {300: Reading(7, 70, 300)})
    assert book.window(KEY, HOUR, BASE, 180) == Reading(62, 620, HOUR)


def test_buckets_win_over_answers_once_they_cover_the_window() -> None:
    book = Minutes(BASE, 8 * HOUR, {}).book(BASE)
    book.answer(KEY, BASE, {HOUR: Reading(60, 60, HOUR)})
    assert book.window(KEY, HOUR, BASE, 180) == Reading(0, 60, HOUR)
    book.set_coarse(KEY, True)
    assert book.window(KEY, HOUR, BASE, 180) == Reading(60, 60, HOUR)


def test_the_newest_moment_is_that_of_a_bucket_or_of_a_short_answer_with_a_value() -> None:
    book = Book()
    book.put(KEY, FIVE, BASE, [0.0, 0.0, 0.0], [1.0, 1.0, NAN])
    assert book.newest(KEY) == BASE + 600
    book.answer(KEY, BASE + 700, {300: Missing("no data"), DAY: Reading(0, 1, DAY)})
    assert book.newest(KEY) == BASE + 600, "a day that ends now proves nothing of now"
    book.answer(KEY, BASE + 800, {300: Reading(0, 1, 300)})
    assert book.newest(KEY) == BASE + 800


def test_the_version_grows_with_changes_only() -> None:
    book = Book()
    assert book.put(KEY, MINUTE, BASE, [0.1], [1 / 3])
    version = book.entry(KEY).version
    assert not book.put(KEY, MINUTE, BASE, [0.1], [1 / 3])
    assert book.entry(KEY).version == version
    assert book.put(KEY, MINUTE, BASE, [0.1], [2 / 3])
    assert book.entry(KEY).version > version


def test_a_trend_has_gaps_where_nothing_is_known_or_nothing_happened() -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE, [1.0, 0.0, 0.0, 2.0], [1000.0, 0.0, NAN, 1000.0])
    trend = book.trend(KEY, BASE + 5 * MINUTE + 20, 5 * MINUTE, MINUTE, 0.001)
    assert trend is not None
    assert (trend.start, trend.width) == (BASE, MINUTE)
    assert trend.burns == pytest.approx((1.0, None, None, 2.0, None))


def test_counts_tell_idle_from_unknown() -> None:
    book = Book()
    book.put(KEY, MINUTE, BASE, [1.0, 0.0, 0.0, 2.0], [1000.0, 0.0, NAN, 1000.0])
    counts = book.counts(KEY, BASE + 5 * MINUTE + 20, 5 * MINUTE, MINUTE)
    assert counts is not None
    assert (counts.start, counts.width, counts.end) == (BASE, MINUTE, BASE + 5 * MINUTE)
    assert list(counts.total) == [1000.0, 0.0, None, 1000.0, None]
    assert [counts.bad[place] for place in (0, 1, 3)] == [1.0, 0.0, 2.0]
    assert Book().counts(KEY, BASE, HOUR, MINUTE) is None
    book.set_coarse(KEY, True)
    coarse = book.counts(KEY, BASE + HOUR, HOUR, MINUTE)
    assert coarse is not None
    assert coarse.width == FIVE


@settings(max_examples=40, deadline=None)
@given(events, st.integers(0, 59), st.sampled_from([(HOUR, 60), (6 * HOUR, 300), (3 * DAY, 3600)]))
def test_a_trend_is_the_burn_of_each_bucket(
    found: dict[int, tuple[int, int]], shift: int, shape: tuple[int, int]
) -> None:
    now = BASE + shift * MINUTE
    minutes = Minutes(now, 80 * HOUR, found)
    span, width = shape
    trend = minutes.book(now).trend(KEY, now, span, width, 0.01)
    assert trend is not None
    assert len(trend.burns) == span // width
    assert trend.start + span == now // width * width
    for index, burn in enumerate(trend.burns):
        bad, total, _ = minutes.sums(trend.start + index * width, trend.start + (index + 1) * width)
        assert burn == pytest.approx(bad / total / 0.01, rel=1e-6)


def test_an_slo_can_be_forgotten() -> None:
    book = Minutes(BASE, HOUR, {}).book(BASE)
    assert KEY in book
    assert list(book.keys()) == [KEY]
    book.drop(KEY)
    assert KEY not in book


promises = st.builds(
    Promise, st.sampled_from(["99.9", "99", "90"]), st.sampled_from([DAY, 7 * DAY, 28 * DAY, 30 * DAY, "week", "month"])
)


@settings(max_examples=60, deadline=None)
@given(st.data(), promises, st.integers(0, 800))
def test_the_ledger_leads_to_the_verdict_of_counting_single_events(
    data: st.DataObject, promise: Promise, hours: int
) -> None:
    """Events to buckets to windows to the report, at a full hour and watched by whole hours: exact throughout."""
    at = BASE + hours * HOUR + DAY // 2
    loose = data.draw(histories(at))
    edges = sorted({min(at, edge // HOUR * HOUR) for span in loose.watched for edge in span})
    watched = tuple(zip(edges[::2], edges[1::2], strict=False))
    history = replace(loose, watched=watched)
    start, now, length = promise.bounds(at)
    if now == start:
        return
    book = filled(history, at)
    evidence = Evidence(
        slo_of(promise),
        at,
        {s: book.window(KEY, s, at, 180) for s in NAMED.values() if s <= length},
        book.window(KEY, now - start, at, 180),
        book.newest(KEY),
    )
    report = assess(evidence)
    verdict = judge(history, promise, at, rules=as_kept(report))
    agree_in_all(report, verdict, promise.budget)


def filled(history: History, at: int) -> Book:
    """A book that was given every bucket of a history, by counting its events one bucket at a time."""
    book = Book(31 * DAY)
    known = [(since, to) for since, to in history.watched if since < to]
    for width in WIDTHS:
        reach = REACH.get(width, 31 * DAY)
        for since, to in known:
            first = max(since, at - reach)
            count = max(0, to - first) // width
            bad, total = [0.0] * count, [0.0] * count
            for moment in history.moments:
                index = (moment.at - first) // width
                if 0 <= index < count:
                    bad[index] += moment.bad
                    total[index] += moment.good + moment.bad
            book.put(KEY, width, first, bad, total)
    return book
