"""Following a file of JSON lines: appended, torn, renamed away, cut, rewritten, far too long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sreconsole.errors import BadAnswer, Unreachable
from sreconsole.sources.json_lines import LONGEST, JsonLines


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def read(lines: JsonLines) -> list[bytes]:
    return [text for _, text in lines.read()]


def test_a_file_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    assert (read(lines), lines.there) == ([], False)
    append(lines.path, b'{"a": 1}\n')
    assert (read(lines), lines.there) == ([b'{"a": 1}'], True)


def test_only_what_was_added_is_read_with_its_number(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b"one\n\n  \ntwo\n")
    assert list(lines.read()) == [(1, b"one"), (4, b"two")]
    assert list(lines.read()) == []
    append(lines.path, b"three\n")
    assert list(lines.read()) == [(5, b"three")]
    assert lines.generation == 0


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b'{"a": ')
    assert read(lines) == []
    append(lines.path, b'1}\n{"b"')
    assert read(lines) == [b'{"a": 1}']
    append(lines.path, b": 2}\n")
    assert read(lines) == [b'{"b": 2}']
    assert lines.note() is None


def test_a_whole_last_line_that_nobody_ended_is_read_once(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b'{"a": 1}')
    assert list(lines.read()) == [(1, b'{"a": 1}')]
    append(lines.path, b'\n{"b": 2}\n')
    assert [text for _, text in lines.read()] == [b'{"b": 2}']


def test_what_was_written_before_a_rotation_is_not_lost(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b"one\n")
    assert read(lines) == [b"one"]
    append(lines.path, b"two\n")
    lines.path.rename(tmp_path / "log.1")
    append(tmp_path / "log.1", b"three\n")
    assert read(lines) == [b"two", b"three"]
    append(tmp_path / "log.1", b"four\n")
    append(lines.path, b"five\n")
    assert list(lines.read()) == [(4, b"four"), (1, b"five")]
    assert lines.generation == 1


def test_a_file_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b"one\ntwo\nthree\n")
    read(lines)
    lines.path.write_bytes(b"four\n")
    assert (read(lines), lines.generation) == ([b"four"], 1)
    # cut and grown beyond our place between two looks: only its text gives that away
    lines.path.write_bytes(b"a\nb\nc\nd\ne\nf\n")
    assert (read(lines), lines.generation) == ([b"a", b"b", b"c", b"d", b"e", b"f"], 2)


def test_a_line_that_is_far_too_long_is_skipped_and_said(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b"one\n" + b"x" * (LONGEST + 1) + b"\ntwo\n" + b"y" * 700_000)
    assert list(lines.read()) == [(1, b"one"), (3, b"two")]
    append(lines.path, b"y\nthree\n")
    assert list(lines.read()) == [(5, b"three")]
    assert lines.bad_lines == 2
    assert (lines.note() or "").endswith("the first: line 2: it is longer than 64 kB")
    lines.path.write_bytes(b"")
    assert (read(lines), lines.note()) == ([], None)


def test_a_mark_of_byte_order_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b'\xef\xbb\xbf{"a": 1}\n')
    assert read(lines) == [b'{"a": 1}']


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadAnswer, match="is not a file"):
        read(JsonLines(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadAnswer, match="is not a file"):
        read(JsonLines(tmp_path / "pipe"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(Unreachable, match="cannot be read"):
        read(JsonLines(tmp_path / "loop"))


def test_closed_it_goes_on_where_it_was(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "log")
    append(lines.path, b"one\n")
    read(lines)
    lines.close()
    append(lines.path, b"two\n")
    assert (list(lines.read()), lines.generation) == ([(2, b"two")], 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=12).filter(lambda b: b"\n" not in b), st.booleans()), max_size=25))
def test_however_it_is_written_every_line_comes_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[bytes, bool]]
) -> None:
    lines = JsonLines(tmp_path_factory.mktemp("lines") / "log")
    written, found = b"", []
    for text, ended in pieces:
        piece = b"#" + text + (b"\n" if ended else b"")
        append(lines.path, piece)
        written += piece
        found += read(lines)
    assert found == [line for line in written.split(b"\n")[:-1] if line.strip()]
