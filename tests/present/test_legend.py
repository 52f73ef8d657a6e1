"""The legend says what the table draws."""

from __future__ import annotations

import pytest

from sreconsole.present.legend import signs
from sreconsole.present.marks import ASCII, UNICODE, Glyphs
from sreconsole.present.spark import STEPS


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_bar_and_every_step_is_explained(glyphs: Glyphs) -> None:
    said = dict(signs(glyphs))
    assert glyphs.bars in said
    assert all(f"{step:g}" in said[glyphs.bars] for step in STEPS)
    assert all(len(sign) < 21 and len(text) + 22 <= 80 for sign, text in said.items())
