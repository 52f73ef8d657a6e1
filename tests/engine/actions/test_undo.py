"""What was done last is taken back, at every cluster it was done at; what would page is told beforehand."""

from __future__ import annotations

from typing import Any

from sreconsole.domain.outcome import Result
from sreconsole.engine.actions.preview import Amendment
from sreconsole.engine.actions.undo import NOTHING, Plan, Undo
from sreconsole.records import replace
from tests.engine.actions.acting import ANA, NOW, Desk, Matcher, alert, at

SEARCH = Matcher("service", "=", "search")
SLOW = alert("SearchSlow", service="search")
OTHER = alert("Other")


async def made(*names: str, **more: Any) -> Desk:
    """A desk that has silenced the search service at clusters of these names."""
    desk = Desk({name: at(name, SLOW, OTHER) for name in names}, **more)
    deed = await desk.actions.silence(await desk.actions.preview(desk.draft(SEARCH)))
    assert deed.outcome == "done"
    desk.now += 5
    return desk


async def planned(desk: Desk) -> Plan:
    plan = await Undo(desk.actions).plan()
    assert isinstance(plan, Plan), plan
    return plan


async def test_what_was_made_is_ended_at_every_cluster_once() -> None:
    desk = await made("a", "b")
    plan = await planned(desk)
    assert [one.source for one in plan.undoings] == ["a", "b"]
    deed = await Undo(desk.actions).do(plan)
    assert deed.outcome == "done"
    assert [desk.clusters[name].silences[f"{name}-1"].state for name in "ab"] == ["expired", "expired"]
    assert [row.entry.facts["undoes"] for row in desk.journal.rows if "undoes" in row.entry.facts] == [
        entry.id for entry in plan.entries
    ]
    assert await Undo(desk.actions).plan() == NOTHING


async def test_whom_it_pages_is_told_beforehand() -> None:
    desk = await made("am")
    under: dict[str, Any] = {"state": "silenced", "silenced_by": ("am-1",), "since": NOW + 60, "source": "am"}
    desk.clusters["am"].alerts.append(replace(alert("SearchDown", "page", service="search"), **under))
    assert [one.name for one in (await planned(desk)).undoings[0].pages] == ["SearchDown"]


async def test_what_was_extended_ends_when_it_did() -> None:
    desk = await made("am")
    ours = desk.clusters["am"].silences["am-1"]
    plan = await desk.actions.extension(ours, 3600)
    assert isinstance(plan, Amendment)
    await desk.actions.amend(plan)
    assert (await Undo(desk.actions).do(await planned(desk))).outcome == "done"
    assert desk.clusters["am"].silences["am-1"].ends_at == ours.ends_at
    # then what was done before it
    assert (await planned(desk)).undoings[0].expire is not None


async def test_what_was_ended_is_made_again_for_what_was_left() -> None:
    desk = await made("am")
    ours = desk.clusters["am"].silences["am-1"]
    plan = await desk.actions.expiry(ours)
    assert isinstance(plan, Amendment)
    await desk.actions.amend(plan)
    assert (await Undo(desk.actions).do(await planned(desk))).outcome == "done"
    again = desk.clusters["am"].created[-1]
    assert (again.matchers, again.ends_at, again.comment) == (ours.matchers, ours.ends_at, "reindexing OPS-7")


async def test_nothing_ends_where_what_it_replaced_could_not_be_made_again() -> None:
    desk = await made("am")
    ours = desk.clusters["am"].silences["am-1"]
    preview = await desk.actions.preview(desk.draft(Matcher("service", "=~", "search")), ["am"])
    assert (await desk.actions.replaced(ours, preview)).outcome == "done"
    plan = await planned(desk)
    desk.clusters["am"].answer = Result("am", "refused", error="too many silences")
    deed = await Undo(desk.actions).do(plan)
    assert deed.outcome == "refused"
    assert desk.clusters["am"].silences["am-2"].state == "active"
    assert desk.log[-1] == "refused silence.create"


async def test_after_ten_minutes_or_by_somebody_else_nothing_is_taken_back() -> None:
    desk = await made("am")
    plan = await planned(desk)
    desk.now = NOW + 601
    assert await Undo(desk.actions).plan() == NOTHING
    assert (await Undo(desk.actions).do(plan)).outcome == "refused"
    other = await made("am")
    other.actions.who = replace(ANA, name="bo")
    assert await Undo(other.actions).plan() == NOTHING


async def test_what_cannot_be_asked_is_said() -> None:
    desk = await made("a", "b")
    desk.clusters["b"].down = "gone"
    plan = await planned(desk)
    assert plan.reasons == ("b: gone",)
    assert [one.source for one in plan.undoings] == ["a"]
    desk.clusters["a"].down = "gone too"
    assert await Undo(desk.actions).plan() == "a: gone too; b: gone"
    desk.journal.failing = "the disk fails"
    assert await Undo(desk.actions).plan() == "the journal cannot be read: the disk fails"
