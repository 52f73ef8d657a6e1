"""Theme files (`themes/NAME.yaml`): found, read and checked. Nothing here imports Textual; see `palette` for that.

A file gives every colour at three depths, because colours chosen at 24 bits are unreadable at 16:
`name`, `dark`, `colors: {TOKEN: {rgb: "#rrggbb", c256: 0-255, c16: name}}`, `accents: {ENVIRONMENT: TOKEN}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from sreconsole.errors import ConfigError, Problem
from sreconsole.records import dataclass, field

TOKENS = (
    *("background", "foreground", "panel", "border", "accent", "ok", "warn", "page", "unknown", "stale"),
    *("dim", "selection", "mark"),
)
"""Every theme has exactly these colours."""
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
C16 = ("default", *_NAMES, *(f"bright_{name}" for name in _NAMES))
"""Names of the terminal's own sixteen colours; `default` is its own fore- or background."""


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour at three depths."""

    rgb: str
    """`#rrggbb`."""
    c256: int
    """Index in the xterm palette."""
    c16: str
    """One of `C16`."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as its file says it."""

    name: str
    dark: bool
    colors: Mapping[str, Colour]
    accents: Mapping[str, str] = field(default_factory=dict)
    """Environment to the token its name is marked with."""


def theme_dirs(config_dir: Path | None) -> tuple[Path, ...]:
    """Where themes are looked for: beside the config, in the wheel, at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    own = () if config_dir is None else (config_dir / "themes",)
    return (*own, package / "themes", package.parent / "themes")


def available(dirs: Iterable[Path]) -> dict[str, Path]:
    """Theme names and files, sorted; the first directory that has a name wins."""
    found: dict[str, Path] = {}
    for place in dirs:
        if place.is_dir():
            for path in sorted(place.glob("*.yaml")):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def load_theme(name: str, dirs: Iterable[Path]) -> ThemeFile:
    """The theme called `name`. Raises ConfigError when there is none or its file is wrong."""
    themes = available(dirs)
    if name not in themes:
        near = get_close_matches(name, themes, 1) or list(themes)[:1]
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise ConfigError([Problem("theme", 0, "theme", f"there is no theme called {name[:40]!r}{hint}")])
    return read_theme(themes[name])


def read_theme(path: Path) -> ThemeFile:
    """The theme in a file. Raises ConfigError with every mistake in it."""
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it is there: 3 ms of the start
        data = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise ConfigError([Problem(str(path), 0, "", f"cannot be read as a theme: {why}")]) from None
    if not isinstance(data, dict):
        raise ConfigError([Problem(str(path), 0, "", "is not a theme: it needs name, dark and colors")])
    reading = _Reading(str(path))
    theme = reading.theme(path.stem, data)
    if reading.wrong:
        raise ConfigError(reading.wrong)
    return theme


class _Reading:
    """One reading of a theme file, which collects mistakes instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.wrong: list[Problem] = []

    def theme(self, stem: str, data: dict[object, object]) -> ThemeFile:
        """The theme, with harmless stand-ins where something is wrong."""
        self._only(data, ("name", "dark", "colors", "accents"), "", "unknown key")
        dark = data.get("dark")
        if not isinstance(dark, bool):
            self._say("dark", "must be true or false")
        given = self._table(data.get("colors"), "colors")
        self._only(given, TOKENS, "colors.", "unknown token")
        colors = {token: self._colour(given.get(token), f"colors.{token}") for token in TOKENS}
        accents = self._table(data.get("accents") or {}, "accents")
        for key, token in accents.items():
            if token not in TOKENS:
                self._say(f"accents.{key}", f"{str(token)[:40]!r} is not a token")
        named = {str(environment): str(token) for environment, token in accents.items()}
        return ThemeFile(str(data.get("name", stem)), dark is True, colors, named)

    def _colour(self, raw: object, key: str) -> Colour:
        if not isinstance(raw, dict):
            self._say(key, "is missing")
            return Colour("#000000", 0, "default")
        self._only(raw, ("rgb", "c256", "c16"), f"{key}.", "unknown key")
        rgb, c256, c16 = raw.get("rgb"), raw.get("c256"), raw.get("c16")
        if not isinstance(rgb, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", rgb):
            self._say(f"{key}.rgb", 'must be "#rrggbb"')
            rgb = "#000000"
        if not isinstance(c256, int) or isinstance(c256, bool) or not 0 <= c256 <= 255:
            self._say(f"{key}.c256", "must be a number from 0 to 255")
            c256 = 0
        if c16 not in C16:
            self._say(f"{key}.c16", f"must be one of {' '.join(C16)}")
            c16 = "default"
        return Colour(rgb, c256, str(c16))

    def _table(self, raw: object, key: str) -> dict[object, object]:
        if isinstance(raw, dict):
            return raw
        self._say(key, "must be a table")
        return {}

    def _only(self, given: dict[object, object], known: Iterable[str], prefix: str, what: str) -> None:
        for key in sorted(given.keys() - set(known), key=str):
            self._say(f"{prefix}{str(key)[:40]}", what)

    def _say(self, key: str, what: str) -> None:
        self.wrong.append(Problem(self.file, 0, key, what))
