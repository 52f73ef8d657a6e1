"""What a person has set up survives refresh and reordering: cursor, place, filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.tui.panels.rows import HOLD_SECONDS, Rank
from sreconsole.tui.panels.slo_rows import SloRows
from tests.tui import scripted
from tests.tui.driving import driven


def rearranged(*worse: str) -> list[SloReport]:
    """The estate, with these services burning most."""
    return [
        scripted.report(*made.key, burn=40.0 + place) if made.key.service in worse else made
        for place, made in enumerate(scripted.estate())
    ]


async def test_the_cursor_stays_with_its_slo_when_rows_change_places() -> None:
    async with driven() as on:
        await on.press("j", "j", "j")
        chosen = on.table.rows.cursor
        on.clock.now += HOLD_SECONDS + 1
        await on.push(scripted.snapshot(rearranged("ingest", "webhooks")))
        assert on.table.rows.cursor == chosen
        assert on.table.rows.line == 7
        assert {key.service for key in on.table.rows.keys[:4]} == {"ingest", "webhooks"}


async def test_rows_keep_their_places_while_the_cursor_is_moved() -> None:
    async with driven() as on:
        await on.press("j", "j")
        before = list(on.table.rows.keys)
        await on.push(scripted.snapshot(rearranged("audit")))
        assert on.table.rows.keys == before
        await on.press("j")
        assert on.table.rows.cursor == before[3]
        on.clock.now += HOLD_SECONDS + 1
        on.table._settle()
        assert on.table.rows.keys[0].service == "audit"
        assert on.table.rows.cursor == before[3]


async def test_held_rows_settle_by_themselves() -> None:
    async with driven() as on:
        await on.press("j")
        await on.push(scripted.snapshot(rearranged("audit")))
        assert on.table._settling
        timers = [timer for timer in on.table._timers if timer._interval > HOLD_SECONDS]
        assert len(timers) == 1


async def test_the_place_survives_when_the_cursor_is_far_down() -> None:
    async with driven() as on:
        await on.press("G")
        chosen, top = on.table.rows.cursor, on.table.scroll_offset.y
        assert top > 0
        on.clock.now += HOLD_SECONDS + 1
        await on.push(scripted.snapshot(scripted.estate()))
        assert (on.table.rows.cursor, on.table.scroll_offset.y) == (chosen, top)


async def test_a_cursor_that_leaves_the_screen_is_followed() -> None:
    async with driven() as on:
        await on.press("o", "j", "j", "j")
        chosen = on.table.rows.cursor
        assert chosen is not None
        best = [scripted.report(*made.key, burn=0.0) if made.key == chosen else made for made in scripted.estate()]
        on.clock.now += HOLD_SECONDS + 1
        text = await on.push(scripted.snapshot(best))
        assert on.table.rows.line == 40
        assert chosen.service in text.splitlines()[-4]


async def test_a_cursor_nobody_touched_stays_with_the_top() -> None:
    async with driven() as on:
        await on.press("o")
        calm = [
            scripted.report(*made.key, burn=0.0) if made.key.service == "checkout" else made
            for made in scripted.estate()
        ]
        text = await on.push(scripted.snapshot(calm))
        assert on.table.scroll_offset.y == 0
        assert on.table.rows.line == 0
        assert text.splitlines()[3].split()[2] == "search"


async def test_the_first_enter_opens_what_burns_though_other_rows_were_first() -> None:
    async with driven([scripted.report(*made.key, burn=0.0) for made in scripted.estate()]) as on:
        quiet = on.table.rows.cursor
        await on.push(scripted.snapshot(rearranged("ingest")))
        assert on.table.rows.line == 0
        assert on.table.rows.cursor != quiet
        text = await on.press("enter")
        assert "PAGE ingest" in text


async def test_the_cursor_stays_with_the_row_that_was_opened() -> None:
    async with driven() as on:
        await on.press("enter", "escape")
        opened = on.table.rows.cursor
        await on.push(scripted.snapshot(rearranged("ingest")))
        assert on.table.rows.cursor == opened
        assert on.table.rows.line > 0


async def test_filter_and_faults_survive_and_apply_to_new_rows() -> None:
    async with driven() as on:
        await on.press("slash", *"lat", "enter", "f")
        await on.push(scripted.snapshot([*scripted.estate(), scripted.report("new", "latency", 20.0)]))
        assert on.table.rows.keys == [SloKey("new", "latency"), SloKey("cart", "latency")]
        assert "2 of 43 faults /lat" in on.text


async def test_a_row_that_is_gone_gives_the_cursor_to_its_neighbour() -> None:
    async with driven() as on:
        await on.press("G")
        await on.push(scripted.snapshot(scripted.estate()[:10]))
        assert on.table.rows.line == 9
        assert len(on.table.rows.keys) == 10
        assert sum(on.table.rows.counts.values()) == 10


async def test_the_screen_behind_is_up_to_date_after_the_detail() -> None:
    async with driven() as on:
        await on.press("enter")
        await on.push(scripted.snapshot(rearranged("audit")))
        text = await on.press("escape")
        assert text.splitlines()[3].split()[2] == "audit"


async def test_no_rows_at_all_and_back() -> None:
    async with driven() as on:
        text = await on.push(scripted.snapshot([]))
        assert "no SLOs yet" in text
        await on.press("j", "k", "G", "g", "n", "pagedown", "enter", "y")
        text = await on.push(scripted.snapshot(scripted.estate()))
        assert "PAGE    checkout" in text


def test_counts_follow_every_change() -> None:
    rows = SloRows()
    for reports in (scripted.estate(), rearranged("audit"), scripted.estate()[:7], [], scripted.estate(90)):
        snapshot = scripted.snapshot(reports)
        rows.take(snapshot, 0.0)
        assert rows.counts == snapshot.counts()
        assert set(rows.keys) == {made.key for made in reports}


@given(st.lists(st.lists(st.tuples(st.integers(0, 39), st.sampled_from([0.0, 0.3, 2.0, 8.0, 40.0])), max_size=12)))
def test_the_order_is_the_same_however_it_came_about(steps: list[list[tuple[int, float]]]) -> None:
    """Rows are put into their places one by one; a panel that missed the steps between finds the same."""
    reports = [scripted.report(f"s{number:02d}", burn=0.1) for number in range(40)]
    rows, late = SloRows(), SloRows()
    for each in (rows, late):
        each.take(scripted.snapshot(reports), 0.0)
    for step in steps:
        for place, burn in step:
            reports[place] = scripted.report(*reports[place].key, burn=burn)
        rows.take(scripted.snapshot(reports), 0.0)
    late.take(scripted.snapshot(reports), 0.0)
    fresh = SloRows()
    fresh.take(scripted.snapshot(reports), 0.0)
    for each in (rows, late):
        assert each.keys == fresh.keys
        assert each.counts == fresh.counts
        assert each.items == fresh.items
        assert each.keys[each.line] == each.cursor


def test_only_what_changed_is_ranked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [scripted.report(f"s{number:04d}", burn=0.1) for number in range(2_000)]
    rows = SloRows()
    rows.take(scripted.snapshot(reports), 0.0)
    ranked: list[SloReport] = []
    rank = SloRows.rank

    def counted(self: SloRows, item: SloReport) -> Rank:
        ranked.append(item)
        return rank(self, item)

    monkeypatch.setattr(SloRows, "rank", counted)
    for place in (7, 900, 1_999):
        reports[place] = scripted.report(*reports[place].key, burn=40.0)
    snapshot = scripted.snapshot(reports)
    assert rows.take(snapshot, 0.0) == {reports[place].key for place in (7, 900, 1_999)}
    assert len(ranked) == 3
    assert rows.keys[:3] == [reports[place].key for place in (7, 900, 1_999)]
    assert not rows.take(snapshot, 0.0)
    assert len(ranked) == 3


async def test_noise_does_not_make_rows_jump() -> None:
    async with driven() as on:
        before = list(on.table.rows.keys)
        noisy = [
            scripted.report(*made.key, burn=0.1 + place % 5 / 20) if place > 2 and place != 9 else made
            for place, made in enumerate(scripted.estate())
        ]
        calm = [
            scripted.report(*made.key, burn=0.1) if place > 2 and place != 9 else made
            for place, made in enumerate(scripted.estate())
        ]
        await on.push(scripted.snapshot(calm))
        still = list(on.table.rows.keys)
        await on.push(scripted.snapshot(noisy))
        assert on.table.rows.keys == still
        assert set(before) == set(still)
        await on.press("o")
        assert on.table.rows.keys != still
