"""Escape and a key right behind it are two keys: by the parser, on a bare terminal, and in tmux as it comes."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.tui.escapes import EscapeParser
from tests.servers.debian import binary
from tests.terminal.pseudo import CONSOLE, Pseudo


def keys(data: str, *, typing: bool = False) -> list[str]:
    parser = EscapeParser(typing=lambda: typing)
    found = [*parser.feed(data), *parser.feed("")]
    return [getattr(event, "key", type(event).__name__) for event in found]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("\x1be", ["escape", "e"]),
        ("\x1bS", ["escape", "S"]),
        ("\x1bf", ["escape", "f"]),
        ("\x1bb", ["escape", "b"]),
        ("\x1b1", ["escape", "1"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b ", ["escape", "space"]),
        ("\x1bejj", ["escape", "e", "j", "j"]),
        ("\x1b\x1be", ["escape", "escape", "e"]),
        ("\x1b[", ["escape", "left_square_bracket"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1b", ["escape"]),
        ("\x1b[A", ["up"]),
        ("\x1bOB", ["down"]),
        ("\x1b[1;5C", ["ctrl+right"]),
        ("\x1b[I", ["AppFocus"]),
        ("\x1b[200~e\x1b[201~x", ["Paste", "x"]),
        ("j\x1bk", ["j", "escape", "k"]),
    ],
)
def test_what_comes_as_alt_with_a_key_is_escape_and_the_key(data: str, expected: list[str]) -> None:
    assert keys(data) == expected


def test_alt_moves_by_words_while_a_line_is_typed() -> None:
    assert keys("\x1bb\x1bf\x1b\x7f", typing=True) == ["ctrl+left", "ctrl+right", "ctrl+w"]
    assert keys("\x1be", typing=True) == ["escape", "e"]


@pytest.fixture(params=["bare", "tmux"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pseudo]:
    """A console; in tmux the keys pass a client of it, which has an `escape-time` of its own."""
    if request.param == "bare":
        with Pseudo() as made:
            yield made
        return
    command = [str(binary("tmux")), "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    line = " ".join(["env", f"PATH={os.environ['PATH']}", "LANG=C.UTF-8", *map(shlex.quote, CONSOLE)])
    try:
        with Pseudo((*command, "new-session", "-x", "80", "-y", "24", f"exec {line}")) as made:
            yield made
    finally:
        subprocess.run([*command, "kill-server"], capture_output=True, check=False)


def test_a_key_right_behind_escape_does_its_work(terminal: Pseudo) -> None:
    terminal.wait_for("worst first")
    terminal.send(b"\r")
    terminal.wait_for("burn over")
    terminal.send(b"\x1be")
    terminal.wait_for("all answer")
    terminal.send(b"\x1bS")
    terminal.wait_for("sources")
    terminal.send(b"\x1bf")
    terminal.wait_for("faults, worst first")
