"""Keys that act: what a form asks, shows and sends, over clusters in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from sreconsole.domain.alert import Alert
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.records import replace
from sreconsole.tui.forms import form
from sreconsole.tui.forms import silence as silence_form
from sreconsole.tui.forms.amend import AmendForm
from sreconsole.tui.forms.form import FormScreen
from sreconsole.tui.forms.matchers import Choices, choices, made
from sreconsole.tui.forms.note import NoteForm
from sreconsole.tui.forms.silence import SilenceForm
from sreconsole.tui.forms.toil import ToilForm
from sreconsole.tui.forms.undo import UndoForm
from sreconsole.tui.screens.overview import OverviewScreen
from tests.engine.actions.acting import NOW, Desk, alert
from tests.tui import scripted
from tests.tui.driving import Driven, driven

DISK = alert("DiskFull", service="checkout", pod="a-1")
SLOW = alert("Slow", service="search")
PAGE = alert("Down", "page", service="checkout")


@asynccontextmanager
async def desk(
    *alerts: Alert, silences: Sequence[Silence] = (), standing: bool = False
) -> AsyncIterator[tuple[Driven, Desk]]:
    """A console with these alerts in panel 2, which has the focus, and actions on a cluster that has the same."""
    made_desk = Desk({"am": list(alerts)})
    made_desk.clusters["am"].silences = {one.id: one for one in silences}
    live = scripted.ScriptedLive(replace(scripted.snapshot(scripted.estate()), alerts=alerts, silences=tuple(silences)))
    async with driven(live=live, size=(100, 30), standing=standing) as on:
        on.app._actions = lambda: made_desk.actions
        on.clock.now = NOW
        await on.press("2")
        yield on, made_desk


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No person waits here: previews are asked for at once, and keys count as fresh unless a test says otherwise."""
    monkeypatch.setattr(silence_form, "SETTLES", 0.0)
    monkeypatch.setattr(form, "FRESH", 0.0)


async def shown(on: Driven, text: str) -> str:
    """Wait until this is on the screen."""
    for _ in range(200):
        await on.settle()
        if text in on.text:
            return on.text
        await asyncio.sleep(0.01)
    raise AssertionError(f"{text!r} is not there:\n{on.text}")


async def test_a_silence_is_previewed_and_made() -> None:
    async with desk(DISK, SLOW) as (on, its):
        await on.press("s")
        text = await shown(on, "mutes now 1 of 2 alerts")
        assert on.at(SilenceForm)
        assert '[x] alertname="DiskFull"' in text
        assert '[ ] pod="a-1"' in text, "a label that the config strips is there, not ticked"
        assert "required" in text
        await on.press("S")
        assert "required" in on.text
        assert its.clusters["am"].created == []
        await on.press("enter", *"OPS-7", "enter")
        await shown(on, "mutes 1 of 2")
        await on.press("S")
        await shown(on, "silenced, 1 of 2 alerts")
        assert on.at(OverviewScreen)
        (draft,) = its.clusters["am"].created
        assert draft.comment == "OPS-7"
        assert Matcher("alertname", "=", "DiskFull") in draft.matchers
        assert draft.ends_at == pytest.approx(NOW + 3600)
        assert its.log[0].startswith("intent"), "the intent is in the journal first"


async def test_what_was_made_is_taken_back() -> None:
    async with desk(DISK, SLOW) as (on, its):
        await on.press("s")
        await shown(on, "mutes now 1 of 2 alerts")
        await on.press("enter", *"why", "enter")
        await shown(on, "mutes 1 of 2")
        await on.press("S")
        await shown(on, "silenced, 1 of 2 alerts")
        await on.press("u")
        await shown(on, "ends now: the silence")
        assert on.at(UndoForm)
        await on.press("S")
        await shown(on, "silence ended")
        (silence,) = its.clusters["am"].silences.values()
        assert silence.state == "expired"


async def test_a_page_asks_for_its_count() -> None:
    async with desk(PAGE, SLOW) as (on, its):
        await on.press("s")
        await shown(on, "1 alert of page severity")
        await on.press("enter", *"why", "enter")
        await shown(on, "mutes 1 of 2")
        await on.press("S")
        await shown(on, "Type 1, the number it mutes")
        await on.press("2", "enter")
        assert "nothing was sent" in on.text
        assert its.clusters["am"].created == []
        await on.press("S")
        await on.press("1", "enter")
        await shown(on, "silenced, 1 of 2 alerts")


async def test_what_changed_meanwhile_is_shown_and_asked_again() -> None:
    async with desk(DISK, SLOW) as (on, its):
        await on.press("s")
        await shown(on, "mutes now 1 of 2 alerts")
        await on.press("enter", *"why", "enter")
        await shown(on, "mutes 1 of 2")
        its.clusters["am"].alerts.append(alert("DiskFull", service="checkout", pod="b-2"))
        await on.press("S")
        await shown(on, "what it mutes has changed")
        assert "mutes now 2 of 3 alerts" in on.text
        assert its.clusters["am"].created == []
        await on.press("S")
        await shown(on, "silenced, 2 of 3 alerts")


async def test_keys_that_came_in_one_burst_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(DISK, SLOW) as (on, its):
        await on.press("s")
        await shown(on, "mutes now 1 of 2 alerts")
        await on.press("enter", *"why", "enter")
        await shown(on, "mutes 1 of 2")
        monkeypatch.setattr(form, "FRESH", 60.0)
        await on.press("S")
        assert "before this could be read" in on.text
        assert its.clusters["am"].created == []


async def test_the_preview_follows_the_ticks() -> None:
    async with desk(DISK, SLOW) as (on, _):
        await on.press("s")
        await shown(on, "mutes now 1 of 2 alerts")
        await on.press("up", "up", "up", "up", "up", "up", "up")
        for _ in range(3):
            row = on.app.screen.row  # type: ignore[attr-defined]
            if row.value[0].text == "[x] " and "severity" not in row.text:
                await on.press("space")
            await on.press("down")
        await shown(on, "mutes now 2 of 2 alerts")


async def test_marked_alerts_are_silenced_together() -> None:
    async with desk(DISK, SLOW) as (on, _):
        await on.press("m", "m", "s")
        text = await shown(on, "mutes now 2 of 2 alerts")
        assert 'alertname=~"DiskFull|Slow"' in text


LASTING = Silence(
    "abc", "am", "active", (Matcher("alertname", "=", "DiskFull"),), "bob", "why", NOW - 60, NOW + 600, mutes_now=1
)


async def test_a_silence_is_extended_and_ended() -> None:
    async with desk(replace(DISK, state="silenced", silenced_by=("abc",)), silences=(LASTING,)) as (on, its):
        await on.press("G", "plus")
        assert on.at(AmendForm)
        await shown(on, "mutes now 1 of 1")
        await on.press("S")
        await shown(on, "extended")
        assert its.clusters["am"].silences["abc"].ends_at == NOW + 600 + 3600
        await on.press("x")
        await shown(on, "when it ends")
        await on.press("S")
        await shown(on, "silence ended")


async def test_a_note_is_written_on_the_service_and_undo_says_there_is_nothing() -> None:
    async with desk(DISK) as (on, its):
        await on.press("1", "a")
        assert on.at(NoteForm)
        await on.press("S")
        assert "required" in on.text
        await on.press("enter", *"deploy", "enter")
        await on.press("S")
        await shown(on, "noted")
        entry = its.journal.rows[0].entry
        assert (entry.kind, entry.text, entry.service) == ("note", "deploy", "checkout")
        await on.press("u")
        assert "nothing to a silence in the last ten minutes" in on.text


async def test_toil_is_logged() -> None:
    async with desk(DISK) as (on, its):
        await on.press("t")
        assert on.at(ToilForm)
        await on.press("right", "down", "down", "enter", *"resets", "enter", "S")
        await shown(on, "logged")
        entry = its.journal.rows[0].entry
        assert entry.facts["minutes"] == 30.0
        assert entry.text == "resets"


async def test_in_the_past_nothing_can_be_done_and_that_is_said() -> None:
    async with desk(DISK, standing=True) as (on, _):
        await on.press("s")
        assert not on.at(FormScreen)
        assert "moment of the past" in on.text


async def test_escape_leaves_and_sends_nothing() -> None:
    async with desk(DISK) as (on, its):
        await on.press("s")
        await shown(on, "mutes now")
        await on.press("enter", *"why", "escape")
        assert on.at(SilenceForm)
        assert "required" in on.text, "what was typed is not taken"
        await on.press("escape")
        assert on.at(OverviewScreen)
        assert its.log == []


def test_an_operator_keeps_the_meaning_of_a_value() -> None:
    chosen = Choices([made(Matcher("host", "=", "a.b"))])
    chosen.turn(0)
    chosen.turn(0)
    assert chosen.ticked == (Matcher("host", "=~", r"a\.b"),)
    chosen.turn(0)
    chosen.turn(0)
    assert chosen.ticked == (Matcher("host", "=", "a.b"),)


def test_what_is_not_suggested_is_there_without_a_tick() -> None:
    one, two = Matcher("a", "=", "1"), Matcher("b", "=", "2")
    assert choices([one], [one, two]).ticked == (one,)
