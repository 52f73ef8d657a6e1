"""The installed console on a real terminal while somebody edits its config."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.servers.metrics import MetricsTarget
from tests.terminal.pseudo import PATIENCE, Pseudo

SCRIPT = Path(sys.executable).with_name("sreconsole")
CONFIG = """\
version: 1
environment: prod
refresh: 1s
timezone: UTC
author: ana
sources:
  local: {{kind: scrape, targets: ["{url}"], interval: 1s}}
services:
  shop:
    slos:
      availability: {{objective: 99, sli: {{bad: bad_total, total: all_total}}}}
"""
PAGE = "bad_total 1\nall_total 100\n"


def write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


def wait_without(terminal: Pseudo, words: str) -> str:
    """Read until the words have left the screen; the screen."""
    end = time.monotonic() + PATIENCE
    while words in (shown := terminal.text):
        assert time.monotonic() < end, shown
        terminal.read(0.2)
    return shown


def test_an_edit_is_taken_up_and_a_bad_one_only_said(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as target:
        text = CONFIG.format(url=target.url)
        write(path, text)
        with Pseudo([str(SCRIPT), "--config", str(path)], size=(100, 30), env={"HOME": str(tmp_path)}) as terminal:
            terminal.wait_for("local live")
            terminal.wait_for("shop")
            write(path, text.replace("99,", "199,"))
            terminal.wait_for("config.yaml:11: services.shop.slos.availability.objective")
            assert "shop" in terminal.text, "what was known stays"
            write(path, text.replace("shop:", "bank:").replace("prod", "staging"))
            shown = terminal.wait_for("config.yaml has changed and is in use")
            assert "sreconsole staging" in shown.splitlines()[0]
            assert "bank" in shown
            assert "shop" not in shown
            assert "config.yaml:11" not in shown
            terminal.wait_for("local live")
            terminal.send(b"q")
            assert terminal.wait_end() == 0


@pytest.mark.prove
def test_theme_and_zone_apply_at_once_but_not_over_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with MetricsTarget(PAGE) as target:
        text = CONFIG.format(url=target.url)
        write(path, text)
        with Pseudo([str(SCRIPT), "--config", str(path)], size=(100, 30), env={"HOME": str(tmp_path)}) as terminal:
            terminal.wait_for("local live")
            before = terminal.screen.buffer[3][3].bg
            write(path, text.replace("UTC", "Asia/Kathmandu") + "theme: light\n")
            terminal.wait_for("config.yaml has changed and is in use")
            terminal.read(0.5)
            assert terminal.screen.buffer[3][3].bg != before
            write(path, text + "theme: none\n")
            terminal.wait_for("config.yaml:12: theme: no theme is named 'none'")
            assert terminal.screen.buffer[3][3].bg != before, "the old config is in use"
            terminal.send(b"q")
            assert terminal.wait_end() == 0
        write(path, text)
        own = [str(SCRIPT), "--theme", "dark", "--read-only", "--config", str(path)]
        with Pseudo(own, size=(100, 30), env={"HOME": str(tmp_path)}) as terminal:
            terminal.wait_for("local live")
            write(path, text + "theme: light\nread_only: false\n")
            terminal.wait_for("config.yaml has changed and is in use")
            terminal.read(0.5)
            assert terminal.screen.buffer[3][3].bg == before
            terminal.send(b"q")
            assert terminal.wait_end() == 0
