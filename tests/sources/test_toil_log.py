"""Logs of toil: what is a line, what is said of others, what a rotated or rewritten file does not count twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sreconsole.domain.load import Entry
from sreconsole.errors import Unreachable
from sreconsole.sources.line_time import line_time
from sreconsole.sources.toil_log import ToilLog

NOON = 1_795_435_200.0
"""2026-11-23T12:00:00Z."""


def line(ts: object = "2026-11-23T12:00:00Z", minutes: object = 20, **more: object) -> str:
    return json.dumps({"ts": ts, "minutes": minutes, "category": "tickets", "text": "quota", **more}) + "\n"


def write(path: Path, *lines: str) -> ToilLog:
    path.write_text("".join(lines), encoding="utf-8")
    return ToilLog(path)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23T13:00:00+01:00", NOON),
        ("2026-11-23T12:00:00", NOON),
        (NOON, NOON),
        (NOON * 1000, NOON),
        (f"{NOON:.0f}", NOON),
        (f" {NOON * 1000:.0f} ", NOON),
        (f"{NOON}", NOON),
        (f"{NOON * 1000:.3f}", NOON),
        ("20251123", 1_763_856_000.0),
        ("20251123T0000", 1_763_856_000.0),
        ("1712112351023", 1_712_112_351.023),  # as a date: 23 November 1712
        ("17000000001700000000", None),
        ("1e9", None),
        ("1_700_000_000", None),
        ("١٧٠٠٠٠٠٠٠٠", None),
        ("yesterday", None),
        ("12:00", None),
        (-1.0, None),
        (0.0, None),
        (1e30, None),
        (float("nan"), None),
    ],
)
def test_times_of_lines(told: float | str, seconds: float | None) -> None:
    assert line_time(told) == seconds


def test_a_line_is_a_piece_of_work(tmp_path: Path) -> None:
    log = write(tmp_path / "log", line(service="search", by="ana", more=[1]), line(NOON + 1, 0.5))
    assert log.read(0.0) == (
        Entry(NOON, 20.0, "tickets", "quota", "search", "ana"),
        Entry(NOON + 1, 0.5, "tickets", "quota"),
    )
    assert log.lines.note() is None


@pytest.mark.parametrize(
    "bad",
    [
        line(minutes=-1),
        line(minutes="20"),
        line(minutes=None),
        line(minutes=1e9),
        line(ts="noon"),
        line(service=7),
        '{"ts": 1, "minutes": 1}\n',
        "[1, 2]\n",
        "not json\n",
        "\x00\n",
        '{"ts": 1' + "\n",
    ],
)
def test_what_is_none_is_counted_and_said(tmp_path: Path, bad: str) -> None:
    log = write(tmp_path / "log", line(), bad, line(NOON + 1))
    assert [entry.at for entry in log.read(0.0)] == [NOON, NOON + 1]
    assert log.lines.bad_lines == 1
    assert "1 bad line in" in (log.lines.note() or "")


def test_invalid_utf8_and_controls_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(line().encode().replace(b"quota", b"qu\xffota") + line(text="\x1b[31mred").encode())
    entries = ToilLog(path).read(0.0)
    assert [entry.text for entry in entries] == ["␛red"]


def test_the_same_line_twice_is_one_and_only_what_came_is_read(tmp_path: Path) -> None:
    log = write(tmp_path / "log", line(), line())
    entries = log.read(0.0)
    assert len(entries) == 1
    assert log.read(0.0) is entries
    with log.path.open("a", encoding="utf-8") as file:
        file.write(line(NOON - 60, 5))
    assert [entry.minutes for entry in log.read(0.0)] == [5, 20]


def test_what_stood_in_a_rotated_file_still_counts(tmp_path: Path) -> None:
    log = write(tmp_path / "log", line())
    log.read(0.0)
    log.path.rename(tmp_path / "log.1")
    with pytest.raises(Unreachable, match="is not there"):
        log.read(0.0)
    log.path.write_text(line(NOON + 60, 5), encoding="utf-8")
    assert [entry.minutes for entry in log.read(0.0)] == [20, 5]


def test_a_file_that_was_written_anew_counts_alone(tmp_path: Path) -> None:
    log = write(tmp_path / "log", line(), line(NOON + 60, 600))
    log.read(0.0)
    (tmp_path / "new").write_text(line() + line(NOON + 60, 60), encoding="utf-8")
    (tmp_path / "new").rename(log.path)
    assert [entry.minutes for entry in log.read(0.0)] == [20, 60]


def test_what_is_old_goes_but_how_far_the_log_reaches_stays(tmp_path: Path) -> None:
    log = write(tmp_path / "log", *(line(NOON + 60 * minute, minute) for minute in range(6)))
    log.read(0.0)
    assert [entry.minutes for entry in log.read(NOON + 200)] == [3, 4, 5]
    assert log.read(NOON + 200) is log.read(NOON + 200)


def test_a_log_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is not there"):
        ToilLog(tmp_path / "log").read(0.0)
