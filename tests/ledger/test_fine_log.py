"""Fine buckets around status changes: written once, within bounds, out of older files and damaged ones."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.vicinity import Spans
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.chunks import EMPTY, Held
from sreconsole.ledger.fine import SPAN, Chunk, Fine, Part, add, checksum, cut, unpacked
from sreconsole.ledger.fine_log import DAY, KEPT, FineLog
from sreconsole.ledger.layout import make
from sreconsole.ledger.salvage import Found
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT, count_seal, rescue, seal

T0 = 1_763_856_000 // DAY * DAY
ID = b"i" * 16
ALWAYS: Spans = ((0, 1 << 40),)
NAN = math.nan


def held(width: int, start: int, totals: Iterable[float], identity: bytes = ID) -> Held:
    total = array("d", totals)
    return Held(identity, width, start, array("d", [0.0 if t != t or t < 0 else t / 4 for t in total]), total, 0.0)


def parts(*helds: Held, spans: Spans = ALWAYS, until: int = 1 << 40, interval: float = 15.0) -> list[Part]:
    return [part for each in helds for part in cut(Fine(each.identity, interval, [each]), spans, until)]


def opened(path: Path | None, **bounds: int) -> FineLog:
    return FineLog(Store.open(path, LAYOUT), **bounds)


def read(log: FineLog, *identities: bytes, until: float = 1e12) -> dict[tuple[int, int], tuple[float, float]]:
    found = log.load(identities or [ID], {60: 0, 300: 0}, until)
    return {
        (run.width, run.start + run.width * index): (run.bad[index], total)
        for fine in found.values()
        for run in fine.helds
        for index, total in enumerate(run.total)
        if total == total
    }


def test_what_was_kept_is_read_as_it_was_and_in_one_run(tmp_path: Path) -> None:
    log = opened(tmp_path / "h.db")
    totals = [float(n) + 0.1 for n in range(150)]
    assert log.keep(parts(held(60, T0 + 600, totals), held(300, T0, [5.0, EMPTY, 0.0])), T0) == 4
    again = opened(tmp_path / "h.db")
    (fine,) = again.load([ID, b"j" * 16], {60: 0, 300: 0}, 1e12).values()
    minutes, fives = fine.helds
    assert (fine.interval, minutes.start) == (15.0, T0)
    assert list(minutes.total)[10:160] == totals
    assert all(total != total for total in list(minutes.total)[:10])
    assert list(fives.total)[:3] == [5.0, EMPTY, 0.0]
    assert again.load([b"j" * 16], {60: 0}, 1e12) == {}


def test_what_is_there_is_not_written_again_whoever_brings_it(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "h.db"), opened(tmp_path / "h.db")
    some = parts(held(60, T0, [1.0] * 75))
    assert one.keep(some, T0) == 2
    assert [other.keep(some, T0), one.keep(some, T0)] == [0, 0]
    assert other.keep(parts(held(60, T0 + 4500, [2.0] * 15)), T0) == 1, "what became final since"
    assert read(one)[60, T0 + 4500] == (0.5, 2.0)


def test_a_value_replaces_empty_and_empty_replaces_nothing_known() -> None:
    log = opened(None)
    log.keep(parts(held(60, T0, [1.0, EMPTY, NAN, NAN])), T0)
    log.keep(parts(held(60, T0, [EMPTY, 3.0, EMPTY, NAN])), T0)
    assert [total for _, total in read(log).values()] == [1.0, 3.0, EMPTY]


def test_only_what_lies_within_the_spans_and_is_final_is_kept() -> None:
    found = parts(held(60, T0, [1.0] * 240), spans=((T0 + 3600, T0 + 10_800),), until=T0 + 9000)
    assert [(part.start, sum(t == t for t in part.total)) for part in found] == [(T0 + 3600, 60), (T0 + 7200, 30)]


def test_reading_goes_no_further_than_the_moment() -> None:
    log = opened(None)
    log.keep(parts(held(60, T0, [1.0] * 60)), T0)
    assert max(start for _, start in read(log, until=T0 + 630)) == T0 + 540
    assert read(log, until=T0 + 30) == {}


def test_a_day_holds_no_more_than_its_bound_which_is_said() -> None:
    log = opened(None, day_most=2000)
    names = [bytes([n]) * 16 for n in range(40)]
    many = [part for name in names for part in parts(held(60, T0, map(float, range(60)), name))]
    assert 0 < log.keep(many, T0) < 20
    assert "of 2025-11-23 take" in (log.note() or "")
    assert log.keep(parts(held(60, T0 + DAY, [1.0] * 60)), T0 + DAY) == 1, "the next day has room of its own"
    assert "2025-11-23" in (log.note() or "")
    log.keep(parts(held(60, T0 + 3 * DAY, [1.0] * 60)), T0 + 3 * DAY)
    assert log.note() is None


def test_when_there_is_too_much_the_oldest_days_go_which_is_said() -> None:
    log = opened(None, file_most=3000)
    for day in range(40):
        log.keep(parts(held(60, T0 + day * DAY, [float(n * n) for n in range(60)])), T0 + day * DAY)
    kept = {start // DAY for _, start in read(log)}
    assert 3 < len(kept) < 20
    assert max(kept) == T0 // DAY + 39
    assert "those before 2025-12-" in (log.note() or "")


def test_after_400_days_they_go() -> None:
    log = opened(None)
    log.keep(parts(held(60, T0, [1.0] * 60)), T0)
    log.keep(parts(held(60, T0 + KEPT, [2.0] * 60)), T0 + KEPT)
    assert len(read(log)) == 120
    log.keep(parts(held(60, T0 + KEPT + 3600, [2.0] * 60)), T0 + KEPT + 3600)
    assert {start for _, start in read(log)} == {T0 + KEPT + 60 * n for n in range(120)}


def test_a_thousand_slos_that_change_at_once_take_less_than_a_day_may() -> None:
    """48 hours of every minute and every five minutes, with counts that are no whole numbers."""
    log = opened(None)
    few = 20
    size = 0
    for number in range(few):
        name = number.to_bytes(16, "big")
        minutes = held(60, T0, [600 + 50 * math.sin(n * (number + 1)) for n in range(2880)], name)
        fives = held(300, T0, [3000 + 50 * math.sin(n * (number + 1)) for n in range(576)], name)
        log.keep(parts(minutes, fives), T0)
    with log._store.reading() as connection:
        size = connection.execute("SELECT sum(length(blob) + 48) FROM fine").fetchone()[0]
    assert size / few < 64_000, "an SLO takes less than 64 kB, a thousand less than two days may"
    assert log.note() is None


def test_a_row_that_is_not_what_was_written_is_not_used(tmp_path: Path) -> None:
    log = opened(tmp_path / "h.db")
    log.keep(parts(held(60, T0, [1.0] * 60), held(60, T0 + 3600, [1.0] * 60)), T0)
    with log._store.writing() as connection:
        connection.execute("UPDATE fine SET interval = 7 WHERE start = ?", (T0,))
    assert len(read(log)) == 60
    assert log.damaged == 1
    again = opened(tmp_path / "h.db")
    assert len(read(again)) == 60
    assert "was damaged" in (again._store.notice or "")


def chunk(totals: list[float]) -> Chunk:
    row = add(None, parts(held(60, T0, totals)))
    assert row is not None
    return row


def test_out_of_a_damaged_file_the_whole_row_is_taken_that_knows_most_where_the_newest_stands() -> None:
    less, more, other = chunk([1.0] * 15), chunk([1.0] * 45), chunk([1.0] * 59)
    spoilt = [more._replace(start=T0 + 60), more._replace(width=300), more._replace(identity=b"j" * 16),
              more._replace(interval=60.0), more._replace(blob=less.blob), more._replace(checksum=1)]  # fmt: skip
    found = [Found(tuple(row), True) for row in (*spoilt, less, more, less)] + [Found(tuple(other), False)]
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make(connection, LAYOUT)
    assert rescue(found, connection) == 1
    assert connection.execute("SELECT blob FROM fine").fetchall() == [(more.blob,)]
    connection.close()


@given(st.binary(max_size=40))
def test_a_row_with_any_bytes_in_it_is_one_of_ours_or_none(blob: bytes) -> None:
    row = (T0, 60, ID, 1.0, blob)
    values = unpacked(Chunk(*row, checksum(*row)))
    assert values is None or len(values) == 2 * SPAN[60]


VERSION_3 = """
CREATE TABLE counts (identity BLOB NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, bad REAL NOT NULL,
    total REAL NOT NULL, seen REAL NOT NULL, stamp INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (identity, width, start)) WITHOUT ROWID;
CREATE INDEX counts_stamp ON counts (stamp);
CREATE TABLE scrapes (scope BLOB PRIMARY KEY, at REAL NOT NULL, marks BLOB NOT NULL, members TEXT NOT NULL,
    checksum INTEGER) WITHOUT ROWID;
CREATE TABLE leases (scope BLOB PRIMARY KEY, token TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    started INTEGER NOT NULL, expires REAL NOT NULL, checksum INTEGER) WITHOUT ROWID;
CREATE TABLE changes (number INTEGER PRIMARY KEY, scope BLOB NOT NULL, at REAL NOT NULL, service TEXT NOT NULL,
    slo TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_key ON changes (scope, service, slo);
CREATE TABLE deploys (scope BLOB NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, seen REAL NOT NULL, status TEXT NOT NULL,
    service TEXT NOT NULL, environment TEXT NOT NULL, version TEXT NOT NULL, sha TEXT NOT NULL, body TEXT NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (scope, id)) WITHOUT ROWID;
PRAGMA application_id = 1397900616;
PRAGMA user_version = 3;
PRAGMA journal_mode = WAL
"""
"""A file as version 3 left it."""


def test_a_file_of_version_3_is_taken_along(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with sqlite3.connect(path, isolation_level=None) as old:
        for statement in VERSION_3.split(";"):
            old.execute(statement)
        bucket = (ID, 60, T0, 1.0, 2.0, 60.0)
        old.execute("INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, 1, ?)", (*bucket, count_seal(*bucket)))
        change = (ID, float(T0), "a", "b", "ok", "page", "why")
        old.execute("INSERT INTO changes VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", (*change, seal(*change)))
    old.close()
    log = opened(path)
    assert log.keep(parts(held(60, T0, [1.0] * 60)), T0) == 1
    assert log._store.notice is None
    assert [each.reason for each in ChangeLog(log._store).changes(0)] == ["why"]
    with log._store.reading() as connection:
        assert connection.execute("SELECT total FROM counts").fetchall() == [(2.0,)]
        assert connection.execute("PRAGMA user_version").fetchone() == (LAYOUT.version,) == (4,)
    assert len(read(opened(path))) == 60


@pytest.mark.parametrize("spoil", [b"\xff" * 8, bytes(4096)], ids=["head", "page"])
def test_rows_on_other_pages_outlive_a_page_and_rows_on_it_are_found_by_their_beginnings(
    tmp_path: Path, spoil: bytes
) -> None:
    path = tmp_path / "h.db"
    log = opened(path)
    for number in range(300):
        log.keep(parts(held(60, T0 + 3600 * number, [number + n % 7 / 8 + n / 1e6 for n in range(60)])), T0)
    log._store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(spoil)
    again = opened(path)
    found = read(again)
    assert all(int(total) == (start - T0) // 3600 for (_, start), (_, total) in found.items())
    assert len(found) == 60 * 300 if len(spoil) == 8 else 60 * 250 < len(found) < 60 * 300, len(found)
    assert "was damaged" in (again._store.notice or "")


def test_the_hours_of_changes_tell_when_each_slo_changed(tmp_path: Path) -> None:
    from sreconsole.domain.change import StatusChange
    from sreconsole.domain.slo import SloKey
    from sreconsole.domain.status import Status

    log = ChangeLog(Store.open(tmp_path / "h.db", LAYOUT))
    key = SloKey("a", "b")
    for number in range(50):
        status = (Status.OK, Status.PAGE)[number % 2]
        assert log.record_change(ID, StatusChange(key, None, status, T0 + 60 * number, ""))
    log.record_change(ID, StatusChange(key, None, Status.WARN, T0 + 5 * 3600, ""))
    found = log.moments(T0 + 60)
    assert {key: sorted(set(moments)) for key, moments in found.items()} == {
        (ID, key): [T0 + 60, T0 + 49 * 60, T0 + 5 * 3600]
    }
    assert log.moments(T0 + 6 * 3600) == {}
