"""Status and pair states as word, glyph and theme token, in that order of trust; and the two glyph sets.

Glyphs that carry meaning are neither emoji nor of ambiguous East Asian width. Bars, rules and the cut mark are of
ambiguous width in Unicode's table, as every block and box character is; the ASCII set has none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sreconsole.domain.alert import Alert
from sreconsole.domain.burn import PairState
from sreconsole.domain.status import Status
from sreconsole.records import dataclass

DeploySign = Literal["succeeded", "inferred", "failed", "rollback", "running", "restart"]
"""What tells one deploy from another at a glance."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters a terminal can draw."""

    name: str
    """`unicode` or `ascii`: the words of the config."""
    bars: str
    """Eight characters of rising weight for sparklines."""
    cut: str
    """Marks text that was cut, one cell."""
    dot: str
    """Separates facts in a title."""
    rule: str
    """Horizontal line."""
    bar_full: str
    """A filled cell of a meter."""
    bar_empty: str
    """An empty cell of a meter."""
    status: Mapping[Status, str]
    """One cell for each status."""
    pairs: Mapping[PairState, str]
    """One cell for each state of an alert window pair."""
    mute: str
    """One cell: an alert that does not notify, a silence."""
    pending: str
    """One cell: not yet."""
    info: str
    """One cell: an alert that fires without being a page or a warning."""
    deploys: Mapping[DeploySign, str]
    """One cell for each kind of deploy, in the panel and under the trends."""
    wall: str
    """Between two panels side by side."""
    tee: str
    """Where that begins, on the panels' top line."""


UNICODE = Glyphs(
    name="unicode",
    bars="▁▂▃▄▅▆▇█",
    cut="…",
    dot="·",
    rule="─",
    bar_full="█",
    bar_empty="░",
    status={Status.PAGE: "✗", Status.WARN: "!", Status.UNKNOWN: "?", Status.STALE: "~", Status.OK: "✓"},
    pairs={"firing": "✗", "recovering": "▾", "increasing": "▴", "ok": "✓", "unknown": "?"},
    mute="⊘",
    pending="◦",
    info="›",
    deploys={"succeeded": "▴", "inferred": "▵", "failed": "✗", "rollback": "▾", "running": "▸", "restart": "◦"},
    wall="│",
    tee="┬",
)
ASCII = Glyphs(
    name="ascii",
    bars="_.-=+*%#",
    cut=">",
    dot="-",
    rule="-",
    bar_full="#",
    bar_empty=".",
    status={Status.PAGE: "X", Status.WARN: "!", Status.UNKNOWN: "?", Status.STALE: "~", Status.OK: "."},
    pairs={"firing": "X", "recovering": "v", "increasing": "^", "ok": ".", "unknown": "?"},
    mute="/",
    pending="o",
    info="i",
    deploys={"succeeded": "^", "inferred": "~", "failed": "X", "rollback": "v", "running": ">", "restart": "o"},
    wall="|",
    tee="+",
)

_WORDS = {
    Status.PAGE: "PAGE",
    Status.WARN: "warn",
    Status.UNKNOWN: "unknown",
    Status.STALE: "stale",
    Status.OK: "ok",
}
WORD_CELLS = max(map(len, _WORDS.values()))
"""Cells of the longest status word."""

_PAIR_TOKENS: dict[PairState, str] = {
    "firing": "page",
    "recovering": "warn",
    "increasing": "warn",
    "ok": "ok",
    "unknown": "unknown",
}


def word(status: Status) -> str:
    """`PAGE`, `warn`, `unknown`, `stale`, `ok`: only the one that wakes people shouts."""
    return _WORDS[status]


def token(status: Status) -> str:
    """The theme token that colours the status."""
    return status.value


def pair_token(state: PairState) -> str:
    """The theme token that colours a window pair's state."""
    return _PAIR_TOKENS[state]


def alert_word(alert: Alert) -> str:
    """`PAGE`, `warn`, `info` of what notifies; `mute` (silenced, inhibited, muted) and `pend` of what does not."""
    if alert.state == "firing":
        return {"page": "PAGE", "warn": "warn"}.get(alert.severity, "info")
    return "pend" if alert.state == "pending" else "mute"


def alert_glyph(alert: Alert, glyphs: Glyphs) -> str:
    """The sign of the same."""
    if alert.state == "firing":
        found = {"page": Status.PAGE, "warn": Status.WARN}.get(alert.severity)
        return glyphs.info if found is None else glyphs.status[found]
    return glyphs.pending if alert.state == "pending" else glyphs.mute


def alert_token(alert: Alert) -> str:
    """The theme token that colours it; a page that is muted keeps a colour: it is quiet, not gone."""
    if alert.state == "firing":
        return alert.severity if alert.severity in ("page", "warn") else "foreground"
    return "warn" if alert.severity == "page" else "dim"


def glyph_set(name: str, utf8: bool) -> Glyphs:
    """The set for the config's `glyphs` (`auto`, `unicode`, `ascii`) on a terminal with or without UTF-8."""
    if name == "ascii" or (name != "unicode" and not utf8):
        return ASCII
    return UNICODE
