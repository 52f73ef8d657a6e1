"""Rows out of damaged files: only whole ones, the newest of each, nothing from pages that are in use no more."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.ledger.history import History, Scrape
from sreconsole.ledger.layout import make
from sreconsole.ledger.salvage import Found, Pages, Value, decode, salvage
from sreconsole.ledger.tables import LAYOUT, count_seal, rescue, seal
from sreconsole.ledger.wal import frames, survey
from tests.ledger.test_kills import old_history

ID, SCOPE = b"i" * 16, b"s" * 16


def count(total: float, seen: float, stamp: int, live: bool = True) -> Found:
    check = count_seal(ID, 60, 120, 0.0, total, seen)
    return Found((ID, 60, 120, 0, total, seen, stamp, check), live)


def scrape(at: float, live: bool = True) -> Found:
    return Found((SCOPE, at, b"marks", "[]", seal(SCOPE, at, b"marks", "[]")), live)


def rescued(*found: Found) -> tuple[int, sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make(connection, LAYOUT)
    return rescue(found, connection), connection


def test_of_a_bucket_the_version_counts_that_stands_where_the_newest_does() -> None:
    stale = [count(9, 60.0, 999, live=False), count(2, 30.0, 9), count(4, 60.0, 2)]
    carried, new = rescued(count(5, 60.0, 3), count(6, 60.0, 4), *stale)
    assert carried == 1
    assert new.execute("SELECT total, seen, stamp FROM counts").fetchall() == [(6.0, 60.0, 4)]
    new.close()
    carried, new = rescued(count(9, 60.0, 1, live=False), count(8, 60.0, 2, live=False))
    assert new.execute("SELECT total FROM counts").fetchall() == [(8.0,)]
    new.close()


def test_rows_that_are_not_what_was_written_are_not_taken() -> None:
    good = count(5, 60.0, 1)
    spoilt = [
        Found((*good.values[:index], other, *good.values[index + 1 :]), True)
        for index, other in [(0, b"j" * 16), (0, None), (1, 300), (2, "text"), (3, 1), (4, 6), (5, 59.0), (7, 1)]
    ]
    change: tuple[Value, ...] = (SCOPE, 1.0, "service", "slo", "ok", "page", "why")
    spoilt += [Found((None, *change[:-1], "why not", seal(*change)), True), Found((1, 2, 3), True), Found((), True)]
    spoilt += [Found((SCOPE, 7.0, b"other", "[]", seal(SCOPE, 7.0, b"marks", "[]")), True)]
    carried, new = rescued(*spoilt)
    assert carried == 0
    new.close()
    carried, new = rescued(good, Found((None, *change, seal(*change)), False))
    assert carried == 2
    assert new.execute("SELECT at, after, reason FROM changes").fetchall() == [(1.0, "page", "why")]
    new.close()


def test_where_to_go_on_from_is_taken_only_where_it_is_the_newest() -> None:
    carried, new = rescued(scrape(10.0), scrape(12.0), scrape(15.0, live=False))
    assert carried == 1
    assert new.execute("SELECT at FROM scrapes").fetchall() == [(12.0,)]
    new.close()


def test_pages_that_are_free_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    old_history(path, 3000)
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM counts")
    other.close()
    data = path.read_bytes()
    pages = Pages(lambda offset, size: data[offset : offset + size], len(data), 4096, b"")
    assert len(pages.free()) > 30
    assert not any(len(found.values) == 8 and found.live for found in salvage(pages))


def test_a_row_of_several_pages_is_put_together(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    marks = bytes(range(256)) * 100
    with sqlite3.connect(path) as other:
        for statement in LAYOUT.schema.split(";"):
            other.execute(statement)
        row = (SCOPE, 1.5, marks, "[]")
        other.execute("INSERT INTO scrapes VALUES (?, ?, ?, ?, ?)", (*row, seal(*row)))
    other.close()
    data = path.read_bytes()
    found = salvage(Pages(lambda offset, size: data[offset : offset + size], len(data), 4096, b""))
    assert (*row, seal(*row)) in {one.values for one in found if len(one.values) == 5}


@given(st.binary(max_size=300), st.integers(0, 300))
def test_anything_may_be_decoded(data: bytes, start: int) -> None:
    decode(data, start)


NUMBERS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
VALUES = st.one_of(NUMBERS, st.binary(max_size=99), st.text(max_size=50))


@given(st.lists(VALUES, min_size=1, max_size=12))
def test_a_record_of_sqlite_is_decoded_as_it_reads_it(values: list[Value]) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'c{n}' for n in range(len(values)))})")
        connection.execute(f"INSERT INTO t VALUES ({', '.join('?' for _ in values)})", values)
        data = connection.serialize()
    connection.close()
    pages = Pages(lambda offset, size: data[offset : offset + size], len(data), 4096, b"")
    assert tuple(values) in {found.values for found in salvage(pages)}


@given(st.binary(max_size=9000), st.sampled_from((512, 4096)))
def test_any_log_may_be_looked_at(data: bytes, size: int) -> None:
    header = struct.pack(">8I", 0x377F0682, 3007000, size, 0, 1, 2, 3, 4)
    for log in (data, header + data):
        assert survey(log, size).committed >= len(frames(log, size))


def test_a_whole_log_is_found_as_sqlite_finds_it(tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.db")
    assert history.scrape(SCOPE) is None
    with history.store.writing() as connection:
        row = (SCOPE, 1.0, bytes(20_000), "[]")
        connection.execute("INSERT INTO scrapes VALUES (?, ?, ?, ?, ?)", (*row, seal(*row)))
    data = (tmp_path / "history.db-wal").read_bytes()
    found = frames(data, 4096)
    assert found
    assert all(frame.sound for frame in found)
    assert [frame.commit for frame in found][-1]
    with history.store.reading() as connection:
        assert connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1] == survey(data, 4096).committed
    assert history.scrape(SCOPE) == Scrape(1.0, bytes(20_000), "[]")
