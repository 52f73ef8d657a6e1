"""What the terminal can do, read from the environment: colour depth, letters, mouse; and why there is no console on it.

Nothing here imports Textual, so that a refusal costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sreconsole.records import dataclass
from sreconsole.tui.depth import colour_depth, utf8

Depth = Literal["none", "16", "256", "rgb"]
"""Colour depth: none means attributes only (bold, reverse, underline)."""

_MUTE_TERMS = ("dumb", "unknown", "")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Capabilities the front end adapts to."""

    depth: Depth
    unicode: bool
    """Whether box, block and foreign letters reach the screen as they are."""
    mouse: bool


def refusal(env: Mapping[str, str], stdin: bool, screen: bool) -> str | None:
    """Why the console cannot run here (`stdin`, `screen`: whether standard input and error are terminals), or None."""
    instead = "use `sreconsole status` for one answer without a screen"
    if not stdin or not screen:
        what = "standard input" if not stdin else "standard error, on which the console draws,"
        return f"the console needs a terminal and {what} is none: {instead}"
    if env.get("TERM", "") in _MUTE_TERMS:
        return f"the console cannot draw on TERM={env.get('TERM') or '(unset)'}: set TERM, or {instead}"
    return None


def survey(env: Mapping[str, str], *, glyphs: str = "auto", mouse: str = "auto") -> Terminal:
    """The capabilities, from the environment and the config's `glyphs` and `mouse`."""
    unicode = utf8(env) and env.get("TERM") != "linux" if glyphs == "auto" else glyphs == "unicode"
    remote = any(env.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "TMUX", "STY"))
    return Terminal(colour_depth(env), unicode, not remote if mouse == "auto" else mouse == "on")
