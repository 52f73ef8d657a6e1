"""Partial updates that begin where the change begins.

Textual cuts a dirty region off at its right end, but sends the line from the left edge of the widget on. On a slow link
that is most of a refresh: names stand left and do not change, figures stand right and do.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate


class TightUpdate(ChopsUpdate):
    """The same update with both ends of every span cut."""

    @classmethod
    def of(cls, update: ChopsUpdate) -> TightUpdate:
        """What Textual has composed, to be sent tightly."""
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal: a cursor move and the cells between the ends, for every span."""
        out: list[str] = []
        for y, left, right in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(start, left), min(end, right)
                if strip is None or first >= last:
                    continue
                piece = strip if (first, last) == (start, end) else strip.crop(first - start, last - start)
                out.append(Control.move_to(first, y).segment.text)
                out.append(piece.render(console))
        return "".join(out)
