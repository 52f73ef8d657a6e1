"""Buckets that went into the ledger in memory are not held a second time beside it."""

from __future__ import annotations

import math
from array import array
from types import SimpleNamespace
from typing import cast

import pytest

from sreconsole.domain.slo import SloKey
from sreconsole.engine.backfill import Backfill
from sreconsole.engine.keeping import Keeping
from sreconsole.engine.kept import Kept
from sreconsole.engine.lacking import lacking
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, Book
from sreconsole.ledger.chunks import EMPTY, Held
from sreconsole.sources.base import Grid
from sreconsole.sources.prometheus import PrometheusSource

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


@pytest.mark.parametrize(("trends", "expected"), [(True, (372, 876, 732)), (False, (372, 0, 732))])
async def test_room_for_buckets_is_taken_before_they_are_read(trends: bool, expected: tuple[int, ...]) -> None:
    """Else rings stand in the room of what was read, between what was let go, and it stays with the process."""
    book, source = Book(), SimpleNamespace(batches=[SimpleNamespace(keys=[KEY])])
    room: list[int] = []

    async def take(*_: object) -> dict[SloKey, Kept]:
        room.extend(max(0, len(book.entry(KEY).rings[width].total) - 1) for width in (MINUTE, FIVE, HOUR))
        return {}

    keeping = cast(Keeping, SimpleNamespace(take=take))
    backfill = Backfill(cast(PrometheusSource, source), book, keeping, lambda _: None, trends=trends)
    await backfill._take(NOW, (HOUR, MINUTE))
    assert tuple(room) == expected
