"""Alerts roll up into services and the whole; what is not known of them is said, never taken for calm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sreconsole.config.model import AlertmanagerSource, Config, PrometheusSource, Service
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.domain.status import Status
from sreconsole.engine.console import Console
from sreconsole.engine.snapshots import PAST_ALERTS
from sreconsole.engine.unasked import Unasked
from sreconsole.errors import Denied, Unreachable
from sreconsole.ledger.book import Book
from tests.engine.estate import availability
from tests.engine.telling import Telling, alert, config, silence

AM = AlertmanagerSource("am", ("http://127.0.0.1:1",))
PROM = PrometheusSource("prom", "http://127.0.0.1:1")
PLAIN = Service("jobs", match={"service": "jobs"})
MEASURED = Service("checkout", (availability("checkout"),), match={"service": "checkout"})


class Engine:
    """A console over a metrics feed that knows nothing and sources of alerts that tell what they are told."""

    def __init__(self, *feeds: Telling, services: tuple[Service, ...] = (PLAIN,), metrics: bool = False) -> None:
        self.config: Config = config(
            sources={**({"prom": PROM} if metrics else {}), **{feed.name: AM for feed in feeds if feed.name != "prom"}},
            services=services,
        )
        made = [Unasked("prom", "prometheus", self.config.slos())] if metrics else []
        self.console = Console(self.config, Book(), made, lambda: 1000.0, feeds)

    async def ask(self) -> Snapshot:
        return await self.console.once(1.0)


def one(snapshot: Snapshot, name: str) -> ServiceState:
    (found,) = [service for service in snapshot.services if service.name == name]
    return found


async def test_a_service_without_slos_is_ok_once_every_source_has_answered() -> None:
    feed = Telling()
    engine = Engine(feed)
    first = engine.console.snapshot
    assert one(first, "jobs").status is Status.UNKNOWN
    after = await engine.ask()
    assert (one(after, "jobs").status, one(after, "jobs").reason) == (Status.OK, "no page alert of it fires")
    assert after.alerts_whole
    assert dict(after.missing) == {}


async def test_a_page_alert_makes_its_service_page_and_a_silence_takes_that_back() -> None:
    feed = Telling(told=[alert("JobStuck", {"service": "jobs"})])
    engine = Engine(feed, services=(PLAIN, MEASURED), metrics=True)
    snapshot = await engine.ask()
    assert (one(snapshot, "jobs").status, one(snapshot, "jobs").reason) == (Status.PAGE, "alert JobStuck fires")
    assert one(snapshot, "checkout").status is Status.UNKNOWN, "alerts of others are not its own"
    assert snapshot.status is Status.PAGE
    feed.told = (replace(feed.told[0], state="silenced", silenced_by=("s",)),)
    snapshot = await engine.ask()
    assert one(snapshot, "jobs").status is Status.OK
    assert snapshot.status is Status.UNKNOWN


async def test_a_page_alert_of_a_measured_service_leaves_its_slos_as_they_are() -> None:
    engine = Engine(Telling(told=[alert("Burn", {"service": "checkout"})]), services=(MEASURED,), metrics=True)
    snapshot = await engine.ask()
    service = one(snapshot, "checkout")
    assert (service.status, service.reason) == (Status.PAGE, "alert Burn fires")
    assert [report.status for report in service.slos] == [Status.UNKNOWN]
    assert snapshot.counts()[Status.PAGE] == 0, "counts are of SLOs"


async def test_a_page_alert_of_no_service_makes_the_whole_page_but_no_service() -> None:
    engine = Engine(Telling(told=[alert("Datacentre", {"dc": "eu1"})]))
    snapshot = await engine.ask()
    assert one(snapshot, "jobs").status is Status.OK
    assert snapshot.status is Status.PAGE


@pytest.mark.parametrize("severity", ["warn", "other"])
async def test_lesser_alerts_change_no_status(severity: str) -> None:
    feed = Telling(told=[alert("A", {"service": "jobs"}, severity=severity), alert("B", severity=severity)])
    assert (await Engine(feed).ask()).status is Status.OK


async def test_one_source_down_is_unknown_not_calm_and_named() -> None:
    well, down = Telling("am"), Telling("am2")
    down.error = Unreachable("nothing listens at http://am2")
    snapshot = await Engine(well, down).ask()
    assert not snapshot.alerts_whole
    assert one(snapshot, "jobs").status is Status.UNKNOWN
    assert one(snapshot, "jobs").reason == "its alerts are not known: am2: nothing listens at http://am2"
    assert snapshot.missing == {
        "alerts": "am2: nothing listens at http://am2",
        "silences": "am2: nothing listens at http://am2",
    }
    assert [source.state for source in snapshot.alert_sources] == ["live", "down"]


async def test_what_fired_when_a_source_was_last_heard_still_pages() -> None:
    feed = Telling(told=[alert("JobStuck", {"service": "jobs"})])
    engine = Engine(feed)
    await engine.ask()
    feed.error = Denied("wants other credentials")
    snapshot = await engine.ask()
    assert one(snapshot, "jobs").status is Status.PAGE
    assert one(snapshot, "jobs").reason == "alert JobStuck fired when am last answered"
    assert snapshot.alert_sources[0].state == "auth"
    assert [alert.name for alert in snapshot.alerts] == ["JobStuck"]


async def test_a_cluster_with_a_member_down_answers_for_all_of_it() -> None:
    feed = Telling()
    feed.partial, feed.parts = "1 of 2 members answer: x", (1, 2)
    snapshot = await Engine(feed).ask()
    assert snapshot.alerts_whole
    assert one(snapshot, "jobs").status is Status.OK
    assert (snapshot.sources[0].state, snapshot.sources[0].parts) == ("partial", (1, 2))


async def test_an_answer_that_lacks_alerts_is_not_whole() -> None:
    feed = Telling()
    feed.partial = "3 alerts cannot be read"
    snapshot = await Engine(feed).ask()
    assert not snapshot.alerts_whole
    assert one(snapshot, "jobs").status is Status.UNKNOWN
    assert snapshot.missing["alerts"] == "am: 3 alerts cannot be read"


async def test_without_a_source_of_alerts_nothing_is_said_of_a_service_without_slos() -> None:
    snapshot = await Engine().ask()
    assert one(snapshot, "jobs").status is Status.UNKNOWN
    assert snapshot.missing == {
        "alerts": "the config names no source of alerts",
        "silences": "the config names no source of alerts",
    }


async def test_silences_that_are_not_known_do_not_make_alerts_unknown() -> None:
    feed = Telling()
    feed.silences_missing = "silences are not known: refused"  # type: ignore[assignment]
    feed.partial, feed.parts = "silences are not known: refused", (1, 1)
    feed.quiet = (silence("s"),)
    snapshot = await Engine(feed).ask()
    assert snapshot.alerts_whole
    assert dict(snapshot.missing) == {"silences": "am: silences are not known: refused"}
    assert [silence.id for silence in snapshot.silences] == ["s"]


async def test_a_prometheus_asked_for_both_is_one_source_partial_when_only_alerts_fail() -> None:
    feed = Telling("prom", "prometheus")
    engine = Engine(feed, services=(PLAIN, MEASURED), metrics=True)
    snapshot = await engine.ask()
    assert [(source.name, source.state) for source in snapshot.sources] == [("prom", "live")]
    feed.error = Unreachable("no alerts here")
    snapshot = await engine.ask()
    assert [(source.name, source.state) for source in snapshot.sources] == [("prom", "partial")]
    assert snapshot.sources[0].error == "alerts: no alerts here"
    assert [source.state for source in snapshot.alert_sources] == ["down"]


async def test_without_a_prometheus_nobody_knows_the_alerts_of_the_past() -> None:
    feed = Telling()
    feed.quiet = (silence("s"),)
    made = config(sources={"am": AM}, services=(PLAIN,))
    snapshot = await Console(made, Book(), [], lambda: 50.0, [feed], past=True).once(1.0)
    assert not snapshot.alerts_whole
    assert snapshot.missing["alerts"] == PAST_ALERTS
    assert "silences" not in snapshot.missing
    assert [silence.id for silence in snapshot.silences] == ["s"]
    assert one(snapshot, "jobs").status is Status.UNKNOWN
    assert one(snapshot, "jobs").reason == PAST_ALERTS
    (source,) = snapshot.sources
    assert (source.state, source.error, source.last_good) == ("unasked", None, None)
    assert source.notes == (PAST_ALERTS,)


async def test_of_the_past_a_prometheus_tells_the_alerts_and_an_alertmanager_who_was_silenced() -> None:
    prom, am = Telling("prom", "prometheus"), Telling()
    prom.told = (alert("Burn", {"service": "jobs", "a": "b"}, source="prom"), alert("Other", source="prom"))
    made = config(sources={"prom": PROM, "am": AM}, services=(PLAIN,))
    console = Console(made, Book(), [], lambda: 50.0, [prom, am], past=True)
    snapshot = await console.once(1.0)
    assert one(snapshot, "jobs").status is Status.PAGE
    am.quiet = (silence("s"),)
    snapshot = await console.snapshots.make()
    assert [(found.name, found.state, found.source, found.silenced_by) for found in snapshot.alerts] == [
        ("Other", "firing", "prom", ()),
        ("Burn", "silenced", "am", ("s",)),
    ]
    assert [silence.mutes_now for silence in snapshot.silences] == [1]
    assert one(snapshot, "jobs").status is Status.OK
    prom.told = (*prom.told, alert("Third", {"a": "b"}, source="prom"))
    snapshot = await console.snapshots.make()
    assert [silence.mutes_now for silence in snapshot.silences] == [2], "those judged before are counted again"
