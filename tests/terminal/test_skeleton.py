"""The first paint on a real terminal: what it draws stays, what is typed is kept, the terminal is given back."""

from __future__ import annotations

import signal
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sreconsole.tui import room, skeleton
from tests.terminal.pseudo import Pseudo

COMMAND = (sys.executable, "-m", "sreconsole")
DARK: dict[str, str] = {}
CONFIG = """\
version: 1
environment: {environment}
sources:
  prom:
    kind: prometheus
    url: http://127.0.0.1:9      # nobody answers there
  am:
    kind: alertmanager
    urls: [http://127.0.0.1:9]
{more}services:
  checkout:
    slos:
      availability:
        objective: 99.9
        sli: {{bad: 'errors_total', total: requests_total}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(environment="prod", more=""))
    return path


TEAM = """\
oncall: {shifts: ["08:00-20:00"], pages_per_shift: 2}
toil:
  people: 4
"""
FILE = """\
  ci:
    kind: file
    path: deploys.jsonl
"""


def console(config: Path, size: tuple[int, int] = (80, 24), env: Mapping[str, str] = DARK, *more: str) -> Pseudo:
    own = {"HOME": str(config.parent), "PYTHONPATH": ".", **env}
    return Pseudo((*COMMAND, "--config", str(config), *more), size=size, env=own)


def first_paint(terminal: Pseudo, last: str = "Alerts") -> Any:
    """The screen when the last thing of the skeleton has come."""
    while last.split()[-1].encode() not in terminal.output:
        assert terminal._take(30.0), terminal.output
    terminal.read(0.01)
    return terminal.screen


@pytest.mark.parametrize(
    ("size", "env", "more"),
    [
        ((80, 24), {}, ()),
        ((200, 50), {"COLORTERM": ""}, ()),
        ((120, 36), {"COLORTERM": "", "TERM": "xterm"}, ()),
        ((80, 24), {"NO_COLOR": "1"}, ()),
        ((60, 12), {"LANG": "C"}, ()),
        ((120, 36), {}, ("--theme", "light")),
        ((48, 10), {}, ("--theme=light", "--read-only")),
    ],
)
def test_what_the_skeleton_draws_stands_in_the_first_frame_too(
    config: Path, size: tuple[int, int], env: Mapping[str, str], more: tuple[str, ...]
) -> None:
    with console(config, size, env, *more) as terminal:
        painted = first_paint(terminal)
        assert "unknown" not in "".join(painted.display), "the first frame came before the skeleton was looked at"
        terminal.wait_for("unknown")
        frame = terminal.screen
    drawn = [(y, x) for y in range(size[1]) for x in range(size[0]) if painted.buffer[y][x].data not in (" ", "")]
    assert len(drawn) > size[0]  # two borders at least, or most of them
    for y, x in drawn:
        assert painted.buffer[y][x] == frame.buffer[y][x], (y, x, painted.display[y], frame.display[y])
    assert "sreconsole" in painted.display[0]
    assert "1 SLOs" in painted.display[1]


@pytest.mark.parametrize(
    ("size", "more", "names"),
    [
        ((80, 24), FILE + TEAM, ["3 Deploys", "4 Toil"]),
        ((200, 50), FILE + TEAM, ["3 Deploys", "4 Toil"]),
        ((60, 40), FILE + TEAM, ["3 Deploys", "4 Toil"]),
        ((80, 24), TEAM, ["4 Toil"]),
        ((120, 36), FILE, ["3 Deploys"]),
        ((60, 12), FILE + TEAM, []),
    ],
)
def test_panels_that_the_config_has_something_for_stand_where_they_will(
    config: Path, size: tuple[int, int], more: str, names: list[str]
) -> None:
    config.write_text(CONFIG.format(environment="prod", more=more))
    with console(config, size) as terminal:
        painted = first_paint(terminal, names[-1] if names else "SLOs")
        assert "unknown" not in "".join(painted.display), "the first frame came before the skeleton was looked at"
        terminal.wait_for("unknown")
        frame = terminal.screen
    assert [name for name in ("3 Deploys", "4 Toil") if name in "".join(painted.display)] == names
    for y in range(size[1]):
        for x in range(size[0]):
            if painted.buffer[y][x].data not in (" ", ""):
                assert painted.buffer[y][x] == frame.buffer[y][x], (y, x, painted.display[y], frame.display[y])


def test_the_skeleton_knows_the_sharing_of_the_screen() -> None:
    assert (skeleton._SIDE_BY_SIDE, skeleton._RIGHT_NEEDS) == (room.SIDE_BY_SIDE, room.RIGHT_NEEDS)


def test_keys_typed_before_the_screen_is_there_are_neither_echoed_nor_lost(config: Path) -> None:
    with console(config) as terminal:
        first_paint(terminal)
        assert not termios.tcgetattr(terminal.fd)[3] & termios.ECHO
        terminal.send(b"?")
        terminal.wait_for("this list")


def test_a_config_that_is_wrong_is_said_on_the_screen_that_was_there_before(config: Path) -> None:
    config.write_text(CONFIG.format(environment="prod", more="") + "nonsense: 1\n")
    with console(config) as terminal:
        before = termios.tcgetattr(terminal.fd)
        assert terminal.wait_end() == 78
        terminal.read(0.2)
        assert termios.tcgetattr(terminal.fd)[:4] == before[:4]
        after = terminal.output.rsplit(b"\x1b[?1049l", 1)[1]
        assert b"nonsense" in after
        assert b"nonsense" not in terminal.output[: -len(after)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ended_while_loading_it_gives_the_terminal_back(config: Path, number: signal.Signals) -> None:
    with console(config) as terminal:
        before = termios.tcgetattr(terminal.fd)
        first_paint(terminal)
        terminal.process.send_signal(number)
        code = terminal.wait_end()
        terminal.read(0.2)
        assert code == (130 if number == signal.SIGINT else -number)
        assert b"\x1b[?1049l" in terminal.output
        assert b"\x1b[?25h" in terminal.output
        assert b"Traceback" not in terminal.output
        assert termios.tcgetattr(terminal.fd)[:4] == before[:4]


def test_after_an_ordinary_end_the_terminal_is_as_it_was(config: Path) -> None:
    with console(config) as terminal:
        before = termios.tcgetattr(terminal.fd)
        terminal.wait_for("enter")
        terminal.send(b"q")
        assert terminal.wait_end() == 0
        assert termios.tcgetattr(terminal.fd)[:4] == before[:4]


@pytest.mark.parametrize("arguments", [("status",), ("check",), ("--at",), ("--nonsense",), ("--config",)])
def test_nothing_is_drawn_for_another_command(config: Path, arguments: tuple[str, ...]) -> None:
    with console(config, (80, 24), {}, *arguments) as terminal:
        terminal.wait_end()
        terminal.read(0.2)
        assert b"\x1b[?1049h" not in terminal.output


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1, sources: {}}\n",
        "version: 1\nsources: &a\n  x: {kind: prometheus}\n",
        "\x00\xff",
        "",
        "a" * 300_000,
    ],
)
def test_a_config_it_cannot_make_out_leaves_out_what_is_not_known(config: Path, text: str) -> None:
    config.write_text(text)
    with console(config) as terminal:
        assert terminal.wait_end() == 78
        terminal.read(0.2)
        assert b"Traceback" not in terminal.output
