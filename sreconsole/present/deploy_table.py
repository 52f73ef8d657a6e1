"""The deploy table by line: which columns there is room for, and one deploy.

A row is always exactly as wide as the layout. A layout depends on the width and on names only, so a refresh never moves
a column. In 39 cells it is `▸ 03:02 checkout v42 running 3m`; with room it says who, what for, and who tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from sreconsole.domain.deploy import Deploy
from sreconsole.present import deploy_words, words
from sreconsole.present.cells import Align, Span, fit, fit_spans, width
from sreconsole.present.marks import Glyphs
from sreconsole.records import dataclass

ORDERS = ("newest", "service", "longest")
"""What key `o` goes through. Running ones stand first in the order by time."""

_STEPS = (
    ("word", 9),
    ("service", 8),
    ("time", 5),
    ("version", 5),
    ("took", 4),
    ("mark", 1),
    ("version", 9),
    ("service", 12),
    ("environment", 8),
    ("service", 16),
    ("actor", 6),
    ("time", 9),
    ("service", 20),
    ("version", 14),
    ("kind", 8),
    ("time", 11),
    ("actor", 14),
    ("environment", 14),
    ("note", 20),
    ("source", 8),
    ("version", 24),
    ("service", 32),
    ("note", 40),
    ("source", 16),
    ("version", 44),
    ("note", 1_000),
)
"""What room is spent on, in this order."""
_ORDER = ("mark", "time", "service", "version", "environment", "word", "kind", "took", "actor", "source", "note")
_MOST = 60
_NAMES = ("service", "version", "environment", "actor", "source")
_CAPS = {"service": 7, "version": 3, "environment": 0, "actor": 0, "source": 0, "kind": 0, "about": 0}


@dataclass(frozen=True, slots=True)
class Layout:
    """The cells of every column for one width."""

    width: int
    columns: tuple[tuple[str, int], ...]
    about: bool = False
    """Whether some times are not exact."""

    def cells(self, key: str) -> int:
        """Cells of a column; 0 when there is none."""
        return next((cells for column, cells in self.columns if column == key), 0)


class Needs:
    """The most cells that each column of names can use; grows with what is added to it."""

    def __init__(self) -> None:
        self.caps = dict(_CAPS)

    def add(self, deploys: Iterable[Deploy]) -> None:
        """Make room for these too."""
        caps = self.caps
        for deploy in deploys:
            for key, text in zip(_NAMES, _texts(deploy), strict=True):
                if len(text) > caps[key] // 2 and caps[key] < _MOST:  # a wide character takes two cells
                    caps[key] = min(_MOST, max(caps[key], width(text)))
            if deploy_words.kind(deploy):
                caps["kind"] = 8
            if not deploy_words.told_exactly(deploy):
                caps["about"] = 1


def layout(cells: int, needs: Needs, sources: int = 1) -> Layout:
    """Choose the columns that `cells` have room for; `sources`: how many sources of deploys there are."""
    caps = dict(needs.caps)
    about = caps.pop("about")
    if sources < 2:
        caps["source"] = 0
    widths: dict[str, int] = {}
    room = max(0, cells) + 1
    for key, step in _STEPS:
        target = step + about if key == "time" else min(step, caps.get(key, step))
        have = widths.get(key)
        if target == 0:
            continue
        if have is None:
            if target + 1 <= room or key == "word":
                widths[key] = target
                room -= target + 1
        elif target > have and room > 0 and (key != "time" or target - have <= room):
            widths[key] = have + min(target - have, room)
            room -= widths[key] - have
    return Layout(max(0, cells), tuple((key, widths[key]) for key in _ORDER if key in widths), bool(about))


def row(deploy: Deploy, now: float, zone: tzinfo, layout: Layout, glyphs: Glyphs, stale: bool = False) -> list[Span]:
    """One deploy in exactly the layout's width; `stale` dims what a source said before it failed."""
    token = deploy_words.token(deploy)
    loud = deploy.running or token in ("page", "warn")
    name = "foreground" if deploy.is_prod and deploy.owned else "dim"
    actor = deploy.actor or words.UNKNOWN
    cells: dict[str, tuple[str, str, Align]] = {
        "mark": (glyphs.deploys[deploy_words.sign(deploy)], token, "left"),
        "time": (moment(deploy, now, zone, layout), "foreground", "left"),
        "service": (deploy.service, f"bold {name}" if deploy.running and name != "dim" else name, "left"),
        "version": (deploy.version, name, "left"),
        "environment": (_environment(deploy), "dim", "left"),
        "word": (deploy_words.word(deploy), token if loud else "dim", "left"),
        "kind": (deploy_words.kind(deploy), "dim", "left"),
        "took": (deploy_words.took(deploy, now), "foreground" if deploy.running else "dim", "right"),
        "actor": (actor, "dim", "left"),
        "source": (deploy.sources[0] if deploy.sources else "", "dim", "left"),
        "note": (note(deploy), "dim", "left"),
    }
    spans: list[Span] = []
    for index, (key, room) in enumerate(layout.columns):
        text, style, align = cells[key]
        spans.append(Span((" " if index else "") + fit(text, room, align, glyphs), style))
    return _finished(spans, layout.width, glyphs, stale)


def moment(deploy: Deploy, now: float, zone: tzinfo, layout: Layout) -> str:
    """When it was, in the words there is room for; where some times are not exact, digits stand below digits."""
    said = deploy_words.when(deploy, now, zone, layout.cells("time"))
    return f" {said}" if layout.about and not said.startswith("~") else said


def note(deploy: Deploy) -> str:
    """What else there is to know in one line: what does not fit, which attempt, what it was for."""
    attempt = f"attempt {deploy.attempt}" if deploy.attempt > 1 else ""
    return "; ".join(part for part in (*deploy.remarks, attempt, deploy.message) if part)


def _environment(deploy: Deploy) -> str:
    """Where, unless that is production: only what is not has to be told apart."""
    return "" if deploy.is_prod else deploy.environment or "not prod"


def _texts(deploy: Deploy) -> tuple[str, ...]:
    source = deploy.sources[0] if deploy.sources else ""
    return deploy.service, deploy.version, _environment(deploy), deploy.actor or "", source


def _finished(spans: list[Span], cells: int, glyphs: Glyphs, stale: bool) -> list[Span]:
    """Exactly as wide as asked, neighbours of one style joined, faint where it is old."""
    out: list[Span] = []
    for text, style in fit_spans(spans, cells, glyphs):
        if stale and style and not style.startswith(("bold ", "dim")):
            style = f"dim {style}"
        if out and out[-1].style == style:
            out[-1] = Span(out[-1].text + text, style)
        else:
            out.append(Span(text, style))
    return out
