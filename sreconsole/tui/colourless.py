"""NO_COLOR: whatever a widget wants, only attributes leave the program, not even the default colours by number."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class AttributesOnly(LineFilter):
    """Takes every colour away; bold, reverse and underline stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments without colours."""
        return [Segment(text, None if style is None else _plain(style), control) for text, style, control in segments]


@lru_cache(maxsize=512)
def _plain(style: Style) -> Style:
    return style.without_color
