"""`make pictures`: start the real program on a pseudo-terminal, press keys, and draw what the screen shows as SVG.

No font is embedded: text names common monospaced fonts, block characters and lines are drawn as shapes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.terminal import Screen, Terminal

FOLDER = Path(__file__).parent / "pictures"
CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18.0, 12.0
FOREGROUND, BACKGROUND = "#d0d0d0", "#101216"
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
NAMED = dict(
    zip(
        ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white"),
        ("#000000", "#cc4444", "#4e9a06", "#c4a000", "#3465a4", "#75507b", "#06989a", "#d3d7cf"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One photograph: how large, which keys, and the words that show that the screen is there."""

    name: str
    columns: int
    rows: int
    keys: tuple[tuple[str, str], ...] = ()
    """What to type, and what the screen then says."""


PICTURES = (
    Picture("overview", 120, 36),
    Picture("overview-80x24", 80, 24),
    Picture("detail", 120, 36, (("\r", "fires"),)),
)


@dataclass(frozen=True, slots=True)
class Ink:
    """How a cell is drawn."""

    front: str
    back: str
    bold: bool
    underlined: bool


def ink(cell: Any) -> Ink:
    """The colours of a cell of the emulator."""
    front, back = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
    return Ink(*((back, front) if cell.reverse else (front, back)), cell.bold, cell.underscore)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return NAMED.get(name.removeprefix("bright"), f"#{name}")


def runs(screen: Screen, row: int) -> Iterator[tuple[int, str, Ink]]:
    """Neighbouring cells of one ink: first column, characters, ink."""
    cells = screen.cells.buffer[row]
    inked = [(column, cells[column].data, ink(cells[column])) for column in range(screen.cells.columns)]
    for look, group in groupby(inked, key=lambda cell: cell[2]):
        members = list(group)
        yield members[0][0], "".join(data for _, data, _ in members), look


def svg(screen: Screen) -> str:
    """The screen as a picture."""
    width = screen.cells.columns * CELL_WIDTH + 2 * MARGIN
    height = screen.cells.lines * CELL_HEIGHT + 2 * MARGIN
    # The surroundings take the colour of the program's own background.
    ground = ink(screen.cells.buffer[screen.cells.lines - 2][screen.cells.columns - 1]).back
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="14" '
        f'font-family="{FONTS}">',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>',
    ]
    for row in range(screen.cells.lines):
        for column, text, look in runs(screen, row):
            shapes += _run(MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT, text, look, ground)
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _run(x: float, y: float, text: str, look: Ink, ground: str) -> Iterator[str]:
    if look.back != ground:
        yield _box(x, y, len(text) * CELL_WIDTH, CELL_HEIGHT, look.back)
    column = 0
    for drawn, group in groupby(text, key=_is_shape):
        piece = "".join(group)
        left = x + column * CELL_WIDTH
        column += len(piece)
        if drawn:
            yield from _shapes(left, y, piece, look.front)
        elif piece.strip():
            yield _words(left, y, piece, look)


def _is_shape(char: str) -> bool:
    return "▁" <= char <= "█" or char == "─"


def _shapes(x: float, y: float, text: str, colour: str) -> Iterator[str]:
    column = 0
    for char, group in groupby(text):
        count = len(list(group))
        left, width = x + column * CELL_WIDTH, count * CELL_WIDTH
        column += count
        if char == "─":
            yield _box(left, y + CELL_HEIGHT / 2 - 0.5, width, 1, colour)
        else:
            high = CELL_HEIGHT * (ord(char) - ord("▁") + 1) / 8
            yield _box(left, y + CELL_HEIGHT - high, width, high, colour)


def _words(x: float, y: float, text: str, look: Ink) -> str:
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    style = ' font-weight="bold"' if look.bold else ""
    style += ' text-decoration="underline"' if look.underlined else ""
    place = (
        f'x="{x + lead * CELL_WIDTH:.1f}" y="{y + CELL_HEIGHT * 0.74:.1f}" textLength="{len(text) * CELL_WIDTH:.1f}"'
    )
    words = escape(text, quote=False).replace(" ", "\N{NO-BREAK SPACE}")
    return f'<text {place} fill="{look.front}"{style}>{words}</text>'


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.2f}" width="{width:.1f}" height="{height:.2f}" fill="{colour}"/>'


def photograph(picture: Picture) -> str:
    """Run the demo until something burns, press the keys, and draw the screen."""
    command = [sys.executable, "-m", "sreconsole", "demo"]
    with Terminal(command, columns=picture.columns, rows=picture.rows) as terminal:
        for keys, words in (("", "PAGE"), *picture.keys):
            terminal.send(keys.encode())
            if not terminal.wait_for(words, 60):
                raise RuntimeError(f"{picture.name}: no {words!r} on the screen:\n{terminal.screen().text}")
        terminal.read(8)
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
