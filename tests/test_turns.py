"""Long work gives way: between slices, and for a moment where somebody looks on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from sreconsole import turns


@pytest.fixture
def slow() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "SLICE", -1.0)  # every look is after a slice
        yield


async def _rounds_beside(work: asyncio.Task[None]) -> int:
    rounds = 0
    while not work.done():
        rounds += 1
        await asyncio.sleep(0)
    return rounds


async def test_others_get_their_turn_between_slices(slow: None) -> None:
    async def work() -> None:
        turn = turns.Turns()
        for _ in range(10):
            await turn.take()

    assert 20 <= await _rounds_beside(asyncio.create_task(work())) <= 30


async def test_where_somebody_looks_on_a_key_goes_all_the_way_between_two_slices(slow: None) -> None:
    async def work() -> None:
        turns.somebody_looks_on()
        await asyncio.create_task(started())

    async def started() -> None:
        await turns.Turns().take()

    assert await _rounds_beside(asyncio.create_task(work())) > 20

    async def nobody() -> None:
        await turns.Turns().take()

    assert await _rounds_beside(asyncio.create_task(nobody())) <= 6, "only in that task and those it started"


async def test_work_within_a_slice_does_not_give_way() -> None:
    began, turn = time.monotonic(), turns.Turns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "SLICE", 3600.0)
        coro = turn.take()
        with pytest.raises(StopIteration):
            coro.send(None)
    assert time.monotonic() - began < 60
