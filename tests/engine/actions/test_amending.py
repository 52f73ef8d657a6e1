"""Extending and ending a silence that is there: what is shown first, what is refused, what the journal keeps."""

from __future__ import annotations

from typing import Any

import pytest

from sreconsole.domain.outcome import Result
from sreconsole.domain.silence import Silence
from sreconsole.engine.actions.deed import Deed
from sreconsole.engine.actions.jotting import Jot, Work
from sreconsole.engine.actions.preview import Amendment
from sreconsole.records import replace
from tests.engine.actions.acting import NOW, Desk, Matcher, alert

SEARCH = Matcher("service", "=", "search")
HOUR = 3600.0


def silence(**more: Any) -> Silence:
    keys = {"starts_at": NOW - 900, "ends_at": NOW + HOUR, **more}
    return Silence("am-0", "am", keys.pop("state", "active"), (SEARCH,), "bo", "reindexing [sc:abcdefgh]", **keys)


def desk(there: Silence, **config: Any) -> Desk:
    under: dict[str, Any] = {"state": "silenced", "silenced_by": ("am-0",)}
    known = replace(alert("SearchSlow", service="search"), since=NOW - 1800, **under)
    new = replace(alert("SearchDown", "page", service="search"), since=NOW - 300, **under)
    twice = replace(alert("SearchTwice", "page", service="search"), **{**under, "silenced_by": ("am-0", "am-9")})
    made = Desk({"am": (known, new, twice, alert("Other"))}, **config)
    made.clusters["am"].silences["am-0"] = there
    return made


def planned(plan: Amendment | Deed) -> Amendment:
    assert isinstance(plan, Amendment)
    return plan


async def test_an_extension_adds_to_the_old_end_and_is_journaled_with_it() -> None:
    here = desk(silence())
    plan = planned(await here.actions.extension(silence(), HOUR))
    assert (plan.ends_at, plan.matched, plan.of, plan.refusals) == (NOW + 2 * HOUR, 3, 4, ())
    deed = await here.actions.amend(plan)
    assert deed.outcome == "done"
    assert here.clusters["am"].silences["am-0"].ends_at == NOW + 2 * HOUR
    assert here.log == ["intent silence.extend", "extend am", "done silence.extend"]
    facts = here.journal.rows[0].entry.facts
    assert (facts["ended_at"], facts["ends_at"], facts["silence_id"]) == (NOW + HOUR, NOW + 2 * HOUR, "am-0")
    assert here.journal.rows[0].entry.text == "reindexing"


@pytest.mark.parametrize(("by", "fits"), [(23 * HOUR, True), (23 * HOUR + 60, False), (0.0, False)])
async def test_the_longest_counts_from_now_to_the_new_end(by: float, fits: bool) -> None:
    here = desk(silence())
    plan = planned(await here.actions.extension(silence(), by))
    assert (plan.refusals == ()) is fits
    assert ((await here.actions.amend(plan)).outcome == "done") is fits


async def test_the_newest_state_is_shown_not_the_one_it_was_asked_with() -> None:
    here = desk(silence(ends_at=NOW + 2 * HOUR))
    assert planned(await here.actions.extension(silence(), HOUR)).ends_at == NOW + 3 * HOUR
    here.clusters["am"].down = "gone"
    deed = await here.actions.extension(silence(), HOUR)
    assert isinstance(deed, Deed)
    assert (deed.outcome, deed.reason) == ("unreached", "am: gone")


async def test_who_would_be_paged_by_ending_it_is_told_beforehand() -> None:
    here = desk(silence())
    plan = planned(await here.actions.expiry(silence()))
    assert [one.name for one in plan.heard] == ["SearchDown"]
    assert [one.name for one in plan.pages] == ["SearchDown"]
    assert (await here.actions.amend(plan)).outcome == "done"
    assert here.clusters["am"].silences["am-0"].state == "expired"
    assert here.log == ["intent silence.expire", "expire am", "done silence.expire"]


async def test_one_that_has_ended_is_ended_and_cannot_be_extended() -> None:
    over = silence(state="expired", ends_at=NOW - 1)
    here = desk(over)
    deed = await here.actions.amend(planned(await here.actions.expiry(over)))
    assert (deed.outcome, deed.reason) == ("done", "it had ended already")
    refused = await here.actions.amend(planned(await here.actions.extension(over, HOUR)))
    assert refused.outcome == "refused"
    assert here.log == []


async def test_an_edit_makes_the_new_one_and_then_ends_the_old() -> None:
    here = desk(silence())
    preview = await here.actions.preview(here.draft(Matcher("service", "=~", "sea.+")), ["am"])
    deed = await here.actions.replaced(silence(), preview, preview.count)
    assert deed.outcome == "done"
    assert here.log == ["intent silence.create", "create am", "expire am", "done silence.create"]
    assert here.journal.rows[0].entry.facts["replaces"] == "am-0"
    there = desk(silence())
    there.clusters["am"].answer = Result("am", "refused", error="too many silences")
    preview = await there.actions.preview(there.draft(Matcher("service", "=~", "sea.+")), ["am"])
    assert (await there.actions.replaced(silence(), preview, preview.count)).outcome == "refused"
    assert there.clusters["am"].silences["am-0"].state == "active"


async def test_read_only_changes_nothing() -> None:
    here = desk(silence(), read_only=True)
    for plan in (await here.actions.extension(silence(), HOUR), await here.actions.expiry(silence())):
        assert (await here.actions.amend(planned(plan))).outcome == "refused"
    assert (await here.actions.note(Jot("x"))).outcome == "refused"
    assert (await here.actions.toil(Work(5, "c", "x"))).outcome == "refused"
    assert here.log == []


async def test_notes_and_toil_are_written_down_cleaned() -> None:
    here = desk(silence())
    deed = await here.actions.note(Jot("bumped\x1b[31m the pool", "checkout", NOW - 600, NOW, ("pool", "pool", "db")))
    assert deed.outcome == "done"
    entry = deed.entries[0]
    assert (entry.kind, entry.service, entry.at, entry.until, entry.tags) == (
        *("note", "checkout", NOW - 600, NOW),
        ("pool", "db"),
    )
    assert "\x1b" not in entry.text
    work = await here.actions.toil(Work(25.5, "tickets", "quota raised"))
    assert work.entries[0].facts == {"minutes": 25.5, "category": "tickets"}
    assert here.log == ["intent note", "done note", "intent toil", "done toil"]
    assert entry.id < work.entries[0].id
    assert here.looked == [None, None]


@pytest.mark.parametrize(
    "jot",
    [Jot(" "), Jot("x" * 1001), Jot("x", at=NOW + 60), Jot("x", at=NOW - 60, until=NOW - 61), Jot("x", tags=("",))],
)
async def test_notes_that_are_refused(jot: Jot) -> None:
    here = desk(silence())
    assert (await here.actions.note(jot)).outcome == "refused"
    assert here.log == []


@pytest.mark.parametrize(
    "work",
    [Work(0, "c", "x"), Work(-1, "c", "x"), Work(float("nan"), "c", "x"), Work(5, " ", "x"), Work(5, "c", " ")],
)
async def test_toil_that_is_refused(work: Work) -> None:
    here = desk(silence())
    assert (await here.actions.toil(work)).outcome == "refused"
    assert here.log == []


async def test_a_note_that_can_be_written_nowhere_is_refused() -> None:
    here = desk(silence())
    here.journal.failing = "the disk is full"
    deed = await here.actions.note(Jot("x"))
    assert (deed.outcome, deed.reason) == ("refused", "it could not be written down: the disk is full")


async def test_a_changed_config_keeps_the_clusters_it_says_nothing_new_of() -> None:
    here = desk(silence())
    await here.actions.readings()
    await here.actions.follow(replace(here.actions.config, author="bo"))
    kept = here.clusters["am"].closed
    await here.actions.follow(replace(here.actions.config, read_only=True))
    assert (kept, here.clusters["am"].closed) == (False, True)
    assert here.actions.off is not None
