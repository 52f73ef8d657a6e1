"""Whatever the file holds, reading it gives a config or problems with lines, never another exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.files import SMALL, problems
from tests.config.mutation import LINES, TEXT

shared = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.sampled_from(
    [
        "*a ",
        "&a ",
        "<<: *a",
        "!!str ",
        "? ",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "|\n",
        "\n",
        "  ",
        "#",
        "${",
        "$",
        "~",
    ]
)


YAML_BREAKS = [end.encode() for end in ("\n", "\r", "\x85", "\u2028", "\u2029")]


def check(directory: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    lines = sum(data.count(end) for end in YAML_BREAKS) + 1
    for problem in problems(directory, data):
        assert 1 <= problem.line <= lines + 1
        assert "\n" not in str(problem)
        assert str(problem).isprintable()


@shared
@given(st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    check(tmp_path, data)


@shared
@given(st.text(max_size=200))
def test_any_text(tmp_path: Path, text: str) -> None:
    check(tmp_path, SMALL + text.replace("\r", ""))


@shared
@given(at=st.integers(0, len(TEXT)), cut=st.integers(0, 30), piece=PIECES | st.text(max_size=5))
def test_a_piece_anywhere_in_the_example(tmp_path: Path, at: int, cut: int, piece: str) -> None:
    check(tmp_path, TEXT[:at] + piece + TEXT[at + cut :])


@shared
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_lines_of_the_example_in_any_order(tmp_path: Path, lines: list[str]) -> None:
    check(tmp_path, "\n".join(lines))
