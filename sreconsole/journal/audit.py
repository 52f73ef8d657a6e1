"""Whether rows stand there as they were written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sreconsole.domain.cleaning import clean
from sreconsole.journal.body import OUTCOME, columns
from sreconsole.journal.row import START, Row, seal


def faults(rows: Iterable[Row], waiting: Iterable[Row] = (), reached: int = 0) -> list[str]:
    """What is wrong with all rows of a file, in the order of their places, a sentence each.

    `waiting`: rows that will come to it, so that they are not missed. `reached`: the newest place there ever was."""
    found: list[str] = []
    writers: dict[str, list[Row]] = defaultdict(list)
    intents: set[str] = set()
    before = 0
    for row in rows:
        if row.place > before + 1:
            found.append(f"{_span('place', before + 1, row.place - 1)} empty: what stood there was removed")
        before = row.place
        writers[row.writer].append(row)
        found += _inside(row)
        if row.columns.kind != OUTCOME:
            if row.columns.entry in intents:
                found.append(f"{_name(row)}: there is another entry {row.columns.entry}")
            intents.add(row.columns.entry)
    if reached > before:
        found.append(f"{_span('place', before + 1, reached)} empty: what stood there was removed")
    for row in waiting:
        if row.writer in writers and all(row.seq != there.seq for there in writers[row.writer]):
            writers[row.writer].append(row)
    for chain in writers.values():
        found += _links(sorted(chain, key=lambda row: row.seq))
    return found


def lost(delivered: Iterable[Row], rows: Iterable[Row]) -> list[str]:
    """What was delivered and does not stand among the rows as it was."""
    there = {(row.writer, row.seq): row.hash for row in rows}
    return [
        f"{_name(row)} was delivered and is not here as it was"
        for row in delivered
        if there.get((row.writer, row.seq)) != row.hash
    ]


def _inside(row: Row) -> list[str]:
    """Whether what a row is looked up by is what it says."""
    try:
        same = columns(row.body) == row.columns
    except ValueError as error:
        return [f"{_name(row)} cannot be read ({error})"]
    return [] if same else [f"{_name(row)} was changed: it is not filed under what it says"]


def _links(chain: list[Row]) -> list[str]:
    """Whether each row of a writer follows the one before; the rows behind a gap can no longer be told."""
    found = []
    seq, previous = 0, START
    for row in chain:
        if row.seq != seq + 1:
            gap, verb = _span("row", seq + 1, row.seq - 1).rsplit(" ", 1)
            found.append(f"{gap} of {clean(row.writer, 120)} {verb} not here: removed, or still waiting at the host")
        elif seal(previous, row.writer, row.seq, row.body) != row.hash:
            found.append(f"{_name(row)} was changed after it was written")
        seq, previous = row.seq, row.hash
    return found


def _name(row: Row) -> str:
    return f"row {row.seq} of {clean(row.writer, 120)} (entry {clean(row.columns.entry, 40)})"


def _span(what: str, first: int, last: int) -> str:
    return f"{what} {first} is" if first == last else f"{what}s {first} to {last} are"
