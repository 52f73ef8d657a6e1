"""When a silence is to end, as people type it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.ending import PRESETS, end_of, ending

BERLIN = "Europe/Berlin"


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NOW = at("2026-11-23T03:12:44+01:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW + 1800),
        (" 1h30m ", NOW + 5400),
        ("until 09:00", at("2026-11-23T09:00:00+01:00")),
        ("until 9:00", at("2026-11-23T09:00:00+01:00")),
        ("until 03:12", at("2026-11-24T03:12:00+01:00")),
        ("until 03:12:45", at("2026-11-23T03:12:45+01:00")),
        ("until 2026-11-25 08:00", at("2026-11-25T08:00:00+01:00")),
        ("until 2026-11-23T05:00:00Z", at("2026-11-23T05:00:00+00:00")),
        ("until @1795500000", 1_795_500_000.0),
    ],
)
def test_readings(text: str, expected: float) -> None:
    assert end_of(text, NOW, BERLIN) == expected


@pytest.mark.parametrize(
    ("now", "text", "expected", "remark"),
    [
        # Clocks go forward on 29 March 2026 at 02:00, back on 25 October 2026 at 03:00.
        ("2026-03-28T08:30:00+01:00", "until 09:00", "2026-03-28T09:00:00+01:00", None),
        ("2026-03-28T09:30:00+01:00", "until 09:00", "2026-03-29T09:00:00+02:00", None),
        ("2026-03-29T00:30:00+01:00", "until 02:30", "2026-03-29T01:30:00+01:00", "does not exist"),
        ("2026-10-24T09:30:00+02:00", "until 09:00", "2026-10-25T09:00:00+01:00", None),
        ("2026-10-25T01:00:00+02:00", "until 02:15", "2026-10-25T02:15:00+02:00", "exists twice"),
        ("2026-10-25T02:30:00+02:00", "until 02:15", "2026-10-25T02:15:00+01:00", None),
        ("2026-10-25T02:30:00+01:00", "until 02:15", "2026-10-26T02:15:00+01:00", None),
    ],
)
def test_when_clocks_are_set(now: str, text: str, expected: str, remark: str | None) -> None:
    found = ending(text, at(now), BERLIN)
    assert found.at == at(expected)
    assert (found.remark is None) if remark is None else (remark in (found.remark or ""))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "until 09:00"),
        ("60", "60s"),
        ("0s", "ends at once"),
        ("tomorrow", "until 09:00"),
        ("until", "not a duration"),
        ("until 25:00", "not a time"),
        ("until 9", "not a time"),
        ("until 10m ago", "over already"),
        ("until 2026-11-22 09:00", "over already"),
        ("until @1", "over already"),
    ],
)
def test_what_is_no_end(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ending(text, NOW, BERLIN)


ZONES = st.sampled_from([BERLIN, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(st.integers(1_700_000_000, 1_900_000_000), st.integers(0, 23), st.integers(0, 59), ZONES)
def test_until_a_clock_time_is_the_next_time_clocks_show_it(now: int, hour: int, minute: int, zone: str) -> None:
    found = end_of(f"until {hour:02}:{minute:02}", now, zone)
    assert now < found <= now + 49 * 3600
    shows = datetime.fromtimestamp(found, ZoneInfo(zone))
    exists = (shows.hour, shows.minute, shows.second) == (hour, minute, 0)
    minutes = range(now - now % 60 + 60, int(found), 60)
    local = (datetime.fromtimestamp(moment, ZoneInfo(zone)) for moment in minutes)
    assert not any((one.hour, one.minute) == (hour, minute) for one in local)
    assert exists or found - now < 26 * 3600


@given(st.integers(1_700_000_000, 1_900_000_000), ZONES)
def test_every_preset_is_one(now: int, zone: str) -> None:
    assert all(end_of(preset, now, zone) > now for preset in PRESETS)
