"""A source that comes and goes: on the screen for half a minute, and six hundred times with a clock that is moved."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

from sreconsole.config.model import Config, PrometheusSource, Service
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import SourceState
from sreconsole.engine.console import Console
from sreconsole.engine.unasked import Unasked
from sreconsole.errors import Unreachable
from sreconsole.ledger.book import Book
from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.estate import LONGEST_BACK_OFF
from tests.bad_days.flipping import forward
from tests.engine.estate import availability
from tests.servers.faults import FaultServer, Reply, Request, answer

FLAPS = 600
DOWN = 300.0
"""Seconds for which it stays down at the end."""
STAYS = 30.0
"""Seconds for which a person looks at the flapping."""


@bad_day("A source flaps every second, for half a minute", "it stays up")
def test_flapping(day: Day) -> None:
    # Remedy: a failure keeps the last values and costs nothing that stays (engine/polling.py, sources/wire.py).
    victim = day.estate.prometheus("victim")
    down = threading.Event()
    flapping = threading.Event()

    def respond(request: Request) -> Reply:
        if down.is_set():
            return Reply(then="reset")
        return Reply(answer(*_reordered(forward(f"127.0.0.1:{victim.port}", request))))

    def flap() -> None:
        while not flapping.wait(1.0):
            (down.clear if down.is_set() else down.set)()
        down.clear()

    with FaultServer(respond) as proxy:
        person = day.person(day.estate.config({"victim": proxy.url, "calm": day.calm.url}))
        person.sees("victim live")
        person.sees_figures_move("victim")
        person.forget_peak()
        threads, files = person.threads, person.open_files
        thread = threading.Thread(target=flap, daemon=True)
        thread.start()
        seen = set()
        end = time.monotonic() + STAYS
        person.sees("victim down")
        day.result.sees = person.failure("victim")
        while time.monotonic() < end:
            person.sees_figures_move("calm")
            person.keys_answer()
            assert person.figures("victim"), "the last good values stay"
            seen.add("victim live" in person.text)
        flapping.set()
        thread.join()
        day.recovers(person, "victim live", time.monotonic())
        person.sees_figures_move("victim")
        assert person.threads <= threads + 4
        assert person.open_files <= files + 6
        day.ends_well(person)


def _reordered(asked: tuple[int, str, bytes]) -> tuple[int, bytes, str]:
    status, kind, body = asked
    return status, body, kind


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to the next timer; nothing on it may wait for anything else."""

    def __init__(self) -> None:
        self.at = 0.0
        super().__init__(_Impatient(self))

    def time(self) -> float:
        """Seconds, moved by leaps."""
        return self.at


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop: Leaping) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; when nothing is, the time is over at once."""
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not ready and timeout:
            self._loop.at += timeout
        return ready


class Flapping(Unasked):
    """A feed that is up in odd seconds and down in even ones until `until`, then down for a while."""

    def __init__(self, name: str, slos: Sequence[Slo], clock: Callable[[], float], until: float) -> None:
        super().__init__(name, "prometheus", slos)
        self._clock, self._until = clock, until
        self.asked: list[float] = []
        self.failed = 0

    async def step(self) -> None:
        """Answer or fail, by the clock."""
        now = self._clock()
        self.asked.append(now)
        if now < self._until + DOWN and (now >= self._until or int(now) % 2 == 0):
            self.failed += 1
            raise Unreachable(f"nothing listens ({self.failed})")


@bad_day(
    "A source flaps every second, six hundred times (with a clock that is moved)",
    "it is down for five minutes, then up",
    long=False,
)
def test_six_hundred_flaps(day: Day) -> None:
    # Remedies: back-off with its limit, and nothing that grows with the number of failures (engine/polling.py).
    loop = Leaping()
    start = 1_790_000_000.0

    def clock() -> float:
        return start + loop.at

    slo = availability("victim")
    made = Slo("victim", slo.name, slo.objective, slo.window, slo.sli, "victim")
    config = Config(
        Path("x.yaml"),
        refresh=1.0,
        sources={"victim": PrometheusSource("victim", "http://127.0.0.1:1")},
        services=(Service("victim", (made,)),),
    )
    feed = Flapping("victim", [made], clock, start + FLAPS)
    console = Console(config, Book(31 * 86_400), [feed], clock)
    states: list[SourceState] = []

    async def look() -> None:
        running = asyncio.create_task(console.run())
        while loop.at < FLAPS + DOWN + LONGEST_BACK_OFF + 2:
            await asyncio.sleep(0.5)
            states.append(console.snapshot.sources[0])
        running.cancel()
        await asyncio.wait([running])

    tracemalloc.start()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(look())
        grown = tracemalloc.get_traced_memory()[0] / 1e6
    finally:
        tracemalloc.stop()
        asyncio.set_event_loop(None)
        loop.close()
    waits = [after - before for before, after in zip(feed.asked, feed.asked[1:], strict=False)]
    assert max(waits) <= LONGEST_BACK_OFF
    assert feed.failed > 10
    assert {state.state for state in states} >= {"live", "down"}
    assert states[-1].state == "live"
    up = start + FLAPS + DOWN
    back = min(at for at in feed.asked if at >= up)
    assert back <= up + LONGEST_BACK_OFF
    assert SloKey("victim", "availability") == console.snapshot.services[0].slos[0].key
    assert grown < 3.0, f"{grown:.1f} MB for {len(feed.asked)} askings"
    day.result.sees = f"live or down, {feed.failed} failures in {len(feed.asked)} askings"
    day.result.memory = round(grown, 1)
    day.result.recovery = round(back - up, 1)
