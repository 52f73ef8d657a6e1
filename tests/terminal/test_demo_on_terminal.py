"""`sreconsole demo` as a person runs it: the installed script, a real terminal, the real estate beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.terminal.pseudo import Pseudo

SCRIPT = Path(sys.executable).with_name("sreconsole")


def test_the_demo_says_that_it_is_simulated_and_shows_what_burns(tmp_path: Path) -> None:
    with Pseudo([str(SCRIPT), "demo"], env={"HOME": str(tmp_path), "LANG": "C.UTF-8", "USER": "ana"}) as terminal:
        terminal.wait_for("PAGE    checkout")
        assert "simulated" in terminal.text.splitlines()[0]
        terminal.wait_for("estate live")
        terminal.wait_for("no series matches fraud")
        terminal.send(b"\r")
        terminal.wait_for("checkout availability")
        terminal.wait_for("14.4x")
        terminal.send(b"q")
        terminal.wait_for("worst first")
        terminal.send(b"q")
        assert terminal.wait_end() == 0
    assert not list(tmp_path.rglob("history.db")), "a simulated estate leaves nothing in the person's history"
