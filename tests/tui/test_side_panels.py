"""Panels 3 and 4 on the screen: side by side, alone, below each other, maximised; their keys; what they say unfed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sreconsole.config.model import Config, Oncall, Toil
from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.live import Change
from sreconsole.present import deploy_table
from sreconsole.records import replace
from sreconsole.tui.lines import Lines
from sreconsole.tui.panels.deploy_table import DeployTable
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.panels.toil_table import ToilTable
from sreconsole.tui.screens.deploy import DeployScreen
from sreconsole.tui.screens.overview import OverviewScreen
from sreconsole.tui.screens.toil import ToilScreen
from tests.tui import busy, scripted
from tests.tui.driving import ENV, Driven, driven
from tests.tui.test_failures import style_of
from tests.tui.test_redraw import refreshes
from tests.tui.test_sizes import exact


@asynccontextmanager
async def night(
    size: tuple[int, int] = (80, 24), shown: Snapshot | None = None, config: Config | None = None, **more: object
) -> AsyncIterator[Driven]:
    """A console with deploys and toil."""
    reports = scripted.estate()
    live = scripted.ScriptedLive(shown or busy.snapshot(reports))
    async with driven(live=live, size=size, config=config or busy.config(reports), **more) as on:  # type: ignore[arg-type]
        yield on


def below(on: Driven) -> list[str]:
    """The lines of panels 3 and 4, the titles first, without the footer."""
    lines = on.text.splitlines()[:-1]
    start = next(place for place, line in enumerate(lines) if line.startswith(("─3 Deploys", "─4 Toil")))
    return lines[start:]


def table(on: Driven) -> DeployTable:
    return on.app.screen_stack[0].query_one(DeployTable)


async def test_what_a_person_sees_at_80x24() -> None:
    async with night() as on:
        assert below(on) == [
            "─3 Deploys · ci live ────── 1 running ─┬─4 Toil · prom live ────────── 4 below ─",
            "▸  03:09 search   v7     running     3m│pages 3/2 this shift · 210 of 4800 min",
            "▾  03:01 checkout v41    rollback    4m│silenced included · shift until 08:00",
            "▴  02:46 checkout v42    succeeded   4m│tickets 7/10 · 140 min",
            "▵ ~02:32 payments v3.1.0 succeeded    -│manual restarts unknown: no data",
        ]
        assert "PAGE    checkout" in on.text


@pytest.mark.parametrize(
    ("size", "ascii"),
    [((40, 10), False), ((60, 50), False), ((80, 24), True), ((200, 50), False), ((72, 16), True), ((1, 1), False)],
)
async def test_no_widgets_overlap_and_none_leaves_the_screen(size: tuple[int, int], ascii: bool) -> None:
    env = {**ENV, "LANG": "C"} if ascii else ENV
    async with night(size, env=env) as on:
        for keys in ((), ("3",), ("3", "G"), ("4",), ("escape", "tab"), ("2",)):
            await on.press(*keys)
            exact(on, *size)
            regions = [
                widget.region
                for widget in on.app.screen.query("*")
                if isinstance(widget, (Lines, LineTable)) or widget.id == "wall"
                if widget.region
                and all(parent.display for parent in widget.ancestors_with_self if parent is not on.app)
            ]
            for place, one in enumerate(regions):
                assert on.app.screen.region.contains_region(one) or size == (1, 1), (keys, one)
                assert not any(one.overlaps(other) for other in regions[place + 1 :]), keys
        if ascii:
            assert "".join(line for line in on.text.splitlines()).isascii()


async def test_narrow_screens_have_them_below_each_other() -> None:
    async with night((60, 50)) as on:
        titles = [line for line in on.text.splitlines() if line.startswith("─")]
        assert [title[1] for title in titles] == ["1", "2", "3", "4"]
        assert "pages 3/2 this shift · 210 of 4800 min" in on.text
        await on.pilot.resize_terminal(80, 24)
        await on.settle()
        assert "┬─4 Toil" in on.text
        exact(on, 80, 24)


async def test_a_panel_is_there_only_where_the_config_has_something_for_it() -> None:
    nothing = busy.config(oncall=Oncall(), toil=Toil())
    async with night(config=nothing) as on:
        assert below(on)[0].startswith("─3 Deploys · ci live ─")
        assert "┬" not in on.text
        assert "4 Toil" not in on.text
        assert "no toil in the config" in await on.press("4")
        assert [panel.id for panel in on.screen.query(Panel)] == ["panel-1", "panel-2", "panel-3"]
    async with night(config=scripted.config()) as on:
        assert "3 Deploys" not in on.text
        assert "no deploys in the config: a source of kind file" in await on.press("3")
        assert "1 SLOs" in on.text, "the key for what is not there maximises nothing"


async def test_an_edited_config_brings_and_takes_panels() -> None:
    async with night(config=scripted.config(scripted.estate())) as on:
        for config, titles in (
            (busy.config(scripted.estate()), ["3 Deploys", "4 Toil"]),
            (busy.config(scripted.estate(), toil=Toil(), oncall=Oncall()), ["3 Deploys"]),
            (scripted.config(scripted.estate()), []),
            (busy.config(scripted.estate()), ["3 Deploys", "4 Toil"]),
        ):
            on.app._changed(Change(on.live.snapshot, frozenset(), frozenset(), reloaded=config))
            await on.settle()
            assert [name for name in ("3 Deploys", "4 Toil") if name in on.text] == titles
            exact(on, 80, 24)
        assert "pages 3/2" in on.text
        await on.press("4", "tab", "3", "3")
        assert "1 SLOs" not in on.text


async def test_tab_goes_through_all_four_and_the_same_number_maximises() -> None:
    async with night() as on:
        seen = []
        for _ in range(4):
            assert isinstance(on.screen, OverviewScreen)
            seen.append(on.screen.panel.NUMBER)
            await on.press("tab")
        assert seen == [1, 2, 3, 4]
        text = await on.press("3", "3")
        assert "4 Toil" not in text
        assert "1 SLOs" not in text
        assert "1 running · 8 in 7d" in text
        assert " ana" in text
        assert table(on).size == (80, 21)
        text = await on.press("4")
        assert "3 Deploys" not in text
        assert "Paged again and again in 7 days" in text
        assert "Pages of this shift" in text
        assert "03:00-now CheckoutBurn (checkout)" in await on.press("G")
        text = await on.press("escape")
        assert "┬─4 Toil" in text
        assert "Paged again" not in text


async def test_wide_screens_show_more() -> None:
    async with night((200, 50)) as on:
        assert "checkout v41: smaller images" in on.text
        assert "8 weeks" in on.text
        title = below(on)[0]
        assert title.index("┬") == 135


async def test_filter_faults_and_order_of_deploys() -> None:
    async with night() as on:
        await on.press("3", "f")
        assert [line.split()[0] for line in below(on)[1:4]] == ["▸", "▾", "✗"]
        assert below(on)[4].startswith(" " * 39)
        assert " 3 of 40 ─" in below(on)[0]
        await on.press("escape", "slash", *"login", "enter")
        assert "/login" in below(on)[0]
        assert below(on)[1].split()[2] == "login"
        await on.press("escape", "o")
        assert below(on)[1].split()[2] == "audit"
        await on.press("o", "n")
        assert table(on).rows.is_fault(table(on).rows.items[table(on).rows.cursor or ""])


async def test_enter_opens_a_deploy_and_n_the_next_that_did_not_go_well() -> None:
    async with night() as on:
        text = await on.press("3", "j", "enter")
        assert on.at(DeployScreen)
        assert text.splitlines()[0].startswith("─checkout v41 deploy ─")
        assert "rollback succeeded 11m ago, 2026-11-23 03:01 UTC, took 4m" in text
        assert "https://ci.example/2" in text
        assert "login 2026.11.22-1" in await on.press("n")
        await on.press("r")
        assert on.live.asked == ["ci"]
        await on.push(busy.snapshot(deploys=busy.deploys()[:2]))
        assert "gone: its source does not tell of it any more" in on.text
        await on.press("q", "y")
        assert on.at(OverviewScreen)
        assert "deploy of " in on.app.clipboard


async def test_enter_opens_toil_in_full() -> None:
    async with night() as on:
        text = await on.press("4", "enter")
        assert on.at(ToilScreen)
        assert "Pages of this shift" in text or "lines, j k scroll" in text
        await on.press("escape", "y")
        assert on.app.clipboard.startswith(
            "pages this shift, silenced ones included: 3 (budget 2); toil this week: 210"
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"deploys": ()}, "no deploys in 30 days"),
        ({"deploys": (), "deploy_sources": ()}, "unknown: nothing was asked yet"),
        ({"deploys": (), "deploy_sources": (replace(busy.CI, state="waiting", last_good=None),)}, "waiting for ci"),
        (
            {"deploys": (), "deploy_sources": (replace(busy.CI, state="down", error="no such file"),)},
            "unknown: ci: no such file",
        ),
        ({"toil": None, "toil_sources": ()}, "unknown: nothing was counted yet"),
        ({"toil": None, "toil_sources": (replace(busy.PROM, state="waiting", last_good=None),)}, "waiting for prom"),
        (
            {"toil": None, "toil_sources": (replace(busy.PROM, state="down", error="refused"),)},
            "unknown: prom: refused",
        ),
    ],
)
async def test_nothing_is_said_to_be_none_only_when_every_source_answered(
    changes: dict[str, object], said: str
) -> None:
    async with night(shown=busy.snapshot(None, **changes)) as on:
        assert said in on.text
        assert ("no deploys in 30 days" in on.text) == (said == "no deploys in 30 days")
        assert " 0 " not in "".join(below(on)[1:])


@pytest.mark.parametrize(
    ("size", "title"),
    [((80, 24), "─3 Deploys · ci live ──── 1 bad line ─"), ((120, 36), " in 7d · 1 bad line ─")],
)
async def test_bad_lines_stand_in_the_title_and_take_no_row(size: tuple[int, int], title: str) -> None:
    async with night(size) as on:
        rows = below(on)[1:]
        note = "1 bad line in deploys.jsonl, the first: line 7: no brace"
        ci = replace(busy.CI, bad_lines=1, notes=(note,))
        await on.push(busy.snapshot(deploy_sources=(ci,), sources=(ci,)))
        assert title.replace("─", "") in below(on)[0].replace("─", "")
        assert below(on)[1:] == rows
        assert "unknown" not in below(on)[0]
        assert note in await on.press("3", "e")


async def test_what_a_failed_source_said_stays_faint() -> None:
    async with night() as on:
        bright = style_of(on, "payments v3").color
        failed = replace(busy.CI, state="down", last_good=scripted.NOW - 240, error="no such file")
        await on.push(busy.snapshot(deploy_sources=(failed,)))
        assert below(on)[0].startswith("─3 Deploys · ci down 4m ─")
        assert below(on)[1].startswith("ci: no such file")
        assert style_of(on, "checkout v41").color != bright


async def test_the_same_deploys_and_toil_again_touch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with night() as on:
        before = on.live.snapshot
        with refreshes(LineTable, monkeypatch) as tables, refreshes(Lines, monkeypatch) as lines:
            await on.push(replace(before))
            await on.push(replace(before, deploys=busy.deploys(), toil=busy.toil()))
        assert tables == []
        assert lines == []


async def test_a_deploy_that_ends_touches_its_line_and_its_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    async with night() as on:
        before = on.live.snapshot
        ended = replace(before.deploys[2], status="failed")
        with refreshes(DeployTable, monkeypatch) as tables:
            await on.push(replace(before, deploys=(*before.deploys[:2], ended, *before.deploys[3:])))
        assert [(region.y, region.height) for regions in tables for region in regions] == [(2, 1)]
        with refreshes(ToilTable, monkeypatch) as toil:
            await on.push(replace(on.live.snapshot, toil=busy.toil(pages_budget=5)))
        assert [(region.y, region.height) for regions in toil for region in regions] == [(0, 1)]


async def test_ten_thousand_deploys_draw_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    many = busy.deploys(10_000)
    drawn: list[str] = []
    real = deploy_table.row

    def row(deploy: Deploy, *rest: object) -> object:
        drawn.append(deploy.id)
        return real(deploy, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(deploy_table, "row", row)
    async with night(shown=busy.snapshot(deploys=many)) as on:
        await on.press("3", "G")
        assert len(drawn) < 30
        await on.push(replace(on.live.snapshot, deploys=(busy.deploy("new", ago=10), *many)))
        await on.press("g")
        assert len(drawn) < 50
        assert "42 running" not in on.text


async def test_the_mouse_gives_them_the_focus() -> None:
    async with night() as on:
        await on.pilot.click(table(on), offset=(12, 1))
        await on.settle()
        assert table(on).active
        assert table(on).rows.line == 1
        toil = on.screen.query_one(ToilTable)
        await on.pilot.double_click(toil, offset=(5, 0))
        await on.settle()
        assert on.at(ToilScreen)
