"""Alerts find their services, and what did not change stays the same object."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sreconsole.config.model import PrometheusSource, Service
from sreconsole.domain.slo import Fleet, Slo
from sreconsole.domain.snapshot import ServiceState
from sreconsole.engine.alert_board import EXPIRED_FOR, AlertBoard
from sreconsole.engine.console import Console
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.book import Book
from tests.engine.estate import availability
from tests.engine.telling import Telling, alert, config, silence

SERVICES = (
    Service("shop", match={"team": "shop"}),
    Service("checkout", match={"service": "checkout", "team": "shop"}),
    Service("cart", match={"service": "cart", "team": "shop"}),
    Service("twin", match={"service": "cart", "region": "eu"}),
    Service("same", match={"team": "shop"}),
    Service("search", match={"service": "search"}),
    Service("nobody", match={}),
)
TIES = [
    ({"service": "search"}, "search"),
    ({"service": "search", "pod": "x", "team": "y"}, "search"),
    ({"team": "shop"}, "shop"),
    ({"team": "shop", "service": "checkout"}, "checkout"),
    ({"team": "shop", "service": "cart", "region": "eu"}, "cart"),
    ({"service": "cart", "region": "eu"}, "twin"),
    ({"service": "cart"}, None),
    ({"service": "Search"}, None),
    ({}, None),
]


async def services(*slos: Slo) -> tuple[ServiceState, ...]:
    """Members of fleets as the engine finds them: services that the config does not name."""
    measured = config(sources={"prom": PrometheusSource("prom", "http://127.0.0.1:1")})
    console = Console(measured, Book(), [Unasked("prom", "prometheus", slos)], lambda: 0.0)
    return (await console.once(1.0)).services


@pytest.mark.parametrize(("labels", "service"), TIES)
async def test_most_labels_then_config_order(labels: dict[str, str], service: str | None) -> None:
    board = AlertBoard(config(services=SERVICES), {"am": Telling(told=[alert("A", labels)])})
    assert await board.take([], 0.0)
    assert [one.service for one in board.alerts] == [service]


async def test_raw_labels_decide_not_those_for_people() -> None:
    alike = replace(alert("A", {"service": "sea\u200brch"}), labels={"alertname": "A", "service": "search"})
    board = AlertBoard(config(services=SERVICES), {"am": Telling(told=[alike, alert("B", {"service": "search"})])})
    await board.take([], 0.0)
    assert {one.name: one.service for one in board.alerts} == {"A": None, "B": "search"}


async def test_members_of_fleets_by_the_label_of_their_own_fleet() -> None:
    by_service = Fleet("service", (availability(""),))
    by_tenant = Fleet("tenant", (replace(availability(""), name="latency"),))
    feed = Telling(
        told=[
            alert("A", {"service": "pay"}),
            alert("B", {"tenant": "acme"}),
            alert("C", {"service": "acme"}),
            alert("D", {"service": "new"}),
            alert("E", {"service": "search", "x": "y"}),
        ]
    )
    board = AlertBoard(config(services=SERVICES, fleets=(by_service, by_tenant)), {"am": feed})
    known = await services(availability("pay"), replace(availability("acme"), name="latency"))
    await board.take(known, 0.0)
    tied = {"A": "pay", "B": "acme", "C": None, "D": None, "E": "search"}
    assert {one.name: one.service for one in board.alerts} == tied
    # A member that appears while running takes its alerts.
    assert await board.take((*known, *(await services(availability("new")))), 1.0)
    assert {one.name: one.service for one in board.alerts} == {**tied, "D": "new"}


async def test_what_notifies_comes_first_then_pages_then_the_newest() -> None:
    feed = Telling(
        told=[
            alert("silenced page", state="silenced", since=50.0),
            alert("old page", since=10.0),
            alert("warn", severity="warn", since=99.0),
            alert("new page", since=20.0),
            alert("pending page", state="pending"),
            alert("other", severity="other"),
        ]
    )
    board = AlertBoard(config(), {"am": feed})
    await board.take([], 0.0)
    names = [one.name for one in board.alerts]
    assert names == ["new page", "old page", "warn", "other", "silenced page", "pending page"]


async def test_what_did_not_change_stays_the_same_object() -> None:
    first, second = alert("A", {"service": "search"}), alert("B", {"service": "search"})
    one, other = Telling("am", told=[first]), Telling("am2", told=[second])
    one.quiet = (silence("s"),)
    board = AlertBoard(config(services=SERVICES), {"am": one, "am2": other})
    assert await board.take([], 0.0)
    alerts, silences = board.alerts, board.silences
    assert not await board.take([], 1.0)
    assert board.alerts is alerts
    one.told = (replace(first),)  # a new reading that says the same
    assert not await board.take([], 2.0)
    assert board.alerts is alerts
    other.told = (replace(second, state="silenced"),)
    assert await board.take([], 3.0)
    assert [(one.name, one.state) for one in board.alerts] == [("A", "firing"), ("B", "silenced")]
    assert any(board.alerts[0] is one for one in alerts)
    assert board.silences is silences


async def test_silences_by_what_is_next_and_the_ended_for_an_hour() -> None:
    feed = Telling()
    feed.quiet = (
        silence("ended", "expired", ends=50.0),
        silence("ended later", "expired", ends=90.0),
        silence("pending", "pending", starts=200.0, ends=900.0),
        silence("long", ends=800.0),
        silence("soon", ends=700.0),
    )
    board = AlertBoard(config(), {"am": feed})
    assert await board.take([], 100.0)
    assert [one.id for one in board.silences] == ["soon", "long", "pending", "ended later", "ended"]
    assert not await board.take([], 50.0 + EXPIRED_FOR)
    assert await board.take([], 51.0 + EXPIRED_FOR), "by the clock alone"
    assert [one.id for one in board.silences] == ["soon", "long", "pending", "ended later"]


async def test_only_firing_pages_count_as_paging() -> None:
    feed = Telling(
        told=[
            alert("silenced", {"service": "search"}, state="silenced"),
            alert("warning", {"service": "search"}, severity="warn"),
            alert("pending", {"service": "search"}, state="pending"),
            alert("foreign", {"service": "elsewhere"}),
        ]
    )
    board = AlertBoard(config(services=SERVICES), {"am": feed})
    await board.take([], 0.0)
    assert board.paging() == {}
    feed.told = (
        *feed.told,
        alert("old", {"service": "search"}, since=1.0),
        alert("new", {"service": "search"}, since=9.0),
    )
    await board.take([], 0.0)
    assert {service: one.name for service, one in board.paging().items()} == {"search": "new"}
