"""The clipboard: tmux's own buffer inside tmux, OSC 52 elsewhere and when tmux fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.tui import copying


def fake_tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program called tmux, first in the path."""
    program = tmp_path / "tmux"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "taken"


async def test_outside_tmux_it_goes_to_the_terminal() -> None:
    sent: list[str] = []
    assert "terminal's clipboard" in await copying.copy("text", {}, sent.append)
    assert sent == ["text"]


async def test_inside_tmux_it_goes_to_its_buffer_with_the_relay_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = fake_tmux(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/taken; cat >> {tmp_path}/taken')
    sent: list[str] = []
    assert "tmux buffer" in await copying.copy("text é", {"TMUX": "/tmp/x,1,0"}, sent.append)
    assert taken.read_text(encoding="utf-8") == "load-buffer -w -\ntext é"
    assert sent == []


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60"])
async def test_a_tmux_that_fails_or_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    fake_tmux(tmp_path, monkeypatch, script)
    monkeypatch.setattr(copying, "_SECONDS", 0.2)
    sent: list[str] = []
    assert "terminal's clipboard" in await copying.copy("text", {"TMUX": "x"}, sent.append)
    assert sent == ["text"]


async def test_no_tmux_program_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sent: list[str] = []
    await copying.copy("text", {"TMUX": "x"}, sent.append)
    assert sent == ["text"]
