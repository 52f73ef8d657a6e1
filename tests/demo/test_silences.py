"""The silences of the estate: those of its people, and what posting one does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from sreconsole.demo.silences import RETENTION, Hush, Silences, UnknownSilence
from sreconsole.demo.story import Story
from sreconsole.domain.selector import Matcher

ORIGIN = 1_795_444_680
STORY = Story(2, ORIGIN, UTC)
MINUTE, HOUR = 60, 3600
CHECKOUT = Hush("", (Matcher("service", "=", "checkout"),), ORIGIN - 10, ORIGIN + HOUR, "ana", "OPS-1")
LABELS = {"alertname": "CheckoutBurn", "service": "checkout"}
STUCK = {"alertname": "NotificationsQueueStuck", "queue": "email"}


def test_people_have_one_active_one_pending_and_one_expired_at_the_start() -> None:
    listed = Silences(STORY).listed(ORIGIN)
    assert [hush.state(ORIGIN) for hush in listed] == ["active", "pending", "expired"]
    assert listed[0].ends == ORIGIN + HOUR
    assert all(hush.comment.startswith("OPS-") and hush.updated <= ORIGIN for hush in listed)


def test_the_silence_of_a_page_ends_after_an_hour_and_returns_with_the_alert() -> None:
    silences = Silences(STORY)
    muted = [bool(silences.muting(STUCK, ORIGIN + minute * MINUTE)) for minute in (0, 59, 60, 74, 227, 228, 299, 300)]
    assert muted == [True, True, False, False, False, True, True, False]


def test_ids_are_the_same_for_everybody_and_different_from_each_other() -> None:
    mine, others = ([hush.id for hush in Silences(STORY).listed(ORIGIN + 10 * HOUR)] for _ in range(2))
    assert mine == others
    assert len(set(mine)) == len(mine) >= 5


def test_posting_mutes_at_once_and_begins_now_at_the_earliest() -> None:
    silences = Silences(STORY)
    assert silences.muting(LABELS, ORIGIN) == []
    id_ = silences.post(CHECKOUT, ORIGIN)
    assert silences.muting(LABELS, ORIGIN) == [id_]
    assert silences.muting({**LABELS, "service": "cart"}, ORIGIN) == []
    assert silences.get(id_, ORIGIN).starts == ORIGIN
    assert silences.muting(LABELS, CHECKOUT.ends) == []


def test_an_absent_label_is_empty() -> None:
    silences = Silences(STORY)
    id_ = silences.post(replace(CHECKOUT, matchers=(Matcher("team", "!=", "shop"),)), ORIGIN)
    assert silences.muting({}, ORIGIN) == [id_]
    assert silences.muting({"team": "shop"}, ORIGIN) == []


def test_posting_twice_makes_two() -> None:
    silences = Silences(STORY)
    assert silences.post(CHECKOUT, ORIGIN) != silences.post(CHECKOUT, ORIGIN)


def test_a_new_end_keeps_the_id_and_takes_the_new_author() -> None:
    silences = Silences(STORY)
    id_ = silences.post(CHECKOUT, ORIGIN)
    longer = replace(silences.get(id_, ORIGIN), ends=ORIGIN + 2 * HOUR, created_by="bea", starts=ORIGIN + 0.9)
    assert silences.post(longer, ORIGIN + 5) == id_
    kept = silences.get(id_, ORIGIN + 5)
    assert (kept.starts, kept.ends, kept.created_by, kept.updated) == (ORIGIN, ORIGIN + 2 * HOUR, "bea", ORIGIN + 5)


@pytest.mark.parametrize(
    "changed",
    [
        {"matchers": (Matcher("service", "=", "cart"),)},
        {"starts": ORIGIN - 60.0},
    ],
    ids=["other matchers", "another begin"],
)
def test_any_other_change_ends_the_old_one(changed: dict[str, object]) -> None:
    silences = Silences(STORY)
    id_ = silences.post(CHECKOUT, ORIGIN)
    other = silences.post(replace(silences.get(id_, ORIGIN), **changed), ORIGIN + 5)  # type: ignore[arg-type]
    assert other != id_
    assert silences.get(id_, ORIGIN + 5).ends == ORIGIN + 5
    assert silences.get(other, ORIGIN + 5).state(ORIGIN + 5) == "active"


def test_a_pending_one_moves_and_an_expired_one_becomes_another() -> None:
    silences = Silences(STORY)
    id_ = silences.post(replace(CHECKOUT, starts=ORIGIN + 60.0), ORIGIN)
    assert silences.post(replace(silences.get(id_, ORIGIN), starts=ORIGIN + 90.0), ORIGIN + 5) == id_
    assert silences.get(id_, ORIGIN).starts == ORIGIN + 90
    silences.expire(id_, ORIGIN + 10)
    ended = silences.get(id_, ORIGIN + 10)
    assert (ended.starts, ended.ends) == (ORIGIN + 10, ORIGIN + 10)
    silences.expire(id_, ORIGIN + 20)
    assert silences.get(id_, ORIGIN + 20) == ended
    assert silences.post(replace(ended, ends=ORIGIN + HOUR), ORIGIN + 30) != id_


def test_what_nobody_made_is_unknown() -> None:
    silences = Silences(STORY)
    for ask in (silences.get, silences.expire):
        with pytest.raises(UnknownSilence):
            ask("11111111-1111-4111-a111-111111111111", ORIGIN)
    with pytest.raises(UnknownSilence):
        silences.post(replace(CHECKOUT, id="x"), ORIGIN)


def test_ended_ones_are_forgotten_after_five_days() -> None:
    silences = Silences(STORY)
    id_ = silences.post(CHECKOUT, ORIGIN)
    assert id_ in [hush.id for hush in silences.listed(CHECKOUT.ends + RETENTION)]
    assert id_ not in [hush.id for hush in silences.listed(CHECKOUT.ends + RETENTION + 1)]
