"""What a refresh touches: one region a changed row, from its first changed cell; nothing where nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import slo_table
from sreconsole.present.cells import Span, plain, width
from sreconsole.tui import strips
from sreconsole.tui.lines import Lines
from sreconsole.tui.panels.slo_table import SloTable
from tests.tui import scripted
from tests.tui.driving import Driven, driven


@contextmanager
def refreshes(kind: type[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Region, ...]]]:
    """Every call of `refresh` on widgets of a kind."""
    calls: list[tuple[Region, ...]] = []
    real = kind.refresh

    def refresh(self: Any, *regions: Region, **options: Any) -> Any:
        calls.append(regions)
        return real(self, *regions, **options)

    monkeypatch.setattr(kind, "refresh", refresh)
    yield calls


def changed(on: Driven, *lines: int) -> Snapshot:
    """The present estate with other figures on these lines of the table (the order stays)."""
    keys = [on.table.rows.keys[line] for line in lines]
    reports = list(on.table.rows.items.values())
    for place, made in enumerate(reports):
        if made.key in keys:
            burns = {**made.burn_rate, "6h": Figure.known(5.5)}
            reports[place] = replace(made, burn_rate=burns)
    return scripted.snapshot(reports)


async def test_one_region_a_changed_row_from_the_first_changed_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as on:
        with refreshes(SloTable, monkeypatch) as calls:
            text = await on.push(changed(on, 4, 7))
        assert [len(regions) for regions in calls] == [2]
        rows = text.splitlines()[3:]
        for region, line in zip(calls[0], (4, 7), strict=True):
            assert (region.y, region.height) == (line, 1)
            assert region.x == rows[line].index("5.5x")
            assert region.width == len("5.5x")


async def test_the_same_figures_in_new_objects_touch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as on:
        with refreshes(SloTable, monkeypatch) as table, refreshes(Lines, monkeypatch) as lines:
            await on.push(scripted.snapshot(scripted.estate()))
        assert table == []
        assert lines == []


async def test_rows_off_the_screen_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven(scripted.estate(2_000)) as on:
        drawn: list[SloKey] = []
        real = slo_table.row

        def row(report: SloReport, *rest: Any) -> list[Span]:
            drawn.append(report.key)
            return real(report, *rest)

        monkeypatch.setattr(slo_table, "row", row)
        with refreshes(SloTable, monkeypatch) as calls:
            await on.push(changed(on, *range(0, 2_000, 5)))
        visible = [on.table.rows.keys[line] for line in range(0, on.table.size.height, 5)]
        assert drawn == visible
        assert [len(regions) for regions in calls] == [len(visible)]


async def test_moving_the_cursor_touches_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as on:
        with refreshes(SloTable, monkeypatch) as calls:
            await on.press("j")
        assert [{region.y for region in regions} for regions in calls] == [{0, 1}]


async def test_the_clock_touches_its_minute_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as on:
        late = scripted.NOW + 60
        alike = [scripted.manager(last_good=late)]
        await on.push(scripted.snapshot(scripted.estate(), sources=[scripted.live(at=late)], alert_sources=alike))
        on.clock.now += 60
        with refreshes(Lines, monkeypatch) as calls:
            on.screen.tick()
            await on.settle()
        assert calls == [(Region(79, 0, 1, 1),)]
        assert on.text.splitlines()[0].endswith("03:13")


async def test_what_is_on_the_screen_is_what_is_known_after_any_change() -> None:
    """Partial redraws must leave the same screen as a full one."""
    async with driven() as on:
        for step, burn in enumerate((40.0, 0.0, 3.3, None, 15.0)):
            reports = list(on.table.rows.items.values())
            for place in range(step, len(reports), 3):
                reports[place] = scripted.report(*reports[place].key, burn=burn)
            partial = await on.push(scripted.snapshot(reports))
            on.app.screen.refresh(layout=True)
            for widget in on.app.screen.query("*"):
                widget.refresh()
            await on.settle()
            assert on.text == partial


SPANS = st.lists(
    st.builds(Span, st.text(st.sampled_from("ab █全é "), max_size=6), st.sampled_from(["ok", "page", "reverse", ""])),
    max_size=6,
)


@given(SPANS, SPANS)
def test_the_region_covers_every_difference(old: list[Span], new: list[Span]) -> None:
    """Replace the region of the old line by the new one: nothing of the old may be left to see."""
    before, after = cells(old), cells(new)
    size = max(len(before), len(after))
    before += [(" ", "")] * (size - len(before))
    after += [(" ", "")] * (size - len(after))
    found = strips.changed_cells(old, new)
    start, end = found or (0, 0)
    assert [*before[:start], *after[start:end], *before[end:]] == after
    assert found is None or 0 <= start < end


def cells(line: list[Span]) -> list[tuple[str, str]]:
    """One entry a cell; a wide character takes two."""
    out: list[tuple[str, str]] = []
    for text, style in line:
        for char in text:
            blank = char == " " and style != "reverse"
            out.append((char, "" if blank else style))
            out += [("", style)] * (width(char) - 1)
    return out


def test_a_combining_mark_alone_is_a_difference() -> None:
    old, new = [Span("abc", "ok")], [Span("ab\u0301c", "ok")]
    found = strips.changed_cells(old, new)
    assert found is not None
    assert found[0] <= 1 < found[1]
    assert plain(old) != plain(new)
