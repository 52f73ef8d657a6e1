"""One row of a form: a question, its answer, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sreconsole.present.cells import Span, fit, fit_spans
from sreconsole.present.marks import Glyphs
from sreconsole.records import dataclass
from sreconsole.tui.strips import Line

if TYPE_CHECKING:
    from sreconsole.domain.actor import Actor

_NAME_CELLS = 9


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands; forms make them anew with every change."""

    id: str
    """What the form knows it by."""
    name: str
    value: Sequence[Span]
    text: str | None = None
    """What Enter puts into the line to type into; None: it cannot be typed."""
    trouble: str = ""
    """What is wrong with the answer; the form cannot be sent while any row has one."""
    longest: int = 1000
    """Characters of an answer."""


def row_line(row: Row, cells: int, glyphs: Glyphs) -> Line:
    """Name, value, and what is wrong with it."""
    spans = [Span(f" {fit(row.name, _NAME_CELLS, 'left', glyphs)} ", "dim"), *row.value]
    if row.trouble:
        spans.append(Span(f"  ! {row.trouble}", "page"))
    return fit_spans(spans, cells, glyphs)


def author_row(actor: Actor | None) -> Row:
    """Who acts, and where the name comes from; of a shared account it must be typed first."""
    if actor is None:
        return Row("author", "author", [Span("a shared account: type your name", "warn")], "", "who are you?")
    return Row("author", "author", [Span(actor.name, "foreground"), Span(f"  from {actor.origin}", "dim")])


def said(text: str, empty: str) -> list[Span]:
    """An answer, or what stands for none."""
    return [Span(text, "foreground")] if text else [Span(empty, "dim")]


def chosen(value: str, presets: Sequence[str]) -> list[Span]:
    """Presets with the chosen one marked; one that was typed stands before them."""
    shown = presets if value in presets else (value, *presets)
    return [
        Span(f"[{one}] " if one == value else f" {one}  ", "bold accent" if one == value else "dim") for one in shown
    ]
