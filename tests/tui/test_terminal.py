"""What the environment says about a terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from sreconsole.tui.depth import colour_depth
from sreconsole.tui.hangup import alive
from sreconsole.tui.terminal import Depth, refusal, survey


@pytest.mark.parametrize(
    ("env", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "rgb"),
        ({"TERM": "screen-256color", "COLORTERM": "24bit"}, "rgb"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "9.pts"}, "256"),
        ({"TERM": "screen", "COLORTERM": "truecolor", "STY": "9.pts"}, "16"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"TERM": "xterm-direct"}, "rgb"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "vt100"}, "none"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm", "NO_COLOR": ""}, "16"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "16"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "auto"}, "256"),
    ],
)
def test_colour_depth(env: Mapping[str, str], depth: Depth) -> None:
    assert colour_depth(env) == depth


@pytest.mark.parametrize(
    ("env", "glyphs", "unicode"),
    [
        ({"LANG": "C.UTF-8"}, "auto", True),
        ({"LANG": "de_DE.utf8"}, "auto", True),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "auto", False),
        ({"LANG": "de_DE.ISO-8859-1"}, "auto", False),
        ({}, "auto", False),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, "auto", False),
        ({}, "unicode", True),
        ({"LANG": "C.UTF-8"}, "ascii", False),
    ],
)
def test_letters(env: Mapping[str, str], glyphs: str, unicode: bool) -> None:
    assert survey(env, glyphs=glyphs).unicode is unicode


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "TMUX", "STY"])
def test_mouse_is_off_where_it_is_dear(name: str) -> None:
    assert survey({}).mouse
    assert not survey({name: "1"}).mouse
    assert survey({name: "1"}, mouse="on").mouse
    assert not survey({}, mouse="off").mouse


def test_refusals_point_to_the_answer_without_a_screen() -> None:
    assert refusal({"TERM": "xterm"}, True, True) is None
    for env, stdin, screen, words in (
        ({"TERM": "dumb"}, True, True, "TERM=dumb"),
        ({}, True, True, "TERM=(unset)"),
        ({"TERM": "xterm"}, False, True, "standard input is none"),
        ({"TERM": "xterm"}, True, False, "standard error, on which the console draws, is none"),
    ):
        why = refusal(env, stdin, screen)
        assert why is not None
        assert words in why
        assert "`sreconsole status`" in why


def test_a_terminal_is_alive_until_its_other_end_closes() -> None:
    outer, inner = os.openpty()
    try:
        assert alive(inner)
        os.close(outer)
        assert not alive(inner)
    finally:
        os.close(inner)
    assert not alive(inner)


def test_a_pipe_is_no_terminal() -> None:
    ends = os.pipe()
    try:
        assert not alive(ends[0])
    finally:
        for end in ends:
            os.close(end)
