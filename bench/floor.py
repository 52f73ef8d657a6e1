"""The fewest bytes that turn one screen into another: what a sender would need that knows both.

Changed cells only; between two of a line either a cursor move or the cells between them again, whichever is shorter;
of the colours and attributes only those that differ from the cell sent before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

_NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
_ATTRIBUTES = (("bold", 1, 22), ("italics", 3, 23), ("underscore", 4, 24), ("reverse", 7, 27), ("strikethrough", 9, 29))

Cells = Sequence[Sequence[Any]]
"""pyte's characters, by line and column."""


def cells(screen: Any) -> Cells:
    """A copy of what is on a pyte screen."""
    return [[screen.buffer[line][column] for column in range(screen.columns)] for line in range(screen.lines)]


def floor(before: Cells, after: Cells) -> int:
    """Bytes from one screen to the other."""
    spent, last = 0, None
    for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
        at: int | None = None
        for start, end in _changed(old, new):
            run = new[start:end]
            move = len(f"\x1b[{number};{start + 1}H")
            if at is not None:
                gap = start - at
                move = len(f"\x1b[{gap if gap > 1 else ''}C")
                again, _ = _text(new[at:start], last)
                there, _ = _text(new[at:end], last)
                if again <= move and there <= move + _text(run, last)[0]:
                    run, move = new[at:end], 0
            written, last = _text(run, last)
            spent, at = spent + move + written, end
    return spent


def _changed(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Runs of columns whose cells differ."""
    start = None
    for column in range(len(new) + 1):
        differs = column < len(new) and old[column] != new[column]
        if differs and start is None:
            start = column
        elif not differs and start is not None:
            yield start, column
            start = None


def _text(run: Sequence[Any], last: Any) -> tuple[int, Any]:
    """Bytes of these cells after one that looks like `last`; the last of them."""
    spent = 0
    for cell in run:
        codes = _codes(cell, last)
        spent += (len("\x1b[m") + len(";".join(codes)) if codes else 0) + len(cell.data.encode())
        last = cell
    return spent, last


def _codes(cell: Any, last: Any) -> list[str]:
    codes = []
    for name, plane in (("fg", 30), ("bg", 40)):
        colour = getattr(cell, name)
        if colour != (getattr(last, name) if last is not None else "default"):
            codes.append(_colour(colour, plane))
    for name, on, off in _ATTRIBUTES:
        wanted = getattr(cell, name)
        if wanted != (last is not None and getattr(last, name)):
            codes.append(str(on if wanted else off))
    return codes


def _colour(colour: str, plane: int) -> str:
    if colour == "default":
        return str(plane + 9)
    if colour in _NAMES:
        return str(plane + _NAMES.index(colour))
    if colour.startswith("bright"):
        return str(plane + 60 + _NAMES.index(colour.removeprefix("bright")))
    red, green, blue = (int(colour[at : at + 2], 16) for at in (0, 2, 4))
    return f"{plane + 8};2;{red};{green};{blue}"
