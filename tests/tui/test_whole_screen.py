"""Everything at once (SLOs, alerts, deploys, toil) at six sizes, with names of every kind, in both kinds of glyphs.

No widgets intersect, none leaves the screen; status, eight cells of the name, burn and budget of every row that is seen
are whole; every title says the source, the state and the age that the snapshot has.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from textual.widget import Widget

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.status import Status
from sreconsole.domain.toil import Incident, Offender
from sreconsole.present import marks, words
from sreconsole.present.cells import fit, settle
from sreconsole.present.marks import Glyphs
from sreconsole.records import replace
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.panels.slo_table import SloTable
from sreconsole.tui.screens.detail import DetailScreen
from sreconsole.tui.screens.overview import OverviewScreen
from tests.tui import busy, scripted
from tests.tui.driving import ENV, Driven, driven
from tests.tui.scripted import NOW
from tests.tui.test_sizes import exact

SIZES = ((40, 10), (80, 24), (120, 36), (200, 50), (60, 50), (300, 100))
NAMES: Mapping[str, str] = {
    "plain": "",
    "long": "a-name-of-sixty-cells-" + "x" * 37,
    "wide": "決済ゲートウェイ認証基盤連携管理画面配信在庫検索通知請求分析",
    "combining": "ch\u0301e\u0301ck\u0301o\u0302u\u0308t\u0301-" + "e\u0301" * 52,
    "mixed": "ab全c角deサfーgビhス" * 3,
}
STATUSES = {marks.word(status) for status in Status}
LEAST = 8
"""Cells of a name that are never cut."""
VIEWS: tuple[tuple[str, set[int]], ...] = (
    ("", {1, 2, 3, 4}), ("1", {1}), ("2", {2}), ("3", {3}), ("4", {4}), ("escape", {1, 2, 3, 4}), ("tab", {1, 2, 3, 4}),
)  # fmt: skip
"""A key, and the panels that are there then."""
CASES = [
    pytest.param(size, name, ascii, marks=() if name == "mixed" and ascii == (size == (80, 24)) else pytest.mark.prove)
    for size in SIZES
    for name in NAMES
    for ascii in (False, True)
]
SOURCES = (
    replace(scripted.live("prom"), state="stale", last_good=NOW - 250),
    scripted.manager(state="partial", parts=(1, 3), last_good=NOW - 130),
    replace(busy.CI, state="down", last_good=NOW - 3_700, error="no such file"),
    busy.PROM,
)
"""Of the panels, in their order."""
SAID = ("prom stale 4m", "am partial 1/3", "ci down 1h", "prom live")
"""What they are, in the words of docs/words.md."""


def estate(name: str, slos: int = 60) -> Snapshot:
    """Everything there is; services, alerts, deploys and pages go by long names where there is one."""
    reports = scripted.estate(slos)
    if name:
        reports = [replace(one, key=SloKey(f"{index // 2:02}{name}", one.key.slo)) for index, one in enumerate(reports)]
    alerts, silences = scripted.night()
    deploys, toil = busy.deploys(), busy.toil()
    if name:
        alerts = [replace(one, name=name, service=name if one.service else None) for one in alerts]
        silences = [replace(one, created_by=name, comment=name) for one in silences]
        deploys = tuple(replace(one, service=name, version=name, actor=name, environment=name) for one in deploys)
        incidents = (Incident(NOW - 720, None, (name, name), (name,)), *toil.incidents)
        offenders = (Offender(name, name, 5, 150.0, True), *toil.offenders)
        toil = replace(toil, incidents=incidents, offenders=offenders)
    prom, manager, ci, pages = SOURCES
    return busy.snapshot(
        reports, sources=(prom,), alert_sources=(manager,), deploy_sources=(ci,), toil_sources=(pages,),
        alerts=alerts, silences=silences, deploys=deploys, toil=toil,
    )  # fmt: skip


def leaves(on: Driven) -> list[Widget]:
    """Widgets that draw: displayed, with a region, without displayed children."""
    seen = [widget for widget in on.app.screen.query("*") if _shown(widget) and widget.region]
    return [widget for widget in seen if not any(_shown(child) and child.region for child in widget.children)]


def _shown(widget: Widget) -> bool:
    return all(one.display for one in widget.ancestors_with_self if isinstance(one, Widget))


def apart(on: Driven) -> None:
    """No widgets intersect, and none leaves the screen."""
    regions = [(widget, widget.region) for widget in leaves(on)]
    assert regions
    for place, (one, region) in enumerate(regions):
        assert on.app.screen.region.contains_region(region), one
        for other, beside in regions[place + 1 :]:
            assert not region.overlaps(beside), f"{one} {region} and {other} {beside}\n{on.text}"


def whole_rows(on: Driven, shown: Snapshot) -> int:
    """Every SLO row on the screen says status, name, burn and budget whole; how many there are."""
    table = on.app.screen_stack[0].query_one(SloTable)
    if not (_shown(table) and table.region):
        return 0
    glyphs = on.screen.session.glyphs
    strips = on.app.screen._compositor.render_strips()
    lines = [strip.crop(table.region.x, table.region.right).text for strip in strips]
    wanted = [_told(slo, glyphs) for service in shown.services for slo in service.slos]
    rows = [line for line in lines[table.region.y : table.region.bottom] if STATUSES & set(line[:12].split())]
    for row in rows:
        assert any(all(part in row for part in parts) for parts in wanted), f"{row}\n{on.text}"
    return len(rows)


def _told(report: SloReport, glyphs: Glyphs) -> tuple[str, ...]:
    """What a row of it says, whatever else has to go."""
    name = fit(settle(report.key.service, glyphs), LEAST, glyphs=glyphs).rstrip(" " + glyphs.cut)
    known = report.status is not Status.UNKNOWN  # why it is not known stands where the figures would
    burn, left = words.burn(report.burn_rate.get("1h")), words.percent(report.remaining)
    return f"{marks.word(report.status)} ", f" {name}", *((f" {burn} ", f" {left}") if known else ())


def titles(on: Driven) -> list[int]:
    """Every title on the screen says its panel's source as it is; the numbers of the panels."""
    seen = []
    for panel in on.app.screen.query(Panel):
        if not (_shown(panel) and panel.region):
            continue
        line = on.app.screen._compositor.render_strips()[panel.region.y].crop(panel.region.x, panel.region.right).text
        dot = on.screen.session.glyphs.dot
        assert f"{panel.NUMBER} {panel.NAME} {dot} {SAID[panel.NUMBER - 1]} " in line, line
        seen.append(panel.NUMBER)
    return seen


@pytest.mark.parametrize(("size", "name", "ascii"), CASES)
async def test_everything(size: tuple[int, int], name: str, ascii: bool) -> None:
    shown = estate(NAMES[name])
    env = {**ENV, "LANG": "C"} if ascii else ENV
    config = busy.config([slo for service in shown.services for slo in service.slos])
    async with driven(live=scripted.ScriptedLive(shown), config=config, size=size, env=env) as on:
        for key, panels in VIEWS:
            await on.press(*filter(None, [key]))
            exact(on, *size)
            apart(on)
            assert set(titles(on)) == panels, on.text
            assert isinstance(on.screen, OverviewScreen)
            assert whole_rows(on, shown) or on.screen.panel.NUMBER != 1, on.text
            if ascii:
                settled = "".join(each for each in on.text if each not in NAMES[name])
                assert settled.replace("\n", "").isascii(), on.text
        for keys in (("g", "enter"), ("G",)):
            await on.press(*keys)
            await on.charted()
            assert on.at(DetailScreen)
            exact(on, *size)
            apart(on)
            first = shown.services[0].slos[0]
            status, service, burn, left = _told(first, on.screen.session.glyphs)
            if keys[-1] == "enter":
                assert status.strip() in on.text, on.text
                assert service.strip() in on.text, on.text
            if keys[-1] == "enter" and size[1] >= 24 and size[0] >= 80:
                assert burn.strip() in on.text, on.text
                assert left.strip() in on.text, on.text
