"""Small, usual and large screens; and every size on the way."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui import scripted
from tests.tui.driving import Driven, driven


def exact(on: Driven, columns: int, rows: int) -> None:
    """The screen is filled exactly."""
    strips = on.app.screen._compositor.render_strips()
    assert len(strips) == rows
    assert {sum(cell_len(segment.text) for segment in strip) for strip in strips} == {columns}


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36), (200, 50), (1, 1), (20, 5), (300, 8), (30, 90)])
async def test_every_key_at_every_size(size: tuple[int, int]) -> None:
    async with driven(size=size) as on:
        exact(on, *size)
        for key in (
            "j",
            "G",
            "pageup",
            "f",
            "f",
            "o",
            "w",
            "1",
            "1",
            "e",
            "q",
            "enter",
            "G",
            "n",
            "q",
            "question_mark",
            "q",
        ):
            await on.press(key)
            exact(on, *size)
        await on.press("slash", "p", "enter", "colon", "q", "escape", "escape")
        exact(on, *size)
        assert on.app.is_running


async def test_40x10_says_what_it_needs_and_still_shows_what_burns() -> None:
    async with driven(size=(40, 10)) as on:
        assert "40x10: needs 80x24" in on.text
        assert "1 PAGE" in on.text
        assert "11.3x" in on.text
        assert "checkout" in on.text


async def test_tiny_shows_the_counts() -> None:
    async with driven(size=(19, 4)) as on:
        assert "1 PAGE" in on.text
        assert "checkout" not in on.text


async def test_200x50_shows_more() -> None:
    async with driven(scripted.estate(80), size=(200, 50)) as on:
        assert "14.9x over 1h and 14.9x over 5m, limit 14.4x" in on.text
        assert "burn 5m" in on.text
        assert on.table.size.height == 44


async def test_a_wide_detail_has_the_chart_beside_the_text() -> None:
    async with driven(size=(200, 50)) as on:
        await on.press("enter")
        await on.charted()
        line = next(line for line in on.text.splitlines() if "Error budget" in line)
        assert len(line) > 90


async def test_resize_keeps_cursor_and_filter() -> None:
    async with driven() as on:
        await on.press("slash", "l", "enter", "G")
        chosen = on.table.rows.cursor
        for size in ((200, 50), (40, 10), (19, 4), (120, 36), (80, 24)):
            await on.pilot.resize_terminal(*size)
            await on.settle()
            exact(on, *size)
            assert on.table.rows.cursor == chosen
        assert chosen is not None
        assert chosen.service in on.text.splitlines()[-4]
        assert "/l" in on.text


async def test_resize_while_reading() -> None:
    async with driven() as on:
        await on.press("enter")
        for size in ((200, 50), (40, 10), (80, 24)):
            await on.pilot.resize_terminal(*size)
            await on.settle()
            exact(on, *size)
        await on.press("escape")
        exact(on, 80, 24)
