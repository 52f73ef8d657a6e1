"""What is kept of one SLO: its final buckets; beside them the newest ones and the newest answers about short windows.

The newest are not final. They let a start go on where the last console stopped: what it shows at once is as young as
that, and no bucket is asked for twice in an hour only because the console was started again.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sreconsole.domain.reading import Reading
from sreconsole.domain.slo import SloKey
from sreconsole.ledger.book import FIVE, HOUR, MINUTE, Book, Entry
from sreconsole.ledger.chunks import Held
from sreconsole.records import dataclass, field

COUNT = 4
"""Buckets of each width: those that are not final, and one more."""


@dataclass(slots=True)
class Newest:
    """What was newest when a console last saved."""

    until: dict[int, int] = field(default_factory=dict)
    """By width: end of the newest bucket that was asked for, Unix seconds."""
    buckets: list[tuple[int, int, array[float], array[float]]] = field(default_factory=list)
    """Width, start, bad and total (NaN: nothing there)."""
    answers: dict[int, tuple[float, Reading]] = field(default_factory=dict)
    """By window in seconds: when the server answered and what."""

    def put(self, book: Book, key: SloKey) -> None:
        """Into the ledger in memory."""
        for width, start, bad, total in self.buckets:
            book.put(key, width, start, bad, total)
        for seconds, (at, reading) in self.answers.items():
            book.answer(key, at, {seconds: reading})


@dataclass(slots=True)
class Kept:
    """What is kept of one SLO."""

    name: bytes
    """The identity it is kept under (`domain.identity`)."""
    buckets: list[Held] = field(default_factory=list)
    """Final ones, and those that were asked for in vain."""
    newest: Newest | None = None

    def until(self) -> dict[int, int]:
        """By width: end of the newest bucket that the server was asked for."""
        found = dict(self.newest.until) if self.newest is not None else {}
        for held in self.buckets:
            total = held.total
            count = next((n for n in range(len(total), 0, -1) if total[n - 1] == total[n - 1]), 0)
            if count:
                found[held.width] = max(found.get(held.width, 0), held.start + count * held.width)
        return found

    def horizon(self, *, minutes: bool) -> float | None:
        """Up to when windows can be answered from it (Unix seconds); `minutes`: short windows are folded from them."""
        until = self.until()
        found = [at for at, _ in self.newest.answers.values()] if self.newest is not None else []
        if minutes and MINUTE in until:
            found.append(until[MINUTE])
        found = found or [until[width] for width in (FIVE, HOUR) if width in until]
        return float(max(found)) if found else None

    def put(self, book: Book, key: SloKey) -> None:
        """Into the ledger in memory. Here stays what of it was asked for, not how much it was: that would be held
        twice until all is planned, which is most of a start's memory."""
        left = []
        for held in self.buckets:
            if _whole(held.total):
                book.put(key, held.width, held.start, held.bad, held.total)
                left.append(held._replace(bad=_NOTHING, total=_known(len(held.total))))
                continue
            for low, high in _runs(held.total):
                book.put(key, held.width, held.start + low * held.width, held.bad[low:high], held.total[low:high])
            left.append(held._replace(bad=_NOTHING))
        self.buckets = left


_NOTHING = array("d")


@lru_cache(maxsize=64)
def _known(count: int) -> array[float]:
    """The totals of so many buckets with a value, whichever: shared by all that are as long."""
    return array("d", bytes(8 * count))


def _whole(total: array[float]) -> bool:
    """Whether every bucket has a value; told at the speed of C."""
    return min(total) >= 0 and sum(total) == sum(total)


def _runs(total: array[float]) -> Iterator[tuple[int, int]]:
    """Runs of buckets with a value."""
    known = bytes(map((0.0).__le__, total))  # neither empty (-1) nor never asked (NaN)
    at = known.find(1)
    while at >= 0:
        end = known.find(0, at)
        end = len(known) if end < 0 else end
        yield at, end
        at = known.find(1, end)


def pack(entry: Entry, until: Mapping[int, int], since: float) -> bytes:
    """What is newest of an SLO: buckets up to `until` by width, and answers that were given after `since`."""
    numbers = array("d", [len(until)])
    for width, end in until.items():
        start = end - COUNT * width
        bad, total, seen = entry.rings[width].columns(start, COUNT, 1)
        numbers.extend((width, end))
        numbers.extend(bad)
        numbers.extend(value if known else math.nan for value, known in zip(total, seen, strict=True))
    for seconds, (at, reading) in entry.instants.items():
        if at > since and isinstance(reading, Reading):
            numbers.extend((seconds, at, reading.bad, reading.total, reading.known))
    return numbers.tobytes()


def unpack(blob: bytes) -> Newest | None:
    """The same again; None: it is not what `pack` makes."""
    numbers = array("d")
    found = Newest()
    try:
        numbers.frombytes(blob)
        at = 1
        for _ in range(int(numbers[0])):
            width, end = int(numbers[at]), int(numbers[at + 1])
            middle = at + 2 + COUNT
            found.until[width] = end
            bad, total = numbers[at + 2 : middle], numbers[middle : middle + COUNT]
            found.buckets.append((width, end - COUNT * width, bad, total))
            at = middle + COUNT
        for place in range(at, len(numbers), 5):
            seconds, moment, bad_events, events, known = numbers[place : place + 5]
            found.answers[int(seconds)] = moment, Reading(bad_events, events, known)
    except (ValueError, IndexError, OverflowError):
        return None
    return found if all(len(total) == COUNT for *_, total in found.buckets) else None
