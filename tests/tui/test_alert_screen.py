"""One alert or silence in full, and the sources view, as a person walks through them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import SourceState
from sreconsole.domain.status import Status
from sreconsole.tui.screens.alert import AlertScreen
from sreconsole.tui.screens.error import ErrorScreen
from sreconsole.tui.screens.overview import OverviewScreen
from sreconsole.tui.screens.sources import SourcesScreen
from tests.tui import scripted
from tests.tui.driving import driven
from tests.tui.test_alerts import estate, night, table
from tests.tui.test_failures import style_of


async def test_enter_opens_the_alert_and_escape_returns_to_it() -> None:
    async with night() as on:
        text = await on.press("2", "j", "j", "j", "enter")
        assert on.at(AlertScreen)
        assert text.splitlines()[0].startswith("─SearchSlow search ──")
        assert "by ana, until 05:00 (1h)" in text
        assert "why        reindexing OPS-7" in text
        await on.press("escape")
        assert on.at(OverviewScreen)
        assert table(on).rows.line == 3


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 10)])
async def test_a_long_link_is_all_there_to_read(size: tuple[int, int]) -> None:
    link = "https://runbooks.example/checkout/" + "long-" * 30 + "end"
    async with night(size) as on:
        await on.press("2", "enter")
        seen: list[str] = []
        for _ in range(60):
            seen += [line for line in on.text.splitlines()[1:-1] if line not in seen]
            await on.press("j")
        joined = "".join(line.strip() for line in seen)
        assert link in joined


async def test_n_goes_to_the_next_one_that_fires() -> None:
    async with night() as on:
        text = await on.press("2", "enter", "n")
        assert text.splitlines()[0].startswith("─NodeFull")
        text = await on.press("N")
        assert text.splitlines()[0].startswith("─CheckoutBurn")


async def test_an_alert_that_goes_away_is_said_and_stays_to_be_read() -> None:
    async with night() as on:
        await on.press("2", "enter")
        alerts, silences = scripted.night()
        on.clock.now += 60
        text = await on.push(estate(alerts[1:], silences))
        assert "gone: resolved or lost at 03:13 UTC; this is the last that was known" in text
        assert "checkout spends its error budget" in text
        assert " gone" in text.splitlines()[0]
        assert style_of(on, "CheckoutBurn").bold
        on.clock.now += 60
        text = await on.push(estate(alerts[2:], silences))
        assert "gone: resolved or lost at 03:13 UTC" in text
        text = await on.push(estate(alerts, silences))
        assert "gone" not in text


async def test_old_news_of_a_source_that_fails_is_told_as_such() -> None:
    async with night() as on:
        await on.press("2", "enter")
        assert "said last" not in on.text
        failed = scripted.manager(state="down", last_good=scripted.NOW - 240, error="connection refused")
        text = await on.push(estate(*scripted.night(), [failed]))
        assert "am down 4m: this is what it said last" in text
        assert "firing for 12m" in text


async def test_gone_text_is_faint() -> None:
    async with night() as on:
        await on.press("2", "enter")
        bright = style_of(on, "firing for").color
        alerts, silences = scripted.night()
        await on.push(estate(alerts[1:], silences))
        assert style_of(on, "firing for").color != bright


async def test_copy_gives_the_whole_text_and_refresh_asks_its_source() -> None:
    async with night((40, 10)) as on:
        await on.press("2", "enter", "y")
        assert "runbook    https://runbooks.example/checkout/long-" in on.app.clipboard
        assert 'group      alertname="CheckoutBurn"' in on.app.clipboard
        await on.press("r")
        assert on.live.asked == ["am"]


async def test_a_silence_opens_like_an_alert() -> None:
    async with night() as on:
        text = await on.press("2", *["j"] * 7, "enter")
        assert text.splitlines()[0].startswith("─silence ──")
        assert "⊘ silence of ana  active, until 05:00 (1h)" in text
        assert "mute SearchSlow 2h" in text
        alerts, silences = scripted.night()
        text = await on.push(estate(alerts, silences[1:]))
        assert "gone: expired or taken away, noticed at 03:12 UTC" in text


async def test_the_detail_of_an_slo_has_the_alerts_of_its_service_and_its_changes() -> None:
    change = StatusChange(SloKey("checkout", "availability"), Status.OK, Status.PAGE, scripted.NOW - 600, "14.9x")
    shown = replace(estate(*scripted.night()), changes=(change,))
    async with driven(live=scripted.ScriptedLive(shown)) as on:
        text = await on.press("enter")
        await on.charted()
        assert "alert fires: CheckoutBurn 12m" in text
        await on.press("y")
        copied = on.app.clipboard
        assert "PAGE alert CheckoutBurn 12m  pager" in copied
        assert "SearchSlow" not in copied
        assert "03:02 ok -> PAGE  14.9x" in copied
        assert "/checkout/" + "long-" * 10 in copied, "links in full"


SOURCES = (
    SourceState("prom", "prometheus", "live", scripted.NOW - 3, latency=0.12, requests_per_minute=8.0,
                where="http://prom:9090", last_error="timeout 5s", last_error_at=scripted.NOW - 900),
    scripted.manager("am", state="down", error="connection refused by 127.0.0.1:9093", next_try=scripted.NOW + 20,
                     detail="GET /api/v2/alerts\n" + "connect: refused\n" * 30, where="http://127.0.0.1:9093"),
    scripted.manager("dc2", pace=60.0),
)  # fmt: skip


async def test_the_sources_view() -> None:
    async with driven(sources=SOURCES) as on:
        text = await on.press("S")
        assert on.at(SourcesScreen)
        assert text.splitlines()[0].startswith("─sources ──")
        assert "1 of 3 failing" in text.splitlines()[0]
        assert "▸ prom  prometheus  live" in text
        assert "last error  02:57: timeout 5s" in text
        assert "requests    8 a minute" in text
        assert "now         connection refused by 127.0.0.1:9093" in text
        assert "next try    in 20s" in text
        await on.press("r")
        text = await on.press("n")
        assert "▸ am  alertmanager  down 5s" in text
        await on.press("r")
        text = await on.press("tab")
        assert "▸ dc2" in text
        assert "every 60s instead of 15s" in text
        await on.press("r", "R")
        assert on.live.asked == ["prom", "am", "dc2", None]
        text = await on.press("n")
        assert "▸ prom" in text
        await on.press("N")
        assert "▸ dc2" in on.text
        await on.press("escape")
        assert on.at(OverviewScreen)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 5), (200, 50)])
async def test_all_of_the_sources_view_can_be_scrolled_to(size: tuple[int, int]) -> None:
    async with driven(sources=SOURCES, size=size) as on:
        await on.press("S", "G")
        assert "none since start" in on.text or size[0] < 40
        await on.press("g", "j", "n", "N")
        assert "▸ prom" in on.text


async def test_errors_are_still_there_from_a_view() -> None:
    async with driven(sources=SOURCES) as on:
        await on.press("S", "e")
        assert on.at(ErrorScreen)


async def test_no_source_at_all() -> None:
    async with driven(sources=[]) as on:
        text = await on.press("S", "n", "r")
        assert "no source in the config" in text
        assert on.live.asked == []
