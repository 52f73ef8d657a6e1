"""The table of actions: no key twice, every action exists, footer and help say what there is."""

from __future__ import annotations

import pytest

from sreconsole.tui import keys
from sreconsole.tui.app import ConsoleApp
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.keys import Action, Place
from sreconsole.tui.screens.alert import AlertScreen
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.screens.deploy import DeployScreen
from sreconsole.tui.screens.detail import DetailScreen
from sreconsole.tui.screens.help import joined
from sreconsole.tui.screens.overview import OverviewScreen
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.screens.palette import PaletteScreen, found
from sreconsole.tui.screens.sources import SourcesScreen

SCREENS: dict[Place, type[ConsoleScreen]] = {
    "overview": OverviewScreen,
    "detail": DetailScreen,
    "alert": AlertScreen,
    "deploy": DeployScreen,
    "sources": SourcesScreen,
    "page": PageScreen,
    "form": FormScreen,
    "prompt": PaletteScreen,
}


def test_no_key_means_two_things_in_one_place() -> None:
    assert keys.clashes() == []


def test_a_clash_is_found_and_named() -> None:
    second = Action("burn", ("f",), "burn", "set fire to it", ("overview",))
    assert keys.clashes((*keys.ACTIONS, second)) == ["f means both faults and burn in overview"]


@pytest.mark.parametrize("place", SCREENS)
def test_every_action_of_a_place_can_be_done_there(place: Place) -> None:
    for action in keys.at(place):
        owner = ConsoleApp if action.id == "leave" else SCREENS[place]
        assert hasattr(owner, f"action_{action.id.partition('(')[0]}"), action.id


@pytest.mark.parametrize("place", SCREENS)
def test_every_key_of_a_place_is_bound_there(place: Place) -> None:
    bound = {key for binding in SCREENS[place].BINDINGS for key in str(getattr(binding, "key", "")).split(",")}
    wanted = {key for action in keys.at(place) if action.id != "leave" for key in action.keys}
    assert bound == wanted


def test_the_footer_of_the_overview_shows_a_handful_of_keys() -> None:
    assert 5 <= len(keys.footer("overview")) <= 8
    assert ("/", "filter") in keys.footer("overview")


def test_who_reads_an_alert_is_told_how_to_reach_the_next() -> None:
    for footer in (keys.footer("alert"), keys.footer("deploy")):
        assert ("n", "next") in footer
        assert sum(len(key) + len(words) + 3 for key, words in footer) <= 80


def test_help_has_every_key_and_fits_a_small_screen() -> None:
    rows = joined(keys.at("overview"))
    assert len(rows) <= 22
    shown = " ".join(key for key, _ in rows).split()
    assert set(shown) == {keys.label(key) for action in keys.at("overview") for key in action.keys}


def test_the_documentation_has_every_action() -> None:
    table = keys.as_markdown()
    assert all(f"| {action.help} |" in table for action in keys.ACTIONS)
    assert "| `j down` |" in table


def test_no_key_that_terminals_and_multiplexers_take() -> None:
    taken = {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+j", "ctrl+k", "ctrl+l", "ctrl+s", "ctrl+q", "ctrl+d"}
    assert taken.isdisjoint(key for action in keys.ACTIONS for key in action.keys)


def test_the_palette_finds_the_beginnings_of_words_first() -> None:
    ids = [action.id for action in found(keys.commands("overview"), "sor")]
    assert ids == ["sort", "open"]
    assert [action.id for action in found(keys.commands("overview"), "ask all")] == ["refresh_all"]
    assert found(keys.commands("overview"), "") == list(keys.commands("overview"))
