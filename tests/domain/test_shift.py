"""Shifts against the clock on the wall, minute by minute: daylight saving, overlaps, nobody on call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sreconsole.domain.shift import Span, boundary_after, shift_at

DAY, NIGHT = (480, 1200), (1200, 480)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns",
         "Africa/Casablanca", "Pacific/Apia")  # fmt: skip


def at(text: str, zone: str = "Europe/Berlin") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


_NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - what a clock on the wall shows has no zone


def on_call(spans: list[Span], zone: str, moment: float) -> tuple[float, str] | None:
    """When the present shift began, and which it is: by walking through three days minute by minute.

    A boundary is passed when the clock shows its time or later for the first time, so a clock that was set back counts
    as standing still.
    """
    where = ZoneInfo(zone)
    shown: datetime = _NEVER
    going: dict[int, float] = {}
    began = (moment // 60 - 3 * 1440) * 60
    for minute in range(3 * 1440 + 1):
        instant = began + minute * 60
        before, shown = shown, max(shown, datetime.fromtimestamp(instant, UTC).astimezone(where).replace(tzinfo=None))
        if shown == before or before is _NEVER:
            continue
        for place, (first, last) in enumerate(spans):
            for days in range(-1, 2):
                midnight = datetime(shown.year, shown.month, shown.day) + timedelta(days=days)  # noqa: DTZ001
                start = midnight + timedelta(minutes=first)
                end = midnight + timedelta(minutes=last, days=last <= first)
                if before < end <= shown:
                    going.pop(place, None)
            for days in range(-1, 2):
                midnight = datetime(shown.year, shown.month, shown.day) + timedelta(days=days)  # noqa: DTZ001
                start = midnight + timedelta(minutes=first)
                end = midnight + timedelta(minutes=last, days=last <= first)
                if before < start <= shown < end:
                    going[place] = instant
    if not going:
        return None
    place = max(going, key=lambda each: (going[each], -each))
    first, last = spans[place]
    return going[place], f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}"


_minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 60, 119, 120, 150, 179, 180, 1380]))
_spans = st.lists(st.tuples(_minutes, _minutes).filter(lambda s: s[0] != s[1]), max_size=3)
_moments = st.one_of(
    st.integers(28_000_000, 31_000_000).map(lambda minutes: minutes * 60.0 + 7.0),
    # around the changes of 2026 in Berlin, of Lord Howe (half an hour) and of New York
    st.sampled_from([1774746000, 1792890000, 1775314800, 1791041400, 1772953200, 1793512800]).flatmap(
        lambda change: st.integers(-1500, 1500).map(lambda minutes: change + minutes * 60.0)
    ),
)


@settings(max_examples=30, deadline=None)
@given(_spans, st.sampled_from(ZONES), _moments)
@example([(150, 480)], "Europe/Berlin", 1774746000.0)
@example([(120, 150), (150, 480)], "Europe/Berlin", 1792890000.0 + 1800)
def test_shifts_are_what_the_clock_on_the_wall_shows(spans: list[Span], zone: str, moment: float) -> None:
    shift = shift_at(spans, zone, moment)
    assert (None if shift is None else (shift.start, shift.label)) == on_call(spans, zone, moment)


@settings(max_examples=80, deadline=None)
@given(_spans, st.sampled_from(ZONES), _moments)
def test_who_is_on_call_changes_at_boundaries_only(spans: list[Span], zone: str, moment: float) -> None:
    boundary = boundary_after(spans, zone, moment)
    if boundary is None:
        assert not spans
        return
    assert boundary > moment
    assert shift_at(spans, zone, moment) == shift_at(spans, zone, (moment + boundary) / 2)


@pytest.mark.parametrize(
    ("moment", "start", "hours"),
    [
        ("2026-03-29T01:00", "2026-03-28T20:00", 11),
        ("2026-10-25T01:00", "2026-10-24T20:00", 13),
        ("2026-11-23T03:12", "2026-11-22T20:00", 12),
        ("2026-11-23T08:00", "2026-11-23T08:00", 12),
    ],
)
def test_a_night_over_a_change_is_an_hour_shorter_or_longer(moment: str, start: str, hours: int) -> None:
    shift = shift_at([DAY, NIGHT], "Europe/Berlin", at(moment))
    assert shift is not None
    assert (shift.start, shift.end - shift.start) == (at(start), hours * 3600)


def test_days_that_meet_leave_nobody_out_on_a_day_that_was_skipped() -> None:
    # Samoa had no 30 December 2011
    for minute in range(0, 3 * 1440, 7):
        moment = at("2011-12-29T00:00", "Pacific/Apia") + minute * 60
        shift = shift_at([DAY, NIGHT], "Pacific/Apia", moment)
        assert shift is not None
        assert shift.start <= moment < shift.end


def test_of_two_who_are_on_call_it_is_the_one_who_came_last() -> None:
    shift = shift_at([(0, 1440), (540, 1020)], "UTC", at("2026-11-23T10:00", "UTC"))
    assert shift is not None
    assert shift.label == "09:00-17:00"
    shift = shift_at([(0, 1440), (540, 1020)], "UTC", at("2026-11-23T20:00", "UTC"))
    assert shift is not None
    assert shift.label == "00:00-24:00"


def test_at_night_nobody_may_be_on_call() -> None:
    assert shift_at([(540, 1020)], "UTC", at("2026-11-23T03:00", "UTC")) is None
    assert shift_at([], "UTC", 0.0) is None
    assert boundary_after([(540, 1020)], "UTC", at("2026-11-23T18:00", "UTC")) == at("2026-11-24T09:00", "UTC")
