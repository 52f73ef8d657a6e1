"""Rings of running totals against a naive dictionary of buckets."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.ledger.ring import Ring

WIDTH, CAPACITY = 60, 30
NAN = math.nan


class Naive:
    """Buckets by number; only the newest `CAPACITY` count."""

    def __init__(self) -> None:
        self.buckets: dict[int, tuple[float, float]] = {}
        self.end: int | None = None

    def put(self, start: int, bad: Sequence[float], total: Sequence[float]) -> bool:
        before = dict(self.buckets)
        first = start // WIDTH
        if total:
            self.end = max(self.end or first + len(total), first + len(total))
        for index, (amount, events) in enumerate(zip(bad, total, strict=True)):
            if not math.isnan(events):
                self.buckets[first + index] = (amount, events)
        self.buckets = {n: pair for n, pair in self.buckets.items() if n >= (self.end or 0) - CAPACITY}
        return any(before.get(number) != pair for number, pair in self.buckets.items())

    def sums(self, start: float, end: float) -> tuple[float, float, float]:
        bad = total = known = 0.0
        for number, (amount, events) in self.buckets.items():
            part = max(0.0, min(end, (number + 1) * WIDTH) - max(start, number * WIDTH)) / WIDTH
            bad, total, known = bad + part * amount, total + part * events, known + part * WIDTH
        return bad, total, known

    def newest(self) -> int | None:
        return (max(self.buckets) + 1) * WIDTH if self.buckets else None


amounts = st.sampled_from([0.0, 0.0, 1.0, 0.1, 1 / 3, 123.456789, 1e7 + 1 / 7]) | st.floats(0, 1e6)
puts = st.tuples(
    st.integers(0, 60).map(lambda number: (1_000_000 + number) * WIDTH),
    st.lists(st.tuples(amounts, amounts | st.just(NAN)), max_size=40),
)


def filled(writes: list[tuple[int, list[tuple[float, float]]]]) -> tuple[Ring, Naive]:
    ring, naive = Ring(WIDTH, CAPACITY), Naive()
    for start, pairs in writes:
        bad, total = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        ring.put(start, bad, total)
        naive.put(start, bad, total)
    return ring, naive


@given(st.lists(puts, max_size=8), st.floats(-10, 110), st.floats(0, 60))
def test_any_window_is_the_sum_of_its_buckets(
    writes: list[tuple[int, list[tuple[float, float]]]], offset: float, length: float
) -> None:
    ring, naive = filled(writes)
    start = (1_000_000 + offset) * WIDTH
    assert ring.sums(start, start + length * WIDTH) == pytest.approx(
        naive.sums(start, start + length * WIDTH), rel=1e-6, abs=1e-3
    )
    assert ring.newest() == naive.newest()


@given(st.lists(puts, max_size=8), st.integers(-5, 110), st.integers(0, 40))
def test_what_is_nothing_is_exactly_nothing(
    writes: list[tuple[int, list[tuple[float, float]]]], offset: int, count: int
) -> None:
    """Noise of running totals would be traffic where there was none, and a failure ratio of it anything at all."""
    ring, naive = filled(writes)
    start = (1_000_000 + offset) * WIDTH
    found, expected = ring.sums(start, start + count * WIDTH), naive.sums(start, start + count * WIDTH)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine >= 0
        assert (mine == 0) == (theirs < 1e-5), (mine, theirs)
    assert found[2] == expected[2]


@given(st.lists(puts, max_size=6), puts)
def test_writing_the_same_again_changes_nothing(
    writes: list[tuple[int, list[tuple[float, float]]]], last: tuple[int, list[tuple[float, float]]]
) -> None:
    ring, _ = filled([*writes, last])
    bad, total = [pair[0] for pair in last[1]], [pair[1] for pair in last[1]]
    before = ring.sums(0, 1e9)
    assert ring.put(last[0], bad, total) is False
    assert ring.sums(0, 1e9) == before


@given(st.lists(puts, max_size=6), puts)
def test_a_change_is_reported(
    writes: list[tuple[int, list[tuple[float, float]]]], last: tuple[int, list[tuple[float, float]]]
) -> None:
    ring, naive = filled(writes)
    bad, total = [round(pair[0], 3) for pair in last[1]], [round(pair[1], 3) for pair in last[1]]
    held = {n: (round(b, 3), round(t, 3)) for n, (b, t) in naive.buckets.items()}
    after = {last[0] // WIDTH + i: (b, t) for i, (b, t) in enumerate(zip(bad, total, strict=True)) if not math.isnan(t)}
    end = max([naive.end or 0, last[0] // WIDTH + len(total)]) if total else naive.end or 0
    differs = any(n >= end - CAPACITY and held.get(n) != pair for n, pair in after.items())
    if differs:
        assert ring.put(last[0], bad, total) is True


@given(st.lists(puts, max_size=8), st.integers(-20, 100), st.integers(1, 12), st.sampled_from([1, 5, 7]))
def test_columns_are_sums_of_groups(
    writes: list[tuple[int, list[tuple[float, float]]]], offset: int, count: int, stride: int
) -> None:
    ring, naive = filled(writes)
    start = (1_000_000 + offset) * WIDTH
    bad, total, seen = ring.columns(start, count, stride)
    for index in range(count):
        low = start + index * stride * WIDTH
        expected = naive.sums(low, low + stride * WIDTH)
        assert (bad[index], total[index], seen[index] * WIDTH) == pytest.approx(expected, rel=1e-6, abs=1e-3)
        assert (total[index] == 0) == (expected[1] < 1e-5)


def test_history_comes_newest_first() -> None:
    ring = Ring(WIDTH, 100)
    for chunk in range(9, -1, -1):
        ring.put(chunk * 10 * WIDTH, [1.0] * 10, [10.0] * 10)
    assert ring.sums(0, 100 * WIDTH) == (100, 1000, 6000)
    assert ring.sums(25 * WIDTH, 75 * WIDTH) == (50, 500, 3000)


def test_kept_history_is_taken_at_a_stroke_beside_what_is_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, plain = Ring(WIDTH, 1000), Ring(WIDTH, 1000)
    bad, total = [float(n % 3) for n in range(900)], [float(n) for n in range(900)]
    for each in (ring, plain):
        each.put(897 * WIDTH, [1.0] * 4, [5.0, NAN, 6.0, 7.0])
    for number in range(900):
        plain.put(number * WIDTH, bad[number : number + 1], total[number : number + 1])
    looked: list[float] = []
    units = Ring._units

    def counted(self: Ring, count: float) -> int | None:
        looked.append(count)
        return units(self, count)

    monkeypatch.setattr(Ring, "_units", counted)
    assert ring.put(0, bad, total)
    assert len(looked) < 20
    for start in range(0, 905, 7):
        assert ring.sums(start * WIDTH, 902 * WIDTH) == plain.sums(start * WIDTH, 902 * WIDTH)


def test_arrays_are_taken_as_well_as_lists() -> None:
    ring = Ring(WIDTH, CAPACITY)
    assert ring.put(WIDTH, array("d", [1, 2]), array("d", [3, NAN]))
    assert ring.sums(0, 10 * WIDTH) == (1, 3, 60)


def test_what_is_not_known_keeps_what_was_there() -> None:
    ring = Ring(WIDTH, CAPACITY)
    ring.put(WIDTH, [1.0], [3.0])
    assert ring.put(WIDTH, [9.0], [NAN]) is False
    assert ring.sums(0, 10 * WIDTH) == (1, 3, 60)


def test_idle_hours_stay_idle_beside_a_very_busy_past() -> None:
    """Every write shifts what follows it; a billion events of the past must leave no crumb in an idle bucket."""
    ring = Ring(WIDTH, 1_000)
    for start in range(0, 900, 3):
        ring.put(start * WIDTH, [0.1, 1 / 3, 0.7], [1e9 + 0.1, 1e9 + 1 / 3, 1e9 / 7])
    ring.put(900 * WIDTH, [0.0] * 100, [0.0] * 100)
    for start in range(899, -1, -7):
        ring.put(start * WIDTH, [0.2], [1e9 + 1 / 7])
    assert ring.sums(900 * WIDTH, 1_000 * WIDTH) == (0, 0, 6_000)
    assert ring.columns(900 * WIDTH, 10, 10) == ([0] * 10, [0] * 10, [10] * 10)


def test_a_busy_bucket_written_late_leaves_its_idle_neighbour_idle() -> None:
    ring = Ring(WIDTH, CAPACITY)
    ring.put(0, [0.1] * 3, [0.1] * 3)
    ring.put(3 * WIDTH, [0.0] * 27, [0.0] * 27)
    ring.put(0, [1 / 3], [1e9 + 1 / 3])
    ring.put(WIDTH, [0.1, 0.1], [1e9, 0.3])
    assert ring.sums(3 * WIDTH, 4 * WIDTH) == (0, 0, 60)


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e300, -1.0])
def test_an_impossible_count_does_not_spoil_its_neighbours(value: float) -> None:
    ring = Ring(WIDTH, CAPACITY)
    ring.put(0, [1.0, 1.0, 1.0], [10.0, 10.0, 10.0])
    ring.put(10 * WIDTH, [value, 0.0], [value, 5.0])
    ring.put(5 * WIDTH, [value], [5.0])
    assert ring.sums(0, 3 * WIDTH) == (3, 30, 180)
    assert ring.sums(11 * WIDTH, 12 * WIDTH) == (0, 5, 60)
    assert all(math.isfinite(number) and number >= 0 for number in ring.sums(0, 20 * WIDTH))


def test_a_ring_keeps_its_size_however_far_time_jumps() -> None:
    ring = Ring(WIDTH, CAPACITY)
    ring.put(0, [1.0] * 3, [2.0] * 3)
    for number in (5, 40, 100_000):
        ring.put(number * WIDTH, [1.0], [2.0])
        assert len(ring.bad) == len(ring.total) == CAPACITY + 1
        assert ring.seen.bit_length() <= CAPACITY
    assert ring.sums(0, 200_000 * WIDTH) == (1, 2, 60)


def test_years_of_events_never_pass_what_a_ring_can_hold() -> None:
    ring = Ring(WIDTH, CAPACITY)
    for number in range(0, 2_000, 10):
        ring.put(number * WIDTH, [ring.most] * 10, [ring.most] * 10)
    ring.put(1_985 * WIDTH, [0.0], [0.0])
    assert ring.sums(0, 2_000 * WIDTH) == ((CAPACITY - 1) * ring.most, (CAPACITY - 1) * ring.most, CAPACITY * WIDTH)
    for number in range(1_999, 1_970, -1):
        ring.put(number * WIDTH, [1.5], [2.5])
    assert ring.sums(1_971 * WIDTH, 2_000 * WIDTH) == (29 * 1.5, 29 * 2.5, 29 * WIDTH)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_ratios_times_seconds_keep_eight_digits(ratios: list[float]) -> None:
    """Where only ratios are known, a bucket counts its bad seconds."""
    for width in (60, 300, 3_600):
        ring = Ring(width, CAPACITY)
        ring.put(0, [ratio * width for ratio in ratios], [float(width)] * len(ratios))
        bad, total, _ = ring.sums(0, len(ratios) * width)
        assert bad / total == pytest.approx(sum(ratios) / len(ratios), abs=1e-8)
        assert ring.most > 10**9


def test_ordinary_counts_take_twelve_bytes_a_bucket() -> None:
    """A thousand SLOs hold two million buckets."""
    ring = Ring(60, 372)
    assert getsizeof(ring.bad) + getsizeof(ring.total) < 372, "what is never put takes nothing"
    for start in range(360, -1, -40):
        ring.put(start * 60, [0.01] * 40, [2.5] * 40)
    held = sum(getsizeof(each) for each in (ring.bad, ring.total, ring.seen))
    assert held < 372 * 13
    assert ring.sums(0, 400 * 60) == pytest.approx((3.72, 930, 372 * 60), abs=1e-4)


def test_reserved_room_is_what_is_written_to() -> None:
    """What is made before a start reads its buckets stays where it is: no hole is left, and none filled."""
    ring = Ring(60, 372)
    ring.reserve()
    held = ring.bad.buffer_info(), ring.total.buffer_info()
    ring.reserve()
    for start in range(360, -1, -40):
        ring.put(start * 60, [0.01] * 40, [250.0] * 40)
    assert (ring.bad.buffer_info(), ring.total.buffer_info()) == held
    assert ring.sums(0, 400 * 60) == pytest.approx((3.72, 93_000, 372 * 60), abs=1e-4)


def test_a_column_that_needs_more_bits_gets_them() -> None:
    """Also where a busy bucket goes while another comes: what is held in between fits neither way."""
    ring = Ring(60, 372)
    ring.put(0, [0.0] * 372, [2.0] * 372)
    ring.put(100 * 60, [0.0], [1e9])
    assert ring.sums(0, 372 * 60) == (0, 371 * 2 + 1e9, 372 * 60)
    ring.put(100 * 60, [1e9], [1e9])
    ring.put(300 * 60, [0.0], [1e9])
    ring.put(100 * 60, [0.0], [0.0])
    assert ring.sums(0, 372 * 60) == (0, 370 * 2 + 1e9, 372 * 60)
    assert ring.sums(101 * 60, 372 * 60) == (0, 270 * 2 + 1e9, 271 * 60)
