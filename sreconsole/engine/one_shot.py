"""Asking a source once, as a one-shot does: one step, then history while there is time for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sreconsole.engine.polling import Poller
from sreconsole.errors import Unreachable


async def ask_once(
    poller: Poller, deadline: float, timeout: float, narrate: Callable[[str], None], *, history: float, what: str
) -> None:
    """Ask until `deadline` (the loop's time, `timeout` seconds from the begin), and then for history for at most
    `history` seconds; `what` is filled by it."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(deadline):
            await poller.once()
    except TimeoutError:
        poller.failed(Unreachable(f"{poller.feed.name} did not answer within {timeout:g}s"))
        return
    said, until = -1, min(deadline, loop.time() + history)
    while poller.state().error is None and loop.time() < until:
        try:
            async with asyncio.timeout_at(until):
                more = await poller.feed.fill()
        except TimeoutError:
            narrate(f"{poller.feed.name}: time is up, the {what} is {_percent(poller)} % filled")
            return
        except Exception as error:  # noqa: BLE001 - short windows are known; history's failure is only said
            narrate(f"{poller.feed.name}: history: {error}")
            return
        if not more:
            return
        if _percent(poller) // 10 != said:
            said = _percent(poller) // 10
            narrate(f"{poller.feed.name}: {what} {_percent(poller)} % filled")


def _percent(poller: Poller) -> int:
    share = poller.feed.progress()
    return 100 if share is None else int(100 * share)
