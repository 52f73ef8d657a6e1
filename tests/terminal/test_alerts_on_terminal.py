"""Alerts on a real terminal: every size, hostile text in every field, and no byte where nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.terminal.pseudo import CONSOLE, Pseudo

LARGE = [pytest.param(size, marks=pytest.mark.prove) for size in ((120, 36), (200, 50), (60, 20))]


@pytest.mark.parametrize("size", [(80, 24), (40, 10), *LARGE])
def test_panel_detail_and_sources_at_every_size(size: tuple[int, int]) -> None:
    with Pseudo((*CONSOLE, "--still", "--night", "--hostile"), size=size) as terminal:
        terminal.wait_for("2 Alerts")
        terminal.wait_for("? keys")
        lines = terminal.text.splitlines()
        assert "7 pages" in lines[0]
        assert " 1 mute" in lines[0] or "1 silenced" in lines[0]
        for keys, words in (
            (b"22", "CheckoutBurn"),
            (b"/checkoutburn\r\r", "─CheckoutBurn"),
            (b"G", "receivers"),
            (b"S", "─sources"),
            (b"\x1b", "─CheckoutBurn"),
        ):
            terminal.send(keys)
            terminal.wait_for(words)
            assert all(cell_len(line) <= size[0] for line in terminal.text.splitlines())
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0
        assert b"\x1b]0;" not in terminal.output
        assert b"\x1b[31mred" not in terminal.output
        assert "\u202e".encode() not in terminal.output


def test_alerts_that_stay_the_same_send_nothing(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    with Pseudo((*CONSOLE, "--still", "--night", "--every", "0.05", "--tally", str(tally))) as terminal:
        terminal.wait_for("? keys")
        terminal.read(1.0)
        assert terminal.read(1.5) == 0
        terminal.send(b"2\r")
        terminal.wait_for("─CheckoutBurn")
        terminal.read(0.5)
        assert terminal.read(1.0) == 0
        terminal.send(b"\x03")
        assert terminal.wait_end() == 0
        assert int(tally.read_text()) > 10
