"""A terminal screen as SVG. No font is embedded: text names common monospaced fonts, and the characters whose look
depends most on the font (blocks, lines, braille) are drawn as shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from bench.terminal import Screen

WIDE, HIGH, MARGIN = 8.4, 18.0, 12.0
"""Of one cell, and around the screen, in SVG units."""
FOREGROUND, BACKGROUND = "#d0d0d0", "#101216"
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
NAMED = {
    **{"black": "#000000", "red": "#cc4444", "green": "#4e9a06", "brown": "#c4a000"},
    **{"blue": "#3465a4", "magenta": "#75507b", "cyan": "#06989a", "white": "#d3d7cf"},
}
LINES = {"─": "lr", "│": "ud", "┤": "lud", "├": "rud", "┬": "lrd", "┴": "lru", "┼": "lrud", "┌": "rd", "┐": "ld"} | {
    "└": "ru",
    "┘": "lu",
}
"""Which ways a line goes from the middle of its cell: left, right, up, down."""
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_BRAILLE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot of each bit."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How a cell is drawn."""

    front: str
    back: str
    bold: bool
    underlined: bool


def svg(screen: Screen) -> str:
    """The screen as a picture."""
    cells = screen.cells
    width, height = cells.columns * WIDE + 2 * MARGIN, cells.lines * HIGH + 2 * MARGIN
    # The surroundings take the colour of the program's own background.
    ground = _ink(cells.buffer[cells.lines - 2][cells.columns - 1]).back
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="14" '
        f'font-family="{FONTS}">',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>',
    ]
    for row in range(cells.lines):
        for column, text, ink in _runs(screen, row):
            out += _run(MARGIN + column * WIDE, MARGIN + row * HIGH, text, ink, ground)
    return "\n".join([*out, "</svg>"]) + "\n"


def _ink(cell: Any) -> Ink:
    front, back = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
    return Ink(*((back, front) if cell.reverse else (front, back)), cell.bold, cell.underscore)


def _colour(name: str, default: str) -> str:
    return default if name == "default" else NAMED.get(name.removeprefix("bright"), f"#{name}")


def _runs(screen: Screen, row: int) -> Iterator[tuple[int, str, Ink]]:
    """Neighbouring cells of one ink: first column, characters, ink."""
    cells = screen.cells.buffer[row]
    inked = [(column, cells[column].data, _ink(cells[column])) for column in range(screen.cells.columns)]
    for ink, group in groupby(inked, key=lambda cell: cell[2]):
        members = list(group)
        yield members[0][0], "".join(data for _, data, _ in members), ink


def _run(x: float, y: float, text: str, ink: Ink, ground: str) -> Iterator[str]:
    if ink.back != ground:
        yield _box(x, y, len(text) * WIDE, HIGH, ink.back)
    column = 0
    # A wide gap parts words too: one long text element would drift from its cells where fonts differ.
    for kind, group in groupby(text.replace("  ", "\0\0"), key=_kind):
        piece = "".join(group)
        left = x + column * WIDE
        column += len(piece)
        if kind == "text":
            yield from _words(left, y, piece.replace("\0", " "), ink)
        elif kind == "shape":
            yield from _shapes(left, y, piece, ink.front)


def _kind(char: str) -> str:
    if char == "\0":
        return "gap"
    drawn = "▁" <= char <= "█" or char in LINES or char in SHADES or char == "┄" or "\u2800" <= char <= "\u28ff"
    return "shape" if drawn else "text"


def _shapes(x: float, y: float, text: str, colour: str) -> Iterator[str]:
    column = 0
    for char, group in groupby(text):
        count = len(list(group))
        left = x + column * WIDE
        column += count
        if "▁" <= char <= "█":
            tall = HIGH * (ord(char) - ord("▁") + 1) / 8
            yield _box(left, y + HIGH - tall, count * WIDE, tall, colour)
        elif char == "─":
            yield _box(left, y + HIGH / 2 - 0.5, count * WIDE, 1, colour)
        elif char in SHADES:
            yield _box(left, y, count * WIDE, HIGH, colour, SHADES[char])
        else:
            for number in range(count):
                yield from _shape(left + number * WIDE, y, char, colour)


def _shape(x: float, y: float, char: str, colour: str) -> Iterator[str]:
    if char == "┄":
        yield from (_box(x + third * WIDE / 3, y + HIGH / 2 - 0.5, WIDE / 6, 1, colour) for third in range(3))
    elif char in LINES:
        yield from (_arm(x, y, way, colour) for way in LINES[char])
    else:
        bits = ord(char) - 0x2800
        for bit, (across, down) in enumerate(_BRAILLE):
            if bits >> bit & 1:
                yield _box(x + (across + 0.5) * WIDE / 2 - 0.8, y + (down + 0.5) * HIGH / 4 - 0.8, 1.6, 1.6, colour)


def _arm(x: float, y: float, way: str, colour: str) -> str:
    middle, level = x + WIDE / 2 - 0.5, y + HIGH / 2 - 0.5
    if way in "lr":
        return _box(x if way == "l" else middle, level, WIDE / 2 + 0.5, 1, colour)
    return _box(middle, y if way == "u" else level, 1, HIGH / 2 + 0.5, colour)


def _words(x: float, y: float, text: str, ink: Ink) -> Iterator[str]:
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    if not text:
        return
    style = ' font-weight="bold"' if ink.bold else ""
    style += ' text-decoration="underline"' if ink.underlined else ""
    place = f'x="{x + lead * WIDE:.1f}" y="{y + HIGH * 0.74:.1f}" textLength="{len(text) * WIDE:.1f}"'
    yield f'<text {place} fill="{ink.front}"{style}>{escape(text, quote=False)}</text>'


def _box(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> str:
    faint = "" if opacity == 1 else f' opacity="{opacity}"'
    return f'<rect x="{x:.1f}" y="{y:.2f}" width="{width:.1f}" height="{height:.2f}" fill="{colour}"{faint}/>'
