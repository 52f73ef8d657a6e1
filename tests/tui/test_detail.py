"""One SLO in full: text, chart, keys."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from sreconsole.domain.report import Trend
from sreconsole.present import chart
from sreconsole.present.chart import Picture
from sreconsole.tui import opening
from sreconsole.tui.screens.detail import DetailScreen
from sreconsole.tui.screens.overview import OverviewScreen
from tests.tui import scripted
from tests.tui.driving import driven


async def test_text_and_chart() -> None:
    async with driven() as on:
        await on.press("enter")
        await on.charted()
        assert "Burning 11.3x over the last hour: 31% of the 30d budget left" in on.text
        assert "14.4x┤" in on.text
        text = await on.press("G")
        assert "Burn by window" in text
        assert "11.3x" in text


async def test_the_text_is_there_before_the_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key never waits for the chart library."""
    may_draw = threading.Event()

    def slow(*args: object) -> Picture:
        may_draw.wait(20)
        return Picture(["the chart"])

    monkeypatch.setattr(chart, "burn_chart", slow)
    monkeypatch.setattr(chart, "loaded", lambda: False)
    async with driven() as on:
        text = await on.press("enter")
        assert "drawing the chart" in text
        assert "Burning 11.3x" in text
        assert "the chart" in text
        await on.press("j")
        assert on.app.is_running
        may_draw.set()
        await on.charted()
        assert "drawing the chart" not in on.text


async def test_new_data_is_drawn_once_and_old_data_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []

    def draw(trend: Trend, width: int, height: int, limits: Sequence[float], *rest: object) -> Picture:
        drawn.append(trend)
        assert limits == [1, 3, 6, 14.4]
        return Picture([f"chart {len(drawn)}"])

    monkeypatch.setattr(chart, "burn_chart", draw)
    async with driven() as on:
        await on.press("enter")
        await on.charted()
        for _ in range(3):
            await on.push(scripted.snapshot(scripted.estate()))
        assert len(drawn) == 1
        monkeypatch.setattr(on.live, "trend", lambda *_: Trend(0, 60, (1.0, None, 2.0)))
        await on.push(scripted.snapshot(scripted.estate()))
        await on.charted()
        assert len(drawn) == 2
        assert "chart 2" in on.text


async def test_figures_follow_the_data() -> None:
    async with driven() as on:
        await on.press("enter")
        reports = scripted.estate()
        reports[0] = scripted.report("checkout", burn=99.0)
        assert "75.2x over the last hour" in await on.push(scripted.snapshot(reports))


async def test_window_of_the_chart() -> None:
    async with driven() as on:
        assert "burn over 6h" in await on.press("w", "enter")
        assert "burn over 1d" in await on.press("w")
        assert "burn over full 30d" in await on.press("w", "w", "w")
        assert on.live.trend_window == 30 * 86_400
        assert "burn over 1h" in await on.press("w")
        await on.press("w", "w", "escape")
        assert "trend 1d" in on.text, "one window for all trends"
        await on.charted()


async def test_n_goes_to_the_next_fault_and_the_cursor_goes_along() -> None:
    async with driven() as on:
        assert "search availability" in await on.press("enter", "n")
        assert "checkout availability" in await on.press("N")
        await on.press("n", "escape")
        assert on.at(OverviewScreen)
        assert on.table.rows.line == 1


async def test_keys_of_the_detail() -> None:
    async with driven() as on:
        await on.press("enter", "r")
        assert on.live.asked == ["prom"]
        await on.press("R", "space", "y")
        assert on.live.asked == ["prom", None]
        assert on.live.paused
        assert on.app.clipboard.startswith("✗ PAGE checkout availability  99.9% over 30d\nBurning")
        assert "keys of the detail" in await on.press("question_mark")
        await on.press("q")
        assert on.at(DetailScreen)
        await on.press("pagedown", "pageup", "j", "k", "T", "e", "escape", "colon", "escape", "q")
        assert on.at(OverviewScreen)


async def test_an_slo_that_goes_away_is_said() -> None:
    async with driven() as on:
        await on.press("enter")
        text = await on.push(scripted.snapshot([scripted.report("other")]))
        assert "this SLO is gone" in text
        assert "nothing to copy" in await on.press("y")


async def test_an_unknown_slo_says_why() -> None:
    async with driven([scripted.report("lost", burn=None)]) as on:
        text = await on.press("enter")
        await on.charted()
        assert "? unknown lost availability" in text
        assert "waiting for prom" in text
        assert "no budget known in this span" in await on.press("b")
        assert "no chart to read here" in await on.press("h")


def test_the_first_frame_needs_no_chart_and_no_network() -> None:
    ours, textual = (
        set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
        for code in (
            "import sys, sreconsole.tui.app, sreconsole.tui.screens.overview; print(*sys.modules)",
            "import sys, textual.app, textual.drivers.linux_driver; print(*sys.modules)",
        )
    )
    more = {name for name in ours - textual if name.split(".")[0] != "sreconsole"}
    assert {name.split(".")[0] for name in more} <= {*sys.stdlib_module_names, *sysconfig_module()}
    assert not {"sqlite3", "ssl"} & (ours - textual)


def sysconfig_module() -> set[str]:
    """The module in which Debian and others keep the build's settings; zoneinfo reads it."""
    return {name for name in sys.modules if name.startswith("_sysconfigdata")} | {
        "_sysconfigdata__linux_x86_64-linux-gnu"
    }


async def test_status_pairs_and_budget_are_there_without_scrolling() -> None:
    for size in ((80, 24), (120, 36), (200, 50)):
        async with driven(size=size) as on:
            text = await on.press("enter")
            await on.charted()
            for needed in ("PAGE checkout availability", "14.4x    1h", "1x    3d", "Error budget", "as events"):
                assert needed in text, (size, needed)
            assert "14.4x┤" in on.text, "the chart as well"


async def test_without_room_the_chart_follows_the_tables() -> None:
    async with driven(size=(80, 15)) as on:
        await on.press("enter")
        await on.charted()
        assert "14.4x    1h" in on.text
        assert "┤" not in on.text
        await on.press("pagedown")
        assert "14.4x┤" in on.text


async def test_budget_instead_of_burn_in_the_chart() -> None:
    async with driven() as on:
        await on.press("enter")
        await on.charted()
        text = await on.press("b")
        assert "budget over 30d" in text.splitlines()[0]
        assert "100%┤" in text
        assert "% left  " in await on.press("h")
        assert "burn over 1h" in (await on.press("b")).splitlines()[0]
        assert "burn over 6h" in (await on.press("b", "w")).splitlines()[0], "windows are those of the burn"


async def test_a_cursor_reads_the_chart_without_drawing_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven(scripted.estate()) as on:
        await on.press("enter")
        await on.charted()
        drawn: list[object] = []
        real = chart.burn_chart

        def draw(*asked: object) -> Picture:
            drawn.append(asked)
            return real(*asked)  # type: ignore[arg-type]

        monkeypatch.setattr(chart, "burn_chart", draw)
        first = await on.press("h")
        assert "03:11 to 03:12  " in first
        assert " of 600 bad" in first
        second = await on.press("left")
        assert "03:10 to 03:11  " in second
        assert "03:11 to 03:12  " in await on.press("l")
        assert "h l read it" in await on.press("right"), "past the newest it is gone"
        assert drawn == []


async def test_links_are_copied_one_after_the_other_where_nothing_opens_them() -> None:
    alerts, silences = scripted.night()
    shown = scripted.snapshot(scripted.estate(), alerts=alerts, silences=silences)
    async with driven(live=scripted.ScriptedLive(shown)) as on:
        await on.press("enter", "o")
        assert on.app.clipboard == "https://runbooks.example/checkout"
        assert "runbook, 1 of 3, sent to the terminal's clipboard: https://runb" in on.text
        await on.press("o", "o")
        assert on.app.clipboard == "http://prom:9090/graph?g0.expr=burn"
        await on.press("o")
        assert on.app.clipboard == "https://runbooks.example/checkout"


def test_nothing_is_opened_over_ssh_or_without_a_display(tmp_path: Path) -> None:
    program = tmp_path / "xdg-open"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    env = {"DISPLAY": ":0", "PATH": str(tmp_path)}
    assert opening.opener(env) == str(program)
    assert opening.opener({**env, "SSH_CONNECTION": "a b c d"}) is None
    assert opening.opener({"PATH": str(tmp_path)}) is None


async def test_only_web_addresses_are_handed_over(tmp_path: Path) -> None:
    program, told = tmp_path / "xdg-open", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$@" >{told}\n')
    program.chmod(0o755)
    env = {"DISPLAY": ":0", "PATH": str(tmp_path)}
    assert not await opening.opened("--help", env)
    assert not await opening.opened("file:///etc/passwd", env)
    assert await opening.opened("https://runbooks.example/x", env)
    await asyncio.gather(*opening.RUNNING)
    assert told.read_text() == "https://runbooks.example/x\n"
