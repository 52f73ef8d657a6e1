"""Buckets that went into the ledger in memory are not held a second time beside it."""

from __future__ import annotations

import math
from array import array

import pytest

from sreconsole.domain.slo import SloKey
from sreconsole.engine.kept import Kept
from sreconsole.engine.lacking import lacking
from sreconsole.ledger.book import HOUR, Book
from sreconsole.ledger.chunks import EMPTY, Held
from sreconsole.sources.base import Grid

KEY = SloKey("checkout", "availability")
NOW = 1_000 * HOUR
COUNT = 100
START = NOW - COUNT * HOUR
GAPS = {7: EMPTY, 8: math.nan, 60: math.nan}


def _kept(gaps: dict[int, float]) -> Kept:
    total = array("d", (gaps.get(number, 10.0) for number in range(COUNT)))
    return Kept(b"name", [Held(b"name", HOUR, START, array("d", [1.0]) * COUNT, total, NOW)])


@pytest.mark.parametrize("gaps", [{}, GAPS])
def test_what_was_put_is_told_as_before(gaps: dict[int, float]) -> None:
    kept, book, grid = _kept(gaps), Book(), Grid(START - 5 * HOUR, NOW, HOUR)
    until, lacks = kept.until(), lacking(kept.buckets, grid, NOW)
    kept.put(book, KEY)
    assert kept.until() == until
    assert lacking(kept.buckets, grid, NOW) == lacks
    bad, total, seen = book.entry(KEY).rings[HOUR].columns(START, COUNT, 1)
    assert seen == [float(number not in gaps) for number in range(COUNT)]
    assert (sum(bad), sum(total)) == pytest.approx((COUNT - len(gaps), 10 * (COUNT - len(gaps))))


def test_no_bucket_is_held_twice() -> None:
    many = [_kept({}) for _ in range(50)]
    book = Book()
    for number, kept in enumerate(many):
        kept.put(book, SloKey("checkout", str(number)))
    held = [column for kept in many for run in kept.buckets for column in (run.bad, run.total)]
    assert sum(map(len, {id(column): column for column in held}.values())) <= COUNT
