"""A process that writes to a journal until it is killed: `python -m tests.journal.writer FOLDER NAME SEED [flaky]`.

Each line it prints was true before it was printed: `intent N` and `outcome N` stand in the journal or wait for it.
With `flaky` the journal is away now and then, also after it has taken what it was given.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sreconsole.journal.recorder import Recorder
from sreconsole.journal.row import Row
from sreconsole.journal.spool import Spool
from sreconsole.journal.sqlite_journal import SqliteStore
from sreconsole.journal.store import Away
from tests.journal.entries import entry, outcome


class FlakyStore(SqliteStore):
    """A store behind a network that fails now and then, before or after what was asked is done."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        super().__init__(path)
        self._dice = dice

    def put(self, rows: Sequence[Row]) -> None:
        if self._dice.random() < 0.3:
            raise Away("is away")
        super().put(rows)
        if self._dice.random() < 0.3:
            raise Away("is away", maybe=True)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    folder, name, seed, *more = sys.argv[1:]
    dice = random.Random(int(seed))
    path = Path(folder) / "journal.db"
    store = FlakyStore(path, dice) if more else SqliteStore(path)
    # Pauses of seconds pass in milliseconds.
    recorder = Recorder(store, Spool(Path(folder), "a journal"), f"{name}:{seed}", lambda: time.monotonic() * 500)
    say("ready")
    while True:
        number = dice.randrange(10**20)
        recorder.write(entry(number, text="x" * dice.choice((1, 40, 3000))))
        say(f"intent {number}")
        if dice.random() < 0.8:
            recorder.ended(outcome(number, dice.choice(("done", "unknown"))))
            say(f"outcome {number}")
        if dice.random() < 0.2:
            recorder.newer(None)


if __name__ == "__main__":
    main()
