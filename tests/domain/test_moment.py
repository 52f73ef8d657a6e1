"""Times as people type them, in a zone with daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.moment import parse_moment

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 23, 3, 12, 44, tzinfo=ZoneInfo(BERLIN)).timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T03:12:44Z", at("2026-11-23T03:12:44+00:00")),
        ("2026-11-23T03:12:44.5+02:00", at("2026-11-23T03:12:44.5+02:00")),
        ("2026-11-22 18:00", at("2026-11-22T18:00:00+01:00")),
        ("2026-11-22 18:00:07", at("2026-11-22T18:00:07+01:00")),
        ("03:02", at("2026-11-23T03:02:00+01:00")),
        ("03:13", at("2026-11-22T03:13:00+01:00")),
        ("10m ago", NOW - 600),
        ("1h30m ago", NOW - 5400),
        ("@1790000000", 1_790_000_000.0),
        ("2026-07-01 12:00", at("2026-07-01T12:00:00+02:00")),
    ],
)
def test_a_time_is_read(text: str, expected: float) -> None:
    assert parse_moment(text, NOW, BERLIN) == (expected, None)


@pytest.mark.parametrize("text", ["2026-10-25 02:30", "2026-03-29 02:30"])
def test_a_doubtful_time_is_the_earlier_one_and_said(text: str) -> None:
    moment = parse_moment(text, NOW, BERLIN)
    later = moment.at + 3600
    assert moment.remark is not None
    assert BERLIN in moment.remark
    names = {datetime.fromtimestamp(t, ZoneInfo(BERLIN)).strftime("%H:%M") for t in (moment.at, later)}
    assert names & {"02:30", "01:30", "03:30"}
    assert moment.at == min(
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold).timestamp() for fold in (0, 1)
    )


@pytest.mark.parametrize(
    "text", ["", "yesterday", "25:00", "12:61", "2026-13-01 10:00", "5 ago", "@x", "@-1", "@1e99", "2026-11-23"]
)
def test_what_is_no_time_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|duration|zone"):
        parse_moment(text, NOW, BERLIN)


@given(st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        moment = parse_moment(text, NOW, BERLIN)
    except ValueError:
        return
    assert isinstance(moment.at, float)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 22)))  # noqa: DTZ001 - local times are the subject
def test_a_local_time_comes_back_as_it_was_written(local: datetime) -> None:
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    moment = parse_moment(text, NOW, BERLIN)
    back = datetime.fromtimestamp(moment.at, UTC).astimezone(ZoneInfo(BERLIN))
    assert moment.remark is not None or back.strftime("%Y-%m-%d %H:%M:%S") == text
