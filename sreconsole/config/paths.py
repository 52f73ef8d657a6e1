"""Where things are: the config, its themes, state and cache directories (XDG Base Directory)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import sreconsole
from sreconsole.domain.cleaning import clean
from sreconsole.errors import ConfigError, Problem

SYSTEM_CONFIG: Final = Path("/etc/sreconsole/config.yaml")
_NONE_FOUND: Final = (
    "no config found; `sreconsole demo` shows the console on a simulated estate,\n"
    "`sreconsole discover --prometheus URL` (from a coming version on) writes a config from what runs there,\n"
    "{example} shows every key; save yours as {place}"
)


def find(explicit: str | None, env: Mapping[str, str], home: Path, system: Path = SYSTEM_CONFIG) -> Path:
    """The config to use: `--config`, `$SRECONSOLE_CONFIG`, the user's, the system's.

    A file that was asked for is not replaced by another when it is missing. Raises ConfigError when there is none.
    """
    named = explicit or env.get("SRECONSOLE_CONFIG")
    if named:
        path = Path(named)
        if not os.path.exists(path):
            how = "--config" if explicit else "$SRECONSOLE_CONFIG"
            raise ConfigError([Problem(clean(str(path)), 1, "", f"there is no such file (asked for by {how})")])
        return path
    mine = config_dir(env, home) / "config.yaml"
    for path in (mine, system):
        if os.path.exists(path):  # unlike Path.exists: False, too, where we may not look
            return path
    raise ConfigError([], _NONE_FOUND.format(example=example(), place=clean(str(mine))))


def home(env: Mapping[str, str]) -> Path:
    """The home directory; on hosts without one a path that does not exist, so that everything works from memory."""
    try:
        return Path(env["HOME"]) if env.get("HOME") else Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def config_dir(env: Mapping[str, str], home: Path) -> Path:
    """The user's config directory."""
    return _xdg("XDG_CONFIG_HOME", env, home / ".config")


def state_dir(env: Mapping[str, str], home: Path) -> Path | None:
    """What no source can give again: history.db, journal.db. None where there is no place for it."""
    return _kept("XDG_STATE_HOME", env, home, home / ".local" / "state")


def cache_dir(env: Mapping[str, str], home: Path) -> Path | None:
    """What can be asked again: ledger.db. None where there is no place for it."""
    return _kept("XDG_CACHE_HOME", env, home, home / ".cache")


def homeless(env: Mapping[str, str], home: Path) -> str | None:
    """What to say where nothing, or only a part, can be kept for want of a home directory; None: there is one."""
    lacking = [
        (what, name)
        for what, name, found in (
            ("history", "XDG_STATE_HOME", state_dir(env, home)),
            ("ledger", "XDG_CACHE_HOME", cache_dir(env, home)),
        )
        if found is None
    ]
    if not lacking:
        return None
    kept, names = (" and ".join(words) for words in zip(*lacking, strict=True))
    verb = "are" if len(lacking) > 1 else "is"
    return f"the home directory {clean(str(home), 200)} does not exist: {kept} {verb} kept in memory only; set {names}"


def _xdg(name: str, env: Mapping[str, str], default: Path) -> Path:
    """A directory of ours below an XDG one; a relative value is ignored, as the specification wants."""
    given = Path(env.get(name) or ".")
    return (given if given.is_absolute() else default) / "sreconsole"


def _kept(name: str, env: Mapping[str, str], home: Path, default: Path) -> Path | None:
    """A directory to write into. A home that does not exist is none: root could make it, but nobody looks there."""
    found = _xdg(name, env, default)
    return None if found.parent == default and not os.path.isdir(home) else found


def _shipped(name: str) -> Path:
    """A file or directory that comes with the program: in the wheel inside the package, in a checkout beside it."""
    package = Path(sreconsole.__file__).parent
    inside = package / name
    return inside if inside.exists() else package.parent / name


def example() -> Path:
    """The commented config that shows every key."""
    return _shipped("config.example.yaml")


def theme_dirs(config: Path) -> tuple[Path, ...]:
    """Where themes are looked for, in this order: beside the config, then those that come with the program."""
    return config.parent / "themes", _shipped("themes")
