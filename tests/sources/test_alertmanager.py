"""Alertmanager read for real: Debian's server alone, with a prefix, and as a cluster of two."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from sreconsole.domain.selector import Matcher
from sreconsole.errors import Unreachable
from sreconsole.sources import alertmanager
from sreconsole.sources.alert_reading import AlertReading
from sreconsole.sources.alertmanager import Alertmanager
from sreconsole.sources.fingerprint import fingerprint
from tests.servers.alertmanager import AlertmanagerServer, cluster
from tests.sources.alerting import cluster_of, failure, named, read

CHECKOUT = {"alertname": "CheckoutBurn", "service": "checkout", "severity": "page"}
SEARCH = {"alertname": "SearchSlow", "service": "search", "severity": "warn", "dc": "eu1"}
DATACENTRE = {"alertname": "Datacentre", "dc": "eu1", "severity": "page"}
NIGHTS = {"alertname": "Batch", "team": "nights", "severity": "info"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with AlertmanagerServer(tmp_path_factory.mktemp("alone")) as running:
        yield running


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[list[AlertmanagerServer]]:
    with cluster(tmp_path) as members:
        yield members


@pytest.fixture
async def asked(pair: list[AlertmanagerServer]) -> AsyncIterator[Alertmanager]:
    async with cluster_of(*(member.url for member in pair)) as made:
        yield made


async def until(asked: Alertmanager, wanted: Callable[[AlertReading], bool]) -> AlertReading:
    """The first reading that is as wanted."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = await asked.read(time.time())
        if wanted(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"never seen; the last was {found}")


async def test_a_server_that_just_began_knows_nothing_and_says_so(tmp_path: Path) -> None:
    with AlertmanagerServer(tmp_path) as fresh:
        found = await read(fresh.url)
    assert found == AlertReading(parts=(1, 1))


async def test_one_alert_in_two_groups_is_one_alert_with_both(server: AlertmanagerServer) -> None:
    server.fire(
        CHECKOUT,
        annotations={"summary": "burning", "runbook_url": "https://ana:hunter22@runbooks.example/checkout"},
        startsAt="2026-11-23T03:00:00Z",
        generatorURL="http://prom.example/graph?g0.expr=up",
    )
    found = named(await read(server.url), "CheckoutBurn")
    assert (found.state, found.severity, found.source) == ("firing", "page", "am")
    assert found.receivers == ("chat", "pager")
    assert sorted(found.groups, key=str) == [{"alertname": "CheckoutBurn"}, {"service": "checkout"}]
    assert found.since == 1_795_402_800.0
    assert found.labels == found.raw == CHECKOUT
    assert found.labels is found.raw, "nothing was cleaned, so nothing is held twice"
    assert found.annotations == {"summary": "burning", "runbook_url": "https://runbooks.example/checkout"}
    assert (found.runbook, found.dashboard) == ("https://runbooks.example/checkout", None)
    assert found.generator == "http://prom.example/graph?g0.expr=up"


async def test_the_fingerprint_of_the_server_is_ours(server: AlertmanagerServer) -> None:
    server.fire(CHECKOUT, {"alertname": "Odd", "message": 'Größe "5\\n" 𝄞\ttab', "zz": "é"}, NIGHTS)
    found = (await read(server.url)).alerts
    assert {"CheckoutBurn", "Odd", "Batch"} <= {alert.name for alert in found}
    assert [alert.fingerprint for alert in found] == [fingerprint(alert.raw) for alert in found]


async def test_silenced_pending_and_expired(server: AlertmanagerServer) -> None:
    server.fire(CHECKOUT, SEARCH)
    active = server.silence([("service", "=", "checkout"), ("severity", "=~", "page|critical")], comment="OPS-7 deploy")
    later = server.silence([("service", "!=", "checkout"), ("dc", "!~", "us.*")], author="ben", starts=600, ends=1200)
    over = server.silence([("service", "=", "search")])
    server.expire(over)
    found = await read(server.url)
    alert = named(found, "CheckoutBurn")
    assert (alert.state, alert.silenced_by) == ("silenced", (active,))
    assert named(found, "SearchSlow").state == "firing"
    silences = {silence.id: silence for silence in found.silences}
    assert silences[active].state == "active"
    assert silences[active].matchers == (
        Matcher("service", "=", "checkout"),
        Matcher("severity", "=~", "page|critical"),
    )
    assert (silences[active].created_by, silences[active].comment) == ("ana", "OPS-7 deploy")
    assert silences[active].ends_at - silences[active].starts_at == pytest.approx(3600, abs=2)
    assert silences[active].mutes_now == 1
    assert (silences[later].state, silences[later].created_by) == ("pending", "ben")
    assert silences[later].matchers == (Matcher("service", "!=", "checkout"), Matcher("dc", "!~", "us.*"))
    assert silences[later].mutes_now == 0
    assert silences[over].state == "expired"
    server.expire(active)
    server.expire(later)
    assert named(await read(server.url), "CheckoutBurn").state == "firing"


async def test_inhibited_names_the_alert_that_does_it(server: AlertmanagerServer) -> None:
    server.fire(SEARCH)
    server.fire(DATACENTRE)
    found = await read(server.url)
    alert = named(found, "SearchSlow")
    assert (alert.state, alert.inhibited_by) == ("inhibited", (named(found, "Datacentre").fingerprint,))
    silence = server.silence([("alertname", "=", "SearchSlow")])
    both = named(await read(server.url), "SearchSlow")
    assert both.state == "silenced", "a person's doing is told before a rule's"
    assert (both.silenced_by, both.inhibited_by) == ((silence,), alert.inhibited_by)
    server.expire(silence)
    server.resolve(DATACENTRE)
    assert named(await read(server.url), "SearchSlow").state == "firing"


async def test_a_resolved_alert_is_gone_and_an_unchanged_answer_is_the_same_object(server: AlertmanagerServer) -> None:
    server.fire(CHECKOUT, NIGHTS)
    async with cluster_of(server.url) as asked:
        first = await asked.read(time.time())
        again = await asked.read(time.time())
        assert again.alerts is first.alerts
        assert again.silences is first.silences
        server.fire(NIGHTS)  # sent anew: only times differ that nobody is shown
        touched = await asked.read(time.time())
        assert touched.alerts is first.alerts
        server.resolve(NIGHTS)
        later = await asked.read(time.time())
    assert [alert.name for alert in later.alerts if alert.name == "Batch"] == []
    assert named(later, "CheckoutBurn") is named(first, "CheckoutBurn")


async def test_below_a_prefix(tmp_path: Path) -> None:
    with AlertmanagerServer(tmp_path, prefix="/alertmanager") as server:
        server.fire(CHECKOUT)
        assert (await read(server.url)).parts == (1, 1)
        # Mimir's place, of which people write the host alone.
        bare = server.url.removesuffix("/alertmanager")
        assert named(await read(bare, flavour="mimir"), "CheckoutBurn")
        error = await failure(bare)
    assert "no Alertmanager API at" in str(error)
    assert "prefix" in str(error)


async def test_two_members_are_one_source(pair: list[AlertmanagerServer], asked: Alertmanager) -> None:
    for member in pair:
        member.fire(CHECKOUT)
    pair[0].fire(NIGHTS)  # alerts are not gossiped: Prometheus reached only this one
    pair[1].fire(SEARCH)
    ident = pair[0].silence([("service", "=", "checkout")])
    found = await until(asked, lambda reading: named(reading, "CheckoutBurn").silenced_by == (ident,))
    assert sorted(alert.name for alert in found.alerts) == ["Batch", "CheckoutBurn", "SearchSlow"]
    both = await until(asked, lambda reading: named(reading, "CheckoutBurn").state == "silenced")
    assert [(silence.id, silence.mutes_now) for silence in both.silences] == [(ident, 1)]
    assert (both.partial, both.parts) == (None, (2, 2))
    pair[1].expire(ident)
    over = await until(asked, lambda reading: reading.silences[0].state == "expired")
    assert len(over.silences) == 1


async def test_a_member_killed_is_said_and_comes_back(pair: list[AlertmanagerServer], asked: Alertmanager) -> None:
    for member in pair:
        member.fire(CHECKOUT)
    assert (await asked.read(time.time())).parts == (2, 2)
    pair[0].kill()
    found = await asked.read(time.time())
    assert named(found, "CheckoutBurn").state == "firing"
    assert found.parts == (1, 2)
    assert found.partial is not None
    assert found.partial.startswith("1 of 2 members answer: ")
    assert pair[0].url in found.partial
    pair[0].start()
    back = await asked.read(time.time())
    assert (back.partial, back.parts) == (None, (2, 2))
    assert named(back, "CheckoutBurn").state == "firing", "the other member still has it"
    for member in pair:
        member.kill()
    with pytest.raises(Unreachable, match="none of 2 members answers: nothing listens at") as caught:
        await asked.read(time.time())
    first, second = (member.url for member in pair)
    assert first in str(caught.value)
    assert f"nothing listens at {second}" in caught.value.detail
    assert f"nothing listens at {first}" not in caught.value.detail, "what the sentence says is not said again"
    pair[1].start()
    alone = await asked.read(time.time())
    assert alone.parts == (1, 2)
    assert alone.alerts == (), "it forgot them, and nobody else is there"


async def test_a_frozen_member_holds_up_nobody_for_long(
    pair: list[AlertmanagerServer], asked: Alertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alertmanager, "GRACE", 0.2)
    pair[1].fire(CHECKOUT)
    pair[0].freeze()
    try:
        found = await asked.read(time.time())
        monkeypatch.setattr(alertmanager, "GRACE", 60.0)
        # It is left alone for a while: were it asked, this would wait for it.
        again = await asyncio.wait_for(asked.read(time.time()), 30.0)
    finally:
        pair[0].thaw()
    for reading in (found, again):
        assert named(reading, "CheckoutBurn").state == "firing"
        assert reading.parts == (1, 2)
        assert f"{pair[0].url} has not answered 0.2s after the others" in (reading.partial or "")
    for member in asked._members:
        member.spared_until = 0.0
    back = await until(asked, lambda reading: reading.parts == (2, 2))
    assert back.partial is None


async def test_a_flood_that_ended_leaves_no_text(asked: Alertmanager, pair: list[AlertmanagerServer]) -> None:
    flood = [{"alertname": "Flood", "pod": f"pod-{number}"} for number in range(1_000)]
    for member in pair:
        member.fire(*flood)
    full = await until(asked, lambda found: len(found.alerts) == len(flood))
    pod = full.alerts[0].labels["pod"]
    assert asked._texts.name(pod) is pod
    for member in pair:
        member.resolve(*flood)
    await until(asked, lambda found: not found.alerts)
    await asked.read(time.time())
    again = "".join(list(pod))
    assert asked._texts.name(again) is again, "made anew"
