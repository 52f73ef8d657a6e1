"""A program that writes to history.db and ledger.db as consoles do and says what was committed, until it is killed.

    python -m tests.ledger.writer FOLDER NAME SEED

Every line on stdout is one thing that was committed: `count START TOTAL`, `change AT AFTER`, `fine START TOTAL` or
`chunk START TOTAL`.
"""

from __future__ import annotations

import random
import sys
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sreconsole.domain.change import StatusChange
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.domain.tally import Count
from sreconsole.ledger.change_log import ChangeLog
from sreconsole.ledger.chunks import Held
from sreconsole.ledger.fine import Fine, cut
from sreconsole.ledger.fine_log import FineLog
from sreconsole.ledger.history import History, Row, Scrape
from sreconsole.ledger.lease import Lease
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.ledger.store import StoreFailed

T0 = 1_763_856_000
T = TypeVar("T")


def name_of(number: int) -> bytes:
    """Sixteen bytes for the writer with this number."""
    return b"writer %09d" % number


def say(*words: object) -> None:
    """One line; it counts once it is out."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def insist(work: Callable[[], T]) -> T:
    """What a console does at its next refresh: the same again, when others kept the file busy for too long."""
    for _ in range(20):
        try:
            return work()
        except StoreFailed as error:
            if "locked" not in str(error):
                raise
    return work()


def main(folder: Path, number: int, seed: int) -> None:
    """Write until killed: buckets that grow, a status that changes, the cache."""
    dice = random.Random(seed)
    name = name_of(number)
    key = SloKey("service", f"slo {number}")
    history, ledger = History.open(folder / "history.db"), LedgerFile.open(folder / "ledger.db")
    for notice in (history.notice, ledger.notice):
        if notice:
            say("notice", notice)
    log, lease = ChangeLog(history.store), Lease(history.store, name, 1e6)
    assert insist(lambda: lease.acquire(T0))
    step = history.stamp() + 1
    statuses = list(Status)
    while True:
        start = T0 + 60 * (step % 500)
        rows = [
            Row(name, Count(60, start + 60 * index, 1.0, float(step), 60.0)) for index in range(dice.randint(1, 30))
        ]
        scrape = Scrape(T0 + step, dice.randbytes(dice.choice((10, 3000, 20_000))))
        insist(partial(history.save, lease, scrape, rows))
        for row in rows:
            say("count", row.bucket.start, row.bucket.total)
        sys.stdout.flush()
        change = StatusChange(key, None, statuses[step % len(statuses)], T0 + step, "because")
        if insist(partial(log.record_change, name, change)):
            say("change", change.at, change.after.value)
            sys.stdout.flush()
        total = array("d", [float(step)] * dice.randint(1, 20))
        near = Fine(name, 15.0, [Held(name, 60, start, array("d", [1.0]) * len(total), total, 0.0)])
        insist(partial(FineLog(history.store).keep, list(cut(near, ((0, 1 << 40),), 1 << 40)), T0))
        for index in range(len(total)):
            say("fine", start + 60 * index, float(step))
        sys.stdout.flush()
        insist(partial(ledger.save, [Held(name, 60, start, array("d", [1.0]) * len(total), total, 0.0)]))
        for index in range(len(total)):
            say("chunk", start + 60 * index, float(step))
        sys.stdout.flush()
        step += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
