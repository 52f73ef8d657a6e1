"""What every screen needs to know: the engine, the config, the clock, the terminal and the theme in use."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from sreconsole.config.model import Config
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.engine.live import Live
from sreconsole.present.marks import Glyphs, glyph_set
from sreconsole.records import dataclass, field
from sreconsole.tui.away import Away
from sreconsole.tui.palette import Palette
from sreconsole.tui.terminal import Terminal, survey
from sreconsole.tui.theme import load_theme, theme_dirs
from sreconsole.tui.trends import TrendWindow, windows


@dataclass(slots=True)
class Session:
    """One running console."""

    config: Config
    live: Live
    clock: Callable[[], float]
    """Unix seconds."""
    env: Mapping[str, str]
    terminal: Terminal
    glyphs: Glyphs
    palette: Palette
    """Replaced when the theme changes."""
    themes: Sequence[Path]
    """Directories with theme files."""
    user: str
    """`user@host` for the header."""
    standing: bool = False
    """Whether the clock stands still at a moment of the past: there is nothing to ask for again."""
    away: Away = field(default_factory=Away, init=False)
    """What to tell somebody who comes back."""
    defect: str | None = None
    """What is wrong with this program itself, for the banner."""
    trend: int = 0
    """Which window trends and charts have, by its place in `tui.trends`."""
    _windows: tuple[Config, float, tuple[TrendWindow, ...]] | None = field(default=None, init=False)
    _measured_by: dict[SloKey, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._measured_by = {slo.key: slo.source for slo in self.config.slos()}

    def follow(self, config: Config) -> None:
        """A changed config is in use. Raises ConfigError where its theme cannot be used; the old one is kept then."""
        before, self.config = self.config, config
        self._measured_by = {slo.key: slo.source for slo in config.slos()}
        self.terminal = survey(self.env, glyphs=config.glyphs, mouse=config.mouse)
        self.glyphs = glyph_set("auto", self.terminal.unicode)
        self.user = _person(config, self.env)
        if config.theme != before.theme:
            self.palette = Palette(load_theme(config.theme, self.themes), self.terminal.depth)

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.config.timezone)

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self.live.snapshot

    @property
    def trend_window(self) -> TrendWindow:
        """The window of trends and charts."""
        found = self._trend_windows()
        return found[min(self.trend, len(found) - 1)]

    def next_trend_window(self) -> TrendWindow:
        """Give trends and charts the next window."""
        self.trend = (self.trend + 1) % len(self._trend_windows())
        self.live.set_trend_window(self.trend_window.seconds)
        return self.trend_window

    def _trend_windows(self) -> tuple[TrendWindow, ...]:
        """Found once a config and day: it looks at every SLO."""
        day = self.clock() // 86_400
        if self._windows is None or self._windows[0] is not self.config or self._windows[1] != day:
            self._windows = self.config, day, windows(self.config, day * 86_400)
        return self._windows[2]

    def match_of(self, service: str) -> Mapping[str, str]:
        """The labels that tie alerts and silences to a service."""
        member = {fleet.label: service for fleet in self.config.fleets}
        return next((one.match for one in self.config.services if one.name == service), member)

    def metric_sources(self) -> tuple[SourceState, ...]:
        """States of the sources that SLOs are measured by."""
        return self.snapshot.slo_sources

    def source_of(self, key: SloKey) -> str | None:
        """The source an SLO is measured by; None when the config does not tell (fleets that share SLO names)."""
        if key in self._measured_by:
            return self._measured_by[key]
        names = {slo.source for fleet in self.config.fleets for slo in fleet.slos if slo.name == key.slo}
        return names.pop() if len(names) == 1 else None


def make_session(
    config: Config,
    live: Live,
    *,
    theme: str,
    clock: Callable[[], float],
    env: Mapping[str, str],
    themes: Sequence[Path] | None = None,
) -> Session:
    """Everything the screens need, from what the command line handed over."""
    dirs = theme_dirs(config.path.parent) if themes is None else tuple(themes)
    terminal = survey(env, glyphs=config.glyphs, mouse=config.mouse)
    return Session(
        config=config,
        live=live,
        clock=clock,
        env=env,
        terminal=terminal,
        glyphs=glyph_set("auto", terminal.unicode),
        palette=Palette(load_theme(theme, dirs), terminal.depth),
        themes=dirs,
        user=_person(config, env),
    )


def _person(config: Config, env: Mapping[str, str]) -> str:
    """`user@host`: whose console on which machine (`author` in the config)."""
    author = config.author or env.get("SRECONSOLE_USER") or env.get("SUDO_USER") or env.get("USER") or _account()
    host = socket.gethostname().partition(".")[0]
    return author if "@" in author or not author else f"{author}@{host}"


def _account() -> str:
    """The name of the account we run as: cron, containers and `env -i` set no USER. Empty when it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
