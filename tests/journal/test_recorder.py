"""What is written is there, with what came of it, for everybody; and it says where it is."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.config.model import Journal as Settings
from sreconsole.journal.journal import Journal, JournalFailed
from sreconsole.journal.opening import open_journal, writer_name
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.sqlite_journal import SqliteStore
from tests.journal.entries import ANA, T0, entry, journal, numbers, outcome, raw


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = journal(tmp_path)
    yield made
    made.close()


def test_an_entry_comes_back_as_it_was_written(recorder: Recorder) -> None:
    written = entry(
        1, since=T0 - 60, until=T0 + 600, tags=("db", "ops"), facts={"minutes": 5, "deep": {"a": [1, None]}}
    )
    recorder.write(written)
    (found,) = recorder.read(0)
    assert found.entry == written
    assert (found.outcome, found.writer, found.seq) == (None, recorder.writer, 1)
    ended = outcome(1, answer="200 OK", facts={"silence_id": "5f-a"})
    recorder.ended(ended)
    (found,) = recorder.read(0)
    assert (found.entry, found.outcome) == (written, ended)
    assert recorder.state is None
    assert recorder.verify() == []


def test_it_is_read_by_the_time_it_speaks_of_and_by_kind(recorder: Recorder) -> None:
    recorder.write(entry(1, kind="note", since=T0 - 900, until=T0 - 300))
    recorder.write(entry(2, kind="toil", since=T0 - 100))
    recorder.write(entry(3))
    assert numbers(recorder) == [1, 2, 3]
    assert [r.entry.id[-1] for r in recorder.read(T0 - 400)] == ["1", "2", "3"]
    assert [r.entry.id[-1] for r in recorder.read(T0 - 200)] == ["2", "3"]
    assert [r.entry.id[-1] for r in recorder.read(0, T0 - 500)] == ["1"]
    assert [r.entry.id[-1] for r in recorder.read(0, kinds=["toil", "note"])] == ["1", "2"]


def test_what_was_settled_stands_before_what_was_not_known(recorder: Recorder) -> None:
    recorder.write(entry(1))
    recorder.ended(outcome(1, "unknown", at=T0 + 90))
    assert recorder.read(0)[0].outcome == outcome(1, "unknown", at=T0 + 90)
    recorder.ended(outcome(1, "done", at=T0 + 30))  # by a host whose clock is behind
    assert recorder.read(0)[0].outcome == outcome(1, "done", at=T0 + 30)


def test_newer_tells_what_others_wrote_and_what_came_of_it(tmp_path: Path, recorder: Recorder) -> None:
    recorder.write(entry(1))
    rows, cursor = recorder.newer(None)
    assert rows == []
    other = journal(tmp_path)
    other.write(entry(2))
    rows, cursor = recorder.newer(cursor)
    assert [(r.entry.id[-1], r.outcome) for r in rows] == [("2", None)]
    assert recorder.newer(cursor) == ([], cursor)
    other.ended(outcome(1))
    other.close()
    rows, cursor = recorder.newer(cursor)
    assert [(r.entry, r.outcome) for r in rows] == [(entry(1), outcome(1))]


def test_a_thousand_at_once_are_told_in_parts(tmp_path: Path, recorder: Recorder) -> None:
    _, cursor = recorder.newer(None)
    other = SqliteStore(tmp_path / "journal.db")
    writer = journal(tmp_path, other)
    for number in range(1, 1101):
        other.put([writer._chain.following(_body(number))])
        writer._chain.take(writer._chain.following(_body(number)))
    told = []
    while True:
        rows, cursor = recorder.newer(cursor)
        if not rows:
            break
        told += [int(r.entry.id[3:]) for r in rows]
    assert told == list(range(1, 1101))
    other.close()


def _body(number: int) -> str:
    from sreconsole.journal.body import of_entry

    return of_entry(entry(number))


def test_a_full_row_is_there_or_none(recorder: Recorder, tmp_path: Path) -> None:
    with pytest.raises(JournalFailed, match="cannot be written down"):
        recorder.write(entry(1, since=float("nan")))
    recorder.write(entry(2))
    assert numbers(recorder) == [2]
    assert recorder.verify() == []


def test_the_file_takes_no_changes(recorder: Recorder, tmp_path: Path) -> None:
    recorder.write(entry(1))
    hand = raw(tmp_path / "journal.db")
    copy = "INSERT OR REPLACE INTO record SELECT * FROM record"
    for statement in ("UPDATE record SET body = ''", "DELETE FROM record", copy, copy.replace("REPLACE", "FAIL")):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            hand.execute(statement)
    hand.close()
    assert numbers(recorder) == [1]


def test_secrets_and_controls_do_not_come_in(recorder: Recorder) -> None:
    facts = {
        "request": "curl -H 'Authorization: Bearer abcdefgh12345' http://ana:secret@am/api",
        "matchers": ['token="abc"'],
        "odd": float("nan"),
        "set": frozenset({"b", "a"}),
        "object": Path("/x"),
    }
    recorder.write(entry(1, text="done\x1b[31m\u202e", facts=facts))
    recorder.ended(outcome(1, answer="password=hunter2"))
    (found,) = recorder.read(0)
    assert found.entry.text == "done␛⟨U+202E⟩"
    assert found.entry.facts["matchers"] == ['token="abc"']
    assert (found.entry.facts["odd"], found.entry.facts["set"], found.entry.facts["object"]) == (None, ["a", "b"], "/x")
    assert "secret" not in str(found.entry.facts["request"])
    assert "abcdefgh12345" not in str(found.entry.facts["request"])
    assert found.outcome is not None
    assert found.outcome.answer == "password=***"


def test_what_is_far_too_long_is_cut(recorder: Recorder, tmp_path: Path) -> None:
    recorder.write(entry(1, text="x" * 100_000, facts={"long": "y" * 50_000, "many": ["z" * 10_000] * 1000}))
    (found,) = recorder.read(0)
    assert len(found.entry.text) == 4000
    assert sum(len(part) for part in found.entry.facts["many"]) < 110_000  # type: ignore[misc,attr-defined]


def test_what_a_newer_writer_says_is_shown_as_far_as_we_know_it(recorder: Recorder, tmp_path: Path) -> None:
    recorder.write(entry(1))
    body = '{"id":"01Z","kind":"gate.override","written_at":1795000100,"mood":"good","text":"a\\u001bb","facts":[1]}'
    later = '{"entry":"01Z","ending":"postponed","at":1795000200}'
    store = SqliteStore(tmp_path / "journal.db")
    other = journal(tmp_path, store)
    for text in (body, later):
        row = other._chain.following(text)
        store.put([row])
        other._chain.take(row)
    store.close()
    _, second = recorder.read(0)
    assert (second.entry.kind, second.entry.text, second.entry.facts) == ("gate.override", "a␛", {})
    assert second.outcome is not None
    assert second.outcome.ending == "unknown"
    assert recorder.verify() == []


def test_nothing_is_made_until_something_is_written(home: Path) -> None:
    state = home / ".local" / "state" / "sreconsole"
    made: Journal = open_journal(Settings(), state, ANA, T0)
    assert (made.read(0), made.newer(None)[0], made.verify(), made.state) == ([], [], [], None)
    assert not state.exists()
    assert made.writer.startswith(f"bastion-2:{os.getpid()}:1795000000:")
    made.write(entry(1))
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in state.iterdir()} == {
        "journal.db": 0o600,
        "journal.db-wal": 0o600,
        "journal.db-shm": 0o600,
    }
    made.close()
    assert [p.name for p in state.iterdir()] == ["journal.db"]


def test_without_a_home_it_says_so() -> None:
    made = open_journal(Settings(), None, ANA, T0)
    with pytest.raises(JournalFailed, match="no place"):
        made.write(entry(1))
    assert (made.read(0), made.newer(None)[0]) == ([], [])
    made.close()


def test_every_start_has_a_name_of_its_own() -> None:
    names = {writer_name("host\x1b", 1, T0, os.urandom(5)) for _ in range(100)}
    assert len(names) == 100
    assert all("\x1b" not in name for name in names)


def test_reading_is_by_index_and_polling_reads_nothing(tmp_path: Path, recorder: Recorder) -> None:
    recorder.write(entry(1))
    hand = raw(tmp_path / "journal.db")
    plans = {
        "SELECT * FROM record WHERE kind <> 'outcome' AND ended >= 5 ORDER BY ended, place": "USING INDEX record_time",
        "SELECT * FROM record WHERE entry IN ('a', 'b')": "USING INDEX record_entry",
        "SELECT * FROM record WHERE place > 7 ORDER BY place LIMIT 9": "USING INTEGER PRIMARY KEY",
        "SELECT 1 FROM record WHERE writer = 'a' AND seq = 1": "USING COVERING INDEX",
        "SELECT coalesce(max(place), 0) FROM record": "SEARCH record",
    }
    for query, how in plans.items():
        (plan,) = hand.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
        assert how in plan[3], query
    hand.close()


def test_what_does_not_say_when_is_refused(recorder: Recorder) -> None:
    for odd in (entry(1, written_at=1e300), entry(1, id=""), entry(1, until=float("inf"))):
        with pytest.raises(JournalFailed, match="cannot be written down"):
            recorder.write(odd)
    with pytest.raises(JournalFailed, match="cannot be written down"):
        recorder.ended(outcome(1, at=float("nan")))
    recorder.write(entry(1))
    assert recorder.verify() == []
