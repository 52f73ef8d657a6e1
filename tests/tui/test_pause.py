"""What takes a while waits until nobody types."""

from __future__ import annotations

import asyncio

import pytest

from sreconsole.tui import pause
from sreconsole.tui.pause import Pause
from tests.tui.driving import driven


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "SHORT", 0.05)
    monkeypatch.setattr(pause, "LONG", 0.1)


async def test_a_burst_of_keys_ends_in_one_rest() -> None:
    rests: list[None] = []
    keys = Pause(lambda: rests.append(None))
    for _ in range(10):
        keys.touch()
        await asyncio.sleep(0)
    assert not rests
    await asyncio.sleep(0.3)
    assert len(rests) == 1
    keys.touch()
    await asyncio.sleep(0.3)
    assert len(rests) == 2


async def test_nothing_is_called_after_the_end() -> None:
    rests: list[None] = []
    keys = Pause(lambda: rests.append(None))
    keys.touch()
    keys.end()
    await asyncio.sleep(0.2)
    assert not rests


async def test_a_long_pause_begins_anew_with_each_key() -> None:
    keys = Pause(lambda: None)
    loop = asyncio.get_running_loop()
    began = loop.time()
    waiting = asyncio.create_task(keys.long())
    loop.call_later(0.08, keys.touch)
    await waiting
    assert loop.time() - began >= 0.17


async def test_a_clock_that_ticks_while_the_console_ends_finds_no_screen_and_does_nothing() -> None:
    async with driven() as on:
        app = on.app
    assert not app.screen_stack
    app._tick()
    app._rested()
    app._away_differs()
