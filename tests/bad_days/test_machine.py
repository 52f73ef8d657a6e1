"""Bad days of the machine and the terminal the console runs on."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path

from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.estate import MACHINE, REFRESH
from tests.bad_days.flipping import flipping, members
from tests.servers.debian import library

ASLEEP = 10.0
HOUR = 3600
MEMBERS = 1200
"""Of the fleet whose statuses change: it is asked every other second."""


def faked(clock: Path) -> dict[str, str]:
    """The environment of a console whose wall clock is off by the seconds in a file; its timers are left alone."""
    return {
        "LD_PRELOAD": str(library("libfaketimeMT.so.1")),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def clock_jumps(day: Day, seconds: int) -> None:
    """The wall clock of the console jumps and comes back after a while; the servers' clocks are right."""
    clock = day.folder / "clock"
    clock.write_text("+0")
    person = day.person(day.estate.config({"calm": day.calm.url}), env=faked(clock))
    person.sees("calm live")
    person.sees_figures_move("calm")
    person.forget_peak()
    clock.write_text(f"{seconds:+d}")
    expected = time.strftime("%H:%M", time.gmtime(time.time() + seconds))
    later = time.strftime("%H:%M", time.gmtime(time.time() + seconds + 60))
    person.sees_one_of(expected, later)
    # Remedy: queries and horizons are in the server's time (engine/server_clock.py); without it the row falls to stale
    # or stands still, and after the way back short windows are unknown.
    for _ in range(2):
        person.sees_figures_move("calm")
        assert not {"stale", "unknown"} & set(person.row("calm").split()), person.text
    person.keys_answer()
    person.press(b"S")
    day.result.sees = "S: " + person.sees("clock here is").strip()
    assert "1h" in day.result.sees
    person.press(b"q")
    person.no_longer_sees("clock here is")
    clock.write_text("+0")
    began = time.monotonic()
    person.sees_one_of(*(time.strftime("%H:%M", time.gmtime(time.time() + late)) for late in (0, 60)))
    person.sees_figures_move("calm")
    day.result.recovery = round(time.monotonic() - began, 1)
    for _ in range(2):
        person.sees_figures_move("calm")
        assert not {"stale", "unknown"} & set(person.row("calm").split()), person.text
    assert "calm live" in person.text
    day.ends_well(person)


@bad_day("The clock jumps an hour ahead", "it is set back")
def test_clock_ahead(day: Day) -> None:
    clock_jumps(day, HOUR)


@bad_day("The clock jumps an hour back", "it is set right")
def test_clock_back(day: Day) -> None:
    clock_jumps(day, -HOUR)


@bad_day("The machine is suspended for ten seconds", "it wakes up")
def test_suspended(day: Day) -> None:
    # Remedy: the terminal is taken once, however it was stopped (tui/driver.py); without it two threads read the
    # keys, the program does not end and the terminal stays raw.
    person = day.person(day.estate.config({"calm": day.calm.url}))
    person.sees("calm live")
    person.sees_figures_move("calm")
    person.forget_peak()
    before = person.figures("calm")
    threads = person.threads
    os.kill(person.pid, signal.SIGSTOP)
    time.sleep(ASLEEP)
    assert person.figures("calm") == before, "it really slept"
    person.clears_the_screen()
    began = time.monotonic()
    os.kill(person.pid, signal.SIGCONT)
    person.until(lambda: person.figures("calm") not in ([], before), "figures of now", REFRESH + MACHINE)
    day.result.recovery = round(time.monotonic() - began, 1)
    day.result.sees = "the old figures, then those of now"
    person.sees("calm live")
    person.sees("? keys")
    person.keys_answer()
    assert person.threads <= threads + 1, "no second reader of the keys"
    day.ends_well(person)


@bad_day("Twenty resizes a second for ten seconds", "the size stays")
def test_resizes(day: Day) -> None:
    # Remedy: nothing of ours keeps a size; all is drawn for the newest one (tui/screens/overview.py).
    person = day.person(day.estate.config({"calm": day.calm.url}))
    person.sees("calm live")
    person.sees_figures_move("calm")
    person.forget_peak()
    threads, files = person.threads, person.open_files
    sizes = itertools.cycle([(200, 50), (40, 10), (80, 24), (1, 1), (132, 43), (20, 5), (79, 23), (300, 90)])
    for _ in range(200):
        person.resize(*next(sizes))
        time.sleep(0.05)
    person.resize(120, 36)
    began = time.monotonic()
    person.sees("calm live")
    person.sees("? keys")
    day.result.recovery = round(time.monotonic() - began, 1)
    day.result.sees = "each size drawn; below 80x24 what it needs"
    person.sees_figures_move("calm")
    person.keys_answer()
    assert person.threads <= threads + 2
    assert person.open_files <= files + 4
    day.ends_well(person)


@bad_day("Five hundred status changes a second, for twenty seconds", "they end")
def test_many_changes(day: Day) -> None:
    # Remedy: changes are gathered into a few snapshots a second (engine/console.py), drawn where rows differ.
    with flipping(day, MEMBERS) as (url, flips):
        fleet = {"label": "service", "except": ["calm"], "slos": {"availability": members("flips")}}
        person = day.person(day.estate.config({"flips": url, "calm": day.calm.url}, fleets=[fleet]))
        person.sees("flips live")
        person.until(lambda: f"{MEMBERS + 1} PAGE" in person.text, "the fleet is there")
        person.forget_peak()
        flips.start()
        began = time.monotonic()
        seen = set()
        while time.monotonic() < began + 20:
            seen.add("PAGE" in person.row("s-0000"))
            time.sleep(0.1)
        changes = flips.turns * MEMBERS / (time.monotonic() - began)
        assert len(seen) == 2, "the status really changed on the screen"
        assert changes > 50, "how many it is depends on the machine: the page tells"
        person.keys_answer()
        person.sees_figures_move("calm")
        day.result.sees = f"statuses as they are ({changes:.0f} changes a second)"
        flips.stop()
        began = time.monotonic()
        person.until(lambda: f"{MEMBERS} ok" in person.text, "all well", 60)
        day.result.recovery = round(time.monotonic() - began, 1)
        person.keys_answer()
        day.ends_well(person)
