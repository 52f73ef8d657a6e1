"""What taking an action on a silence back would do, and whom it pages."""

from __future__ import annotations

from typing import Any

import pytest

from sreconsole.domain.actor import Actor
from sreconsole.domain.alert import Alert
from sreconsole.domain.entry import Ending, Entry, EntryKind, EntryOutcome, Recorded
from sreconsole.domain.matching import shown
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.undoing import UNDO, Again, Undoing, heard, undoing
from sreconsole.records import replace

NOW = 1_800_000_000.0
MATCHERS = (Matcher("service", "=", "checkout"), Matcher("text", "=", 'quo"te\n'))
OURS = Silence("new", "am", "active", MATCHERS, "ana", "OPS-7 [sc:abcdefgh]", NOW - 100, NOW + 3500, 2)
EXPIRED = replace(OURS, state="expired", ends_at=NOW - 10)


def _recorded(kind: EntryKind, ending: Ending | None = "done", ago: float = 100.0, **facts: Any) -> Recorded:
    told = {"source": "am", "matchers": [shown(matcher) for matcher in MATCHERS], **facts}
    entry = Entry("E1", kind, NOW - ago, Actor("ana", "config", "ana", "b"), "OPS-7", facts=told)
    outcome = None if ending is None else EntryOutcome("E1", ending, NOW - ago, facts={"silence_id": "new"})
    return Recorded(entry, outcome)


CREATED = _recorded("silence.create", ends_at=NOW + 3500)


def _alert(
    name: str, since: float | None, severity: Any = "warn", by: tuple[str, ...] = ("new",), **more: Any
) -> Alert:
    labels = {"alertname": name, "service": "checkout", "text": more.pop("text", 'quo"te\n')}
    return Alert(name, "silenced", severity, "am", name, labels, labels, since=since, silenced_by=by, **more)


def test_one_that_was_made_is_ended() -> None:
    under, before = _alert("Under", NOW - 50), _alert("Before", NOW - 5000)
    page, unknown = _alert("Zpage", NOW - 20, "page"), _alert("Unknown", None)
    found = undoing(CREATED, [OURS], [under, before, page, unknown], NOW)
    assert isinstance(found, Undoing)
    assert (found.expire, found.again, found.shorten) == (OURS, None, None)
    assert found.heard == (page, under, unknown)
    assert found.pages == (page,)
    assert found.until == NOW - 100 + UNDO


@pytest.mark.parametrize(
    "more",
    [
        {"by": ("new", "other")},
        {"by": ("other",)},
        {"by": ()},
        {"inhibited_by": ("x",)},
        {"muted_by": ("nights",)},
    ],
)
def test_what_something_else_holds_back_is_not_heard(more: dict[str, Any]) -> None:
    assert heard(OURS, [_alert("A", NOW - 5, **more)]) == ()
    assert heard(OURS, [replace(_alert("A", NOW - 5), source="other")]) == ()


@pytest.mark.parametrize(
    ("recorded", "silences", "why"),
    [
        (_recorded("note"), [OURS], "only what was done to a silence"),
        (_recorded("silence.create", None), [OURS], "not known yet"),
        (_recorded("silence.create", "unknown"), [OURS], "not known yet"),
        (_recorded("silence.create", "refused"), [OURS], "changed nothing"),
        (_recorded("silence.create", "failed"), [OURS], "changed nothing"),
        (_recorded("silence.create", ago=601.0, ends_at=NOW + 3500), [OURS], "ten minutes"),
        (CREATED, [], "does not list it"),
        (CREATED, [replace(OURS, source="other")], "does not list it"),
        (CREATED, [EXPIRED], "ended already"),
        (CREATED, [replace(OURS, ends_at=NOW + 7100)], "changed since"),
        (_recorded("silence.expire", ended_at=NOW), [EXPIRED], "would have ended by now"),
        (_recorded("silence.expire", ended_at=NOW + 60), [OURS], "as active"),
        (_recorded("silence.expire", ended_at=NOW + 60, matchers=None), [], "does not say"),
        (_recorded("silence.expire", ended_at=NOW + 60, matchers=["a=~("]), [], "does not say"),
        (_recorded("silence.create", ends_at=NOW + 3500, replaces="old"), [OURS], "took the place of is over"),
    ],
)
def test_why_it_cannot_be_taken_back(recorded: Recorded, silences: list[Silence], why: str) -> None:
    found = undoing(recorded, silences, [], NOW)
    assert isinstance(found, str)
    assert why in found


def test_it_can_be_taken_back_until_the_last_moment() -> None:
    recorded = _recorded("silence.create", ago=600.0, ends_at=NOW + 3500)
    assert isinstance(undoing(recorded, [OURS], [], NOW), Undoing)


def test_one_that_was_extended_ends_when_it_did_before() -> None:
    recorded = _recorded("silence.extend", ends_at=NOW + 3500, ended_at=NOW + 500, silence_id="new")
    found = undoing(recorded, [OURS], [_alert("A", NOW - 5)], NOW)
    assert isinstance(found, Undoing)
    assert (found.shorten, found.ends_at, found.expire, found.heard) == (OURS, NOW + 500, None, ())


def test_one_that_would_have_ended_by_now_without_the_extension_is_ended() -> None:
    recorded = _recorded("silence.extend", ends_at=NOW + 3500, ended_at=NOW - 5)
    alert = _alert("A", NOW - 5)
    found = undoing(recorded, [OURS], [alert], NOW)
    assert isinstance(found, Undoing)
    assert (found.shorten, found.expire, found.heard) == (None, OURS, (alert,))


@pytest.mark.parametrize("silences", [[EXPIRED], []])
def test_one_that_was_ended_is_made_again_for_what_was_left(silences: list[Silence]) -> None:
    found = undoing(_recorded("silence.expire", ended_at=NOW + 900, silence_id="new"), silences, [], NOW)
    assert isinstance(found, Undoing)
    assert found.again == Again("am", MATCHERS, NOW + 900, "OPS-7")
    assert (found.expire, found.shorten, found.heard) == (None, None, ())


def test_an_edit_is_taken_back_by_making_the_old_one_first() -> None:
    old = Silence("old", "am", "expired", (Matcher("text", "=", "x"),), "bob", "x [sc:bcdefghi]", NOW - 900, NOW - 100)
    both, only_new = _alert("Both", NOW - 5, text="x"), _alert("New", NOW - 5)
    recorded = _recorded("silence.create", ends_at=NOW + 3500, replaces="old", replaced_until=NOW + 1200)
    found = undoing(recorded, [OURS, old], [both, only_new], NOW)
    assert isinstance(found, Undoing)
    assert found.again == Again("am", old.matchers, NOW + 1200, "x")
    assert (found.expire, found.heard) == (OURS, (only_new,))
    without = undoing(_recorded("silence.create", ends_at=NOW + 3500, replaces="old"), [OURS, old], [], NOW)
    assert isinstance(without, Undoing)
    assert without.again is not None
    assert without.again.ends_at == OURS.ends_at
