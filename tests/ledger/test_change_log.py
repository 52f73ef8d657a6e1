"""Status changes: recorded once however many consoles saw them, in the order of recording, whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.ledger.change_log import KEPT, ChangeLog
from sreconsole.ledger.history import History

T0 = 1_763_856_000.0
KEY, KEY2 = SloKey("checkout", "availability"), SloKey("Zahlung Ü", "latency")
SCOPE, OTHER = b"s" * 16, b"o" * 16


def change(after: Status, at: float = T0, key: SloKey = KEY, before: Status | None = None) -> StatusChange:
    return StatusChange(key, before, after, at, f"because {after.value}")


def test_changes_come_back_oldest_first_also_after_opening_anew(tmp_path: Path) -> None:
    history = History.open(tmp_path / "h.db")
    log = ChangeLog(history.store)
    assert log.record_change(SCOPE, change(Status.OK, before=Status.STALE))
    assert log.record_change(SCOPE, change(Status.PAGE, T0 + 10, before=Status.WARN))
    assert log.record_change(SCOPE, change(Status.WARN, T0 + 5, KEY2))
    history.close()
    again = ChangeLog(History.open(tmp_path / "h.db").store)
    assert again.changes(T0) == [
        change(Status.OK),
        change(Status.WARN, T0 + 5, KEY2),
        change(Status.PAGE, T0 + 10, before=Status.OK),
    ]
    assert again.changes(T0 + 5.1) == [change(Status.PAGE, T0 + 10, before=Status.OK)]
    assert again.changes(T0, [OTHER]) == []


def test_what_several_consoles_see_is_recorded_once(tmp_path: Path) -> None:
    logs = [ChangeLog(History.open(tmp_path / "h.db").store) for _ in range(3)]
    written = [log.record_change(SCOPE, change(Status.OK, T0 + n)) for n, log in enumerate(logs)]
    written += [log.record_change(SCOPE, change(Status.PAGE, T0 + 60 + n)) for n, log in enumerate(logs)]
    assert written == [True, False, False, True, False, False]
    assert logs[2].changes(0) == [change(Status.OK), change(Status.PAGE, T0 + 60, before=Status.OK)]


def test_the_same_names_measured_otherwise_do_not_mix(tmp_path: Path) -> None:
    log = ChangeLog(History.open(tmp_path / "h.db").store)
    assert log.record_change(SCOPE, change(Status.OK))
    assert log.record_change(OTHER, change(Status.OK, T0 + 1))
    assert log.changes(0, [OTHER]) == [change(Status.OK, T0 + 1)]
    assert len(log.changes(0)) == 2


def test_a_damaged_change_is_not_shown_but_counted_and_not_built_on(tmp_path: Path) -> None:
    log = ChangeLog(History.open(tmp_path / "h.db").store)
    log.record_change(SCOPE, change(Status.OK))
    log.record_change(SCOPE, change(Status.PAGE, T0 + 1))
    log.record_change(SCOPE, change(Status.OK, T0 + 2))
    with sqlite3.connect(tmp_path / "h.db") as other:
        other.execute("UPDATE changes SET reason = 'fine' WHERE at = ?", (T0 + 1,))
        other.execute("UPDATE changes SET after = 'warn' WHERE at = ?", (T0 + 2,))
    other.close()
    assert log.changes(0) == [change(Status.OK)]
    assert log.damaged == 2
    assert not log.record_change(SCOPE, change(Status.OK, T0 + 3))
    assert log.record_change(SCOPE, change(Status.WARN, T0 + 4))
    assert log.changes(T0 + 3) == [change(Status.WARN, T0 + 4, before=Status.OK)]


def test_changes_go_after_their_time(tmp_path: Path) -> None:
    log = ChangeLog(History.open(tmp_path / "h.db").store)
    log.record_change(SCOPE, change(Status.OK))
    log.record_change(SCOPE, change(Status.WARN, T0 + 10))
    log.record_change(SCOPE, change(Status.OK, T0 + KEPT + 5))
    assert [found.at for found in log.changes(0)] == [T0 + 10, T0 + KEPT + 5]
