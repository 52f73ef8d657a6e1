"""ledger.db: what was saved comes back, merged by the rules; no row is believed whose checksum is wrong."""

from __future__ import annotations

import math
import sqlite3
from array import array
from pathlib import Path

import pytest

from sreconsole.ledger.chunks import EMPTY, SPAN, Held
from sreconsole.ledger.ledger_file import DAY, LedgerFile

T0 = 1_763_856_000
ID, ID2 = b"a" * 16, b"b" * 16
NAN = math.nan


def held(
    *totals: float,
    start: int = T0,
    width: int = 60,
    bad: float = 1.0,
    identity: bytes = ID,
    asked: float = 0.0,
) -> Held:
    return Held(identity, width, start, array("d", [bad] * len(totals)), array("d", totals), asked)


def known(ledger: LedgerFile, identity: bytes = ID, width: int = 60) -> dict[int, tuple[float, float]]:
    """What is held, by start of the bucket, without what was never asked for."""
    found = {}
    for run in ledger.load([identity], {width: 0}):
        for index, (bad, total) in enumerate(zip(run.bad, run.total, strict=True)):
            if total == total:
                found[run.start + index * width] = (bad, total)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "ledger.db"


def test_buckets_of_every_width_come_back_after_opening_anew(path: Path) -> None:
    ledger = LedgerFile.open(path)
    assert ledger.notice is None
    for width, span in SPAN.items():
        totals = [float(number) + 0.1 for number in range(3 * span)]
        ledger.save([held(*totals, start=T0 + 7 * width, width=width), held(5.0, width=width, identity=ID2)])
    ledger.close()
    again = LedgerFile.open(path)
    for width, span in SPAN.items():
        wanted = {T0 + (7 + number) * width: (1.0, float(number) + 0.1) for number in range(3 * span)}
        assert known(again, width=width) == wanted
        assert known(again, ID2, width) == {T0: (1.0, 5.0)}
    assert again.load([ID], {60: 0})[0].identity == ID
    assert again.load([b"c" * 16], {60: 0}) == []


def test_neighbouring_chunks_are_one_run_from_since_on(path: Path) -> None:
    ledger = LedgerFile.open(path)
    ledger.save([held(*[1.0] * 100)])
    (run,) = ledger.load([ID], {60: T0 + 33 * 60})
    assert run.start == T0 + 33 * 60
    assert list(run.total[:67]) == [1.0] * 67
    assert all(math.isnan(total) for total in run.total[67:])


def test_what_replaces_what(path: Path) -> None:
    ledger = LedgerFile.open(path)
    ledger.save([held(NAN, EMPTY, 3.0, 4.0, 5.0)])
    ledger.save([held(EMPTY, 2.0, EMPTY, NAN, 6.0)])
    ledger.save([held(NAN, math.inf, -7.0)])
    assert known(ledger) == {
        T0: (0.0, EMPTY),
        T0 + 60: (1.0, 2.0),
        T0 + 120: (1.0, 3.0),
        T0 + 180: (1.0, 4.0),
        T0 + 240: (1.0, 6.0),
    }


def test_saving_the_same_again_writes_nothing(path: Path) -> None:
    ledger = LedgerFile.open(path)
    ledger.save([held(1.0, 2.0, EMPTY, asked=T0)])
    before = ledger.store.path is not None and path.with_name("ledger.db-wal").read_bytes()
    ledger.save([held(1.0, 2.0, EMPTY, asked=T0)])
    assert path.with_name("ledger.db-wal").read_bytes() == before
    ledger.save([held(1.0, 2.5, EMPTY, asked=T0)])
    assert path.with_name("ledger.db-wal").read_bytes() != before


def test_the_time_of_asking_is_that_of_the_empty_bucket_asked_longest_ago(path: Path) -> None:
    ledger = LedgerFile.open(path)
    ledger.save([held(1.0, EMPTY, EMPTY, asked=T0)])
    ledger.save([held(EMPTY, start=T0 + 120, asked=T0 + 3600)])
    assert [run.asked for run in ledger.load([ID], {60: 0})] == [T0]
    ledger.save([held(EMPTY, EMPTY, start=T0 + 60, asked=T0 + 7200)])
    assert [run.asked for run in ledger.load([ID], {60: 0})] == [T0 + 7200]
    ledger.save([held(1.0, 1.0, start=T0 + 60)])
    assert [run.asked for run in ledger.load([ID], {60: 0})] == [0.0]


def test_consoles_side_by_side_add_to_one_another(path: Path) -> None:
    one, two = LedgerFile.open(path), LedgerFile.open(path)
    one.save([held(1.0, 2.0)])
    two.save([held(3.0, start=T0 + 120)])
    one.save([held(2.5, start=T0 + 60)])
    assert known(one) == known(two) == {T0: (1.0, 1.0), T0 + 60: (1.0, 2.5), T0 + 120: (1.0, 3.0)}


def test_damaged_rows_are_left_out_deleted_and_counted(path: Path) -> None:
    ledger = LedgerFile.open(path)
    span = 60 * SPAN[60]
    ledger.save([held(*[1.0] * SPAN[60] * 3)])
    ledger.put_facts({b"x": b"1"}, T0)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE chunks SET blob = zeroblob(length(blob)) WHERE start = ?", (T0 + span,))
        other.execute("UPDATE chunks SET asked = 'text' WHERE start = ?", (T0 + 2 * span,))
        other.execute("UPDATE facts SET value = x'32'")
    other.close()
    assert set(known(ledger)) == set(range(T0, T0 + span, 60))
    assert ledger.damaged == 2
    assert ledger.fact(b"x") is None
    assert known(ledger)
    assert ledger.damaged == 3
    ledger.save([held(*[2.0] * SPAN[60], start=T0 + span)])
    assert known(ledger)[T0 + span] == (1.0, 2.0)


def test_facts_are_kept_and_expire(path: Path) -> None:
    ledger = LedgerFile.open(path)
    ledger.put_facts({b"interval": b"15", b"dialect": b""}, T0)
    ledger.put_facts({b"interval": b"30"}, T0 + 1)
    ledger.put_facts({b"dialect": b""}, T0 + 30 * DAY)
    assert ledger.fact(b"interval") == b"30"
    assert ledger.fact(b"dialect") == b""
    assert ledger.fact(b"none") is None
    ledger.prune(T0 + 41 * DAY)
    assert ledger.fact(b"interval") is None
    assert ledger.fact(b"dialect") == b""


def test_what_no_window_asks_for_goes(path: Path) -> None:
    ledger = LedgerFile.open(path, reach={3600: 30 * DAY})
    for width in SPAN:
        ledger.save([held(1.0, width=width), held(1.0, width=width, start=T0 + 20 * DAY)])
        ledger.save([held(1.0, width=width, identity=ID2)])
    ledger.prune(T0 + 20 * DAY)
    assert set(known(ledger, width=60)) == {T0 + 20 * DAY}
    assert set(known(ledger, width=3600)) == {T0, T0 + 20 * DAY}
    ledger.prune(T0 + 35 * DAY)
    assert set(known(ledger, width=3600)) == {T0 + 20 * DAY}
    ledger.prune(T0 + 61 * DAY)
    assert known(ledger, width=3600) == {}


def test_a_series_that_nobody_touched_goes_whole(path: Path) -> None:
    ledger = LedgerFile.open(path, reach={3600: 100 * DAY})
    ledger.save([held(1.0, width=3600), held(1.0, width=3600, identity=ID2)])
    ledger.save([held(1.0, width=3600, start=T0 + 30 * DAY)])
    ledger.prune(T0 + 45 * DAY)
    assert set(known(ledger, width=3600)) == {T0, T0 + 30 * DAY}
    assert known(ledger, ID2, 3600) == {}
