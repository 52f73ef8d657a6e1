"""Titles, and what is said of sources: state words with a coarse age, and failure sentences.

Ages move in coarse steps and `live` shows none below three refreshes, so a screen on which nothing happens sends
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import words
from sreconsole.present.cells import Span, fit, fit_spans, plain, width
from sreconsole.present.marks import UNICODE, Glyphs

_TOKENS = {
    **{"live": "ok", "stale": "stale", "down": "page", "auth": "page", "partial": "warn", "waiting": "unknown"},
    "unasked": "dim",
}
_ANSWERING = ("live", "partial")
"""Their age is that of the newest answer: below three refreshes it says nothing."""
_WORST_FIRST = ("down", "auth", "stale", "partial", "waiting", "unasked", "live")
_ORDER_WORDS = {"worst": "worst first", "burn": "by burn", "budget": "by budget", "service": "by name"}


def source_words(state: SourceState, now: float, refresh: float) -> str:
    """`live`, `live 50s` from three refreshes on (two of its own pace), `stale 4m`, `down 12m`, `auth`, `partial 3/5`,
    `partial` likewise where it has no parts, `waiting`, `not asked`.

    While history is fetched the filled share stands behind: `live, ledger 12%`, of pages and deploys `live, history
    12%`; not while nothing is or can be fetched.
    """
    said: str = "not asked" if state.state == "unasked" else state.state
    old = None if state.last_good is None else max(0.0, now - state.last_good)
    if state.state == "partial" and state.parts is not None:
        said += f" {state.parts[0]}/{state.parts[1]}"
    elif old is not None and (state.state not in _ANSWERING or old >= max(3 * refresh, 2 * (state.pace or 0.0))):
        said += f" {words.age(old)}"
    if state.progress is not None and state.state not in ("down", "auth", "waiting"):
        said += f", {state.filling} {math.floor(max(0.0, min(1.0, state.progress)) * 100)}%"
    return said


def source_token(state: SourceState) -> str:
    """The theme token that colours a source's state."""
    return _TOKENS[state.state]


def panel_title(
    number: int,
    name: str,
    sources: Iterable[SourceState],
    now: float,
    refresh: float,
    glyphs: Glyphs = UNICODE,
    focused: bool = True,
) -> list[Span]:
    """`1 SLOs · vm down 4m · prom live`: number, name, every source of the panel with its state, the worst first.

    The focused panel is told by bold letters where there are no colours.
    """
    bold = "bold " if focused else ""
    spans = [Span(f"{number} ", f"{bold}accent"), Span(name, f"{bold}foreground")]
    for state in sorted(sources, key=lambda source: _WORST_FIRST.index(source.state)):
        spans.append(Span(f" {glyphs.dot} ", "dim"))
        spans.append(Span(f"{state.name} ", "foreground"))
        spans.append(Span(source_words(state, now, refresh), source_token(state)))
    return spans


def shown(count: int, of: int, order: str = "worst", faults: bool = False, needle: str = "") -> str:
    """The right end of the SLO panel's title: `42, worst first`, `3 of 42 faults, by burn`, `2 of 42 /pay`."""
    said = f"{count}" if count == of and not faults and not needle else f"{count} of {of}"
    if faults:
        said += " faults"
    if needle:
        said += f" /{needle}"
    return f"{said}, {_ORDER_WORDS.get(order, order)}"


def rule(
    left: Sequence[Span], right: str, cells: int, glyphs: Glyphs = UNICODE, style: str = "border", *shorter: str
) -> list[Span]:
    """A panel's top line, exactly `cells` wide: `─1 SLOs · prom live ───────── 42, worst first ─`.

    Where both ends do not fit, the first of `shorter` that does takes the place of the right one, or it goes.
    """
    taken = width(plain(left)) + 2
    ending, room = [], cells - taken
    for text in (right, *shorter):
        end = [Span(f" {text} ", "dim"), Span(glyphs.rule, style)] if text else []
        if end and room - width(plain(end)) >= 1:
            ending, room = end, room - width(plain(end))
            break
    middle = [Span(" ", style), Span(glyphs.rule * max(0, room), style)]
    return fit_spans([Span(glyphs.rule, style), *left, *middle, *ending], cells, glyphs)


def failure(state: SourceState, now: float, cells: int | None = None, glyphs: Glyphs = UNICODE) -> str | None:
    """`prom: timeout 5s, retry in 20s`, in one line; None when nothing failed. The wait moves in steps of 5 s.

    With `cells` the sentence is cut so that what happens next is always said.
    """
    if state.error is None:
        return None
    said, after = f"{state.name}: {state.error.rstrip('.?')}", _next(state, now)
    if cells is not None and width(said) > (room := max(0, cells - len(after))):
        said = fit(said, room, glyphs=glyphs)
    return said + after


def unanswered(sources: Sequence[SourceState], now: float, refresh: float, cells: int, glyphs: Glyphs = UNICODE) -> str:
    """Why an empty list of some sources does not mean that there is nothing."""
    for source in sources:
        if said := failure(source, now, max(0, cells - len("unknown: ")), glyphs):
            return f"unknown: {said}"
    for source in sources:
        if source.state not in ("live", "waiting"):
            return f"unknown: {source.name} {source_words(source, now, refresh)}"
    return f"waiting for {', '.join(source.name for source in sources if source.state == 'waiting')}"


def _next(state: SourceState, now: float) -> str:
    if state.next_try is None:
        return ""
    wait = state.next_try - now
    return ", retrying" if wait <= 0 else f", retry in {words.span(math.ceil(min(wait, 1e9) / 5) * 5)}"
