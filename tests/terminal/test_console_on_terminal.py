"""The console on a real terminal: what is sent, in which colours, at which size, and what comes back at the end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.pseudo import CHECKOUT, CONSOLE, Pseudo

COLOURS = set(range(30, 50)) | set(range(90, 108))


def started(*options: str, **more: object) -> Pseudo:
    """A console that shows its first screen."""
    terminal = Pseudo((*CONSOLE, *options), **more)  # type: ignore[arg-type]
    try:
        terminal.wait_for("? keys")
    except BaseException:
        terminal.__exit__()
        raise
    return terminal


def test_a_refresh_without_visible_change_sends_nothing(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    with started("--still", "--every", "0.05", "--tally", str(tally)) as terminal:
        terminal.read(1.0)
        sent = terminal.read(2.0)
        terminal.send(b"q")
        assert terminal.wait_end() == 0
        assert int(tally.read_text()) > 10
        assert sent == 0


def test_a_refresh_without_visible_change_sends_nothing_to_an_open_slo(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    with started("--still", "--every", "0.05", "--tally", str(tally)) as terminal:
        terminal.send(b"\r")
        terminal.wait_for("14.4x┤")
        terminal.read(1.0)
        assert terminal.read(1.5) == 0
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0
        assert int(tally.read_text()) > 10


def test_a_changed_row_costs_what_changed_in_it(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    with started("--still", "--every", "0.2", "--change", "0.05", "--tally", str(tally)) as terminal:
        terminal.read(1.0)
        sent = terminal.read(2.0)
        terminal.send(b"q")
        assert terminal.wait_end() == 0
        assert 0 < sent < int(tally.read_text()) * 150


def test_partial_updates_leave_the_same_screen_as_a_full_one() -> None:
    with started("--still", "--every", "0.05", "--change", "0.5", "--hostile") as terminal:
        terminal.send(b"jjjG")
        terminal.read(2.0)
        terminal.send(b" ")
        terminal.wait_for("paused: space")
        partial = terminal.text.splitlines()[:-1]
        terminal.output = b""
        terminal.send(b"TT")
        terminal.wait_for("theme dark")
        terminal.read(0.5)
        assert terminal.text.splitlines()[:-1] == partial


def test_no_color_sends_no_colour_at_all() -> None:
    with started("--down", "--hostile", env={"NO_COLOR": "1"}) as terminal:
        steps = (
            *(
                (b"\r", "Error budget"),
                (b"q", "? keys"),
                (b"/zzz", "0 of 48 /zzz"),  # the title: rows may come before it, and the next step waits for it
                (b"\x1b", "48, worst first"),
            ),
            *((b"?", "this list"), (b"q", "? keys"), (b"e", "POST"), (b"q", "? keys"), (b":", "run an action")),
        )
        for keys, words in steps:
            terminal.send(keys)
            terminal.wait_for(words)
        assert terminal.graphics & COLOURS == set()
        assert {1, 7} <= terminal.graphics


def test_an_empty_no_color_means_nothing() -> None:
    with started(env={"NO_COLOR": ""}) as terminal:
        assert b"38;2;" in terminal.output


@pytest.mark.parametrize(
    ("env", "never"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": ""}, [b"38;2;", b"48;2;"]),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, [b"38;2;", b"48;2;"]),
        ({"TERM": "xterm", "COLORTERM": ""}, [b"38;2;", b"48;2;", b"38;5;", b"48;5;"]),
    ],
)
def test_colours_the_terminal_does_not_have_are_not_sent(env: dict[str, str], never: list[bytes]) -> None:
    with started("--down", env=env) as terminal:
        terminal.send(b"j\r")
        terminal.wait_for("Error budget")
        assert all(sequence not in terminal.output for sequence in never)
        assert terminal.graphics & COLOURS


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (b"/quit", "0 of 42 /quit"),
        (b"/pay\rf", "0 of 42 faults /pay"),
        (b":faults\r", "3 of 42 faults"),
        (b"jj\r", "cart latency"),
        (b"?q/login", "2 of 42 /login"),
        (b"\rq\rqeqjj/search\r", "2 of 42 /search"),
    ],
)
def test_what_is_typed_ahead_arrives_where_it_was_meant(typed: bytes, words: str) -> None:
    """Over a slow link keys come in bunches; a letter for the prompt must not be taken as a key."""
    with started() as terminal:
        terminal.send(typed)
        terminal.wait_for(words)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 50)])
def test_sizes(size: tuple[int, int]) -> None:
    with Pseudo(size=size) as terminal:
        shown = terminal.wait_for("? keys")
        assert "1 PAGE" in shown
        assert "checkout" in shown
        assert ("needs 80x24" in shown) == (size[0] < 80)


def test_resize() -> None:
    with started() as terminal:
        for columns, rows, words in ((40, 10, "40x10: needs 80x24"), (200, 50, "limit 14.4x"), (80, 24, "? keys")):
            terminal.resize(columns, rows)
            terminal.wait_for(words)
            terminal.wait_for("checkout")


def test_hostile_names_shift_no_column() -> None:
    with started("--hostile", "--still") as terminal:
        lines = [line for line in terminal.text.splitlines() if " PAGE " in line and line.startswith("✗")]
        assert len(lines) == 7
        screen = terminal.screen
        columns = {
            tuple(column for column in range(80) if screen.buffer[row][column].data == "x" and 45 < column < 65)
            for row in range(3, 10)
        }
        assert len(columns) == 1
        assert screen.title == ""
        terminal.send(b"\r")
        assert "PAGE ?[31mred?]0;title?" in terminal.wait_for("Error budget")
        assert terminal.screen.title == ""


def test_without_utf8_only_ascii_is_sent() -> None:
    with started("--hostile", env={"LANG": "C", "LC_ALL": "C"}) as terminal:
        terminal.send(b"j\r")
        terminal.wait_for("Error budget")
        assert terminal.output.isascii()


def test_the_mouse_is_left_alone_over_ssh() -> None:
    with started(env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as terminal:
        assert b"?1003h" not in terminal.output
    with started() as terminal:
        assert b"?1003h" in terminal.output


def test_copy_is_sent_to_the_terminal() -> None:
    with started() as terminal:
        terminal.send(b"y")
        terminal.wait_for("sent to the terminal's clipboard")
        assert b"\x1b]52;c;" in terminal.output


@pytest.mark.parametrize(("way", "code"), [(b"q", 0), (b"\x03", 0), (b"\r\x03", 0)])
def test_the_terminal_is_restored_after_leaving(way: bytes, code: int) -> None:
    with started() as terminal:
        terminal.send(way)
        assert terminal.wait_end() == code
        restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_restored_after_a_signal(number: signal.Signals) -> None:
    with started() as terminal:
        terminal.process.send_signal(number)
        assert terminal.wait_end() == 128 + number
        restored(terminal)


def restored(terminal: Pseudo) -> None:
    """Alternate screen left, cursor shown, mouse and paste modes off."""
    for on, off in ((b"?1049h", b"?1049l"), (b"?25l", b"?25h"), (b"?1003h", b"?1003l"), (b"?2004h", b"?2004l")):
        assert terminal.output.rindex(off) > terminal.output.rindex(on)


def test_a_theme_that_is_not_there_is_said_before_the_screen() -> None:
    with Pseudo((*CONSOLE, "--theme", "drak")) as terminal:
        assert terminal.wait_end() == 1
        assert b"there is no theme called 'drak' (did you mean dark?)" in terminal.output
        assert b"?1049h" not in terminal.output


@pytest.mark.parametrize("term", ["dumb", ""])
def test_no_console_on_a_dumb_terminal(term: str) -> None:
    with Pseudo(env={"TERM": term}) as terminal:
        assert terminal.wait_end() == 64
        assert b"sreconsole status" in terminal.output
        assert b"\x1b" not in terminal.output


def test_no_console_in_a_pipe() -> None:
    done = subprocess.run(CONSOLE, stdin=subprocess.DEVNULL, capture_output=True, cwd=CHECKOUT, check=False)
    assert done.returncode == 64
    assert b"the console needs a terminal" in done.stderr
    assert sys.executable.encode() not in done.stderr
