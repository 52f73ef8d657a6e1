"""The themes we ship: complete, readable at every colour depth, statuses distinguishable."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from sreconsole.domain.status import Status
from sreconsole.present.marks import token

THEMES = sorted((Path(__file__).parents[2] / "themes").glob("*.yaml"))
TOKENS = {
    *("background", "foreground", "panel", "border", "accent", "ok", "warn", "page", "unknown", "stale"),
    *("dim", "selection", "mark"),
}
TEXT = TOKENS - {"background", "panel", "border", "selection"}
STATUSES = [token(status) for status in Status]
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
C16 = [*_NAMES, *(f"bright_{name}" for name in _NAMES)]
_XTERM = "000000cd000000cd00cdcd000000eecd00cd00cdcde5e5e57f7f7fff000000ff00ffff005c5cffff00ff00ffffffffff"
_VGA = "000000aa000000aa00aa55000000aaaa00aa00aaaaaaaaaa555555ff555555ff55ffff555555ffff55ff55ffffffffff"
XTERM, VGA = ([text[start : start + 6] for start in range(0, 96, 6)] for text in (_XTERM, _VGA))

Theme = dict[str, Any]
Rgb = tuple[int, int, int]


@pytest.fixture(params=THEMES, ids=lambda path: path.stem)
def theme(request: pytest.FixtureRequest) -> Theme:
    loaded: Theme = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    assert loaded["name"] == request.param.stem
    return loaded


def from_hex(text: str) -> Rgb:
    text = text.removeprefix("#")
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def from_256(index: int) -> Rgb:
    """The xterm palette beyond the first sixteen, whose colours differ between terminals."""
    assert 16 <= index <= 255
    if index >= 232:
        grey = 8 + 10 * (index - 232)
        return grey, grey, grey
    steps = (0, 95, 135, 175, 215, 255)
    index -= 16
    return steps[index // 36], steps[index // 6 % 6], steps[index % 6]


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2.1."""

    def luminance(rgb: Rgb) -> float:
        parts = [part / 255 for part in rgb]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_both_themes_are_there() -> None:
    assert {"dark", "light"} <= {path.stem for path in THEMES}


def test_complete(theme: Theme) -> None:
    assert set(theme) == {"name", "dark", "colors", "accents"}
    assert set(theme["colors"]) == TOKENS
    for colour in theme["colors"].values():
        assert set(colour) == {"rgb", "c256", "c16"}
        assert colour["c16"] in C16
    assert set(theme["accents"].values()) <= TOKENS
    assert theme["accents"]["prod"] == "page"


def test_dark_is_dark_and_light_is_light(theme: Theme) -> None:
    ground = from_hex(theme["colors"]["background"]["rgb"])
    assert (contrast(ground, (0, 0, 0)) < contrast(ground, (255, 255, 255))) is theme["dark"]


@pytest.mark.parametrize("ground", ["background", "panel", "selection"])
def test_text_is_readable_at_24_bits_and_256_colours(theme: Theme, ground: str) -> None:
    colors = theme["colors"]
    faint = [
        (name, depth, round(ratio, 2))
        for name in sorted(TEXT)
        for depth, ratio in (
            ("rgb", contrast(from_hex(colors[name]["rgb"]), from_hex(colors[ground]["rgb"]))),
            ("c256", contrast(from_256(colors[name]["c256"]), from_256(colors[ground]["c256"]))),
        )
        if ratio < 4.5
    ]
    assert not faint


@pytest.mark.parametrize("palette", [XTERM, VGA], ids=["xterm", "vga"])
def test_text_is_readable_at_16_colours(theme: Theme, palette: list[str]) -> None:
    """Palettes differ, so the bound is lower; the word beside every colour says the same."""
    shown = {name: from_hex(palette[C16.index(colour["c16"])]) for name, colour in theme["colors"].items()}
    faint = [(name, round(contrast(shown[name], shown["background"]), 2)) for name in sorted(TEXT)]
    assert not [pair for pair in faint if pair[1] < 3.9]


def test_statuses_and_the_selected_row_are_distinguishable(theme: Theme) -> None:
    colors = theme["colors"]
    for one, other in combinations(STATUSES, 2):
        assert colors[one]["c16"] != colors[other]["c16"]
        for depth, read in (("rgb", from_hex), ("c256", from_256)):
            apart = sum((a - b) ** 2 for a, b in zip(read(colors[one][depth]), read(colors[other][depth]), strict=True))
            assert apart > 40**2, (one, other, depth)
    for depth in ("rgb", "c256", "c16"):
        assert colors["selection"][depth] != colors["background"][depth]
