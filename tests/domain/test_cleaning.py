"""Nothing from outside moves the cursor, hides, reorders or shifts a column."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.cleaning import clean, clean_lines

HOSTILE = [
    "\x1b[2J\x1b[H",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07after",
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bP+q544e\x1b\\",
    "\x1bPunterminated",
    "\x1b]0;unterminated",
    "\x1b",
    "\x1b[",
    "\x1b[1;2",
    "\x1bc",
    "\x1b(0",
    "\x1b#8",
    "\x9b31m",
    "\x9b",
    "\x9d0;t\x9c",
    "\x90q\x9c",
    "\x85next\x84",
    "over\rwrite",
    "a\x08\x08\x08b",
    "bell\x07",
    "\x00nul\x7fdel",
    "\x0e shift out \x0f",
    "user\u202egnp.exe",
    "\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "zero\u200bwidth\u200c\u200d\u2060\ufeff",
    "soft\xadhyphen",
    "line\u2028para\u2029",
    "\ud800lone\udfff",
    "private\ue000\U000f0000",
    "unassigned\u0378\u0530",
    "tags\U000e0041\U000e0042",
    "variation\ufe0f\U000e0100",
    "blank\u3164\uffa0\u2800\u115f\u1160\u17b4\u180f",
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo",
    "\u1112\u1161\u1161\u1161\u1161\u1161\u1161\u11ab",
    "interlinear\ufff9\ufffa\ufffb",
]
FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
UNSEEN = set(map(chr, [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0])) | {
    *map(chr, range(0x180B, 0x1810)),
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0000, 0xE1000)),
}

texts = st.text(st.characters(codec=None), max_size=80) | st.lists(
    st.sampled_from([*HOSTILE, "plain", "é", "漢字", " ", "⟨", "␛", "[@click=app.quit]x[/]"]), max_size=8
).map("".join)


def assert_harmless(text: str) -> None:
    for char in text:
        assert unicodedata.category(char) not in FORBIDDEN_CATEGORIES, f"U+{ord(char):04X} survived"
        assert char not in UNSEEN, f"U+{ord(char):04X} survived"
        assert char == " " or not char.isspace(), f"U+{ord(char):04X} survived"
    run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") or "\u1161" <= char <= "\u11ff" else 0
        assert run <= 4, "a tower of marks survived"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_text_is_harmless_after_cleaning(text: str) -> None:
    assert_harmless(clean(f"before {text} after"))
    assert clean(f"before {text} after").startswith("before ")


def test_every_character_there_is_comes_out_harmless() -> None:
    everything = [chr(code) for code in range(0x110000)]
    forbidden = {char for char in everything if unicodedata.category(char) in FORBIDDEN_CATEGORIES} | UNSEEN
    for char in everything[:0x100]:
        assert forbidden.isdisjoint(clean(char)), f"U+{ord(char):04X} survived"
    for start in range(0x100, 0x110000, 256):
        out = clean("x".join(everything[start : start + 256]), 10_000)
        assert forbidden.isdisjoint(out), f"survived: {sorted(forbidden.intersection(out))}"


@given(texts)
def test_whatever_comes_in_is_harmless(text: str) -> None:
    assert_harmless(clean(text))


@given(texts, st.integers(1, 60))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once


@given(texts, st.integers(1, 60))
def test_the_length_limit_holds(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


def test_a_cut_is_marked() -> None:
    assert clean("x" * 501) == "x" * 499 + "…"
    assert clean("x" * 500) == "x" * 500
    assert clean("\x1b]0;" + "hidden" * 100 + "\x07" + "x" * 100, 10).endswith("…"), "also where escapes filled the cut"


def test_ordinary_text_is_left_alone() -> None:
    for text in [
        "checkout",
        "Größe 5 µs",
        "Привет",
        "Ελληνικά",
        "日本語 カタカナ ひらがな",
        "한국어",
        "e\u0301",
        "→ 99.9 % ≥",
        "🔥",
    ]:
        assert clean(text) == text


def test_escapes_and_hidden_characters_are_shown_not_dropped() -> None:
    assert clean("a\x1b[31mb") == "a␛b"
    assert clean("a\u200bb") == "a⟨U+200B⟩b"
    assert clean("a\nb\tc") == "a b c"


def test_lines_are_kept_where_they_are_meant() -> None:
    assert clean_lines("one\ntwo\x1b[2J\r\nthree") == "one\ntwo␛\nthree"


@given(texts)
def test_every_line_of_several_is_harmless(text: str) -> None:
    for line in clean_lines(text).split("\n"):
        assert_harmless(line)
