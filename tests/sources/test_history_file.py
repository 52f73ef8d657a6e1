"""The history file: read whole, followed as it grows, replaced or cut; bad lines counted, never fatal."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.slo import SloKey
from sreconsole.errors import BadAnswer, Unreachable
from sreconsole.sources import history_file
from sreconsole.sources.history_file import HistoryFile

KEY = SloKey("checkout", "availability")
T0 = 1_763_856_000


def line(start: object = T0, width: object = 60, bad: object = 1, total: object = 5, **more: object) -> str:
    return json.dumps({"service": KEY.service, "slo": KEY.slo, "start": start, "width": width, "bad": bad,
                       "total": total} | more) + "\n"  # fmt: skip


def opened(path: Path) -> HistoryFile:
    return HistoryFile(path, lambda key: key == KEY)


def taken(file: HistoryFile) -> list[tuple[int, int, float, float]]:
    return [(width, *bucket) for rows in file.read() for (_, width), found in rows.buckets.items() for bucket in found]


def test_lines_are_read_once_and_new_ones_when_they_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(line() + line(T0 + 60, bad=0) + line(T0, 3600, 7.5, 9))
    file = opened(path)
    assert taken(file) == [(60, T0, 1, 5), (60, T0 + 60, 0, 5), (3600, T0, 7.5, 9)]
    assert taken(file) == []
    whole = line(T0 + 120)
    with path.open("a") as out:
        for part in (whole[:10], whole[10:-1]):
            out.write(part)
            out.flush()
            assert taken(file) == []
        out.write("\n")
    assert taken(file) == [(60, T0 + 120, 1, 5)]
    assert file.note() is None


def test_times_may_be_written_as_text_and_a_total_may_be_unknown(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(
        line("2025-11-23T00:00:00Z") + line("2025-11-23T01:01:00+01:00") + line(float(T0 + 120), total=None)
    )
    found = taken(opened(path))
    assert [bucket[1] for bucket in found] == [T0, T0 + 60, T0 + 120]
    assert [math.isnan(bucket[3]) for bucket in found] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line(width=120), "width 120"),
        (line(T0 + 30), "multiple of 60"),
        (line(-60), "multiple of 60"),
        (line("yesterday"), "multiple of 60"),
        (line("2025-11-23T00:00:00"), "multiple of 60"),
        (line(10**15), "multiple of 60"),
        (line(T0 + 0.5), "multiple of 60"),
        (line(bad=6), "between 0 and total"),
        (line(bad=-1), "between 0 and total"),
        (line(bad=None), "between 0 and total"),
        (line(bad="1"), "Expected"),
        (line(total=math.nan), "invalid"),
        (line(total=math.inf), "invalid"),
        (line(total=1e308).replace("1e+308", "1e999"), ""),
        ("[]\n", "Expected"),
        ("nonsense\n", "malformed"),
        ("\xff\x1b[31m\u202e\n", ""),
        (line().replace('"slo"', '"slop"'), "missing"),
        ("[" * 100_000 + "\n", ""),
        ("x" * 600_000 + "\n", "far too long"),
    ],
)
def test_a_bad_line_is_said_and_its_neighbours_count(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(line() + text + "\n" + line(T0 + 60))
    file = opened(path)
    assert [bucket[1] for bucket in taken(file)] == [T0, T0 + 60]
    assert file.bad_lines == 1
    note = file.note() or ""
    assert note.startswith("1 bad line in the history ")
    assert "line 2: " in note
    assert words in note
    assert note.isprintable()


def test_lines_of_others_are_skipped_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(line(service="unknown") + line(slo="unknown") + line())
    file = opened(path)
    assert len(taken(file)) == 1
    assert file.note() is None


@pytest.mark.parametrize("way", ["replaced", "cut"])
def test_a_new_file_is_read_from_its_beginning(tmp_path: Path, way: str) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text("nonsense\n" + line() * 3)
    file = opened(path)
    assert len(taken(file)) == 3
    if way == "replaced":
        (tmp_path / "new").write_text(line(T0 + 60) * 9)
        (tmp_path / "new").rename(path)
    else:
        path.write_text(line(T0 + 60))
    assert {bucket[1] for bucket in taken(file)} == {T0 + 60}
    assert file.bad_lines == 0


def test_a_file_that_is_none_or_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="cannot be read: No such file"):
        taken(opened(tmp_path / "absent"))
    with pytest.raises(BadAnswer, match="is not a file"):
        taken(opened(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadAnswer, match="is not a file"):
        taken(opened(tmp_path / "pipe"))


def test_a_file_may_come_later(tmp_path: Path) -> None:
    file = opened(tmp_path / "late")
    with pytest.raises(Unreachable):
        taken(file)
    (tmp_path / "late").write_text(line())
    assert len(taken(file)) == 1


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(60, 400), st.integers(1, 50))
def test_chunks_and_pauses_never_lose_or_double_a_line(starts: list[int], chunk: int, pause: int) -> None:
    import tempfile

    text = "".join(line(T0 + 60 * start, pad="x" * (start % 40)) for start in starts)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_file, "_CHUNK", chunk + 200)
        path = Path(folder) / "past.jsonl"
        path.write_text("")
        file, got = opened(path), []
        for place in range(0, len(text), pause * 7):
            with path.open("a") as out:
                out.write(text[place : place + pause * 7])
            got += [bucket[1] for bucket in taken(file)]
    assert got == [T0 + 60 * start for start in starts]
    assert file.bad_lines == 0
