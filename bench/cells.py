"""One row's cells as Rich texts, for the table that is not ours: same words, same widths, same columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from sreconsole.domain.report import SloReport
from sreconsole.present.cells import Span
from sreconsole.present.marks import UNICODE
from sreconsole.present.slo_columns import Column, cell

_COLOURS = {"page": "red", "warn": "yellow", "ok": "green", "dim": "grey50"}


def cells(report: SloReport, columns: Sequence[Column]) -> list[list[Span]]:
    """What each column says of the report, with the blank after it: no cell is padded by the table."""
    return [_spaced(cell(report, column, UNICODE)) for column in columns]


def _spaced(spans: list[Span]) -> list[Span]:
    return [*spans[:-1], Span(spans[-1].text + " ", spans[-1].style)] if spans else [Span(" ", "")]


def text(spans: Sequence[Span]) -> Text:
    """A cell with its colours."""
    return Text.assemble(*((span.text, _COLOURS.get(span.style.rpartition(" ")[2], "")) for span in spans))
