"""Panel 2 on the screen: what it shows at every size, its keys, and what it says while sources fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.events import MouseScrollDown

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.present import alert_table
from sreconsole.tui.lines import Lines
from sreconsole.tui.panels.alert_table import AlertTable
from sreconsole.tui.panels.rows import HOLD_SECONDS
from sreconsole.tui.panels.slo_table import SloTable
from sreconsole.tui.screens.alert import AlertScreen
from sreconsole.tui.screens.overview import OverviewScreen
from tests.tui import scripted
from tests.tui.driving import Driven, driven
from tests.tui.test_failures import style_of
from tests.tui.test_redraw import refreshes
from tests.tui.test_sizes import exact


def estate(
    alerts: Iterable[Alert], silences: Iterable[Silence] = (), sources: Iterable[SourceState] | None = None
) -> Snapshot:
    return scripted.snapshot(scripted.estate(), alerts=alerts, silences=silences, alert_sources=sources)


@asynccontextmanager
async def night(
    size: tuple[int, int] = (80, 24), sources: Iterable[SourceState] | None = None
) -> AsyncIterator[Driven]:
    """A console with alerts of every state."""
    async with driven(live=scripted.ScriptedLive(estate(*scripted.night(), sources)), size=size) as on:
        yield on


def panel(on: Driven) -> list[str]:
    """The lines of panel 2, its title first."""
    lines = on.text.splitlines()[:-1]
    start = next(place for place, line in enumerate(lines) if line.startswith("─2 Alerts"))
    return [line for line in lines[start:] if line]


def table(on: Driven) -> AlertTable:
    return on.app.screen_stack[0].query_one(AlertTable)


async def test_what_a_person_sees_at_80x24() -> None:
    async with night() as on:
        assert panel(on) == [
            "─2 Alerts · am live ───── 3 firing · 3 mute · 1 pending · 3 silences · 5 below ─",
            "✗ PAGE    CheckoutBurn checkout  12m pager  checkout spends its error budget 14…",
            "! warn    NodeFull     -         26h team",
            "› info    Heartbeat    -           - deadman",
            "⊘ mute    SearchSlow   search     2h ana until 05:00: reindexing OPS-7",
            "⊘ mute    QueueSlow    payments  12m by CheckoutBurn",
            "◦ pend    CertSoon     gateway   40s not for long enough yet",
        ]
        assert on.table.size.height == 13
        assert "1 page 1 mute" in on.text.splitlines()[0]


async def test_a_page_alert_marks_the_rows_of_its_service_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    fires = scripted.alert("AuditBurn", "audit")
    async with driven(live=scripted.ScriptedLive(estate([])), size=(80, 24)) as on:
        assert "✓ ok      audit" in on.text
        snapshot = estate([fires, scripted.alert("CartSlow", "cart", "warn")])
        on.live.push(replace(snapshot, services=on.live.snapshot.services))
        await on.pilot.pause()
        assert on.text.count("✓ ok    ✗ audit") == 2
        assert on.text.count(" ✗ ") == 2
        with refreshes(SloTable, monkeypatch) as asked:
            on.live.push(replace(snapshot, services=on.live.snapshot.services, alerts=(*snapshot.alerts,)))
            await on.pilot.pause()
        assert asked == [], "the same alerts send nothing"
        on.live.push(replace(estate([]), services=on.live.snapshot.services))
        await on.pilot.pause()
        assert "✓ ok      audit" in on.text


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (60, 20), (40, 10)])
async def test_every_size_shows_what_pages_and_counts_what_is_silenced(size: tuple[int, int]) -> None:
    async with night(size) as on:
        exact(on, *size)
        assert "PAGE    CheckoutBurn" in on.text
        header = on.text.splitlines()[0]
        assert "1 page" in header
        assert ("1 silenced" if size[0] >= 100 else "1 mute") in header
        for keys in (("2",), ("2",), ("G",), ("enter",), ("G",), ("escape", "S"), ("G", "n"), ("escape", "1")):
            await on.press(*keys)
            exact(on, *size)


async def test_wide_screens_show_more() -> None:
    async with night((200, 50)) as on:
        lines = panel(on)
        title = "3 firing · 1 silenced · 1 inhibited · 1 muted · 1 pending · 3 silences ─"
        assert lines[0].endswith(title)
        assert "pager  checkout spends its error budget 14.9 times too fast" in lines[1]
        assert [line.split()[1] for line in lines[8:]] == ["silence"] * 4
        assert 'mutes 0 forgotten  service="search"' in lines[9]


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_pages_that_come_above_a_chosen_row_are_said_in_the_title(size: tuple[int, int]) -> None:
    many = [scripted.alert(f"Disk{place:02}", None, "warn", since=scripted.NOW - place) for place in range(60)]
    async with driven(live=scripted.ScriptedLive(estate(many)), size=size) as on:
        await on.press("2", *"jjjjjjjjjjjjjjjjjjjj")
        assert " above, " in panel(on)[0]
        assert "page" not in panel(on)[0]
        on.clock.now += HOLD_SECONDS + 1
        pages = [scripted.alert("CheckoutBurn", "checkout"), scripted.alert("LoginBurn", "login")]
        on.live.push(estate([*pages, *many]))
        await on.pilot.pause()
        assert "2 pages above, " in panel(on)[0]
        await on.press("g")
        assert "page" not in panel(on)[0]
        assert "CheckoutBurn" in panel(on)[1]


@pytest.mark.parametrize("ahead", [3_600.0, -3_600.0])
async def test_ages_are_in_the_time_of_their_source_and_never_negative(ahead: float) -> None:
    states = [scripted.manager(ahead=ahead, last_good=scripted.NOW + ahead)]
    live = scripted.ScriptedLive(estate(*scripted.night(), sources=states))
    async with driven(live=live) as on:
        on.clock.now += ahead
        await on.push(estate(*scripted.night(), sources=states))
        assert "CheckoutBurn checkout  12m" in on.text
        assert "until 05:00" in on.text
        assert "-1" not in on.text
        on.clock.now -= HOLD_SECONDS + 3_600
        await on.push(estate(*scripted.night(), sources=states))
        assert "CheckoutBurn checkout   0s" in on.text, "it has begun: no age is negative"


async def test_the_panel_shrinks_to_a_sentence_without_alerts() -> None:
    async with driven() as on:
        assert panel(on)[0].startswith("─2 Alerts · am live ──")
        assert panel(on)[1:] == ["no alerts"]
        assert on.table.size.height == 18
        assert "page" not in on.text.splitlines()[0].replace("PAGE", "")


@pytest.mark.parametrize(
    ("source", "title", "said"),
    [
        (
            scripted.manager(state="down", last_good=scripted.NOW - 240, error="connection refused"),
            "am down 4m",
            "unknown: am: connection refused",
        ),
        (scripted.manager(state="stale", last_good=scripted.NOW - 240), "am stale 4m", "unknown: am stale 4m"),
        (scripted.manager(state="waiting", last_good=None), "am waiting", "waiting for am"),
        (
            scripted.manager(state="partial", error="1 of 2", parts=(1, 2)),
            "am partial 1/2",
            "no alerts",
        ),
        (
            scripted.manager(state="partial", error="0 of 2", parts=(0, 2)),
            "am partial 0/2",
            "unknown: am: 0 of 2",
        ),
    ],
)
async def test_no_alerts_is_said_only_when_every_source_answered(source: SourceState, title: str, said: str) -> None:
    states = [scripted.manager("second"), source]
    async with driven(live=scripted.ScriptedLive(estate([], sources=states))) as on:
        lines = panel(on)
        assert lines[0].startswith(f"─2 Alerts · {title} · second live ─")
        assert lines[-1] == said
        assert ("no alerts" in on.text) == (said == "no alerts")


async def test_without_a_source_of_alerts_the_panel_says_how_to_get_one() -> None:
    async with driven(live=scripted.ScriptedLive(estate([], sources=[]))) as on:
        assert panel(on)[1:] == ["unknown: no source of alerts in the config (sources: kind: alertmanager)"]


async def test_old_alerts_of_a_failed_source_stay_dimmed_with_their_age() -> None:
    async with night() as on:
        bright = style_of(on, "CheckoutBurn").color
        failed = scripted.manager(state="down", last_good=scripted.NOW - 240, error="connection refused")
        await on.push(estate(*scripted.night(), [failed]))
        lines = panel(on)
        assert lines[0].startswith("─2 Alerts · am down 4m ─")
        assert "the rest unknown" in lines[0]
        assert lines[1] == "am: connection refused"
        assert "CheckoutBurn" in lines[2]
        assert style_of(on, "NodeFull").color != bright


async def test_a_page_of_no_service_makes_the_whole_a_page() -> None:
    lonely = scripted.alert("DiskFull")
    async with driven(live=scripted.ScriptedLive(scripted.snapshot([scripted.report("a")], alerts=[lonely]))) as on:
        assert on.live.snapshot.status.value == "page"
        assert "1 ok · 1 page firing" in on.text.splitlines()[0]
        assert "DiskFull" in on.text


async def test_keys_go_to_the_panel_in_focus() -> None:
    async with night() as on:
        before = on.table.rows.line
        await on.press("2", "j", "j")
        assert (on.table.rows.line, table(on).rows.line) == (before, 2)
        await on.press("tab", "j")
        assert (on.table.rows.line, table(on).rows.line) == (before + 1, 2)
        await on.press("shift+tab", "G")
        assert table(on).rows.line == 10
        await on.press("1", "2", "g")
        assert table(on).rows.line == 0
        assert on.at(OverviewScreen)


async def test_the_focus_is_seen_without_colours() -> None:
    async with driven(env={"TERM": "xterm-256color", "NO_COLOR": "1", "LANG": "C.UTF-8", "USER": "ana"}) as on:
        assert (style_of(on, "SLOs").bold, style_of(on, "Alerts").bold) == (True, None)
        await on.press("2")
        assert (style_of(on, "SLOs").bold, style_of(on, "Alerts").bold) == (None, True)
    async with night() as on:
        ground = style_of(on, "NodeFull").bgcolor
        assert style_of(on, "checkout").bgcolor != ground
        await on.press("2")
        assert style_of(on, "CheckoutBurn").bgcolor != ground


async def test_the_same_number_again_maximises_and_escape_restores() -> None:
    async with night() as on:
        text = await on.press("2", "2")
        assert "1 SLOs" not in text
        assert len(panel(on)) == 12
        assert "1 page 1 mute" in text.splitlines()[0]
        assert "2 Alerts" not in await on.press("1")
        text = await on.press("escape")
        assert "1 SLOs" in text
        assert "2 Alerts" in text


async def test_filter_faults_and_order_are_the_panels_own() -> None:
    async with night() as on:
        text = await on.press("2", "f")
        assert [line.split()[1] for line in panel(on)[1:]] == ["PAGE", "warn", "info"]
        assert "3 of 11 firing only" in text
        assert "42, worst first" in text
        await on.press("escape", "slash", *"team=pay", "enter")
        assert "11 · " not in panel(on)[0]
        assert "nothing matches /team=pay" in on.text
        await on.press("escape", "slash", *"search", "enter")
        assert "4 of 11 /search" not in on.text
        assert "5 of 11 /search" in on.text
        await on.press("escape", "o")
        assert "newest first" in panel(on)[0]
        assert panel(on)[1].split()[2] == "CertSoon"
        await on.press("o")
        assert panel(on)[1].split()[2] == "BackupLate"
        await on.press("o")
        assert "by service" in panel(on)[0]
        assert panel(on)[1].split()[3] == "checkout"
        assert on.table.rows.order == "worst"


async def test_faults_when_nothing_notifies() -> None:
    quiet = scripted.alert("Quiet", state="silenced")
    async with driven(live=scripted.ScriptedLive(estate([quiet]))) as on:
        assert "nothing notifies: none of 1 alerts fires" in await on.press("2", "f")


async def test_n_goes_from_firing_to_firing() -> None:
    async with night() as on:
        await on.press("2", "n", "n")
        assert table(on).rows.line == 2
        await on.press("n")
        assert table(on).rows.line == 0


async def test_refresh_asks_the_sources_of_the_panel() -> None:
    async with night(sources=[scripted.manager("am"), scripted.manager("am2")]) as on:
        await on.press("2", "r")
        assert on.live.asked == ["am", "am2"]


async def test_copy_gives_the_alert_or_silence_in_a_sentence() -> None:
    async with night() as on:
        await on.press("2", "y")
        assert on.app.clipboard.startswith("PAGE CheckoutBurn (checkout): firing for 12m, since 2026-11-23 03:00 UTC")
        await on.press("G", "y")
        assert on.app.clipboard.startswith("silence 5e1f0000-0000-4000-8000-000000000004 of ana on am: ended 10m ago")


async def test_several_clusters_name_their_source() -> None:
    twice = [scripted.alert("Both", source=name, fingerprint="1") for name in ("am", "dc2")]
    states = [scripted.manager("am"), scripted.manager("dc2")]
    async with driven(live=scripted.ScriptedLive(estate(twice, sources=states))) as on:
        assert [line.split()[4] for line in panel(on)[1:3]] == ["am", "dc2"]


async def test_the_mouse_gives_a_panel_the_focus_and_opens_its_rows() -> None:
    async with night() as on:
        await on.pilot.click(table(on), offset=(12, 3))
        await on.settle()
        assert table(on).active
        assert not on.table.active
        assert table(on).rows.line == 3
        await on.pilot.double_click(table(on), offset=(12, 1))
        await on.settle()
        assert on.at(AlertScreen)
        assert "NodeFull" in on.text


async def test_a_panel_without_the_focus_shows_its_top_where_new_pages_come() -> None:
    quiet = [
        scripted.alert(f"Alert{number}", "checkout", "warn", fingerprint=str(number), since=scripted.NOW - number)
        for number in range(30)
    ]
    page = scripted.alert("NewPage", "checkout", "page", fingerprint="page", since=scripted.NOW)
    async with driven(live=scripted.ScriptedLive(estate(quiet))) as on:
        await on.press("2", "G", "enter", "escape")
        assert "Alert29" in on.text
        await on.press("1")
        assert "Alert29" not in on.text
        on.clock.now += HOLD_SECONDS
        await on.push(estate([page, *quiet]))
        assert "NewPage" in panel(on)[1]
        assert "Alert29" in await on.press("2"), "the cursor is where it was left"
        await on.press("1")
        table(on).post_message(MouseScrollDown(table(on), 1, 1, 0, 1, 0, False, False, False))
        await on.settle()
        assert table(on).active, "the wheel over it gives it the focus"


async def test_the_same_alerts_again_touch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with night() as on:
        with (
            refreshes(SloTable, monkeypatch) as slos,
            refreshes(AlertTable, monkeypatch) as alerts,
            refreshes(Lines, monkeypatch) as lines,
        ):
            await on.push(estate(*scripted.night()))
            on.screen.tick()
            await on.settle()
        assert (slos, alerts, lines) == ([], [], [])


async def test_an_alert_that_changes_touches_its_row_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with night() as on:
        alerts, silences = scripted.night()
        alerts[2] = replace(alerts[2], receivers=("other",))
        with refreshes(SloTable, monkeypatch) as slos, refreshes(AlertTable, monkeypatch) as rows:
            await on.push(estate(alerts, silences))
        assert slos == []
        assert [(region.y, region.height) for regions in rows for region in regions] == [(1, 1)]


async def test_an_age_that_moves_touches_its_cells_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with night() as on:
        on.clock.now += 5
        with refreshes(AlertTable, monkeypatch) as rows:
            on.screen.tick()
            await on.settle()
        (regions,) = rows
        assert [region.y for region in regions] == [5]
        assert regions[0].width <= 2
        assert " 45s " in panel(on)[6]


async def test_a_flapping_alert_does_not_lay_the_screen_out_anew() -> None:
    async with night((120, 36)) as on:
        heights = []
        for count in (4, 5, 6, 4, 5):
            await on.push(estate(scripted.night()[0][:count]))
            heights.append(table(on).size.height)
        assert heights == [6] * 5


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.prove)])
async def test_of_thousands_of_alerts_only_what_is_seen_is_drawn(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    many = [
        scripted.alert(f"Alert{number}", "checkout", "warn", fingerprint=str(number), since=scripted.NOW - number)
        for number in range(count)
    ]
    found = sum("ert77" in alert.name for alert in many)
    async with driven(live=scripted.ScriptedLive(estate(many))) as on:
        drawn: list[str] = []
        real = alert_table.alert_row

        def row(alert: Alert, *rest: object) -> object:
            drawn.append(alert.name)
            return real(alert, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(alert_table, "alert_row", row)
        await on.press("2", "G")
        assert f"Alert{count - 1} " in on.text
        await on.press("slash", *"ert77", "enter")
        assert f"{found} of {count} /ert77" in on.text
        assert len(drawn) < 100
        await on.push(estate(many[: count * 9 // 10]))
        assert f"{found} of {count * 9 // 10} /ert77" in on.text
        assert len(drawn) < 120


async def test_drawn_rows_of_alerts_that_are_gone_are_forgotten() -> None:
    async with driven(live=scripted.ScriptedLive(estate([]))) as on:
        for turn in range(60):
            batch = [scripted.alert(f"a{turn}-{place}", fingerprint=f"{turn}-{place}") for place in range(9)]
            await on.push(estate(batch))
        assert len(table(on)._drawn) <= 9 + 200
