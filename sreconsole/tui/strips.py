"""Lines of spans on their way to the terminal: as Textual strips, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sreconsole.present.cells import Span, fit_spans
from sreconsole.present.marks import Glyphs
from sreconsole.tui.palette import Palette

Line = Sequence[Span]
"""One line of the screen."""


def strip(line: Line, width: int, palette: Palette, glyphs: Glyphs, selected: bool = False) -> Strip:
    """The line as exactly `width` cells.

    Neighbours of one style become one segment, and blanks take the style before them where nobody can see it: every
    segment costs its full colour sequence on the wire.
    """
    segments: list[Segment] = []
    text, last = "", None
    for piece in fit_spans(line, width, glyphs):
        style = palette.style(piece.style, selected)
        if last is None or style == last or (piece.text.isspace() and _same_blank(style, last)):
            text, last = text + piece.text, last or style
            continue
        segments.append(Segment(text, last))
        text, last = piece.text, style
    if text:
        segments.append(Segment(text, last))
    return Strip(segments, width)


def changed_cells(old: Line, new: Line) -> tuple[int, int] | None:
    """The first cell that differs between two lines and the one after the last; None when they look alike."""
    if old == new:
        return None
    before, after = _characters(old), _characters(new)
    limit = min(len(before), len(after))
    head = next((i for i in range(limit) if before[i] != after[i]), limit)
    tail = next((i for i in range(limit - head) if before[-1 - i] != after[-1 - i]), limit - head)
    if head == len(before) == len(after):
        return None
    start = _width(after[:head])
    end = start + _width(after[head : len(after) - tail])
    if end != start + _width(before[head : len(before) - tail]):
        end = max(_width(before), _width(after))  # what follows has moved
    return (start, end) if end > start else (max(0, start - 1), start + 1)


def _characters(line: Iterable[Span]) -> list[tuple[str, str]]:
    """Characters with their styles; a blank has none unless something shows on it."""
    out: list[tuple[str, str]] = []
    for text, style in line:
        on_blank = style if "reverse" in style or "underline" in style else ""
        out += [(char, on_blank if char == " " else style) for char in text]
    return out


def _width(chars: Iterable[tuple[str, str]]) -> int:
    return cell_len("".join(char for char, _ in chars))


def _same_blank(style: Style, last: Style) -> bool:
    """Whether a blank looks the same in both: only the ground and lines through or under it show."""
    return (style.bgcolor, style.reverse, style.underline) == (last.bgcolor, last.reverse, last.underline)
