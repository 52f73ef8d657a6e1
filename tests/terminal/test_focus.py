"""Focus reports of a real terminal: nothing is sent for them unless there is something to tell."""

from __future__ import annotations

from tests.terminal.pseudo import CONSOLE, Pseudo

FOCUS, BLUR = b"\x1b[I", b"\x1b[O"


def test_the_terminal_is_asked_for_them_and_coming_back_to_the_same_sends_nothing() -> None:
    with Pseudo((*CONSOLE, "--still", "--every", "0.05")) as terminal:
        terminal.wait_for("? keys")
        terminal.read(5.0)  # until the first detail view is prepared
        assert b"\x1b[?1004h" in terminal.output
        for report in (BLUR, FOCUS):
            terminal.send(report)
            assert terminal.read(1.0) == 0
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0


def test_coming_back_to_something_else_is_told_in_one_line() -> None:
    with Pseudo((*CONSOLE, "--still", "--crossing", "--every", "0.05")) as terminal:
        terminal.wait_for("? keys")
        terminal.send(BLUR)
        terminal.wait_for("sreconsole")
        terminal.read(1.0)
        terminal.send(FOCUS)
        terminal.wait_for("while you were away")
        terminal.send(b"\x1b")
        terminal.read(1.0)
        assert "while you were away" not in terminal.text
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0
