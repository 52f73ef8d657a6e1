"""Words, glyphs and tokens of the states; which glyph set a terminal gets."""

from __future__ import annotations

import unicodedata
from typing import get_args

import pytest

from sreconsole.domain.burn import PairState
from sreconsole.domain.status import Status
from sreconsole.present.cells import width
from sreconsole.present.marks import ASCII, UNICODE, WORD_CELLS, DeploySign, Glyphs, glyph_set, pair_token, token, word


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=lambda glyphs: glyphs.name)
def test_states_differ_by_glyph_alone_and_take_one_settled_cell(glyphs: Glyphs) -> None:
    for chars in (
        [glyphs.status[status] for status in Status],
        [glyphs.pairs[state] for state in get_args(PairState)],
        [glyphs.deploys[sign] for sign in get_args(DeploySign)],
    ):
        assert len(set(chars)) == len(chars)
        for char in chars:
            assert width(char) == 1
            assert unicodedata.east_asian_width(char) in ("N", "Na"), "ambiguous glyphs shift rows in CJK terminals"


def test_the_ascii_set_is_ascii() -> None:
    parts = (ASCII.bars, ASCII.cut, ASCII.dot, ASCII.rule, ASCII.bar_full, ASCII.bar_empty)
    more = (ASCII.wall, ASCII.tee, *ASCII.deploys.values())
    assert "".join((*parts, *more, *ASCII.status.values(), *ASCII.pairs.values())).isascii()


def test_words_and_tokens() -> None:
    assert [word(status) for status in Status] == ["PAGE", "warn", "unknown", "stale", "ok"]
    assert [token(status) for status in Status] == ["page", "warn", "unknown", "stale", "ok"]
    assert max(len(word(status)) for status in Status) == WORD_CELLS
    assert pair_token("firing") == "page"


@pytest.mark.parametrize(
    ("name", "utf8", "glyphs"),
    [("auto", True, UNICODE), ("auto", False, ASCII), ("ascii", True, ASCII), ("unicode", False, UNICODE)],
)
def test_glyph_set(name: str, utf8: bool, glyphs: Glyphs) -> None:
    assert glyph_set(name, utf8) is glyphs
