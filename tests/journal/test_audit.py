"""Whoever edits, removes or adds rows by hand is found out; what was lost is said."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.journal.audit import faults
from sreconsole.journal.body import Columns, columns, of_entry, of_outcome
from sreconsole.journal.recorder import Recorder
from sreconsole.journal.row import Chain, Row, seal
from tests.journal.entries import entry, journal, numbers, outcome, raw


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    """Ten entries of one start."""
    made = journal(tmp_path, name="one")
    for number in range(1, 11):
        made.write(entry(number))
    assert made.verify() == []
    yield made
    made.close()


def by_hand(folder: Path, *statements: str) -> None:
    """What somebody with a shell can do."""
    hand = raw(folder / "journal.db")
    for trigger in ("update", "delete", "replace"):
        hand.execute(f"DROP TRIGGER record_{trigger}")
    for statement in statements:
        assert hand.execute(statement).rowcount
    hand.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE record SET body = replace(body, 'OPS-4', 'OPS-5') WHERE seq = 4", "row 4 of one (entry ending)"),
        ("UPDATE record SET kind = 'note' WHERE seq = 4", "row 4 of one (entry ending) was changed: it is not filed"),
        ("UPDATE record SET ended = 0 WHERE seq = 10", "row 10 of one (entry ending) was changed: it is not filed"),
        ("UPDATE record SET hash = zeroblob(32) WHERE seq = 4", "row 4 of one (entry ending) was changed after"),
        ("UPDATE record SET body = 'x' WHERE seq = 4", "row 4 of one (entry ending) cannot be read"),
        ("UPDATE record SET writer = 'two' WHERE seq = 4", "row 4 of one is not here: removed, or"),
        ("DELETE FROM record WHERE seq = 4", "place 4 is empty: what stood there was removed"),
        ("DELETE FROM record WHERE seq IN (4, 5)", "rows 4 to 5 of one are not here: removed, or still waiting"),
        ("DELETE FROM record WHERE seq = 1", "row 1 of one is not here: removed, or"),
        ("DELETE FROM record WHERE seq > 8", "rows 9 to 10 of this start are not here any more"),
    ],
)
def test_what_was_done_by_hand_is_said(tmp_path: Path, recorder: Recorder, statement: str, said: str) -> None:
    by_hand(tmp_path, statement)
    found = [sentence.replace("0" * 21, "").replace("(entry 01J", "(entry ") for sentence in recorder.verify()]
    wanted = said.split("ending)")
    assert any(all(part in sentence for part in wanted) for sentence in found), found


def test_the_newest_rows_are_missed_by_others_too(tmp_path: Path, recorder: Recorder) -> None:
    by_hand(tmp_path, "DELETE FROM record WHERE seq > 8")
    other = journal(tmp_path)
    assert [found for found in other.verify() if "removed" in found] == [
        "places 9 to 10 are empty: what stood there was removed"
    ]
    other.close()


def test_a_file_that_lost_everything_is_said(tmp_path: Path, recorder: Recorder) -> None:
    for path in tmp_path.glob("journal.db*"):
        path.unlink()
    recorder.write(entry(11))
    assert numbers(recorder) == [11]
    assert recorder.verify() == ["rows 1 to 10 of one are not here: removed, or still waiting at the host"]


@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_any_single_change_is_found(dice: random.Random, length: int) -> None:
    """Three writers whose rows stand in any order; then one thing is changed."""
    chains = [Chain(name) for name in ("a", "b", "c")]
    rows: list[Row] = []
    for number in range(1, length + 1):
        chain = dice.choice(chains)
        body = of_entry(entry(number)) if dice.random() < 0.7 else of_outcome(outcome(number))
        row = chain.following(body)
        chain.take(row)
        rows.append(replace(row, place=number))
    assert faults(rows) == []
    at = dice.randrange(length)
    row = rows[at]
    other = of_entry(entry(999))
    changed = dice.choice(
        [
            replace(row, body=other),
            replace(row, body=other, columns=columns(other)),
            replace(row, hash=bytes(32)),
            replace(row, writer="d"),
            replace(row, seq=row.seq + 1000),
            replace(row, columns=Columns(*row.columns[:3], 0.0)),
        ]
    )
    assert faults([*rows[:at], changed, *rows[at + 1 :]])
    if at < length - 1:
        assert faults([*rows[:at], *rows[at + 1 :]])


def test_a_row_that_was_sealed_anew_breaks_the_chain_behind_it() -> None:
    chain, rows = Chain("a"), []
    for number in range(1, 6):
        row = chain.following(of_entry(entry(number)))
        chain.take(row)
        rows.append(replace(row, place=number))
    body = of_entry(entry(3, text="somebody else's words"))
    rows[2] = replace(rows[2], body=body, hash=seal(rows[1].hash, "a", 3, body))
    (said,) = faults(rows)
    assert said.startswith("row 4 of a")
