"""A theme at one colour depth: styles for our own lines, and the Textual theme for everything else.

At 24 bits and 256 colours Textual computes in RGB and Rich maps that to the palette, so the 256 colours are handed over
as the RGB values that map back to them. At 16 colours and none the terminal's own colours are used throughout.
"""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style
from textual.theme import Theme

from sreconsole.tui.terminal import Depth
from sreconsole.tui.theme import TOKENS, Colour, ThemeFile

_MODIFIERS = ("bold", "dim", "underline", "reverse", "italic")
_LEVELS = (0, 95, 135, 175, 215, 255)
_STANDARD = (
    *("#000000", "#800000", "#008000", "#808000", "#000080", "#800080", "#008080", "#c0c0c0"),
    *("#808080", "#ff0000", "#00ff00", "#ffff00", "#0000ff", "#ff00ff", "#00ffff", "#ffffff"),
)


def hex_of_256(index: int) -> str:
    """RGB that Rich maps back to the palette entry (its greys are evenly spread, not at xterm's own levels)."""
    if index < 16:
        return _STANDARD[index]
    if index < 232:
        red, rest = divmod(index - 16, 36)
        return "#{:02x}{:02x}{:02x}".format(*(_LEVELS[level] for level in (red, rest // 6, rest % 6)))
    return "#{0:02x}{0:02x}{0:02x}".format(round((index - 231) / 25 * 255))


class Palette:
    """The colours of one theme at one depth."""

    def __init__(self, theme: ThemeFile, depth: Depth) -> None:
        self.theme, self.depth = theme, depth
        self.name = f"sreconsole-{theme.name}"
        """The Textual theme's name."""
        self.style = lru_cache(maxsize=512)(self._style)
        """`style(words, selected=False)`: the Rich style for a token, as `page` or `bold dim warn`."""

    @property
    def native(self) -> bool:
        """Whether the terminal's own colours are used (16 colours or none)."""
        return self.depth in ("16", "none")

    def accent(self, environment: str) -> str:
        """The token that marks an environment's name."""
        return self.theme.accents.get(environment, "accent")

    def textual_theme(self) -> Theme:
        """The same colours for Textual's style sheets; every token is a variable there."""
        css = {token: self._css(self.theme.colors[token]) for token in TOKENS}
        extra = {
            "ansi-background": css["background"],
            "ansi-foreground": css["foreground"],
            "input-cursor-background": css["background"],
            "input-cursor-foreground": css["foreground"],
            "input-cursor-text-style": "reverse",
            "input-selection-background": css["selection"],
            "input-selection-foreground": css["foreground"],
        }
        return Theme(
            name=self.name,
            primary=css["accent"],
            secondary=css["border"],
            warning=css["warn"],
            error=css["page"],
            success=css["ok"],
            accent=css["accent"],
            foreground=css["foreground"],
            background=css["background"],
            surface=css["background"],
            panel=css["panel"],
            boost=css["background"],
            dark=self.theme.dark,
            variables={**css, **extra},
            ansi=self.native,
        )

    def _style(self, words: str, selected: bool = False) -> Style:
        names = words.split()
        token = next((name for name in names if name in self.theme.colors and name != "dim"), None)
        if token is None:
            token = "dim" if "dim" in names else "foreground"
            names = [name for name in names if name != "dim"]
        on = {name: True for name in names if name in _MODIFIERS}
        if self.depth == "none":
            return Style(**_without_colour(token, on, selected))  # type: ignore[arg-type]
        if selected and self.native:
            on.pop("dim", None)  # faint letters on a coloured ground cannot be read
        ground = "selection" if selected else "background"
        return Style(
            color=self._rich(self.theme.colors[token]),
            bgcolor=self._rich(self.theme.colors[ground]),
            **on,  # type: ignore[arg-type]
        )

    def _css(self, colour: Colour) -> str:
        if self.native:
            return "ansi_default" if self.depth == "none" else f"ansi_{colour.c16}"
        return self._rich(colour)

    def _rich(self, colour: Colour) -> str:
        if self.depth == "rgb":
            return colour.rgb
        return colour.c16 if self.depth == "16" else hex_of_256(colour.c256)


def _without_colour(token: str, on: dict[str, bool], selected: bool) -> dict[str, bool]:
    """Attributes that take the place of colours: what wakes people is bold, the selection is reversed."""
    if token in ("page", "mark"):
        on["bold"] = True
    if selected:
        on["reverse"] = True
    return on
