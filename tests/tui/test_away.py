"""Coming back to the pane: what crossed a line meanwhile, and which rows changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from sreconsole.domain.change import StatusChange
from sreconsole.domain.crossings import crossed
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.domain.status import Status
from sreconsole.present.absence import sentence
from sreconsole.present.cells import width
from tests.tui.driving import Driven, driven

KEYS = [SloKey("a", "x"), SloKey("a", "y"), SloKey("b", "x")]


@st.composite
def stories(draw: st.DrawFn) -> tuple[dict[SloKey, Status], list[StatusChange]]:
    """What each SLO was at 0, and its changes up to 20."""
    first = {key: draw(st.sampled_from(Status)) for key in KEYS}
    now, changes = dict(first), []
    for at in range(1, 21):
        key, status = draw(st.sampled_from(KEYS)), draw(st.sampled_from(Status))
        if status is not now[key]:
            changes.append(StatusChange(key, now[key], status, float(at), ""))
            now[key] = status
    return first, changes


@given(stories(), st.integers(0, 20), st.randoms())
def test_it_tells_of_each_slo_what_it_was_and_what_it_is(
    story: tuple[dict[SloKey, Status], list[StatusChange]], since: int, chance: object
) -> None:
    first, changes = story
    was, now = dict(first), dict(first)
    worst: dict[SloKey, Status] = {}
    for change in changes:
        now[change.key] = change.after
        if change.at <= since:
            was[change.key] = change.after
        else:
            worst[change.key] = min(worst.get(change.key, change.after), change.after, key=lambda status: status.rank)
    found = {one.key: one for one in crossed(reversed(changes), since, 20)}
    assert found.keys() == worst.keys()
    for key, one in found.items():
        assert one.before is was[key]
        assert one.back == (was[key] is now[key])
        assert one.reached is (worst[key] if one.back else now[key])


@given(stories(), st.integers(20, 200))
def test_the_sentence_fits_whatever_happened(
    story: tuple[dict[SloKey, Status], list[StatusChange]], cells: int
) -> None:
    found = crossed(story[1], 0, 20)
    if found:
        said = sentence(found, 840, 30, UTC, cells)
        assert "14m" in said
        assert found[0].key.service in said
        if len(found) > 1 and width(said) > cells:
            assert f"{len(found) - 1} more" in said, "the first is always told"


def changed(snapshot: Snapshot, at: float) -> Snapshot:
    """One row went to page at that time."""
    report = snapshot.services[1].slos[0]
    return replace(snapshot, changes=(StatusChange(report.key, Status.OK, Status.PAGE, at, "x"),))


async def blur(on: Driven) -> None:
    on.app.post_message(events.AppBlur())
    await on.settle()


async def focus(on: Driven) -> str:
    on.app.post_message(events.AppFocus())
    await on.settle()
    return on.text


def row_of(on: Driven, text: str) -> str:
    name = on.live.snapshot.services[1].name
    return next(line for line in text.splitlines() if f" {name} " in line and "->" not in line)


async def test_who_comes_back_is_told_and_the_row_is_marked_until_they_leave() -> None:
    async with driven() as on:
        await blur(on)
        on.clock.now += 840
        await on.push(changed(on.live.snapshot, on.clock.now - 60))
        assert "while you were away" not in on.text
        text = await focus(on)
        name = on.live.snapshot.services[1].name
        assert f"while you were away (14m): {name} ok -> page " in text
        assert row_of(on, text).startswith("*")
        text = await on.press("escape")
        assert "while you were away" not in text
        assert row_of(on, text).startswith("*"), "the mark stays while they look"
        await blur(on)
        assert not row_of(on, await focus(on)).startswith("*")


async def test_any_key_takes_the_line_away_and_does_its_work() -> None:
    async with driven() as on:
        await blur(on)
        on.clock.now += 100
        await on.push(changed(on.live.snapshot, on.clock.now - 60))
        assert "while you were away" in await focus(on)
        text = await on.press("o")
        assert "while you were away" not in text
        assert "worst first" not in text


async def test_nothing_crossed_nothing_said() -> None:
    async with driven() as on:
        await on.push(changed(on.live.snapshot, on.clock.now - 60))
        before = on.text
        await blur(on)
        on.clock.now += 30
        assert await focus(on) == before


@pytest.mark.parametrize(("idle", "told"), [(299, False), (301, True)])
async def test_without_focus_reports_five_minutes_without_a_key_are_an_absence(idle: float, told: bool) -> None:
    async with driven() as on:
        await on.press("j")
        on.clock.now += idle
        await on.push(changed(on.live.snapshot, on.clock.now - 60))
        text = await on.press("k")
        assert ("while you were away (5m)" in text) is told
        assert ("while you were away" in await on.press("j")) is False


async def test_of_the_past_nobody_was_away() -> None:
    async with driven(standing=True) as on:
        await blur(on)
        on.clock.now += 840
        await on.push(changed(on.live.snapshot, on.clock.now - 60))
        assert "while you were away" not in await focus(on)
