"""The application: composes the screens, runs the engine on its loop, turns its changes into messages."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rich.console import Console, RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from sreconsole.config.model import Config
from sreconsole.engine.live import Change, Live
from sreconsole.errors import ConfigError
from sreconsole.exits import Exit
from sreconsole.garbage import collect_from_here
from sreconsole.tui.colourless import AttributesOnly
from sreconsole.tui.driver import ConsoleDriver
from sreconsole.tui.hangup import HangupGuard, alive, end_on_signals, let_go
from sreconsole.tui.kept import Views
from sreconsole.tui.messages import SnapshotChanged
from sreconsole.tui.palette import Palette
from sreconsole.tui.pause import Pause
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.screens.overview import OverviewScreen
from sreconsole.tui.session import Session, make_session
from sreconsole.tui.terminal import Depth
from sreconsole.tui.theme import available, load_theme
from sreconsole.tui.tight import TightUpdate

if TYPE_CHECKING:
    from sreconsole.engine.actions.actions import Actions
    from sreconsole.tui.acting import Acting

log = logging.getLogger("sreconsole.tui")

TICK_SECONDS = 5.0
"""How often ages and the clock are looked at; what looks the same is not sent."""
_STOP_SECONDS = 2.0
_GIVE_UP = 0.001
"""Seconds after which a thread hands the interpreter over to the screen; a key asks for it several times."""
_SYSTEMS: dict[Depth, Literal["truecolor", "256", "standard"]] = {
    "rgb": "truecolor",
    "256": "256",
    "16": "standard",
    "none": "standard",
}
"""Rich's name of each colour depth; left alone it believes a COLORTERM that leaked into GNU screen."""


class ConsoleApp(App[int], inherit_bindings=False):
    """The console on a terminal."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "leave", "quit", show=False, priority=True)]
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["screens/overview.tcss", "screens/page.tcss"]

    def __init__(self, session: Session, *, guard: bool = True, actions: Callable[[], Actions] | None = None) -> None:
        """`actions` makes what can be done from here, when somebody first acts; None: nothing can."""
        self.session = session  # before the base class: it asks for our colours while it is made
        super().__init__(driver_class=ConsoleDriver, ansi_color=True if session.palette.native else None)
        self.console = Console(
            color_system=_SYSTEMS[session.terminal.depth],
            file=self.console.file,
            force_terminal=True,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._guarded, self._actions = guard, actions
        self._acting: Acting | None = None
        self._guard: HangupGuard | None = None
        self._engine: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._pause = Pause(self._rested)
        self.typed_at = self.quiet_before = 0.0
        """When the newest key came (`time.monotonic`), and for how many seconds there was none before it."""
        self.views = Views(self)
        """Full views that are kept mounted, to open like a key."""
        self._unsubscribe: Callable[[], None] = lambda: None
        self._colourless = AttributesOnly() if session.terminal.depth == "none" else None
        self.failure: str | None = None
        """The traceback of a defect of ours that ended the program."""
        self.animation_level = "none"
        self._wear(session.palette)
        self._styled_by = self.get_css_variables()
        self.stylesheet.set_variables(self._styled_by)  # before any style sheet is parsed

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything by the present theme; the first one is there before there is anything to style."""
        variables = self.get_css_variables()
        if variables != self._styled_by:
            self._styled_by = variables
            super().refresh_css(animate)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colours nothing but attributes leaves this program."""
        return [self._colourless] if self._colourless else super().get_line_filters()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tokens exist in style sheets whatever theme Textual starts from."""
        return self.session.palette.textual_theme().variables

    def get_default_screen(self) -> OverviewScreen:
        """The overview is the first screen."""
        return OverviewScreen(self.session)

    def on_mount(self) -> None:
        """Start the engine once the first frame is out."""
        loop = asyncio.get_running_loop()
        if self._guarded:
            end_on_signals(loop, self.leave)
            self._guard = HangupGuard(loop, self.leave)
            self._guard.start()
        self._unsubscribe = self.session.live.subscribe(self._changed)
        self.call_after_refresh(self._start_engine)
        self.set_interval(TICK_SECONDS, self._tick)

    async def on_unmount(self) -> None:
        """Stop the engine and give it a moment to put its things away."""
        self._unsubscribe()
        self._pause.end()
        if self._acting is not None:
            await self._acting.end()
        if self._preparing is not None:
            self._preparing.cancel()
        if self._engine is not None:
            self._engine.cancel()
            await asyncio.wait([self._engine], timeout=_STOP_SECONDS)

    def acting(self) -> Acting | str:
        """What the keys that act do; a sentence where nothing can be done."""
        if self.session.standing:
            return "this is a moment of the past: nothing can be done in it"
        if self._actions is None:
            return "nothing can be written from here"
        if self._acting is None:
            from sreconsole.tui.acting import Acting

            self._acting = Acting(self, self._actions())
        return self._acting

    def leave(self, code: int) -> None:
        """End the program with an exit code; the terminal is restored."""
        self.exit(code, return_code=code)

    def action_leave(self) -> None:
        """ctrl+c."""
        self.leave(0)

    def next_theme(self) -> str:
        """Put on the next theme whose file can be used; its name, and which ones could not."""
        names = list(available(self.session.themes))
        own = self.session.palette.theme.name
        at = names.index(own) if own in names else -1
        broken = []
        for name in [*names[at + 1 :], *names[: at + 1]]:
            try:
                self._wear(Palette(load_theme(name, self.session.themes), self.session.terminal.depth))
                break
            except ConfigError:
                broken.append(name)
        name = self.session.palette.theme.name
        for screen in self.screen_stack:
            if isinstance(screen, ConsoleScreen):
                screen.restyle()
        self.views.restyle()
        return name + (f"; `--theme {broken[0]}` says what is wrong with that one" if broken else "")

    def stop_watching(self) -> None:
        """The screen is closed: nobody needs to watch the terminal."""
        if self._guard is not None:
            self._guard.stop()

    def _wear(self, palette: Palette) -> None:
        self.session.palette = palette
        self.register_theme(palette.textual_theme())
        self.theme = palette.name

    def _start_engine(self) -> None:
        collect_from_here()
        self._engine = asyncio.create_task(self.session.live.run())
        self._engine.add_done_callback(self._engine_ended)
        sys.setswitchinterval(_GIVE_UP)
        self._preparing = asyncio.create_task(self._prepare())

    async def on_event(self, event: events.Event) -> None:
        """Notice when somebody types."""
        if isinstance(event, events.InputEvent):
            self._pause.touch()
            if isinstance(event, events.Key | events.Paste):
                self.quiet_before, self.typed_at = event.time - self.typed_at, event.time
            if isinstance(event, events.Key) and self._touched():
                self._away_differs()
                if event.key == "escape":
                    return
        await super().on_event(event)

    def on_app_blur(self, event: events.AppBlur) -> None:
        """The pane has lost the focus. (Textual would style and send the whole screen anew for it.)"""
        event.prevent_default()
        if not self.session.standing and self.session.away.leave(self.session.clock()):
            self._away_differs()

    def on_app_focus(self, event: events.AppFocus) -> None:
        """Somebody is back."""
        event.prevent_default()
        session = self.session
        if not session.standing and session.away.come_back(session.snapshot, session.clock()):
            self._away_differs()

    def _touched(self) -> bool:
        session = self.session
        return not session.standing and session.away.touch(session.snapshot, session.clock())

    def _away_differs(self) -> None:
        if (front := self._front) is not None:
            front.take()

    def _rested(self) -> None:
        """Nobody types at the moment: what the next key may open can be made ready."""
        if (front := self._front) is not None:
            front.foresee()

    async def _prepare(self) -> None:
        """Once nobody types, get what the first detail view needs: its modules, the chart library, its screen."""
        await self._pause.long()
        await asyncio.to_thread(_import_detail)
        await self._pause.long()
        from sreconsole.tui.screens.detail import DetailScreen

        await self.views.prepare(DetailScreen)
        self._rested()

    def _engine_ended(self, task: asyncio.Task[None]) -> None:
        """The engine never ends by itself. If it does, that is our defect: say so and keep the last good values."""
        if task.cancelled():
            return
        error = task.exception()
        self.session.defect = f"asking has stopped by a defect, start sreconsole again: {error!r}"[:200]
        if error is not None:
            log.error("a defect ended the asking", exc_info=error)
            self.failure = "".join(traceback.format_exception(error))
        self._changed(None)

    def _changed(self, change: Change | None) -> None:
        """Only the screen in front is drawn; the others catch up when they come back."""
        if change is not None and change.reloaded is not None:
            self._follow(change.reloaded)
        if self.screen_stack:
            self.screen.post_message(SnapshotChanged())

    def _follow(self, config: Config) -> None:
        """Show by a changed config, and say so."""
        words = f"{config.path.name} has changed and is in use"
        try:
            self.session.follow(config)
        except ConfigError as error:
            words = f"{words}, but not its theme: {error}"
        self._wear(self.session.palette)
        if self._acting is not None:
            self.run_worker(self._acting.follow(config), exit_on_error=False)
        for screen in self.screen_stack:
            if isinstance(screen, ConsoleScreen):
                screen.restyle()
                screen.take()
        self.views.restyle()
        if isinstance(self.screen, ConsoleScreen):
            self.screen.flash(words)

    def _tick(self) -> None:
        if (front := self._front) is not None:
            front.tick()

    @property
    def _front(self) -> ConsoleScreen | None:
        """The screen in front; while the program ends there is none, and timers may still fire."""
        stack = self.screen_stack
        return stack[-1] if stack and isinstance(stack[-1], ConsoleScreen) else None

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send partial updates without the unchanged cells before them."""
        if type(renderable) is ChopsUpdate:
            renderable = TightUpdate.of(renderable)
        super()._display(screen, renderable)

    def _set_pointer_shape(self, shape: str) -> None:
        """Nothing: no widget of ours has a pointer of its own, and a view that is mounted unseen would send the
        ordinary one to a screen that stays as it is."""

    def _fatal_error(self) -> None:
        """Keep the traceback for later, without the values of variables: they hold secrets."""
        log.exception("a defect ended the console")
        self.failure = traceback.format_exc()
        self.leave(Exit.SOFTWARE)


def _import_detail() -> None:
    import sreconsole.tui.screens.detail  # noqa: F401 - in a thread: a key does not wait for it
    from sreconsole.present import chart

    chart.load()


def run_console(
    config: Config,
    live: Live,
    *,
    theme: str,
    clock: Callable[[], float],
    env: Mapping[str, str],
    themes: Sequence[Path] | None = None,
    standing: bool = False,
    actions: Callable[[], Actions] | None = None,
) -> int:
    """Run the console until the person leaves; returns the exit code.

    `clock` gives Unix seconds, `standing`: always the same; `actions` makes what can be done from here; `themes` are
    directories with theme files (found from the config when None). The terminal must have been checked with
    `terminal.refusal`. Raises ConfigError for a theme that cannot be used.
    """
    session = make_session(config, live, theme=theme, clock=clock, env=env, themes=themes)
    session.standing = standing
    app = ConsoleApp(session, actions=actions)
    app.run(mouse=app.session.terminal.mouse)
    app.stop_watching()
    if not alive(0):
        let_go()
    if app.failure:
        from sreconsole.domain.cleaning import clean_lines
        from sreconsole.domain.redacting import redacted

        told = clean_lines(redacted(app.failure), 20_000)
        print(f"sreconsole: a defect ended the console\n{told}", file=sys.stderr)  # noqa: T201 - after the screen
        return Exit.SOFTWARE
    return app.return_code or 0
