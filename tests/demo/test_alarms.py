"""The alerts of the estate: they follow the story, and there is one of every state a console must show."""

from __future__ import annotations

import itertools
from datetime import UTC

from sreconsole.demo.alarms import Alarm, Alarms
from sreconsole.demo.scenes import EVERY
from sreconsole.demo.story import Story

ORIGIN = 1_795_444_680
STORY = Story(2, ORIGIN, UTC)
MINUTE, HOUR, DAY = 60, 3600, 86_400


def active(at: float, alarms: Alarms | None = None) -> dict[str, Alarm]:
    return {alarm.labels["alertname"]: alarm for alarm in (alarms or Alarms(STORY)).at(at)}


def burn(service: str, slo: str, width: int, at: float) -> float:
    track = STORY.tracks[service, slo]
    (bad, total), (bad_before, before) = track.counters(at), track.counters(at - width)
    return (bad - bad_before) / (total - before) / track.promise.budget


def test_the_page_of_checkout_fires_exactly_while_it_burns() -> None:
    alarms, seen = Alarms(STORY), set()
    for at in range(ORIGIN, ORIGIN + (EVERY + 10) * MINUTE, 15):
        rates = [burn("checkout", "availability", width, at) for width in (HOUR, 5 * MINUTE, 6 * HOUR, 30 * MINUTE)]
        fires = min(rates[:2]) > 14.4 or min(rates[2:]) > 6
        assert (active(at, alarms).get("CheckoutBurn") is not None) == fires, at - ORIGIN
        seen.add(fires)
    assert seen == {True, False}


def test_it_is_active_since_the_first_evaluation_in_a_row_whoever_asks_when() -> None:
    late = ORIGIN + 5 * MINUTE
    since = active(late)["CheckoutBurn"].since
    assert min(burn("checkout", "availability", width, since) for width in (HOUR, 5 * MINUTE)) > 14.4
    assert min(burn("checkout", "availability", width, since - 15) for width in (HOUR, 5 * MINUTE)) <= 14.4
    alarms = Alarms(STORY)
    for at in (late + MINUTE, ORIGIN, late, ORIGIN + 2 * MINUTE):
        assert active(at, alarms)["CheckoutBurn"].since == since


def test_the_slow_burn_has_a_ticket_for_days() -> None:
    alarm = active(ORIGIN)["SearchLatencyBurn"]
    assert alarm.labels["severity"] == "ticket"
    assert DAY < ORIGIN - alarm.since < 5 * DAY


def test_one_flaps_about_every_minute_and_never_at_the_same_beat() -> None:
    alarms = Alarms(STORY)
    states = [(at, "CacheMissesHigh" in active(at, alarms)) for at in range(ORIGIN, ORIGIN + 20 * MINUTE, 3)]
    turns = [at for (_, before), (at, now) in itertools.pairwise(states) if now != before]
    lasting = [after - before for before, after in itertools.pairwise(turns)]
    assert 17 <= len(turns) <= 23
    assert all(15 <= seconds <= 105 for seconds in lasting)
    assert len(set(lasting)) > 5


def test_what_else_stands_there_at_the_start_and_how_it_is_tied() -> None:
    found = active(ORIGIN + 40)
    assert found["NotificationsQueueStuck"].labels["severity"] == "page"
    assert found["NotificationsLagHigh"].labels["severity"] == "ticket"
    assert found["BackupTooOld"].labels["job"] == "backup"
    assert not {"service", "job"} & set(found["DiskFillsIn4Hours"].labels)
    assert found["Watchdog"].labels["severity"] == "none"
    assert ORIGIN - found["Watchdog"].since > 10 * DAY
    for alarm in found.values():
        assert alarm.annotations["summary"]
        assert alarm.since <= ORIGIN + 40
        assert list(alarm.labels) == sorted(alarm.labels)
    for name in ("CheckoutBurn", "NotificationsQueueStuck", "BackupTooOld"):
        assert found[name].annotations["runbook_url"].startswith("https://runbooks.example/")
        assert found[name].annotations["dashboard_url"].startswith("https://grafana.example/")


def test_alerts_come_back_after_hours_and_end_in_between() -> None:
    assert "NotificationsQueueStuck" not in active(ORIGIN + 80 * MINUTE)
    again = active(ORIGIN + 240 * MINUTE)["NotificationsQueueStuck"]
    assert again.since == ORIGIN + 215 * MINUTE
