"""The one table of actions: what can be done, by which keys, in which words, and where.

Bindings, footer, help, palette and the documentation are all made from it. No chords with ctrl for anything that
matters: tmux, screen and terminals take those; ctrl+c leaves from anywhere, as in every other program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sreconsole.records import dataclass

Place = Literal["overview", "detail", "alert", "deploy", "sources", "page", "form", "prompt"]
"""overview: the panels; detail: one SLO; alert: one alert or silence; deploy: one deploy; sources: all of them; page:
text to read (help, error, toil); form: answers before something is sent; prompt: a line to type into."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key does. The screen's method is `action_` and the id."""

    id: str
    keys: tuple[str, ...]
    """Textual's names; the first is the one that is shown."""
    words: str
    """One or two words for the footer; empty: never in the footer."""
    help: str
    """One line for help, palette and documentation."""
    places: tuple[Place, ...]
    footer: tuple[Place, ...] = ()
    """Where it stands in the footer."""
    palette: bool = True
    """Whether it makes sense to run it by name."""
    pair: str = ""
    """Help for two neighbours that have the same text here: they share a line."""


_ALL: tuple[Place, ...] = ("overview", "detail", "alert", "deploy", "sources", "page")
_READ: tuple[Place, ...] = ("detail", "alert", "deploy", "sources", "page")
_VIEWS: tuple[Place, ...] = ("overview", "detail", "alert", "deploy")
_ASKING: tuple[Place, ...] = ("overview", "detail", "alert", "deploy", "sources")
"""Where what is shown comes from sources that can be asked again."""

_ASKED = "ask the sources of what is shown now, all sources"
_CURSOR = "read the chart: back, on"
_SILENCE = "silence this, or the marked alerts; mark an alert"
_AMEND = "on a silence: let it last longer, end it; take the last action back"
_WRITE = "note what happened; log minutes of toil"
_ORDER = "next order of the rows; next time window of trends and charts"
_TROUBLE = "what is wrong, in full; all sources: state, age, pace, last error"
_LISTS = "this list; run an action by name"
_CHOICE = "choice before, next choice"
_PANELS = "SLOs, alerts, deploys, toil; again: maximise"

ACTIONS: tuple[Action, ...] = (
    Action(
        "silence",
        ("s",),
        "silence",
        "silence this, or the marked alerts; edit a silence",
        _VIEWS,
        _VIEWS,
        pair=_SILENCE,
    ),
    Action("mark", ("m",), "", "mark an alert, to silence several at once", ("overview",), pair=_SILENCE),
    Action("extend", ("plus",), "extend", "let a silence last longer", ("overview", "alert"), ("alert",), pair=_AMEND),
    Action("expire", ("x",), "expire", "end a silence now", ("overview", "alert"), ("alert",), pair=_AMEND),
    Action("undo", ("u",), "", "take the last action back, within ten minutes", _VIEWS, pair=_AMEND),
    Action("note", ("a",), "note", "note what happened, here or on all", _VIEWS, ("overview", "detail"), pair=_WRITE),
    Action("toil", ("t",), "", "log minutes of toil", _VIEWS, pair=_WRITE),
    Action("open", ("enter",), "open", "open what is under the cursor", ("overview",), ("overview",)),
    Action(
        "filter", ("slash",), "filter", "show only rows with these words (!word: without)", ("overview",), ("overview",)
    ),
    Action(
        "faults", ("f",), "faults", "only what is not ok, fires, failed or runs, and back", ("overview",), ("overview",)
    ),
    Action("sort", ("o",), "", "next order of the rows", ("overview",), pair=_ORDER),
    Action(
        "window",
        ("w",),
        "window",
        "next time window of all trends and charts",
        ("overview", "detail"),
        ("detail",),
        pair=_ORDER,
    ),
    Action("chart", ("b",), "budget", "budget instead of burn in the chart, and back", ("detail",), ("detail",)),
    Action("cursor_back", ("left", "h"), "", "read the chart: back", ("detail",), palette=False, pair=_CURSOR),
    Action("cursor_on", ("right", "l"), "", "read the chart: on", ("detail",), palette=False, pair=_CURSOR),
    Action("link", ("o",), "link", "open the next link; copy it where nothing opens it", ("detail",), ("detail",)),
    Action("error", ("e",), "error", "what is wrong with the sources, in full", _ASKING, ("overview",), pair=_TROUBLE),
    Action(
        "sources",
        ("S",),
        "sources",
        "all sources: state, age, pace, last error",
        _VIEWS,
        ("overview",),
        pair=_TROUBLE,
    ),
    Action("back", ("escape",), "back", "back; in the overview: clear filter and faults", _ALL, _READ),
    Action(
        "next_row",
        ("n",),
        "next",
        "next match of the filter; without one, next fault",
        _VIEWS,
        ("alert", "deploy"),
        pair="next, previous match of the filter; without one, fault",
    ),
    Action(
        "previous_row",
        ("N",),
        "",
        "previous match or fault",
        _VIEWS,
        pair="next, previous match of the filter; without one, fault",
    ),
    Action("next_source", ("n", "tab"), "next", "next source", ("sources",), ("sources",)),
    Action("previous_source", ("N", "shift+tab"), "", "source before", ("sources",)),
    Action("down", ("j", "down"), "", "down", _ALL, palette=False, pair="down, up"),
    Action("up", ("k", "up"), "", "up", _ALL, palette=False, pair="down, up"),
    Action("page_down", ("pagedown", "ctrl+f"), "", "a page down", _ALL, palette=False, pair="a page down, up"),
    Action("page_up", ("pageup",), "", "a page up", _ALL, palette=False, pair="a page down, up"),
    Action("first", ("g", "home"), "", "to the first row", _ALL, palette=False, pair="to the first row, to the last"),
    Action("last", ("G", "end"), "", "to the last row", _ALL, palette=False, pair="to the first row, to the last"),
    Action("panel(1)", ("1",), "", "SLO panel; again: maximise", ("overview",), pair=_PANELS),
    Action("panel(2)", ("2",), "", "alert panel; again: maximise", ("overview",), pair=_PANELS),
    Action("panel(3)", ("3",), "", "deploy panel; again: maximise", ("overview",), pair=_PANELS),
    Action("panel(4)", ("4",), "", "toil panel; again: maximise", ("overview",), pair=_PANELS),
    Action("next_panel", ("tab",), "", "next panel", ("overview",), palette=False, pair="next, previous panel"),
    Action(
        "previous_panel",
        ("shift+tab",),
        "",
        "previous panel",
        ("overview",),
        palette=False,
        pair="next, previous panel",
    ),
    Action(
        "refresh",
        ("r",),
        "refresh",
        "ask the sources of what is shown now",
        _ASKING,
        ("detail", "alert", "deploy", "sources"),
        pair=_ASKED,
    ),
    Action(
        "refresh_all",
        ("R",),
        "",
        "ask all sources now",
        _ASKING,
        pair=_ASKED,
    ),
    Action("pause", ("space",), "", "pause and resume asking", _ASKING),
    Action("copy", ("y",), "copy", "copy the row or the page to the clipboard", _ALL, _READ),
    Action("theme", ("T",), "", "next theme", _ALL),
    Action("keys", ("question_mark",), "keys", "this list", _ASKING, ("overview", "detail"), pair=_LISTS),
    Action("palette", ("colon", "ctrl+p"), "", "run an action by name", _ASKING, palette=False, pair=_LISTS),
    Action("quit_or_back", ("q",), "", "back; in the overview: quit", _ALL),
    Action("accept", ("enter",), "run", "run the marked entry", ("prompt",), ("prompt",), palette=False),
    Action("next_entry", ("down",), "", "next entry", ("prompt",), palette=False),
    Action("entry_before", ("up",), "", "entry before", ("prompt",), palette=False),
    Action("back", ("escape",), "cancel", "leave the line", ("prompt",), ("prompt",), palette=False),
    Action("change", ("enter",), "change", "type an answer; on a tick box: tick", ("form",), ("form",), palette=False),
    Action("tick", ("space",), "tick", "tick a box, or take the tick away", ("form",), ("form",), palette=False),
    Action("turn", ("equals_sign",), "operator", "next operator of a matcher", ("form",), ("form",), palette=False),
    Action("step_back", ("left", "h"), "", "choice before", ("form",), palette=False, pair=_CHOICE),
    Action("step_on", ("right", "l"), "", "next choice", ("form",), palette=False, pair=_CHOICE),
    Action("send", ("S",), "send", "do it, as the preview says", ("form",), ("form",), palette=False),
    Action("down", ("j", "down", "tab"), "", "down", ("form",), palette=False, pair="down, up"),
    Action("up", ("k", "up", "shift+tab"), "", "up", ("form",), palette=False, pair="down, up"),
    Action("back", ("escape",), "leave", "leave the form, nothing is sent", ("form",), ("form",), palette=False),
    Action("keys", ("question_mark",), "keys", "this list", ("form",), ("form",), palette=False),
    Action("leave", ("ctrl+c",), "", "quit from anywhere", (*_ALL, "form", "prompt"), palette=False),
)

_LABELS = {
    "enter": "enter",
    "slash": "/",
    "escape": "esc",
    "question_mark": "?",
    "equals_sign": "=",
    "plus": "+",
    "colon": ":",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "shift+tab": "shift+tab",
}


def label(key: str) -> str:
    """How a key is written on the screen: `slash` -> `/`."""
    return _LABELS.get(key, key)


def labels(action: Action) -> str:
    """All keys of an action as shown in the help: `j down`."""
    return " ".join(map(label, action.keys))


def at(place: Place) -> tuple[Action, ...]:
    """The actions that exist in a place."""
    return tuple(action for action in ACTIONS if place in action.places)


def commands(place: Place) -> tuple[Action, ...]:
    """The actions of a place that make sense by name."""
    return tuple(action for action in at(place) if action.palette)


def footer(place: Place) -> tuple[tuple[str, str], ...]:
    """Key and words of the footer of a place."""
    return tuple((label(action.keys[0]), action.words) for action in ACTIONS if place in action.footer)


def clashes(actions: Iterable[Action] = ACTIONS) -> list[str]:
    """A sentence for each key that two actions of one place claim."""
    taken: dict[tuple[Place, str], str] = {}
    found = []
    for action in actions:
        for place in action.places:
            for key in action.keys:
                other = taken.setdefault((place, key), action.id)
                if other != action.id:
                    found.append(f"{label(key)} means both {other} and {action.id} in {place}")
    return found


def as_markdown() -> str:
    """The table for the documentation."""
    rows = [f"| `{labels(action)}` | {action.help} | {', '.join(action.places)} |" for action in ACTIONS]
    return "\n".join(["| key | does | where |", "|---|---|---|", *rows])
