"""Every key of the overview at 80x24."""

from __future__ import annotations

import pytest

from sreconsole.tui.screens.detail import DetailScreen
from sreconsole.tui.screens.error import ErrorScreen
from sreconsole.tui.screens.help import HelpScreen
from sreconsole.tui.screens.overview import OverviewScreen
from sreconsole.tui.screens.palette import PaletteScreen
from tests.tui import scripted
from tests.tui.driving import driven


def lines(text: str) -> list[str]:
    """The rows of the table."""
    return [line for line in text.splitlines() if line.startswith(("✗", "!", "?", "✓", "~"))]


async def test_the_first_screen_says_what_burns() -> None:
    async with driven() as on:
        shown = on.text.splitlines()
        assert len(shown) == 24
        assert shown[0].startswith("sreconsole prod  ana@")
        assert "1 PAGE 1 warn 1 unknown 39 ok" in shown[0]
        assert shown[0].endswith("03:12")
        assert shown[1].startswith("─1 SLOs · prom live ──")
        assert "42, worst first" in shown[1]
        assert shown[3].split()[1:4] == ["PAGE", "checkout", "availability"]
        assert shown[-1].split()[:4] == ["s", "silence", "a", "note"]
        assert shown[-1].endswith("? keys")


@pytest.mark.parametrize("key", ["j", "down"])
async def test_down(key: str) -> None:
    async with driven() as on:
        await on.press(key)
        assert on.table.rows.line == 1


@pytest.mark.parametrize("key", ["k", "up"])
async def test_up(key: str) -> None:
    async with driven() as on:
        await on.press("j", "j", key)
        assert on.table.rows.line == 1
        await on.press(key, key, key)
        assert on.table.rows.line == 0


@pytest.mark.parametrize("key", ["G", "end"])
async def test_last_row(key: str) -> None:
    async with driven() as on:
        text = await on.press(key)
        assert on.table.rows.line == 41
        assert on.table.rows.keys[41].service in lines(text)[-1]


@pytest.mark.parametrize("key", ["g", "home"])
async def test_first_row(key: str) -> None:
    async with driven() as on:
        text = await on.press("G", key)
        assert on.table.rows.line == 0
        assert "checkout" in lines(text)[0]


async def test_pages() -> None:
    async with driven() as on:
        await on.press("pagedown")
        assert on.table.rows.line == on.table.size.height - 1
        await on.press("ctrl+f", "ctrl+f", "ctrl+f")
        assert on.table.rows.line == 41
        await on.press("pageup")
        assert on.table.rows.line == 41 - (on.table.size.height - 1)


async def test_the_title_says_what_is_off_the_screen() -> None:
    async with driven() as on:
        assert f"{42 - on.table.size.height} below" in on.text
        text = await on.press("G")
        assert f"{42 - on.table.size.height} above" in text
        assert "below" not in text


async def test_enter_opens_the_slo_under_the_cursor_and_escape_returns() -> None:
    async with driven() as on:
        await on.press("j", "enter")
        assert on.at(DetailScreen)
        assert "warn search availability" in on.text
        await on.press("escape")
        assert on.at(OverviewScreen)
        assert on.table.rows.line == 1


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quit(key: str) -> None:
    async with driven() as on:
        await on.press(key)
        assert (on.app.return_code, on.app.is_running) == (0, False)


@pytest.mark.parametrize("way", [("enter",), ("question_mark",), ("e",), ("colon",), ("slash",)])
async def test_ctrl_c_quits_from_anywhere(way: tuple[str, ...]) -> None:
    async with driven() as on:
        await on.press(*way, "ctrl+c")
        assert (on.app.return_code, on.app.is_running) == (0, False)


async def test_filter_follows_while_typing_and_enter_keeps_it() -> None:
    async with driven() as on:
        text = await on.press("slash", *"PAY")
        assert [line.split()[2] for line in lines(text)] == ["payments", "payments"]
        text = await on.press("enter")
        assert "2 of 42 /PAY" in text
        assert text.splitlines()[-1].startswith(" s silence")


async def test_filter_letters_are_not_taken_as_keys() -> None:
    async with driven() as on:
        text = await on.press("slash", *"of!q")
        assert text.splitlines()[-1].strip() == "/of!q"
        assert on.table.rows.order == "worst"
        assert not on.table.rows.faults


async def test_filter_by_status_slo_and_exclusion() -> None:
    async with driven() as on:
        text = await on.press("slash", *"latency", "space", *"!ok", "enter")
        assert [line.split()[1:4] for line in lines(text)] == [["unknown", "cart", "latency"]]


async def test_filter_without_a_match_says_so() -> None:
    async with driven() as on:
        text = await on.press("slash", *"zzz", "enter")
        assert "nothing matches /zzz" in text
        assert lines(text) == []
        assert "nothing to copy" in await on.press("y")
        assert "no SLO under the cursor" in await on.press("enter")


async def test_escape_closes_the_prompt_and_clears_the_filter() -> None:
    async with driven() as on:
        text = await on.press("slash", *"pay", "escape")
        assert "42, worst first" in text
        assert text.splitlines()[-1].startswith(" s silence")
        text = await on.press("slash", *"pay", "enter", "escape")
        assert "42, worst first" in text


async def test_arrows_move_the_cursor_while_the_filter_is_typed() -> None:
    async with driven() as on:
        await on.press("slash", *"la", "down")
        assert on.table.rows.line == 1


async def test_the_filter_is_edited_when_asked_for_again() -> None:
    async with driven() as on:
        text = await on.press("slash", *"pa", "enter", "slash", "y")
        assert text.splitlines()[-1].strip() == "/pay"


async def test_n_goes_through_the_matches_and_round_the_end() -> None:
    async with driven() as on:
        await on.press("slash", *"pay", "enter", "n")
        assert on.table.rows.line == 1
        await on.press("n")
        assert on.table.rows.line == 0
        await on.press("N")
        assert on.table.rows.line == 1


async def test_n_without_a_filter_goes_to_the_next_fault() -> None:
    async with driven() as on:
        await on.press("G", "n")
        assert on.table.rows.line == 0
        await on.press("N")
        assert on.table.rows.keys[on.table.rows.line].service == "cart"


async def test_n_says_when_there_is_no_fault() -> None:
    async with driven([scripted.report("a"), scripted.report("b")]) as on:
        assert "no faults" in await on.press("n")


async def test_faults_only_and_back() -> None:
    async with driven() as on:
        text = await on.press("f")
        assert [line.split()[1] for line in lines(text)] == ["PAGE", "warn", "unknown"]
        assert "3 of 42 faults" in text
        assert len(lines(await on.press("f"))) == on.table.size.height


async def test_faults_only_when_all_is_well() -> None:
    async with driven([scripted.report("a")]) as on:
        assert "no faults: all 1 are ok" in await on.press("f")
        assert len(lines(await on.press("escape"))) == 1


async def test_sort_goes_round() -> None:
    async with driven() as on:
        seen = [(await on.press("o")).splitlines()[1].split(",")[1] for _ in range(4)]
        assert [words.strip().split("─")[0].strip() for words in seen] == [
            "by burn",
            "by budget",
            "by name",
            "worst first",
        ]


async def test_window_of_trends() -> None:
    async with driven() as on:
        text = await on.press("w")
        assert on.live.trend_window == 21_600
        assert "trend 6h" in text
        assert "trend full 30d" in await on.press("w", "w", "w", "w")
        await on.press("w")
        assert on.live.trend_window == 3_600
        assert "trend" not in on.text.splitlines()[1]


async def test_pause_is_said_in_the_header() -> None:
    async with driven() as on:
        text = await on.press("space")
        assert on.live.paused
        assert "paused" in text.splitlines()[0]
        text = await on.press("space")
        assert on.live._paused is False
        assert "paused" not in text.splitlines()[0]


async def test_refresh_of_the_panel_and_of_all() -> None:
    async with driven(sources=[scripted.live("prom"), scripted.live("two")]) as on:
        text = await on.press("r")
        assert on.live.asked == ["prom", "two"]
        assert "asking prom, two" in text
        await on.press("R")
        assert on.live.asked[2:] == [None]


async def test_error_of_the_panel() -> None:
    async with driven(sources=[scripted.down()]) as on:
        text = await on.press("e")
        assert on.at(ErrorScreen)
        assert "connection refused by 127.0.0.1:9090, retry in 20s" in text
        assert "POST /api/v1/query" in text
        await on.press("j", "j", "G")
        assert "POST" not in on.text
        await on.press("g")
        assert "POST" in on.text
        await on.press("q")
        assert on.at(OverviewScreen)


async def test_maximise_and_restore() -> None:
    async with driven() as on:
        both = on.text
        assert "2 Alerts" in both
        text = await on.press("1")
        assert "2 Alerts" not in text
        assert text.splitlines()[0].startswith("sreconsole")
        assert on.table.size.height == 20
        assert await on.press("1") == both
        await on.press("1", "escape")
        assert on.text == both


async def test_help() -> None:
    async with driven() as on:
        text = await on.press("question_mark")
        assert on.at(HelpScreen)
        assert "only what is not ok, fires, failed or runs, and back" in text
        await on.press("escape")
        assert on.at(OverviewScreen)


async def test_palette_runs_by_name() -> None:
    async with driven() as on:
        text = await on.press("colon", *"faul")
        assert on.at(PaletteScreen)
        assert "only what is not ok, fires, failed or runs, and back" in text
        assert "next theme" not in text
        text = await on.press("enter")
        assert "3 of 42 faults" in text


async def test_palette_moves_and_cancels() -> None:
    from sreconsole.tui import keys

    async with driven() as on:
        below = [action.id for action in keys.commands("overview")].index("faults")
        await on.press("ctrl+p", *["down"] * below, "enter")
        assert on.table.rows.faults
        await on.press("colon", "down", "escape")
        assert on.at(OverviewScreen)
        text = await on.press("colon", *"zzz")
        assert "nothing is called that" in text
        await on.press("enter")
        assert on.at(OverviewScreen)


async def test_every_action_of_the_palette_runs() -> None:
    from sreconsole.tui import keys

    for place, action in enumerate(keys.commands("overview")):
        async with driven() as on:
            await on.press("colon", *["down"] * place, "enter")
            assert not on.at(PaletteScreen), action.id


async def test_theme_goes_round() -> None:
    async with driven() as on:
        assert "theme light" in await on.press("T")
        assert on.app.session.palette.theme.name == "light"
        await on.press("T")
        assert on.app.session.palette.theme.name == "dark"


async def test_copy_sends_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as on:
        text = await on.press("y")
        assert on.app.clipboard.startswith("PAGE checkout availability (99.9% over 30d): Burning ")
        assert "sent to the terminal's clipboard" in text


async def test_a_message_in_the_footer_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sreconsole.tui.screens.base.FLASH_SECONDS", 0.01)
    async with driven() as on:
        await on.press("y")
        await on.pilot.pause(0.05)
        assert on.text.splitlines()[-1].startswith(" s silence")


async def test_the_mouse_selects_and_opens() -> None:
    async with driven() as on:
        await on.pilot.click(on.table, offset=(10, 4))
        assert on.table.rows.line == 4
        await on.pilot.double_click(on.table, offset=(10, 2))
        await on.settle()
        assert on.at(DetailScreen)
