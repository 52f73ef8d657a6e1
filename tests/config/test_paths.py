"""Where the config and what belongs to it are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.config.paths import cache_dir, config_dir, example, find, homeless, state_dir, theme_dirs
from sreconsole.errors import ConfigError
from sreconsole.exits import Exit


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_order_in_which_a_config_is_found(tmp_path: Path) -> None:
    system = touch(tmp_path / "etc" / "config.yaml")
    assert find(None, {}, tmp_path, system) == system
    mine = touch(tmp_path / ".config" / "sreconsole" / "config.yaml")
    assert find(None, {}, tmp_path, system) == mine
    moved = touch(tmp_path / "xdg" / "sreconsole" / "config.yaml")
    env = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find(None, env, tmp_path, system) == moved
    env["SRECONSOLE_CONFIG"] = str(touch(tmp_path / "named.yaml"))
    assert find(None, env, tmp_path, system) == tmp_path / "named.yaml"
    assert find(str(touch(tmp_path / "asked.yaml")), env, tmp_path, system) == tmp_path / "asked.yaml"


def test_no_config_says_three_ways_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find(None, {}, tmp_path, tmp_path / "none")
    lines = str(caught.value).splitlines()
    assert [word for line, word in zip(lines, ("demo", "discover", "config.example.yaml"), strict=True) if word in line]
    assert str(tmp_path / ".config" / "sreconsole" / "config.yaml") in lines[2]
    assert caught.value.exit_code == Exit.CONFIG


@pytest.mark.parametrize(("explicit", "how"), [("{}/gone.yaml", "--config"), (None, "$SRECONSOLE_CONFIG")])
def test_a_config_that_was_asked_for_is_not_replaced(tmp_path: Path, explicit: str | None, how: str) -> None:
    touch(tmp_path / ".config" / "sreconsole" / "config.yaml")
    gone = str(tmp_path / "gone.yaml")
    with pytest.raises(ConfigError) as caught:
        find(explicit and explicit.format(tmp_path), {"SRECONSOLE_CONFIG": gone}, tmp_path)
    assert str(caught.value) == f"{gone}:1: there is no such file (asked for by {how})"


def test_directories_follow_xdg_and_ignore_relative_values(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "s"), "XDG_CACHE_HOME": "relative", "XDG_CONFIG_HOME": ""}
    assert state_dir(env, tmp_path) == tmp_path / "s" / "sreconsole"
    assert cache_dir(env, tmp_path) == tmp_path / ".cache" / "sreconsole"
    assert config_dir(env, tmp_path) == tmp_path / ".config" / "sreconsole"
    assert state_dir({}, tmp_path) == tmp_path / ".local" / "state" / "sreconsole"


def test_a_home_that_does_not_exist_is_none(tmp_path: Path) -> None:
    home, kept = tmp_path / "nobody", str(tmp_path / "s")
    assert (state_dir({}, home), cache_dir({}, home)) == (None, None)
    assert homeless({}, home) == (
        f"the home directory {home} does not exist: history and ledger are kept in memory only; "
        "set XDG_STATE_HOME and XDG_CACHE_HOME"
    )
    assert state_dir({"XDG_STATE_HOME": kept}, home) == tmp_path / "s" / "sreconsole", "named by somebody, so made"
    assert (homeless({"XDG_STATE_HOME": kept}, home) or "").endswith(
        "ledger is kept in memory only; set XDG_CACHE_HOME"
    )
    assert homeless({"XDG_STATE_HOME": kept, "XDG_CACHE_HOME": kept}, home) is None
    assert homeless({}, tmp_path) is None


def test_themes_come_from_beside_the_config_and_then_from_the_program(tmp_path: Path) -> None:
    mine, shipped = theme_dirs(tmp_path / "config.yaml")
    assert mine == tmp_path / "themes"
    assert {"dark.yaml", "light.yaml"} <= {path.name for path in shipped.iterdir()}
    assert example().is_file()
