"""Plan, confirm, do, journal: what comes first, what is refused, what is asked again, what is not known."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from sreconsole.domain.author import Nameless
from sreconsole.domain.entry import Ending, Entry, EntryKind, EntryOutcome, Recorded
from sreconsole.domain.outcome import Result
from sreconsole.engine.actions.actions import CHANGED
from sreconsole.engine.actions.leftover import leftovers
from sreconsole.engine.actions.preview import drifted
from sreconsole.records import replace
from tests.engine.actions.acting import ANA, NOW, Desk, Matcher, alert, at

SEARCH = Matcher("service", "=", "search")
SLOW, FULL = alert("SearchSlow", service="search"), alert("DiskFull", service="search")
BURN = alert("CheckoutBurn", "page", service="checkout")
ALL = (SLOW, FULL, BURN)


async def test_the_intent_is_in_the_journal_before_anything_is_sent_and_the_outcome_after() -> None:
    desk = Desk({"am": ALL})
    preview = await desk.actions.preview(desk.draft(SEARCH))
    assert (preview.matched, preview.of, preview.count, preview.errors, preview.refusals) == (2, 3, None, (), ())
    deed = await desk.actions.silence(preview)
    assert desk.log == ["intent silence.create", "create am", "done silence.create"]
    assert (deed.outcome, deed.matched, deed.of, deed.reason) == ("done", 2, 3, None)
    assert deed.sent
    assert deed.results == (Result("am", "done", "am-1"),)
    row = desk.journal.rows[0]
    assert row.entry.actor.name == "ana"
    assert row.entry.facts["matchers"] == ['service="search"']
    assert row.entry.nonce == preview.draft.nonce
    assert row.outcome is not None
    assert row.outcome.facts == {"silence_id": "am-1"}
    assert desk.looked == ["am", None]


async def test_one_silence_for_every_writable_cluster_and_none_for_the_others() -> None:
    desk = Desk({"a": at("a", *ALL), "b": at("b", BURN), "locked": at("locked", *ALL)}, settings={"locked": ["locked"]})
    preview = await desk.actions.preview(desk.draft(SEARCH))
    assert [one.source for one in preview.at] == ["a", "b"]
    assert preview.count is None, "what one of two clusters knows nothing of is no typing error"
    deed = await desk.actions.silence(preview)
    assert [(result.source, result.id) for result in deed.results] == [("a", "a-1"), ("b", "b-1")]
    assert [entry.facts["source"] for entry in deed.entries] == ["a", "b"]
    named = await desk.actions.preview(desk.draft(SEARCH), ["locked"])
    assert named.refusals == ("locked: source locked is read-only",)
    assert (await desk.actions.silence(named)).outcome == "refused"
    assert not desk.clusters["locked"].created


async def test_a_cluster_that_cannot_be_asked_keeps_everything_from_being_sent() -> None:
    desk = Desk({"a": at("a", *ALL), "b": at("b", *ALL)})
    desk.clusters["b"].down = "nothing listens there"
    preview = await desk.actions.preview(desk.draft(SEARCH))
    assert preview.errors == ("b: nothing listens there",)
    deed = await desk.actions.silence(preview)
    assert (deed.outcome, deed.sent) == ("unreached", False)
    assert desk.log == []
    assert (await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH), ["a"]))).outcome == "done"


async def test_what_changed_since_it_was_shown_is_shown_and_asked_again() -> None:
    desk = Desk({"am": ALL})
    preview = await desk.actions.preview(desk.draft(SEARCH))
    more = alert("SearchDown", service="search")
    desk.clusters["am"].alerts.append(more)
    deed = await desk.actions.silence(preview)
    assert (deed.outcome, deed.reason, deed.sent) == ("refused", CHANGED, False)
    assert desk.log == []
    assert deed.changed is not None
    assert [one.name for one in drifted(preview, deed.changed)["am"].added] == ["SearchDown"]
    assert deed.changed.matched == 3
    assert deed.changed.draft is preview.draft
    again = await desk.actions.silence(deed.changed)
    assert again.outcome == "done"


async def test_what_is_dangerous_needs_its_number_whatever_else_is_said() -> None:
    desk = Desk({"am": ALL})
    preview = await desk.actions.preview(desk.draft(Matcher("service", "=", "checkout")))
    assert preview.count == 1
    for typed in (None, 0, 2):
        deed = await desk.actions.silence(preview, typed)
        assert deed.outcome == "refused"
        assert deed.reason is not None
        assert "dangerous" in deed.reason
    assert desk.log == []
    assert (await desk.actions.silence(preview, 1)).outcome == "done"
    nothing = await desk.actions.preview(desk.draft(Matcher("service", "=", "nosuch")))
    assert nothing.count == 0
    assert (await desk.actions.silence(nothing)).outcome == "refused"
    assert (await desk.actions.silence(nothing, 0)).outcome == "done"


async def test_guards_refuse_before_the_journal_hears_of_it() -> None:
    desk = Desk({"am": ALL})
    for draft in (
        desk.draft(SEARCH, seconds=25 * 3600),
        desk.draft(SEARCH, comment=" "),
        desk.draft(Matcher("service", "=", "")),
        desk.draft(Matcher("service", "=~", "(search")),
    ):
        deed = await desk.actions.silence(await desk.actions.preview(draft), 3)
        assert deed.outcome == "refused", draft
    assert desk.log == []


async def test_without_a_name_or_with_read_only_nothing_is_written() -> None:
    nameless = Desk({"am": ALL}, Nameless("root", "bastion", "", "root is an account that people share"))
    preview = await nameless.actions.preview(nameless.draft(SEARCH))
    assert "root is an account that people share" in preview.refusals
    assert (await nameless.actions.silence(preview)).outcome == "refused"
    assert nameless.actions.named("root") != ""
    assert nameless.actions.named("ana") == ""
    assert nameless.actions.actor is not None
    preview = await nameless.actions.preview(nameless.draft(SEARCH))
    assert (await nameless.actions.silence(preview)).outcome == "done"
    assert nameless.journal.rows[0].entry.actor.origin == "typed"
    locked = Desk({"am": ALL}, read_only=True)
    assert locked.actions.silencing_off is not None
    deed = await locked.actions.silence(await locked.actions.preview(locked.draft(SEARCH)))
    assert deed.outcome == "refused"
    assert locked.log == []


async def test_no_journal_no_write() -> None:
    desk = Desk({"am": ALL})
    preview = await desk.actions.preview(desk.draft(SEARCH))
    desk.journal.failing = "the disk is full"
    deed = await desk.actions.silence(preview)
    assert (deed.outcome, deed.sent) == ("refused", False)
    assert deed.reason == "nothing was sent, as it could not be written down: the disk is full"
    assert desk.log == []


async def test_an_outcome_that_cannot_be_written_down_is_said() -> None:
    desk = Desk({"am": ALL})
    preview = await desk.actions.preview(desk.draft(SEARCH))
    cluster = desk.clusters["am"]
    make = cluster.create

    async def create(draft: object) -> Result:
        desk.journal.failing = "the disk is full"
        return await make(preview.draft)

    cluster.create = create  # type: ignore[method-assign]
    deed = await desk.actions.silence(preview)
    assert deed.outcome == "done"
    assert deed.remarks == ("what came of it is not in the journal: the disk is full",)


async def test_what_is_not_known_is_neither_done_nor_failed_and_is_settled_later() -> None:
    desk = Desk({"am": ALL})
    desk.clusters["am"].answer = Result("am", "unknown", error="the answer was lost")
    deed = await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH)))
    assert (deed.outcome, deed.sent) == ("unknown", True)
    assert [entry.id for entry, _ in desk.actions.unknown] == [deed.entries[0].id]
    told: list[Result] = []
    desk.actions.settled = lambda _, result: told.append(result)
    await desk.actions.settle()
    assert [result.error for _, result in desk.actions.unknown] == ["the answer was lost"]
    desk.clusters["am"].later = Result("am", "done", "found")
    await desk.actions.settle()
    assert not desk.actions.unknown
    assert told == [Result("am", "done", "found")]
    assert desk.log == ["intent silence.create", "create am", "unknown silence.create", "done silence.create"]
    assert desk.looked == ["am", None, "am"]


async def test_one_watcher_settles_whatever_becomes_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sreconsole.engine.actions.unsettled.SETTLING", (0.01,))
    desk = Desk({"am": ALL})
    found = asyncio.Event()
    desk.actions.settled = lambda *_: found.set()
    watching = asyncio.create_task(desk.actions.watch())
    desk.clusters["am"].answer = Result("am", "unknown", error="lost")
    desk.clusters["am"].later = Result("am", "done", "found")
    await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH)))
    async with asyncio.timeout(20):
        await found.wait()
    watching.cancel()
    assert not desk.actions.unknown


async def test_a_defect_after_the_intent_is_unknown() -> None:
    desk = Desk({"am": ALL})

    async def create(draft: object) -> Result:
        raise ZeroDivisionError

    desk.clusters["am"].create = create  # type: ignore[method-assign]
    deed = await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH)))
    assert deed.outcome == "unknown"
    assert desk.log == ["intent silence.create", "unknown silence.create"]


async def test_the_end_is_told_by_the_clock_of_each_cluster() -> None:
    desk = Desk({"a": at("a", *ALL), "b": at("b", *ALL)})
    desk.clusters["b"].skew = -300.0
    await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH)))
    assert desk.clusters["a"].created[0].ends_at == NOW + 3600
    assert desk.clusters["b"].created[0].ends_at == NOW + 3300


async def test_a_dry_run_sends_nothing_and_writes_nothing_down() -> None:
    desk = Desk({"am": ALL})
    deed = desk.actions.dry(await desk.actions.preview(desk.draft(SEARCH)))
    assert deed.outcome == "dry-run"
    assert deed.results[0].request is not None
    assert desk.log == []


async def left_behind(ending: str | None, ago: float = 600.0, name: str = "ana") -> Desk:
    """A desk whose journal has a creation of an earlier start, of which it is not known what came of it."""
    desk = Desk({"am": ALL})
    draft = desk.draft(SEARCH)
    desk.now = NOW - ago
    entry = desk.actions.pen.creation(draft, "am", replace(ANA, name=name), 2, 3)
    desk.journal.write(entry)
    if ending is not None:
        desk.journal.ended(EntryOutcome(entry.id, cast(Ending, ending), NOW - ago))
    desk.now = NOW
    return desk


@pytest.mark.parametrize("ending", [None, "unknown"])
async def test_what_an_earlier_start_left_open_is_settled(ending: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sreconsole.engine.actions.unsettled.SETTLING", (0.01,))
    desk = await left_behind(ending)
    desk.clusters["am"].later = Result("am", "done", "found")
    found = asyncio.Event()
    desk.actions.settled = lambda *_: found.set()
    watching = asyncio.create_task(desk.actions.watch())
    async with asyncio.timeout(20):
        await found.wait()
    watching.cancel()
    row = desk.journal.rows[0]
    assert row.outcome is not None
    assert (row.outcome.ending, row.outcome.facts) == ("done", {"silence_id": "found"})


@pytest.mark.parametrize(
    ("ending", "ago", "name"),
    [
        ("done", 600.0, "ana"),
        ("refused", 600.0, "ana"),
        (None, 30.0, "ana"),
        (None, 90_000.0, "ana"),
        (None, 600.0, "bo"),
    ],
)
async def test_what_is_known_new_old_or_of_others_is_left_alone(ending: str | None, ago: float, name: str) -> None:
    desk = await left_behind(ending, ago, name)
    watching = asyncio.create_task(desk.actions.watch())
    for _ in range(20):
        await asyncio.sleep(0.005)
    watching.cancel()
    assert not desk.actions.unknown


@pytest.mark.parametrize("facts", [{}, {"source": "am"}, {"source": "am", "ends_at": "x"}, {"source": "gone"}])
async def test_entries_that_say_too_little_are_left_alone(facts: dict[str, object]) -> None:
    desk = Desk({"am": ALL})
    kinds: tuple[EntryKind, ...] = ("silence.create", "silence.extend", "silence.expire")
    for kind in kinds:
        entry = Entry(f"e{kind}", kind, NOW - 600, ANA, facts={**facts, "matchers": ["("]})
        assert leftovers([Recorded(entry, None)], "ana", NOW, lambda name: desk.actions.cluster("am")) == []
