"""The console at a moment of the past: the header says so, and nothing is asked again."""

from __future__ import annotations

import pytest

from tests.tui.driving import driven


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_the_header_says_the_moment_with_its_day(size: tuple[int, int]) -> None:
    async with driven(size=size, standing=True) as on:
        assert " at 2026-" in on.text.splitlines()[0]
    async with driven(size=size) as on:
        assert " at 2026-" not in on.text.splitlines()[0]


async def test_a_screen_too_small_for_the_moment_says_that_it_is_not_now() -> None:
    async with driven(size=(24, 10), standing=True) as on:
        assert on.text.splitlines()[0].startswith("then ")


async def test_keys_that_ask_again_are_off() -> None:
    async with driven(standing=True) as on:
        await on.press("r", "R", "space")
        assert not on.live.asked
        assert not on.live.paused
        assert "nothing is asked again" in on.text
        await on.press("2", "j", "o")
        assert "paused" not in on.text
