"""What paged: the alerts of the present to the minute, and weeks before that."""

from __future__ import annotations

from datetime import UTC

import pytest

from sreconsole.demo.alarms import Alarms
from sreconsole.demo.chores import PAST, Chores
from sreconsole.demo.pager import Page, Pager
from sreconsole.demo.story import Story

ORIGIN = 1_795_444_680
DAY, HOUR = 86_400, 3600


def story() -> Story:
    return Story(2, ORIGIN, UTC)


def pages(start: float, end: float, name: str = "") -> list[Page]:
    found = Pager(story()).between(start, end)
    return sorted((page for page in found if name in page.labels["alertname"]), key=lambda page: page.since)


def test_what_pages_now_is_what_the_alertmanager_says() -> None:
    alarms, pager = Alarms(story()), Pager(story())
    paged = 0
    for minute in range(0, 400, 7):
        at = ORIGIN + 60.0 * minute
        firing = {alarm.labels["alertname"] for alarm in alarms.at(at) if alarm.labels["severity"] == "page"}
        found = {page.labels["alertname"] for page in pager.between(at - 1, at) if page.since <= at < page.until}
        assert found == firing
        paged += bool(firing)
    assert paged > 20


def test_the_shift_begins_with_three_and_every_incident_is_one() -> None:
    assert [page.labels["service"] for page in pages(ORIGIN - 12 * HOUR, ORIGIN + 60)] == [
        *["search"] * 4,
        "notifications",
        "checkout",
    ]
    assert len(pages(ORIGIN, ORIGIN + 3 * HOUR, "CheckoutBurn")) >= 3


def test_outages_of_the_past_paged_when_they_burned() -> None:
    begun = ORIGIN - round(9.3 * 1440) * 60
    burned = pages(begun - DAY, begun + DAY, "CheckoutBurn")
    assert burned
    assert begun < burned[0].since < begun + 600


@pytest.mark.parametrize("seed", range(4))
def test_every_week_has_a_few_and_the_parts_are_the_whole(seed: int) -> None:
    pager = Pager(Story(seed, ORIGIN, UTC))
    for week in range(9):
        found = pager.between(ORIGIN - (week + 1) * 7 * DAY, ORIGIN - week * 7 * DAY)
        assert 2 <= len(found) <= 60
    whole = {(page.labels["alertname"], page.since) for page in pager.between(ORIGIN - 14 * DAY, ORIGIN)}
    parts = [pager.between(ORIGIN - (day + 1) * DAY, ORIGIN - day * DAY) for day in range(14)]
    assert {(page.labels["alertname"], page.since) for part in parts for page in part} == whole


def test_tickets_come_in_and_never_go() -> None:
    chores = Chores(story())
    counts = [chores.tickets(ORIGIN - PAST, ORIGIN - PAST + hour * HOUR) for hour in range(0, PAST // HOUR + 48, 5)]
    assert counts == sorted(counts)
    assert 10 < chores.tickets(ORIGIN - 7 * DAY, ORIGIN) < 25
    again = Chores(story())
    assert again.tickets(ORIGIN - 7 * DAY, ORIGIN) == chores.tickets(ORIGIN - 7 * DAY, ORIGIN)
