"""The history file: a month of final buckets, current to the minute, always whole lines, equal to the story."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from sreconsole.demo import past as module
from sreconsole.demo.past import Past
from sreconsole.demo.story import Story
from sreconsole.sources.history_file import HistoryFile

NOW = 1_795_444_714.3
ORIGIN = int(NOW // 60) * 60
SLOS = len(Story(2, ORIGIN, UTC).tracks)


@pytest.fixture
def story() -> Story:
    return Story(2, ORIGIN, UTC)


@pytest.fixture
def past(story: Story, tmp_path: Path) -> Past:
    made = Past(story, tmp_path / "past.jsonl")
    made.write(NOW)
    return made


def read(past: Past) -> list[dict[str, Any]]:
    text = past.path.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_it_covers_a_month_and_ends_at_the_full_minute(past: Past, story: Story) -> None:
    spans: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for line in read(past):
        assert set(line) == {"service", "slo", "start", "width", "bad", "total"}
        assert story.tracks[line["service"], line["slo"]].bucket(line["start"], line["width"]) == (
            line["bad"],
            line["total"],
        )
        spans[line["service"], line["slo"], line["width"]].append(line["start"])
    assert len(spans) == 3 * SLOS
    for (_, _, width), starts in spans.items():
        assert starts == list(range(starts[0], starts[-1] + 1, width)), "no gap, no repetition"
        assert starts[-1] + width == int(NOW // width) * width, "the newest closed bucket is there"
        assert starts[0] <= NOW - {60: 6 * 3600, 300: 3 * 86_400, 3600: 31 * 86_400}[width]
    assert past.path.stat().st_mode & 0o777 == 0o600


def test_the_source_reads_every_line_and_what_is_appended(past: Past) -> None:
    file = HistoryFile(past.path, lambda _: True)
    assert sum(rows.read for rows in file.read()) == len(read(past))
    past.catch_up(ORIGIN + 60.5)
    assert sum(rows.read for rows in file.read()) == SLOS
    assert file.note() is None


def test_it_grows_by_what_closed(past: Past) -> None:
    known = len(read(past))
    past.catch_up(NOW + 2)
    assert len(read(past)) == known, "no minute has passed"
    past.catch_up(ORIGIN + 60.01)
    fresh = read(past)[known:]
    assert [(line["start"], line["width"]) for line in fresh] == [(ORIGIN, 60)] * SLOS
    past.catch_up(ORIGIN + 60.5)
    assert len(read(past)) == known + SLOS
    past.catch_up(ORIGIN + 7200)
    fresh = read(past)[known:]
    for width in (60, 300, 3600):
        wanted = list(range(ORIGIN // width * width, (ORIGIN + 7200) // width * width, width))
        starts = [line["start"] for line in fresh if line["width"] == width and line["service"] == "edge"]
        assert starts == wanted, "an hour asleep leaves no hole"


def test_a_file_that_grew_too_large_is_made_anew(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    inode = past.path.stat().st_ino
    monkeypatch.setattr(module, "LARGEST", 1000)
    past.catch_up(NOW + 3600)
    lines = read(past)
    assert past.path.stat().st_ino != inode
    assert max(line["start"] for line in lines if line["width"] == 60) == ORIGIN + 3540
    monkeypatch.undo()
    past.catch_up(NOW + 3660)
    assert len(read(past)) == len(lines) + SLOS
