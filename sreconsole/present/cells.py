"""Text measured in terminal cells: what comes out is exactly as wide as asked, whatever comes in.

Terminals, and the libraries that measure for them, disagree about some characters (spacing marks, conjoining jamo,
regional indicators, skin tones, symbols that Unicode 16 widened). One such character would shift a whole row, so they
are replaced by `?` before anything is measured; over what is left all agree: 0, 1 or 2 cells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from sreconsole.present.marks import UNICODE, Glyphs

Align = Literal["left", "right", "center"]

_DISPUTED = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x115F, 0x11FF),  # conjoining jamo: fillers, vowels, finals
    (0x2630, 0x2637),  # symbols widened by Unicode 16
    (0x268A, 0x268F),
    (0x302A, 0x302F),  # tone marks
    (0x3164, 0x3164),  # hangul filler
    (0x4DC0, 0x4DFF),
    (0xD7B0, 0xD7FF),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),
    (0x16FE0, 0x16FFF),
    (0x1D300, 0x1D37F),
    (0x1F1E6, 0x1F1FF),  # regional indicators
    (0x1F3FB, 0x1F3FF),  # skin tones
    (0xE0100, 0xE01EF),
)
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mc")
_REPLACED = "?"
_MARKS = 4


class Span(NamedTuple):
    """A piece of a line. `style` is a theme token (`ok`, `page`, `dim` ...), optionally after `bold ` or `dim `."""

    text: str
    style: str


def settle(text: str, glyphs: Glyphs = UNICODE) -> str:
    """The text with nothing in it whose width is in doubt, every kind of space as a blank; ASCII for the ASCII set."""
    if text.isascii() and text.isprintable():
        return text
    if glyphs.name == "ascii":
        return "".join(map(_ascii, unicodedata.normalize("NFKC", text)))
    out: list[str] = []
    marks = _MARKS
    for char in unicodedata.normalize("NFC", text):
        if char.isspace():
            char = " "
        cells = _cells(char)
        if cells > 0:
            marks = 0
            out.append(char)
        elif cells == 0:
            marks += 1
            if marks <= _MARKS:
                out.append(char)
        else:
            marks = _MARKS
            out.append(_REPLACED)
    return "".join(out)


def width(text: str) -> int:
    """Cells the text takes once settled."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cells, settle(text)))


def fit(text: str, cells: int, align: Align = "left", glyphs: Glyphs = UNICODE) -> str:
    """The text in exactly `cells` cells: padded, or cut with the glyph set's mark. No cells: an empty string."""
    if cells <= 0:
        return ""
    text = settle(text, glyphs)
    taken = width(text)
    if taken > cells:
        text = _cut(text, cells - 1) + glyphs.cut
        taken = width(text)
    room = cells - taken
    if align == "right":
        return " " * room + text
    if align == "center":
        return " " * (room // 2) + text + " " * (room - room // 2)
    return text + " " * room


def fit_spans(spans: Sequence[Span], cells: int, glyphs: Glyphs = UNICODE) -> list[Span]:
    """The spans in exactly `cells` cells: cut at the right with the mark, or filled with blank space."""
    out: list[Span] = []
    room = max(0, cells)
    for index, span in enumerate(spans):
        text = settle(span.text, glyphs)
        taken = width(text)
        if taken > room or (taken == room and any(rest.text for rest in spans[index + 1 :])):
            if room:
                whole = _cut(text, room - 1) + glyphs.cut
                out.append(Span(fit(whole, room, "left", glyphs), span.style))
            return out
        if text:
            out.append(Span(text, span.style))
        room -= taken
    if room:
        out.append(Span(" " * room, ""))
    return out


def plain(spans: Iterable[Span]) -> str:
    """The text of a line without its styles."""
    return "".join(span.text for span in spans)


def wrap(text: str, cells: int, glyphs: Glyphs = UNICODE) -> list[str]:
    """The text in lines of at most `cells` cells, broken at spaces, inside a word only where it alone is too wide."""
    cells = max(1, cells)
    lines: list[str] = []
    line = ""
    for word in settle(text, glyphs).split():
        if line and width(line) + 1 + width(word) <= cells:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        while width(word) > cells:
            head = _cut(word, cells)
            lines.append(head + " " * (cells - width(head)) if head else glyphs.cut)
            head = head or word[0]
            word = word[len(head) :]
        line = word
    return [*lines, line] if line or not lines else lines


def _cut(text: str, cells: int) -> str:
    """The longest start of a settled text that takes at most `cells` cells, with the marks of its last character."""
    if text.isascii():
        return text[: max(0, cells)]
    taken = 0
    for index, char in enumerate(text):
        taken += _cells(char)
        if taken > cells:
            return text[:index]
    return text


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    """0 for a combining mark, 1, 2 for wide; -1 where terminals disagree or nothing visible is drawn."""
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return 1
    category = unicodedata.category(char)
    if category in _HIDDEN or any(low <= code <= high for low, high in _DISPUTED):
        return -1
    if category in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _ascii(char: str) -> str:
    if char.isspace():
        return " "
    if " " <= char <= "~":
        return char
    base = unicodedata.normalize("NFKD", char)[:1]
    return base if " " <= base <= "~" else _REPLACED
