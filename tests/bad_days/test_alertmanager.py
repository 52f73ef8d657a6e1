"""Bad days of an Alertmanager, beside a Prometheus that stays well."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.estate import own_port
from tests.bad_days.person import Person
from tests.servers.alertmanager import AlertmanagerServer

BURN = {"alertname": "CalmBurn", "service": "calm", "severity": "page"}
MANY = 10_000


@contextmanager
def watched(day: Day) -> Iterator[tuple[AlertmanagerServer, Person]]:
    """A console on both, all well, one alert firing."""
    with AlertmanagerServer(day.folder / "am", port=own_port()) as server:
        server.fire(BURN)
        am = {"kind": "alertmanager", "urls": [server.url]}
        person = day.person(day.estate.config({"am": am, "calm": day.calm.url}))
        person.sees("am live")
        person.sees("CalmBurn")
        person.sees_figures_move("calm")
        person.forget_peak()
        yield server, person


def others_live(person: Person) -> None:
    """The SLOs go on, the keys answer, the last known alert is still there, and nobody says that there are none."""
    person.sees_figures_move("calm")
    person.keys_answer()
    assert "calm live" in person.text
    assert "CalmBurn" in person.text
    assert "no alerts" not in person.text.lower()


@bad_day("Alertmanager is killed", "started again; its alerts are gone, others fire")
def test_alertmanager_killed(day: Day) -> None:
    # Remedy: alerts stay as last told; "no alerts" needs an answer of every source (engine/alert_board.py).
    with watched(day) as (server, person):
        server.kill()
        person.sees("am down")
        day.result.sees = person.failure("am")
        assert "nothing listens at" in day.result.sees
        others_live(person)
        server.start()
        began = time.monotonic()
        server.fire({**BURN, "alertname": "Afterwards"})
        day.recovers(person, "Afterwards", began)
        person.sees("am live")
        person.no_longer_sees("CalmBurn")
        day.ends_well(person)


@bad_day("Alertmanager is killed and loses its silences", "started again, empty")
def test_alertmanager_without_data(day: Day) -> None:
    # Remedy: as above; silences are believed until an answer comes without them.
    with watched(day) as (server, person):
        server.silence([("service", "=", "calm")], comment="reindexing OPS-7")
        person.sees("OPS-7")
        server.kill()
        for path in (server.datadir / "data").iterdir():
            path.unlink()
        person.sees("am down")
        day.result.sees = person.failure("am")
        others_live(person)
        assert "OPS-7" in person.text, "what was silenced is not shown as firing because nobody answers"
        server.start()
        began = time.monotonic()
        server.fire(BURN)
        day.recovers(person, "am live", began)
        person.no_longer_sees("OPS-7")
        person.sees("CalmBurn")
        day.ends_well(person)


@bad_day("Alertmanager freezes (SIGSTOP)", "continues (SIGCONT)")
def test_alertmanager_frozen(day: Day) -> None:
    # Remedy: the time limits of every exchange (sources/wire.py).
    with watched(day) as (server, person):
        server.freeze()
        person.sees("am down")
        day.result.sees = person.failure("am")
        assert "sends nothing for" in day.result.sees or "no whole answer" in day.result.sees
        others_live(person)
        began = time.monotonic()
        os.kill(server.pid, signal.SIGCONT)
        day.recovers(person, "am live", began)
        person.sees("CalmBurn")
        day.ends_well(person)


@bad_day("Ten thousand alerts fire", "they end")
def test_ten_thousand_alerts(day: Day) -> None:
    # Remedy: alerts are decoded in turns with the screen, and only what was told anew (sources/turns.py).
    day.memory_limit = 250.0
    with watched(day) as (server, person):
        alerts = [
            {"alertname": f"Flood{number % 50}", "service": f"s{number}", "severity": "warn", "pod": f"pod-{number}"}
            for number in range(MANY)
        ]
        for start in range(0, MANY, 500):
            server.fire(*alerts[start : start + 500], annotations={"summary": "it is too much " * 5})
        person.until(lambda: "10001" in person.text or "10,001" in person.text, "all of them counted", 120)
        day.result.sees = person.sees("10001").strip()
        assert "CalmBurn" in person.text, "the page stands first"
        person.keys_answer()
        person.sees_figures_move("calm", 60)
        steady = person.memory
        time.sleep(10)
        assert person.memory < steady + 40, "it does not grow from answer to answer"
        person.keys_answer()
        for start in range(0, MANY, 500):
            server.resolve(*alerts[start : start + 500])
        began = time.monotonic()
        day.recovers(person, " 1 firing", began, 90)
        day.ends_well(person)
