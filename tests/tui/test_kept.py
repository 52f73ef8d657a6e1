"""Full views are made once, and show what they are turned to."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

import pytest
from textual.screen import Screen

from sreconsole.present import chart
from sreconsole.present.chart import Picture
from sreconsole.tui import pause
from sreconsole.tui.screens.detail import DetailScreen
from sreconsole.tui.screens.overview import OverviewScreen
from tests.tui.driving import driven


async def test_a_view_is_made_once_and_starts_anew_at_each_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "loaded", lambda: True)
    async with driven() as on:
        first = await on.press("enter")
        view = on.screen
        await on.press("G", "R", "escape", "j")
        assert on.at(OverviewScreen)
        second = await on.press("enter")
        assert on.screen is view
        assert "search availability" in second
        assert "burn over 1h" in second
        assert "esc back" in second, "what was said before is gone"
        await on.press("escape", "k")
        assert await on.press("enter") == first, "from the top again"


async def test_a_kept_view_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "loaded", lambda: True)
    async with driven() as on:
        await on.press("enter", "escape")
        with patch.object(Screen, "_refresh_layout", autospec=True) as laid_out:
            await on.press("enter")
            assert on.at(DetailScreen)
        assert not laid_out.called


async def test_a_view_made_beforehand_is_the_one_that_opens() -> None:
    async with driven() as on:
        await on.app.views.prepare(DetailScreen)
        assert on.at(OverviewScreen)
        text = await on.press("enter")
        assert on.screen in on.app.views
        assert "Burning 11.3x" in text


async def test_what_is_open_is_never_turned_to_something_else() -> None:
    async with driven() as on:
        await on.press("enter")
        other = on.app.views.of(DetailScreen)
        assert other is not on.screen
        assert other not in on.app.views


async def test_a_theme_put_on_elsewhere_is_worn_by_views_too() -> None:
    async with driven() as on:
        await on.press("enter", "escape")
        before = on.app.views.of(DetailScreen).page.render_line(1)
        await on.press("T", "enter")
        assert on.app.views.of(DetailScreen) is not on.screen
        assert on.screen in on.app.views
        shown = on.app.screen._compositor.render_strips()[2]
        assert shown.text == before.text
        assert [segment.style for segment in shown] != [segment.style for segment in before]


async def test_what_the_cursor_rests_on_is_drawn_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []

    def draw(trend: object, *_: object) -> Picture:
        drawn.append(trend)
        return Picture(["the chart"])

    monkeypatch.setattr(chart, "loaded", lambda: True)
    monkeypatch.setattr(chart, "burn_chart", draw)
    async with driven() as on:
        await on.app.views.prepare(DetailScreen)
        await on.press("j")
        drawn.clear()
        await asyncio.sleep(3 * pause.SHORT)
        assert len(drawn) == 1
        text = await on.press("enter")
        assert len(drawn) == 1
        assert "search availability" in text
        assert "the chart" in text
