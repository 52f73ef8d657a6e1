"""Text in cells: exactly as wide as asked, by our measure and by the two measures a screen goes through."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth  # the terminal emulator of our tests measures with it

from sreconsole.present.cells import Align, Span, fit, fit_spans, plain, settle, width, wrap
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from tests.present.reports import texts

glyph_sets = st.sampled_from((UNICODE, ASCII))


def measured(text: str) -> set[int]:
    """The width by every measure; one number when all agree."""
    return {width(text), cell_len(text), sum(wcwidth(char) for char in text)}


@pytest.mark.parametrize(
    ("text", "cells", "align", "out"),
    [
        ("checkout", 8, "left", "checkout"),
        ("checkout", 10, "left", "checkout  "),
        ("checkout", 10, "right", "  checkout"),
        ("checkout", 11, "center", " checkout  "),
        ("checkout", 5, "left", "chec…"),
        ("checkout", 1, "left", "…"),
        ("checkout", 0, "left", ""),
        ("", 3, "left", "   "),
        ("全角サ", 6, "left", "全角サ"),
        ("全角サ", 5, "left", "全角…"),
        ("全角サ", 4, "left", "全… "),
        ("e\u0301tude", 5, "left", "étude"),
        ("x\u0323\u0301yz", 3, "left", "x\u0323\u0301yz"),
        ("x\u0323\u0301yz", 2, "left", "x\u0323\u0301…"),
        ("a\x1b[31mb", 8, "left", "a?[31mb "),
        ("a\u202eb", 3, "left", "a?b"),
        ("🇩🇪", 2, "left", "??"),
        ("a\tb\xa0c\u3000", 6, "left", "a b c "),
    ],
)
def test_fit(text: str, cells: int, align: Align, out: str) -> None:
    assert fit(text, cells, align) == out


def test_the_ascii_set_leaves_nothing_but_ascii() -> None:
    assert fit("étude ﬁn 全", 12, "left", ASCII) == "etude fin ? "
    assert fit("checkout", 5, "left", ASCII) == "chec>"


def test_every_character_measures_the_same_everywhere() -> None:
    """All of Unicode, one character at a time, behind a letter that a mark can sit on."""
    disputed = []
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in ("Cs", "Co", "Cn"):
            char = "x"  # replaced anyway; the loop stays quick
        shown = settle("a" + char) if char != "x" else "ax"
        if len(measured(shown)) != 1:
            disputed.append(f"U+{code:04X}")
    assert not disputed


@given(texts, st.integers(-2, 90), st.sampled_from(("left", "right", "center")), glyph_sets)
def test_any_text_is_exactly_as_wide_as_asked(text: str, cells: int, align: Align, glyphs: Glyphs) -> None:
    out = fit(text, cells, align, glyphs)
    assert measured(out) == {max(0, cells)}
    assert all(char.isprintable() for char in out)


@given(st.lists(st.builds(Span, texts, st.just("ok")), max_size=5), st.integers(-2, 90), glyph_sets)
def test_any_spans_are_exactly_as_wide_as_asked(spans: list[Span], cells: int, glyphs: Glyphs) -> None:
    assert measured(plain(fit_spans(spans, cells, glyphs))) == {max(0, cells)}


@given(texts, st.integers(1, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert lines
    assert all(width(line) <= cells for line in lines)
    if cells >= 2:
        assert "".join("".join(lines).split()) == "".join(settle(text).split())


def test_a_word_that_begins_with_a_mark_or_is_too_wide_is_wrapped() -> None:
    assert wrap(" \u0300000", 2) == ["\u030000", "0"]
    assert wrap("⺀", 1) == ["…"]


def test_spans_that_fit_keep_their_styles() -> None:
    spans = [Span("PAGE", "bold page"), Span(" checkout", "foreground")]
    assert fit_spans(spans, 15) == [*spans, Span("  ", "")]
    assert fit_spans(spans, 8) == [Span("PAGE", "bold page"), Span(" ch…", "foreground")]
    assert fit_spans(spans, 4) == [Span("PAG…", "bold page")]


def test_a_pile_of_marks_is_cut() -> None:
    assert settle("q" + "\u0323" * 9) == "q" + "\u0323" * 4
    assert settle("\u0323q") == "q"
