"""Windows of SLOs: against an oracle that walks minute by minute through local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.domain.period import Calendar, CalendarUnit, Rolling
from tests.domain.oracle import walked

UNITS: tuple[CalendarUnit, ...] = ("week", "month", "quarter")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Santiago",  # skips midnight in September, repeats the hour before it in April
    "America/Havana",  # repeats midnight in November
    "America/New_York",
    "Asia/Beirut",  # skips midnight in March
    "Asia/Kathmandu",  # UTC+5:45
    "Australia/Lord_Howe",  # half an hour of DST
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
]


def stamp(text: str) -> int:
    """Unix seconds of an RFC 3339 text."""
    return int(datetime.fromisoformat(text).timestamp())


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(UNITS),
    st.sampled_from([2023, 2024, 2025]),
    st.integers(0, 365 * 86_400 - 1),
)
def test_calendar_bounds_are_those_of_a_walk_through_local_time(
    zone: str, unit: CalendarUnit, year: int, second: int
) -> None:
    at = int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) + second
    period = Calendar(unit, zone)
    assert period.bounds(at) == walked(zone, unit, at)
    assert period.length(at) == walked(zone, unit, at)[1] - walked(zone, unit, at)[0]


@settings(deadline=None)
@given(
    st.sampled_from(ZONES), st.sampled_from(UNITS), st.integers(stamp("2013-01-01T00:00Z"), stamp("2037-01-01T00:00Z"))
)
def test_periods_join_without_gap_or_overlap(zone: str, unit: CalendarUnit, at: int) -> None:
    period = Calendar(unit, zone)
    start, end = period.bounds(at)
    assert start <= at < end
    assert period.bounds(start) == (start, end)
    assert period.bounds(end - 1) == (start, end)
    assert period.bounds(end)[0] == end
    assert period.bounds(start - 1)[1] == start


@pytest.mark.parametrize(
    ("unit", "zone", "at", "start", "end"),
    [
        ("week", "Europe/Berlin", "2026-03-29T12:00+02:00", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("week", "Europe/Berlin", "2026-10-25T02:30+01:00", "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("week", "UTC", "2027-01-01T00:00Z", "2026-12-28T00:00Z", "2027-01-04T00:00Z"),
        ("month", "Europe/Berlin", "2024-02-29T23:59:59+01:00", "2024-02-01T00:00+01:00", "2024-03-01T00:00+01:00"),
        ("month", "Europe/Berlin", "2026-03-31T23:59+02:00", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("quarter", "Europe/Berlin", "2026-02-15T12:00+01:00", "2026-01-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("quarter", "UTC", "2026-12-31T23:59:59Z", "2026-10-01T00:00Z", "2027-01-01T00:00Z"),
        # The night of 2019-09-08 had no midnight in Santiago, that of 2024-09-08 neither: the day began at 01:00.
        ("week", "America/Santiago", "2024-09-08T12:00-03:00", "2024-09-02T00:00-04:00", "2024-09-09T00:00-03:00"),
        # Asunción put its clocks forward at midnight of Sunday 2017-10-01: October began at 01:00.
        ("month", "America/Asuncion", "2017-10-01T01:00-03:00", "2017-10-01T01:00-03:00", "2017-11-01T00:00-03:00"),
        ("quarter", "America/Asuncion", "2017-12-31T12:00-03:00", "2017-10-01T01:00-03:00", "2018-01-01T00:00-03:00"),
        # Amman put them forward at midnight, Friday 2022-02-25; Damascus on 2011-04-01, the first of a quarter.
        ("quarter", "Asia/Damascus", "2011-05-01T00:00+03:00", "2011-04-01T01:00+03:00", "2011-07-01T00:00+03:00"),
        # Havana put them back at 01:00 of Sunday 2015-11-01: midnight came twice, November began at the first.
        ("month", "America/Havana", "2015-11-01T00:30-05:00", "2015-11-01T00:00-04:00", "2015-12-01T00:00-05:00"),
    ],
)
def test_known_periods(unit: CalendarUnit, zone: str, at: str, start: str, end: str) -> None:
    assert Calendar(unit, zone).bounds(stamp(at)) == (stamp(start), stamp(end))


@pytest.mark.parametrize(
    ("unit", "zone", "at", "hours"),
    [
        ("week", "Europe/Berlin", "2026-03-25T12:00Z", 167),
        ("week", "Europe/Berlin", "2026-10-21T12:00Z", 169),
        ("week", "Europe/Berlin", "2026-06-10T12:00Z", 168),
        ("month", "UTC", "2024-02-10T00:00Z", 29 * 24),
        ("month", "UTC", "2100-02-10T00:00Z", 28 * 24),
        ("month", "Europe/Berlin", "2026-03-10T00:00Z", 31 * 24 - 1),
        ("month", "Europe/Berlin", "2026-10-10T00:00Z", 31 * 24 + 1),
        ("quarter", "UTC", "2026-01-10T00:00Z", 90 * 24),
        ("quarter", "UTC", "2024-01-10T00:00Z", 91 * 24),
        ("quarter", "UTC", "2026-08-10T00:00Z", 92 * 24),
        ("quarter", "Europe/Berlin", "2026-01-10T00:00Z", 90 * 24 - 1),
    ],
)
def test_the_length_of_a_period_follows_daylight_saving_and_leap_years(
    unit: CalendarUnit, zone: str, at: str, hours: int
) -> None:
    assert Calendar(unit, zone).length(stamp(at)) == hours * 3600


@given(st.integers(86_400, 92 * 86_400), st.floats(0, 4e9))
def test_a_rolling_window_ends_now(seconds: int, at: float) -> None:
    assert Rolling(seconds).bounds(at) == (at - seconds, at)
    assert Rolling(seconds).length(at) == seconds


def test_windows_have_names() -> None:
    assert [str(Rolling(days * 86_400)) for days in (1, 7, 28, 30)] == ["1d", "7d", "28d", "30d"]
    assert [str(Calendar(unit, "UTC")) for unit in UNITS] == list(UNITS)


def test_time_moves_on_across_a_boundary() -> None:
    period = Calendar("week", "Europe/Berlin")
    boundary = stamp("2026-03-30T00:00+02:00")
    week = timedelta(days=7).total_seconds()
    assert period.bounds(boundary - 0.5) == (boundary - week + 3600, boundary)
    assert period.bounds(boundary + 0.5) == (boundary, boundary + week)
