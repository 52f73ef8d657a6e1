"""Bad days of what several consoles on one host share."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bad_days.cases import bad_day
from tests.bad_days.conftest import Day
from tests.bad_days.estate import LONGEST_BACK_OFF, Restless, slo


@bad_day("Four consoles on one ledger, the one that scrapes is killed (SIGKILL)", "another takes over")
def test_four_consoles(day: Day) -> None:
    # Remedy: a lease that ends with its holder (ledger/lease.py), and transactions (ledger/store.py).
    with Restless("local") as target:
        past = day.folder / "past.jsonl"
        past.write_text("".join(minutes("local", 60)))
        local: dict[str, Any] = {"kind": "scrape", "targets": [target.url], "interval": "1s", "history": str(past)}
        services = {"local": {"slos": {"availability": slo("local", "local")}},
                    "calm": {"slos": {"availability": slo("calm", "calm")}}}  # fmt: skip
        config = day.estate.config({"local": local, "calm": day.calm.url}, services=services)
        first = day.person(config)
        first.sees("local live")
        first.until(lambda: first.figures("local"), "figures of the scraped service")
        others = [day.person(config) for _ in range(3)]
        for person in others:
            person.sees("calm live")
            person.until(lambda person=person: person.figures("local"), "figures somebody else scraped")  # type: ignore[misc]
            person.forget_peak()
        asked = target.asked
        os.kill(first.pid, signal.SIGKILL)
        began = time.monotonic()
        first.terminal.process.wait()
        for person in others:
            person.sees_figures_move("calm")
            person.keys_answer()
        others[0].until(lambda: target.asked > asked + 3, "somebody scrapes again", LONGEST_BACK_OFF)
        day.result.recovery = round(time.monotonic() - began, 1)
        day.result.sees = others[0].row("local").strip()
        for person in others:
            person.until(lambda person=person: "local live" in person.text, "live again", 60)  # type: ignore[misc]
            assert person.figures("local"), person.text
        for person in others:
            day.ends_well(person)
        assert_whole(day.folder / "home")
        late = day.person(config)
        late.until(lambda: late.figures("local"), "what the others had learned")
        late.leaves()


def minutes(service: str, count: int) -> Iterator[str]:
    """The last minutes of a service as lines of a history file, so that there are figures at once."""
    now = int(time.time() // 60) * 60
    for start in range(now - count * 60, now, 60):
        line = {"service": service, "slo": "availability", "start": start, "width": 60, "bad": 2, "total": 1000}
        yield json.dumps(line) + "\n"


def assert_whole(home: Path) -> None:
    """Every database the consoles left is intact."""
    found = list(home.rglob("*.db"))
    assert found
    for path in found:
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
        database.close()
