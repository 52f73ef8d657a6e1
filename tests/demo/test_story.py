"""The story: the same in every process, counts that agree at every width, and scenes that do what they promise."""

from __future__ import annotations

import itertools
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sreconsole.demo.story import HISTORY, Story, Track

ORIGIN = 1_795_444_680  # 2026-11-23, a Monday afternoon
DAY = 86_400
CHECKOUT = ("checkout", "availability")


def fresh(seed: int = 2, origin: int = ORIGIN) -> Story:
    return Story(seed, origin, UTC)


def month(seed: int) -> list[tuple[int, int]]:
    tracks = fresh(seed).tracks.values()
    return [track.bucket(start, 3600) for track in tracks for start in hours(ORIGIN - 30 * DAY, ORIGIN)]


def hours(start: int, end: int) -> range:
    return range(start - start % 3600, end, 3600)


def test_the_same_seed_tells_the_same_month_in_another_process() -> None:
    text = (
        "import zlib, tests.demo.test_story as story; "
        "print(zlib.crc32(repr(story.month(2)).encode()), zlib.crc32(repr(story.month(3)).encode()))"
    )
    path = ":".join(entry for entry in sys.path if entry)
    answer = subprocess.run(
        [sys.executable, "-c", text], env={"PYTHONPATH": path, "PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    mine = [zlib.crc32(repr(month(seed)).encode()) for seed in (2, 3)]
    assert answer.stdout.decode().split() == [str(sum_) for sum_ in mine]
    assert mine[0] != mine[1]


def test_the_order_of_questions_does_not_matter() -> None:
    forward, backward = fresh(), fresh()
    starts = range(ORIGIN - ORIGIN % 3600 - 7200, ORIGIN + 7200, 60)
    for key in forward.tracks:
        told = [forward.tracks[key].bucket(start, 60) for start in starts]
        assert told == [backward.tracks[key].bucket(start, 60) for start in reversed(starts)][::-1]


@pytest.mark.parametrize("key", sorted(fresh().tracks), ids="-".join)
def test_minutes_add_up_to_hours_and_bad_never_exceeds_total(key: tuple[str, str]) -> None:
    track = fresh().tracks[key]
    flares = [ORIGIN + flare.begins * 60 for flare in track.promise.flares]
    for hour in [hours(at, at + 1)[0] + 3600 * step for at in (ORIGIN, *flares) for step in (-3, -1, 0, 1, 2)]:
        minutes = [track.bucket(hour + 60 * k, 60) for k in range(60)]
        fives = [track.bucket(hour + 300 * k, 300) for k in range(12)]
        assert all(0 <= bad <= total for bad, total in minutes)
        assert added(minutes) == added(fives) == track.bucket(hour, 3600)
        assert [added(minutes[k : k + 5]) for k in range(0, 60, 5)] == fives


def added(counts: list[tuple[int, int]]) -> tuple[int, int]:
    return sum(bad for bad, _ in counts), sum(total for _, total in counts)


@pytest.mark.parametrize("key", sorted(fresh().tracks), ids="-".join)
def test_counters_only_grow_and_their_increments_are_the_buckets(key: tuple[str, str]) -> None:
    track = fresh().tracks[key]
    start = ORIGIN - ORIGIN % 3600 - 600
    samples = [track.counters(start + 0.7 * k) for k in range(round(1800 / 0.7))]
    for (bad, total), (bad_next, total_next) in itertools.pairwise(samples):
        assert bad <= bad_next
        assert total_next - total >= bad_next - bad >= 0
    for begin in range(start, start + 1800, 60):
        before, after = track.counters(begin), track.counters(begin + 60)
        assert (after[0] - before[0], after[1] - before[1]) == track.bucket(begin, 60)
    whole = [track.bucket(hour, 3600) for hour in hours(ORIGIN - HISTORY, ORIGIN)[:-1]]
    assert track.counters(hours(0, ORIGIN)[-1]) == added(whole)


def test_checkout_pages_at_the_start_recovers_and_pages_again() -> None:
    for first in range(ORIGIN, ORIGIN + DAY, 5 * 3600 + 1260):
        track = fresh(origin=first).tracks[CHECKOUT]
        paging = [is_paging(track, first + 60 * minute) for minute in range(60)]
        assert paging[1:6] == [True] * 5, "the first screen is serious"
        assert not any(paging[10:40]), "it recovers about eight minutes later"
        assert any(paging[40:55]), "it comes back"
        assert not is_paging(track, first - 180), "it has only just begun"


def is_paging(track: Track, at: int) -> bool:
    """The page pairs of a 99.9 % objective over 30 d, counted minute by minute."""

    def burn(seconds: int) -> float:
        bad, total = added([track.bucket(start, 60) for start in range(at - seconds, at, 60)])
        return bad / total / 0.001

    return (burn(3600) > 14.4 and burn(300) > 14.4) or (burn(21600) > 6 and burn(1800) > 6)


def test_search_burns_slowly_for_days() -> None:
    track = fresh().tracks["search", "latency"]
    burns = [burn_of(track, ORIGIN - days * DAY, DAY) for days in range(7, 0, -1)]
    assert burns[0] < 0.3
    assert all(3 < burn < 4 for burn in (burns[-1], burn_of(track, ORIGIN, DAY)))
    assert burns[1:] == sorted(burns[1:])


def burn_of(track: Track, start: int, seconds: int) -> float:
    bad, total = added([track.bucket(hour, 3600) for hour in hours(start, start + seconds)])
    return bad / total / track.promise.budget


def left(service: str, slo: str) -> float:
    return 1 - burn_of(fresh().tracks[service, slo], ORIGIN - 30 * DAY, 30 * DAY)


def test_budgets_differ_and_one_is_overspent() -> None:
    assert left("notifications", "delivery") < 0
    healthy = [
        left(service, slo)
        for service, slo in fresh().tracks
        if service not in ("notifications", "invoices", "backoffice", "edge")
    ]
    assert min(healthy) > 0.2
    assert len({round(share, 1) for share in healthy}) >= 5


def test_invoices_get_a_few_requests_an_hour() -> None:
    track = fresh().tracks["invoices", "availability"]
    counts = [track.bucket(hour, 3600) for hour in hours(ORIGIN - 30 * DAY, ORIGIN)]
    assert max(total for _, total in counts) <= 20
    assert 1 <= sum(bad for bad, _ in counts) <= 6
    assert sum(bad for bad, _ in counts[-3 * 24 :]) == 0


def test_fraud_scoring_is_without_data() -> None:
    assert not [key for key in fresh().tracks if key[0] == "fraud-scoring"]


def test_backoffice_is_idle_at_night_in_the_zone_of_the_reader() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    track = Story(2, ORIGIN, zone).tracks["backoffice", "availability"]
    night = int(datetime(2026, 11, 23, 2, tzinfo=zone).timestamp())
    noon = int(datetime(2026, 11, 23, 12, tzinfo=zone).timestamp())
    assert track.bucket(night, 3600) == (0, 0)
    assert track.bucket(noon, 3600)[1] > 1000


def test_probe_samples_of_a_minute_are_its_bad_events() -> None:
    track = fresh().tracks["edge", "probe"]
    starts = [start for start in range(ORIGIN - 20 * 3600, ORIGIN, 60) if track.bucket(start, 60)[0]]
    assert starts, "some probes fail in a day"
    for start in (*starts, ORIGIN):
        values = [track.gauge(start + 5 * k + 2.5) for k in range(12)]
        assert (values.count(0), len(values)) == track.bucket(start, 60)
