"""What a terminal can show, read from the environment: colour depth and letters."""

# Runs before the first paint: imports nothing.
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sreconsole.tui.terminal import Depth

_RICH_TERMS = ("xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "contour")
_FORCED: dict[str, Depth] = {"truecolor": "rgb", "256": "256", "standard": "16"}


def colour_depth(env: Mapping[str, str]) -> Depth:
    """Colour depth. GNU screen (STY) does not pass 24-bit colours on, whatever a leaked COLORTERM says."""
    if env.get("NO_COLOR"):
        return "none"
    if forced := _FORCED.get(env.get("TEXTUAL_COLOR_SYSTEM", "").lower()):
        return forced
    term = env.get("TERM", "").lower()
    if env.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") and not env.get("STY"):
        return "rgb"
    if term.endswith("-direct"):
        return "rgb"
    if "256color" in term or term in _RICH_TERMS:
        return "256"
    return "none" if term.startswith("vt") or term.endswith(("-m", "-mono")) else "16"


def utf8(env: Mapping[str, str]) -> bool:
    """Whether the locale's letters are UTF-8 (the first of LC_ALL, LC_CTYPE, LANG that is set decides)."""
    locale = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "")
    return "utf8" in locale.lower().replace("-", "")
