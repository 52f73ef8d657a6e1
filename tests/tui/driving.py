"""Starts the console in process on a scripted engine, for tests that press keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from sreconsole.config.model import Config
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.tui.app import ConsoleApp
from sreconsole.tui.panels.slo_table import SloTable
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import make_session
from tests.tui import scripted

ENV = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "USER": "ana"}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = scripted.NOW

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Driven:
    """A running console."""

    app: ConsoleApp
    pilot: Pilot[int]
    live: scripted.ScriptedLive
    clock: Clock

    @property
    def screen(self) -> ConsoleScreen:
        """The screen in front."""
        screen = self.app.screen
        assert isinstance(screen, ConsoleScreen)
        return screen

    def at(self, kind: type[ConsoleScreen]) -> bool:
        """Whether a screen of this kind is in front."""
        return isinstance(self.app.screen, kind)

    @property
    def table(self) -> SloTable:
        """The table of the SLO panel."""
        return self.app.screen_stack[0].query_one(SloTable)

    @property
    def text(self) -> str:
        """What is on the screen, without trailing blanks."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in lines)

    async def press(self, *keys: str) -> str:
        """Press keys, each when the one before has done its work; what the screen shows then."""
        for key in keys:
            name = key if len(key) > 1 or key.isalnum() else _character_to_key(key)
            self.app.screen.app.post_message(
                events.Key(name, " " if key == "space" else key if len(key) == 1 else None)
            )
            await self.settle()
        return self.text

    async def push(self, snapshot: Snapshot) -> str:
        """A new snapshot; what the screen shows then."""
        self.live.push(snapshot)
        await self.settle()
        return self.text

    async def charted(self) -> None:
        """Wait for the chart that is being drawn in a thread."""
        await self.app.workers.wait_for_complete()
        await self.settle()

    async def settle(self) -> None:
        """Wait until messages, and the messages they led to, have done their work. No clock is looked at."""
        for _ in range(4):
            if self.app._exit:
                await asyncio.sleep(0)
                return
            await self.pilot._wait_for_screen()
        self.app.screen._on_timer_update()
        await self.pilot._wait_for_screen()


@asynccontextmanager
async def driven(
    reports: Iterable[SloReport] | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    sources: Iterable[SourceState] | None = None,
    env: Mapping[str, str] = ENV,
    config: Config | None = None,
    live: scripted.ScriptedLive | None = None,
    theme: str = "dark",
    standing: bool = False,
) -> AsyncIterator[Driven]:
    """A console showing these reports (42 by default)."""
    shown = scripted.estate() if reports is None else list(reports)
    engine = live or scripted.ScriptedLive(scripted.snapshot(shown, sources=sources))
    clock = Clock()
    session = make_session(config or scripted.config(shown), engine, theme=theme, clock=clock, env=env)
    session.standing = standing
    app = ConsoleApp(session, guard=False)
    async with app.run_test(size=size) as pilot:
        on = Driven(app, pilot, engine, clock)
        await on.settle()
        yield on
