"""`make pictures`: start the real program on a pseudo-terminal, press keys, and draw what the screen shows as SVG."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.terminal import Terminal
from docs.drawing import svg

FOLDER = Path(__file__).parent / "pictures"
_BURNS = (("", "PAGE"), ("g", "PAGE"))


@dataclass(frozen=True, slots=True)
class Picture:
    """One photograph: how large, which keys, and the words that show that the screen is there."""

    name: str
    columns: int
    rows: int
    keys: tuple[tuple[str, str], ...] = _BURNS
    """What to type, and what the screen says then."""


PICTURES = (
    Picture("overview", 120, 36),
    Picture("overview-80x24", 80, 24),
    Picture("detail", 120, 36, (*_BURNS, ("\r", "esc back"))),
    Picture("detail-80x24", 80, 24, (*_BURNS, ("\r", "esc back"))),
    Picture("alert", 80, 24, (("", "PAGE"), ("2", "2 Alerts"), ("g", "PAGE"), ("\r", "Links"))),
    Picture("toil", 100, 28, (("", "PAGE"), ("44", "8 weeks"))),
)
SETTLE = 6.0
"""Seconds for the trends and the chart to come, after the words are there."""


def photograph(picture: Picture) -> str:
    """Run the demo until something burns, press the keys, and draw the screen."""
    with tempfile.TemporaryDirectory() as home:
        nobody = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "SRECONSOLE_USER": "ana@bastion-2"}
        command = [sys.executable, "-m", "sreconsole", "demo"]
        with Terminal(command, columns=picture.columns, rows=picture.rows, env=nobody) as terminal:
            for keys, words in picture.keys:
                terminal.send(keys.encode())
                if not terminal.wait_for(words, 60):
                    raise RuntimeError(f"{picture.name}: no {words!r} on the screen:\n{terminal.screen().text}")
                terminal.read(SETTLE)
            return svg(terminal.screen())


def main() -> int:
    """Take every picture."""
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        path = FOLDER / f"{picture.name}.svg"
        path.write_text(photograph(picture), encoding="utf-8")
        print(path.relative_to(FOLDER.parent.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
