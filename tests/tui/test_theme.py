"""Theme files: found, checked all at once, and turned into styles at every depth."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rich.color import Color, ColorSystem
from textual.css.stylesheet import Stylesheet

from sreconsole.errors import ConfigError
from sreconsole.tui.palette import Palette, hex_of_256
from sreconsole.tui.terminal import Depth
from sreconsole.tui.theme import TOKENS, available, load_theme, read_theme, theme_dirs
from tests.tui.driving import ENV, driven

SHIPPED = theme_dirs(None)
DEPTHS: tuple[Depth, ...] = ("rgb", "256", "16", "none")


def spoiled(tmp_path: Path, old: str, new: str) -> list[str]:
    """What is said of the dark theme after replacing a piece of its text."""
    text = available(SHIPPED)["dark"].read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_theme(path)
    return [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems]


def test_dark_and_light_are_shipped() -> None:
    assert {"dark", "light"} <= set(available(SHIPPED))
    assert load_theme("dark", SHIPPED).dark
    assert not load_theme("light", SHIPPED).dark


def test_a_theme_beside_the_config_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "themes" / "dark.yaml"
    mine.parent.mkdir()
    mine.write_text(available(SHIPPED)["light"].read_text(encoding="utf-8"), encoding="utf-8")
    assert available(theme_dirs(tmp_path))["dark"] == mine
    assert not load_theme("dark", theme_dirs(tmp_path)).dark


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no theme called 'ligth' \(did you mean light"):
        load_theme("ligth", SHIPPED)
    with pytest.raises(ConfigError, match="no theme called 'x'"):
        load_theme("x", [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('rgb: "#dbe2ea"', 'rgb: "dbe2ea"', 'colors.foreground.rgb: must be "#rrggbb"'),
        ("c256: 254", "c256: 256", "colors.foreground.c256: must be a number from 0 to 255"),
        ("c16: bright_white", "c16: pink", "colors.foreground.c16: must be one of default black"),
        ("  foreground:", "  foregruond:", "colors.foregruond: unknown token"),
        ("dark: true", "dark: sometimes", "dark: must be true or false"),
        ("prod: page", "prod: red", "accents.prod: 'red' is not a token"),
        ("accents:", "acents:", "acents: unknown key"),
        ("colors:", "colors: 3 #", "cannot be read as a theme"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(problem.startswith(said) for problem in spoiled(tmp_path, old, new))


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("name: x\ncolors: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_theme(path)
    assert len(caught.value.problems) == 1 + len(TOKENS)


@pytest.mark.parametrize("content", [b"", b"- 1", b"\xff\xfe", b"{", b"dark: {rgb: 1}"])
def test_what_is_no_theme_is_an_error_and_not_a_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        read_theme(path)


@pytest.mark.parametrize("index", [index for index in range(16, 256) if index not in (16, 59, 102, 145, 188, 231)])
def test_256_colours_arrive_as_the_ones_that_were_chosen(index: int) -> None:
    """But for the six greys of the cube, which Rich takes from the grey ramp."""
    assert Color.parse(hex_of_256(index)).downgrade(ColorSystem.EIGHT_BIT).number == index


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_token_has_a_style(name: str, depth: Depth) -> None:
    palette = Palette(load_theme(name, SHIPPED), depth)
    for token in (*TOKENS, "bold page", "dim warn", "dim", "reverse", ""):
        for selected in (False, True):
            style = palette.style(token, selected)
            assert (style.color is None) == (depth == "none")
            assert (style.bgcolor is None) == (depth == "none")
    assert palette.style("bold page").bold
    assert palette.style("dim warn").dim


def test_without_colours_the_selection_and_a_page_are_still_seen() -> None:
    palette = Palette(load_theme("dark", SHIPPED), "none")
    assert palette.style("ok", True).reverse
    assert palette.style("page").bold
    assert not palette.style("ok").reverse


def test_faint_letters_are_not_put_on_a_selection_of_16_colours() -> None:
    palette = Palette(load_theme("dark", SHIPPED), "16")
    assert palette.style("dim warn").dim
    assert not palette.style("dim warn", True).dim


def test_an_environment_has_its_accent() -> None:
    palette = Palette(load_theme("dark", SHIPPED), "rgb")
    assert palette.accent("prod") == "page"
    assert palette.accent("elsewhere") == "accent"


@pytest.mark.parametrize("env", [{}, {"COLORTERM": ""}, {"TERM": "xterm", "COLORTERM": ""}, {"NO_COLOR": "1"}])
async def test_themes_change_at_every_depth(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    async with driven(env={**ENV, **env}) as on:
        before = on.text
        for _ in range(len(available(SHIPPED))):
            await on.press("T", "enter", "T", "escape")
        assert on.text.splitlines()[:20] == before.splitlines()[:20]


async def test_style_sheets_are_parsed_again_for_another_theme_only(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    real = Stylesheet.reparse

    def counted(sheet: Stylesheet) -> None:
        parsed.append(sheet._variables["page"])
        real(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", counted)
    async with driven() as on:
        dark = on.app.get_css_variables()["page"]
        assert parsed == []
        assert on.app.screen.styles.background.hex.lower() == on.app.get_css_variables()["background"].lower()
        await on.press("T")
        await on.press("T")
        assert dark in parsed
        assert len(set(parsed)) == 2


def test_style_sheets_use_theme_tokens_only() -> None:
    sheets = (Path(__file__).parents[2] / "sreconsole" / "tui").rglob("*.tcss")
    for sheet in sheets:
        for line in sheet.read_text(encoding="utf-8").splitlines():
            for rule in line.replace("{", ";").replace("}", ";").split(";"):
                key, _, value = rule.partition(": ")
                if key.strip() in ("color", "background", "border"):
                    assert value.strip().startswith("$"), rule


def test_the_files_are_yaml_that_people_can_copy() -> None:
    for path in available(SHIPPED).values():
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert data["name"] == path.stem
