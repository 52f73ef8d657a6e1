"""What is said in the footer for a moment is not lost to whatever else happens in that moment."""

from __future__ import annotations

from sreconsole.engine.live import Change
from tests.tui import scripted
from tests.tui.driving import Driven, driven

SAID = "config.yaml has changed and is in use"


def footer(on: Driven) -> str:
    return on.text.splitlines()[-1].strip()


async def test_that_a_changed_config_is_in_use_is_seen_through_snapshots_a_resize_and_a_filter() -> None:
    async with driven() as on:
        changed = scripted.config(scripted.estate(), environment="staging")
        on.app._changed(Change(on.live.snapshot, frozenset(), frozenset(), reloaded=changed))
        await on.settle()
        assert footer(on) == SAID
        assert "staging" in on.text.splitlines()[0]
        alerts, silences = scripted.night()
        await on.push(scripted.snapshot(scripted.estate(), alerts=alerts, silences=silences))
        assert footer(on) == SAID
        await on.pilot.resize_terminal(70, 20)
        await on.settle()
        assert footer(on) == SAID
        await on.pilot.resize_terminal(80, 24)
        await on.press("/")
        assert SAID not in on.text, "who types sees what they type"
        on.screen._flash_ends(on.screen._flashed)
        await on.press("escape")
        assert footer(on) == SAID, "its moment is yet to come"
        on.screen._flash_ends(on.screen._flashed)
        await on.settle()
        assert footer(on).startswith("s silence")
