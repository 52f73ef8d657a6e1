"""Bad days of a Prometheus, beside another one that stays well."""

from __future__ import annotations

import time

from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.estate import Prometheus
from tests.bad_days.person import Person


def watched(day: Day) -> tuple[Prometheus, Person]:
    """A console on both, all well."""
    victim = day.estate.prometheus("victim")
    person = day.person(day.estate.config({"victim": victim.url, "calm": day.calm.url}))
    person.sees("victim live")
    person.sees("calm live")
    person.sees_figures_move("victim")
    person.forget_peak()
    return victim, person


def others_live(day: Day, person: Person) -> None:
    """The other source goes on, the keys answer, the last good values of the victim are still there."""
    person.sees_figures_move("calm")
    person.keys_answer()
    assert "calm live" in person.text
    assert person.figures("victim"), person.text


@bad_day("Prometheus is killed", "started again with its data")
def test_prometheus_killed(day: Day) -> None:
    # Remedy: a failure is a state of one poller, with a back-off of its own (engine/polling.py).
    victim, person = watched(day)
    victim.kill()
    person.sees("victim down")
    day.result.sees = person.failure("victim")
    assert "nothing listens at" in day.result.sees
    others_live(day, person)
    day.recovers(person, "victim live", victim.start())
    person.sees_figures_move("victim")
    person.no_longer_sees("victim: ")
    day.ends_well(person)


@bad_day("Prometheus is killed and loses its data", "started again, empty")
def test_prometheus_without_data(day: Day) -> None:
    # Remedy: final buckets are kept; what the server lost is not asked for over and over (engine/prometheus_feed.py).
    victim, person = watched(day)
    victim.kill()
    victim.forget()
    person.sees("victim down")
    day.result.sees = person.failure("victim")
    others_live(day, person)
    day.recovers(person, "victim live", victim.start())
    person.sees_figures_move("victim")
    day.ends_well(person)


@bad_day("Prometheus freezes (SIGSTOP)", "continues (SIGCONT)")
def test_prometheus_frozen(day: Day) -> None:
    # Remedy: the time limits of every exchange (sources/wire.py); without them the source says live for ever.
    victim, person = watched(day)
    victim.freeze()
    person.sees("victim down")
    day.result.sees = person.failure("victim")
    assert "sends nothing for" in day.result.sees or "no whole answer" in day.result.sees
    others_live(day, person)
    day.recovers(person, "victim live", victim.thaw())
    person.sees_figures_move("victim")
    day.ends_well(person)


@bad_day("Every source is down when the console starts", "they come up one after the other")
def test_all_down_at_start(day: Day) -> None:
    # Remedy: rows are there before any answer (engine/snapshots.py) and every source has a poller of its own.
    first, second = (day.estate.prometheus(name, started=False) for name in ("first", "second"))
    person = day.person(day.estate.config({"first": first.url, "second": second.url}))
    day.result.sees = person.failure("first")
    person.failure("second")
    assert "nothing listens at" in day.result.sees
    assert "unknown" in person.row("first"), "the rows are there with their names, unknown"
    person.keys_answer()
    person.forget_peak()
    began = first.start()
    person.sees("first live", within=90)
    day.result.recovery = round(time.monotonic() - began, 1)
    assert "second down" in person.text
    person.sees_figures_move("first")
    day.recovers(person, "second live", second.start())
    person.sees_figures_move("second")
    day.ends_well(person)
