"""Durations in Prometheus syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("300ms", 0.3),
        ("1s", 1),
        ("1m", 60),
        ("1h30m", 5400),
        ("1h4m", 3840),
        ("1d", 86_400),
        ("30d", 2_592_000),
        ("4w", 2_419_200),
        ("1y", 31_536_000),
        ("1y2w3d4h5m6s7ms", 31_536_000 + 2 * 604_800 + 3 * 86_400 + 4 * 3600 + 5 * 60 + 6.007),
        ("90m", 5400),
        (" 15s ", 15),
    ],
)
def test_reading(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


NO_DURATIONS = ["", " ", "5", "1.5h", "-1h", "1h1h", "30m1h", "1ms1s", "h", "1 h", "1H", "1M", "٣m", "1001y"]
NO_DURATIONS += ["9" * 20 + "s", "1h\x00", "nan", "inf", "1e3s"]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_no_duration_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_a_bare_number_is_answered_with_what_was_probably_meant() -> None:
    with pytest.raises(ValueError, match="for example 300s"):
        parse_duration("300")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-5, "0s"),
        (0.3, "300ms"),
        (15, "15s"),
        (300, "5m"),
        (5400, "1h30m"),
        (86_400, "1d"),
        (2_592_000, "30d"),
        (604_800, "7d"),
    ],
)
def test_writing(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(0, 1000 * 31_536_000 * 1000))
def test_what_is_written_reads_back_exactly(millis: int) -> None:
    assert parse_duration(format_duration(millis / 1000)) == millis / 1000


@given(st.text("0123456789ywdhms ", max_size=12))
def test_any_text_is_a_duration_or_a_sentence(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError as caught:
        sentence = str(caught)
    else:
        assert 0 <= seconds <= 1000 * 31_536_000
        assert parse_duration(format_duration(seconds)) == seconds
        return
    assert "duration" in sentence
