"""Deploys under the trends: which rows have them, that the cursor passes them, and that they cost what changed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.report import SloReport
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import deploy_ticks
from sreconsole.records import replace
from sreconsole.tui.panels.rows import HOLD_SECONDS
from sreconsole.tui.panels.slo_table import SloTable
from tests.tui import busy, scripted
from tests.tui.driving import Driven, driven
from tests.tui.test_redraw import refreshes


def shown(deploys: tuple[Deploy, ...], reports: list[SloReport] | None = None) -> Snapshot:
    return scripted.snapshot(scripted.estate() if reports is None else reports, deploys=deploys)


def ticked(on: Driven) -> list[str]:
    """The services whose row has a line of ticks below it."""
    lines = on.text.splitlines()[3 : 3 + on.table.size.height]
    return [above.split()[2] for above, line in pairwise(lines) if line[:9] == " " * 9 and line.strip()]


def rows(on: Driven) -> list[str]:
    return on.text.splitlines()[3 : 3 + on.table.size.height]


RECENT = (busy.deploy("1", "checkout", "v42", 1_500), busy.deploy("2", "audit", "v3", 1_200))


async def test_the_line_stands_under_the_worst_slo_of_its_service_and_on_its_axis() -> None:
    async with driven(live=scripted.ScriptedLive(shown(RECENT))) as on:
        assert ticked(on) == ["checkout", "audit"]
        row, ticks = rows(on)[0], rows(on)[1]
        trend = on.text.splitlines()[2].index("trend")
        assert "checkout" in row
        assert ticks[:trend].strip() == "▴ 02:47 v42 succeeded"
        assert ticks[trend:].rstrip().endswith("─▴")


async def test_what_is_old_or_elsewhere_or_nobodys_has_no_line() -> None:
    others = (
        busy.deploy("2", "search", is_prod=False),
        busy.deploy("3", "audit", owned=False),
        busy.deploy("4", "not-a-service"),
        busy.deploy("1", "checkout", ago=4_000),
    )
    async with driven(live=scripted.ScriptedLive(shown(others))) as on:
        assert ticked(on) == []


async def test_below_an_slo_without_a_trend_there_is_no_axis_but_below_the_next_one() -> None:
    async with driven(live=scripted.ScriptedLive(shown((busy.deploy("1", "cart"),)))) as on:
        assert ticked(on) == ["cart"]
        assert "availability" in next(above for above, line in pairwise(rows(on)) if line[:9] == " " * 9)


async def test_where_everything_was_deployed_only_what_is_not_well_has_one() -> None:
    many = tuple(busy.deploy(name, name, ago=600) for name in scripted.NAMES)
    async with driven(live=scripted.ScriptedLive(shown(many))) as on:
        assert ticked(on) == ["checkout", "search"], "what is unknown has no axis"
        assert len(ticked(on)) == 2
        await on.press("1")
        assert len(ticked(on)) > 5, "with the whole screen every one of them"
        await on.press("1")
        await on.press("slash", *"audit", "enter")
        assert ticked(on) == ["audit"], "there is room"


async def test_the_cursor_passes_them_and_the_mouse_finds_their_row() -> None:
    async with driven(live=scripted.ScriptedLive(shown(RECENT))) as on:
        await on.press("j")
        assert on.table.rows.line == 1
        assert "search" in str(on.table.rows.cursor)
        await on.pilot.click(on.table, offset=(10, 1))
        await on.settle()
        assert on.table.rows.line == 0
        await on.press("G")
        assert on.table.rows.line == 41
        last = on.table.rows.keys[41].service
        assert last in rows(on)[-1]
        await on.press("g", *"jjjjjjjjjjjjjjjjjjjj", *"kkkkkkkkkkkkkkkkkkkk")
        assert "checkout" in rows(on)[0]


async def test_the_title_counts_rows_not_lines() -> None:
    async with driven(live=scripted.ScriptedLive(shown(RECENT))) as on:
        assert f"{42 - on.table.size.height + 2} below" in on.text.splitlines()[1]
        await on.press("G")
        assert f"{42 - on.table.size.height} above" in on.text.splitlines()[1]


async def test_lines_do_not_shift_while_hands_move_the_cursor() -> None:
    async with driven(live=scripted.ScriptedLive(shown(()))) as on:
        await on.press("j")
        before = [line[:40] for line in rows(on)]
        await on.push(shown(RECENT))
        assert [line[:40] for line in rows(on)] == before
        on.clock.now += HOLD_SECONDS + 1
        await on.push(shown(RECENT))
        assert ticked(on) == ["checkout", "audit"]


async def test_a_tick_that_moves_touches_its_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven(live=scripted.ScriptedLive(shown(RECENT))) as on:
        with refreshes(SloTable, monkeypatch) as calls:
            await on.push(replace(on.live.snapshot))
            await on.push(shown(RECENT))
        assert calls == []
        other = (replace(RECENT[0], version="v43"), RECENT[1])
        with refreshes(SloTable, monkeypatch) as calls:
            await on.push(shown(other))
        assert [(region.y, region.height) for regions in calls for region in regions] == [(1, 1)]


@pytest.mark.parametrize("rows", [1_000, pytest.param(5_000, marks=pytest.mark.prove)])
async def test_thousands_of_rows_and_deploys_look_at_what_is_seen(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Counts, not times: a refresh that changes nothing looks at no deploy but those on the screen."""
    reports = [scripted.report(f"service-{place:04}", burn=0.1 + place % 5 / 10) for place in range(rows)]
    many = tuple(busy.deploy(str(place), f"service-{place:04}", ago=600 + place / 10) for place in range(2_000))
    async with driven(live=scripted.ScriptedLive(shown(many, reports))) as on:
        asked = 0
        real = deploy_ticks.shown

        def counting(*given: object) -> object:
            nonlocal asked
            asked += 1
            return real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(deploy_ticks, "shown", counting)
        await on.push(replace(on.live.snapshot))
        assert asked <= on.table.size.height
